"""A database that is migrated once for a whole test run and then copied: migrating takes 20 s, copying none.

The first process of a run makes the folder, and those that it starts find it in the environment.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.sql import SQL, Identifier

VARIABLE = "TEST_TEMPLATE"
SERVER = "TEST_DATABASE_URL"


def prepare(add_cleanup: Callable[[Callable[[], None]], None]) -> None:
    """Make the folder unless another process has; what is in it, and its database, ends with the run."""
    if VARIABLE in os.environ:
        return
    folder = tempfile.mkdtemp(prefix="skyledger-")
    os.environ[VARIABLE] = folder
    add_cleanup(lambda: _forget(Path(folder)))


@contextmanager
def copied_to(place: str) -> Iterator[None]:
    """A copy for the length of a with-block: at this path on SQLite, in a database of this name on PostgreSQL."""
    # It reads the settings, which must not happen before the environment is prepared.
    from tests.support.product import Product

    folder = Path(os.environ[VARIABLE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if SERVER in os.environ:
            if not (folder / "migrated").exists():
                _create(_name(folder), "template0")
                Product(folder, {"DATABASE_URL": address_of(_name(folder))}).manage("migrate", "--verbosity", "0")
                (folder / "migrated").touch()
            _create(place, _name(folder))
        else:
            if not (folder / "ledger.sqlite3").exists():
                Product(folder / "state", {}).manage("migrate", "--verbosity", "0")
                (folder / "state" / "ledger.sqlite3").rename(folder / "ledger.sqlite3")
            shutil.copy(folder / "ledger.sqlite3", place)
    try:
        yield
    finally:
        if SERVER in os.environ:
            _drop(place)


def address_of(name: str) -> str:
    """The address of a database on the server that the run uses."""
    return urlsplit(os.environ[SERVER])._replace(path=f"/{name}").geturl()


def _name(folder: Path) -> str:
    return f"skyledger_template_{folder.name.partition('-')[2].lower()}"


def _create(name: str, template: str) -> None:
    _drop(name)
    with psycopg.connect(os.environ[SERVER], autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))


def _drop(name: str) -> None:
    with psycopg.connect(os.environ[SERVER], autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _forget(folder: Path) -> None:
    if SERVER in os.environ:
        _drop(_name(folder))
    shutil.rmtree(folder, ignore_errors=True)
