"""A thread that keeps a database connection for threads that come and go.

Those that ask AWS need the database for a moment, to be counted. Opening a connection takes longer than that:
PostgreSQL starts a process, and SQLite reads its whole schema.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from django.db import close_old_connections, connection

T = TypeVar("T")

IDLE_SECONDS = 1.0


class Keeper:
    """Does database work for threads without a connection, one piece after another; idle, it keeps nothing open."""

    def __init__(self) -> None:
        self._work: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def do(self, work: Callable[[], T]) -> T:
        """Do something with a database connection: this thread's own if it has one."""
        if connection.connection is not None:
            return work()
        result: Future[T] = Future()
        with self._starting:
            self._work.put((work, result))
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="database keeper", daemon=True)
                self._thread.start()
        return result.result()

    def _serve(self) -> None:
        try:
            while (given := self._next()) is not None:
                work, result = given
                close_old_connections()
                try:
                    result.set_result(work())
                except BaseException as error:  # noqa: BLE001  it is raised where the result is awaited
                    result.set_exception(error)
        finally:
            connection.close()

    def _next(self) -> tuple[Callable[[], Any], Future[Any]] | None:
        """The next piece of work; None if none came for a while, and the one that comes gets another thread."""
        while True:
            try:
                return self._work.get(timeout=IDLE_SECONDS)
            except Empty:
                with self._starting:
                    if self._work.empty():
                        self._thread = None
                        return None
