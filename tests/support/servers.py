"""Fixtures that start real servers and whole installations."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings

from config import broker as embedded_broker
from demo.client import Emulator
from demo.emulator import running as running_emulator
from tests.support import template
from tests.support.product import Product

_numbers = count(1)


@pytest.fixture(scope="session")
def broker() -> Iterator[str]:
    """The product's own broker, for tasks that tests enqueue; gives its address."""
    with embedded_broker.running(settings.STATE_DIR) as address:
        yield address


@pytest.fixture
def make_product() -> Iterator[Callable[..., Product]]:
    """A factory of installations, each with an empty, migrated database; its arguments are environment variables."""
    with ExitStack() as stack:

        def make(**variables: str) -> Product:
            folder = Path(tempfile.mkdtemp(prefix="skyledger-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            if is_postgresql():
                place = f"skyledger_{os.getpid()}_{next(_numbers)}"
                variables["DATABASE_URL"] = template.address_of(place)
            else:
                place = str(folder / "ledger.sqlite3")
            stack.enter_context(template.copied_to(place))
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
