"""Ledgers that take a second to write, written once for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from pytest_django import DjangoDbBlocker


@contextmanager
def written_once(blocker: DjangoDbBlocker) -> Iterator[None]:
    """What is written in this block of a fixture is there for every test of its scope, and gone afterwards.

    For tests in transactions (`db`): what each of them writes is taken back to a savepoint in the one of this block.
    """
    with blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)
