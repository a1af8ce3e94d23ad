"""AWS is asked in a thread of its own, which nobody waits for longer than was agreed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from inventory.snapshots.pump import BATCHES_WAITING, TimeIsUp, pumped, spread

LATER = 60.0


def in_time() -> float:
    return time.monotonic() + LATER


def test_what_goes_in_comes_out_in_order() -> None:
    assert list(pumped(range(100), in_time())) == list(range(100))


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()])
def test_an_error_there_is_raised_here_after_what_came_before_it(error: BaseException) -> None:
    def source() -> Iterator[int]:
        yield 1
        raise error

    items = pumped(source(), in_time())

    assert next(items) == 1
    with pytest.raises(type(error)) as raised:
        next(items)
    assert raised.value is error


def test_few_items_wait_however_slowly_they_are_taken() -> None:
    made: list[int] = []

    def source() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    ahead = [len(made) - number for number in pumped(source(), in_time())]

    # One in hand, those that wait, and one that is being made.
    assert max(ahead) <= BATCHES_WAITING + 2


def test_a_source_that_falls_silent_does_not_keep_us() -> None:
    silence = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        silence.wait()

    items = pumped(source(), time.monotonic() + 0.2)

    assert next(items) == 1
    with pytest.raises(TimeIsUp) as over:
        next(items)
    assert over.value.silent > 0
    silence.set()


def test_who_stops_listening_stops_the_source() -> None:
    ended = threading.Event()

    def source() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            ended.set()

    with closing(pumped(source(), in_time())) as items:
        next(items)

    assert ended.wait(LATER)


def test_everything_is_done_once_in_several_threads() -> None:
    together = threading.Barrier(4)
    done: list[int] = []

    def work(item: int) -> None:
        if item < 4:
            together.wait(LATER)
        done.append(item)

    spread(work, range(40), threads=4)

    assert sorted(done) == list(range(40))


def test_an_error_in_one_thread_stops_the_others_and_is_raised() -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 3:
            raise ValueError("three")
        done.append(item)

    with pytest.raises(ValueError, match="three"):
        spread(work, range(1000), threads=1)
    assert done == [0, 1, 2]
