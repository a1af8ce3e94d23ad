"""The emulator's clock: story time while the story is told, and the real time before and after.

moto stamps what it makes with the time it reads, so a moment is played under time-machine. That moves the time of the
whole process, and is therefore ended before anybody else is answered: credentials handed out then would have expired
three months ago. Between two moments only the question "what has AWS forgotten by now?" is still asked in story time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine


class Clock:
    """What time it is for the things inside the emulator."""

    def __init__(self) -> None:
        self._held: datetime | None = None
        self._traveller: time_machine.Traveller | None = None

    def now(self) -> datetime:
        """The time by which terminated instances are forgotten."""
        return self._held or datetime.now(UTC)

    @contextmanager
    def travelling(self, start: datetime) -> Iterator[None]:
        """Stand still at this moment; only `advance` and `move_to` go on from it."""
        self._held = None
        with time_machine.travel(start, tick=False) as traveller:
            self._traveller = traveller
            try:
                yield
            finally:
                self._traveller = None

    def advance(self, step: timedelta) -> None:
        """Let time pass on a journey."""
        self._journey().shift(step)

    def move_to(self, moment: datetime) -> None:
        """Go to this moment on a journey; never back."""
        if moment < datetime.now(UTC):
            raise ValueError(f"the story cannot go back to {moment.isoformat()}")
        self._journey().move_to(moment)

    def hold(self, moment: datetime | None) -> None:
        """Say this time from now on, or the real one again."""
        self._held = moment

    def _journey(self) -> time_machine.Traveller:
        if self._traveller is None:
            raise RuntimeError("time passes by itself outside a journey")
        return self._traveller
