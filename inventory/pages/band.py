"""The band of one resource: its periods of sameness as lengths of one line, from when it was first seen to now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone

from inventory.history import ResourceRevision
from inventory.pages.cells import OFF_STATES
from inventory.pages.frame import in_scope
from inventory.pages.moments import exact_moment_words, moment_words, spell_moment
from inventory.pages.scope import PageScope
from inventory.pages.story import Story

WIDTH = 1176
GAP = 1.5
ABOVE, BELOW = 14, 52
"""Where the lines of words stand."""

ENDS = {ABOVE: (160, WIDTH), BELOW: (0, WIDTH - 240)}
"""What is left of them beside the words at the beginning and at the end."""

LETTER = 5.9
LONGEST_WORDS = 34


class Turn(NamedTuple):
    """What happened at the border of two periods."""

    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One period in the band: where it lies, how it looks, and the address of its moment."""

    x: float
    width: float
    look: str
    label: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words above or below the border of two periods."""

    x: float
    y: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """The periods, the stretches during which nobody could look, which lie over them, and words where there is room."""

    width: int
    periods: Sequence[Segment]
    unread: Sequence[Segment]
    labels: Sequence[Label]
    moment: float | None
    """Where the page's moment lies; None for now, and before it was first seen."""


def band_of(periods: Sequence[ResourceRevision], story: Story, turns: Sequence[Turn], scope: PageScope) -> Band:
    """The band of these periods, oldest first, and of what happened between them, newest first."""
    scale = _Scale(first=periods[0].began, now=timezone.now())
    is_on_it = scope.as_of is not None and scope.as_of >= scale.first
    return Band(
        width=WIDTH,
        periods=list(_periods(periods, scale, scope)),
        unread=list(_unread(story, periods, scale)),
        labels=list(_labels(turns, scale)),
        moment=scale.place(scope.as_of) if scope.as_of is not None and is_on_it else None,
    )


@dataclass(frozen=True, kw_only=True)
class _Scale:
    first: datetime
    now: datetime

    def place(self, moment: datetime) -> float:
        return round(WIDTH * (moment - self.first) / max(self.now - self.first, moment.resolution), 1)


def _periods(periods: Iterable[ResourceRevision], scale: _Scale, scope: PageScope) -> Iterator[Segment]:
    for number, period in enumerate(periods):
        x, end = scale.place(period.began), scale.place(period.valid_to or scale.now)
        is_off = getattr(period, "state", None) in OFF_STATES
        words = exact_moment_words(period.valid_to) if period.valid_to else "now"
        yield Segment(
            x=x,
            width=round(max(end - x - GAP, 1), 1),
            look="stop" if is_off else f"seg{number % 2}",
            label=f"{exact_moment_words(period.began)} to {words}",
            url=in_scope(scope, f"?as_of={spell_moment(period.began)}"),
        )


def _unread(story: Story, periods: Sequence[ResourceRevision], scale: _Scale) -> Iterator[Segment]:
    """The stretches without a complete look while the resource was there."""
    until = periods[-1].valid_to or scale.now
    for since, to in story.unread():
        if since < until and (to is None or to > scale.first):
            x = scale.place(max(since, scale.first))
            words = exact_moment_words(to) if to else "now"
            yield Segment(
                x=x,
                width=round(max(scale.place(min(to or until, until)) - x, 1), 1),
                look="gap",
                label=f"not read completely from {exact_moment_words(since)} to {words}",
                url="",
            )


def _labels(turns: Iterable[Turn], scale: _Scale) -> Iterator[Label]:
    """Words for as many turns as there is room for, the newest first."""
    free: dict[int, float] = {y: end for y, (_, end) in ENDS.items()}
    for turn in turns:
        words = f"{moment_words(turn.at)}, {turn.words}"
        if len(words) > LONGEST_WORDS:
            words = f"{words[: LONGEST_WORDS - 1]}…"
        x = scale.place(turn.at)
        y = max(free, key=lambda one: free[one])
        if ENDS[y][0] <= x and x + LETTER * len(words) <= free[y]:
            free[y] = x - 2 * LETTER
            yield Label(x=x, y=y, words=words)
