"""The story: ninety days in a few moments, played one after the other into the emulator.

Every id and every time follows from the story's zero alone. moto invents its ids from one row of random numbers that
every call draws on, also the calls of the workers who look on between two moments; so each moment begins with a row of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .accounts import DemoAccount
from .chapters import ESTATE_BEGAN, MOMENTS, Moment
from .clock import Clock
from .layer.application import Layer
from .stage import Stage

FIRST_SEED = 20_240_229


class StoryOver(Exception):
    """Every moment has been played."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A moment that was played: its number from 1, and the time at which the organisation is now seen."""

    number: int
    name: str
    at: datetime
    remaining: int


class Story:
    """The story, as far as it has been told."""

    def __init__(self, layer: Layer, clock: Clock, zero: datetime) -> None:
        self.zero = zero
        self.played: list[Played] = []
        self._layer = layer
        self._clock = clock
        self._stage = Stage(layer, clock, zero)
        with layer.lock:
            layer.bought.zero = zero
            layer.moto.seed(FIRST_SEED)
            with clock.travelling(zero - ESTATE_BEGAN):
                self._stage.prepare()

    def play_next(self) -> Played:
        """Play the next moment; nobody is answered until it is over. Raises StoryOver after the last."""
        with self._layer.lock:
            number = len(self.played)
            if number == len(MOMENTS):
                raise StoryOver("every moment of the story has been played")
            moment = MOMENTS[number]
            begins = MOMENTS[number - 1].age if number else ESTATE_BEGAN
            self._layer.moto.seed(FIRST_SEED + number + 1)
            with self._clock.travelling(self.zero - begins):
                moment.play(self._stage)
                self._clock.move_to(self.zero - moment.age)
            remaining = len(MOMENTS) - number - 1
            self._clock.hold(self.time_of(moment) if remaining else None)
            played = Played(number=number + 1, name=moment.name, at=self.time_of(moment), remaining=remaining)
            self.played.append(played)
            return played

    def trust(self, account: DemoAccount, policy: str) -> None:
        """Give the role that Skyledger assumes in an account another trust policy, as its administrator would."""
        with self._layer.lock:
            self._stage.trust(account, policy)

    def time_of(self, moment: Moment) -> datetime:
        """When the organisation is looked at after a moment."""
        return self.zero - moment.age
