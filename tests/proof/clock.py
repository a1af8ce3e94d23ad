"""One clock for the application and the database, turned by hand.

The product asks two clocks: Django's `timezone.now` for the moments that snapshots speak of, and the database's `Now()`
for leases, due times and expiry. Here both answer the same time, which moves by a millisecond whenever it is asked for
and otherwise only when a test says so. An hour of leases and intervals then passes in no time, the same at every run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

A_MOMENT = timedelta(milliseconds=1)


class Clock:
    """The time, as everybody is told."""

    def __init__(self, begin: datetime) -> None:
        self.now = begin

    def read(self) -> datetime:
        """The time; it is never the same twice."""
        self.now += A_MOMENT
        return self.now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


@contextmanager
def turned_by_hand(begin: datetime) -> Iterator[Clock]:
    """Let this clock be everybody's for the length of a with-block."""
    clock = Clock(begin)

    def on_sqlite(self: Now, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        return "%s", [connection.ops.adapt_datetimefield_value(clock.read())]

    def on_postgresql(self: Now, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        return "%s::timestamptz", [clock.read()]

    with ExitStack() as stack:
        stack.enter_context(patch.object(timezone, "now", clock.read))
        stack.enter_context(patch.object(Now, "as_sqlite", on_sqlite))
        stack.enter_context(patch.object(Now, "as_postgresql", on_postgresql))
        # Else an INSERT would say DEFAULT, and the server's own clock would answer.
        stack.enter_context(patch.object(connection.features, "supports_default_keyword_in_insert", False))
        yield clock
