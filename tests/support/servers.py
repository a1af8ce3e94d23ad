"""Fixtures that start real servers and whole installations."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from psycopg.sql import SQL, Identifier

from config import broker as embedded_broker
from demo.client import Emulator
from demo.emulator import running as running_emulator
from tests.support.product import Product

_numbers = count(1)


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The product's own broker, for tasks that tests enqueue; gives its address."""
    with embedded_broker.running(settings.STATE_DIR) as address:
        yield address


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """A database that was migrated and never used, to copy: a file's name on SQLite, a database's on PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="skyledger-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        if is_postgresql():
            name = stack.enter_context(_database("template0"))
            Product(folder, {"DATABASE_URL": _address(name)}).manage("migrate", "--verbosity", "0")
            yield name
        else:
            Product(folder, {}).manage("migrate", "--verbosity", "0")
            yield str(folder / "ledger.sqlite3")


@pytest.fixture
def make_product(migrated: str) -> Iterator[Callable[..., Product]]:
    """A factory of installations, each with an empty, migrated database; its arguments are environment variables."""
    with ExitStack() as stack:

        def make(**variables: str) -> Product:
            folder = Path(tempfile.mkdtemp(prefix="skyledger-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            if is_postgresql():
                variables["DATABASE_URL"] = _address(stack.enter_context(_database(migrated)))
            else:
                shutil.copy(migrated, folder)
            return stack.enter_context(Product(folder, variables))

        yield make


@pytest.fixture(scope="session")
def _story_emulator() -> Iterator[Emulator]:
    folder = Path(tempfile.mkdtemp(prefix="skyledger-"))
    try:
        with running_emulator(folder) as emulator:
            emulator.play_all()
            yield emulator
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def emulator(_story_emulator: Emulator) -> Iterator[Emulator]:
    """The emulator at the end of its story, shared by the tests of a run; failures that a test orders end with it."""
    try:
        yield _story_emulator
    finally:
        _story_emulator.clear()


def is_postgresql() -> bool:
    """Whether this run tests on PostgreSQL."""
    engine: str = settings.DATABASES["default"]["ENGINE"]
    return engine == "django.db.backends.postgresql"


@contextmanager
def _database(template: str) -> Iterator[str]:
    """A copy of a database on the server that the test run uses, dropped afterwards; gives its name."""
    name = f"skyledger_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))
        try:
            yield name
        finally:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _address(name: str) -> str:
    """The address of a database on the server that the test run uses."""
    return urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()
