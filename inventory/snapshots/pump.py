"""The pump: AWS is asked in a thread of its own while what it answered is recorded in this one.

It overlaps waiting for the network with writing to the database, and holds a few batches at the most. Above all it lets
a visit end in time whatever the network does: boto3's timeouts hold for each read from a socket, so a server that sends
a byte now and then, or a name server that does not answer, would keep the visit for ever. Its thread is left behind
then; it is a daemon, and ends with its process if nothing else ends it.

What runs in these threads must not use the database: a connection that they opened would stay open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

BATCHES_WAITING = 2


class TimeIsUp(Exception):
    """The deadline has passed; `silent` is for how many seconds nothing had come."""

    def __init__(self, silent: float) -> None:
        super().__init__(f"Nothing came for {silent:.1f} s.")
        self.silent = silent


def pumped(source: Iterable[T], deadline: float) -> Generator[T, None, None]:
    """The items of `source`, which is walked in another thread; what it raises is raised here.

    Close the iterator to stop the other thread at its next item. Raises TimeIsUp when `deadline` has passed, by
    time.monotonic.
    """
    pump = _Pump(source)
    heard = time.monotonic()
    pump.start()
    try:
        while True:
            try:
                item = pump.next(deadline - time.monotonic())
            except Empty:
                raise TimeIsUp(time.monotonic() - heard) from None
            if item is None:
                return
            heard = time.monotonic()
            yield item[0]
    finally:
        pump.stop()


class _Pump(Generic[T]):
    def __init__(self, source: Iterable[T]) -> None:
        self._source = source
        self._room = threading.Semaphore(BATCHES_WAITING)
        self._filled: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def next(self, seconds: float) -> tuple[T] | None:
        """The next item, None after the last one. Raises queue.Empty when it does not come in time."""
        item = self._filled.get(timeout=max(seconds, 0))
        if isinstance(item, BaseException):
            raise item
        self._room.release()
        return item

    def stop(self) -> None:
        self._is_over = True
        self._room.release()

    def _run(self) -> None:
        try:
            for item in self._source:
                self._room.acquire()
                if self._is_over:
                    return
                self._filled.put((item,))
        except BaseException as error:  # noqa: BLE001  it is raised where the items are awaited
            self._filled.put(error)
        else:
            self._filled.put(None)


def spread(work: Callable[[T], None], items: Iterable[T], threads: int) -> None:
    """Do something for every item, in several threads at once. Raises the first error, when all threads have ended.

    Unlike those of concurrent.futures, these threads do not keep a process from ending while AWS keeps them waiting.
    """
    waiting: SimpleQueue[T] = SimpleQueue()
    for item in items:
        waiting.put(item)
    errors: list[BaseException] = []

    def run() -> None:
        while not errors:
            try:
                item = waiting.get_nowait()
            except Empty:
                return
            try:
                work(item)
            except BaseException as error:  # noqa: BLE001  it is raised below
                errors.append(error)

    workers = [threading.Thread(target=run, name="asking", daemon=True) for _ in range(min(threads, waiting.qsize()))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if errors:
        raise errors[0]
