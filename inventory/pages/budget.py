"""Limits on how long the database may work: for a part of a page that can be left out, and for a page as a whole.

Counting or sorting at a past moment may need every row of an account. Such a query runs under a budget, and beyond it
the page says what was left out instead of keeping everyone waiting. What has no budget of its own is stopped when the
page's time is up, so that no address, however hostile, keeps the database busy; the answer then says so.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.backends.signals import connection_created
from django.http import HttpRequest
from django.http.response import HttpResponseBase

INSTRUCTIONS_BETWEEN_LOOKS = 10_000
"""How often SQLite looks at the clock, in virtual machine instructions: about every 0.1 ms."""

QUERY_CANCELED = "57014"
"""What PostgreSQL answers to a statement that its timeout stopped."""


class OverBudget(Exception):
    """The database was stopped because its time was up."""


class _Page(threading.local):
    """The page that this thread makes."""

    deadline: float | None = None


_page = _Page()


def was_stopped(error: BaseException | None) -> bool:
    """Whether a query failed because it was stopped by a limit, and not by the database."""
    cause = error.__cause__ if isinstance(error, OperationalError) else None
    is_interrupted = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    return is_interrupted or getattr(cause, "sqlstate", None) == QUERY_CANCELED


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Stop queries that take longer; OverBudget if one did.

    On SQLite the seconds are for all queries together, on PostgreSQL for each one.
    """
    limited = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with limited(seconds):
            yield
    except OperationalError as error:
        if was_stopped(error):
            raise OverBudget from error
        raise


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    raw = connection.connection
    _stop_at(raw, time.monotonic() + seconds)
    try:
        yield
    finally:
        _stop_at(raw, _page.deadline)


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [max(int(seconds * 1000), 1)])
        yield
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")


# --- A page as a whole ------------------------------------------------------------------------------------------------


class PageTimeLimitMiddleware:
    """Stops what the database does for one page when its time is up.

    On SQLite the seconds are for all of the page's queries together; what streams afterwards, an export, may take
    longer. On PostgreSQL they are for each statement of a connection that was made in this process, exports included.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        connection_created.connect(_limit_connection, dispatch_uid="page time limit")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer to a request."""
        with page_limit(settings.PAGE_TIME_LIMIT):
            return self._get_response(request)


@contextmanager
def page_limit(seconds: float) -> Iterator[None]:
    """Stop what SQLite does in this thread when the time is up."""
    _page.deadline = time.monotonic() + seconds
    try:
        _limit_open_connection()
        yield
    finally:
        _page.deadline = None
        _limit_open_connection()


def _limit_open_connection() -> None:
    if connection.vendor == "sqlite" and connection.connection is not None:
        _stop_at(connection.connection, _page.deadline)


def _limit_connection(connection: Any, **signal: Any) -> None:
    """Limit a connection that was just made."""
    if connection.vendor == "sqlite":
        _stop_at(connection.connection, _page.deadline)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", [int(settings.PAGE_TIME_LIMIT * 1000)])


def _stop_at(raw: Any, deadline: float | None) -> None:
    if deadline is None:
        raw.set_progress_handler(None, 0)
    else:
        raw.set_progress_handler(lambda: time.monotonic() > deadline, INSTRUCTIONS_BETWEEN_LOOKS)
