"""How the ruler looks: whatever looks alike is one path, so that a page carries the same few elements for ten snapshots
and for a hundred thousand.

Above the base line a bar is as high as the root of what changed, so that one large migration does not flatten all else.
Below it a whole line says that everything was read, a broken one that some of it was not. Where nothing was read, all
of the height is hatched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inventory.pages.ruler import Sums

WIDTH = 910
TOP, BASE, TICK = 3.0, 27.0, 3.0
WIDEST = 15.0
GAP = 2.0
KINDS = {"changed": "chg", "added": "add", "gone": "del"}
"""As they stand upon each other, from below, with their classes."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Paths in a box of `WIDTH` by 32; the middle of the first bar stands at 0, and now at `WIDTH`."""

    width: int
    changes: Mapping[str, str]
    """By class."""
    complete: str
    incomplete: str
    unread: str


def draw(bars: Sequence[Sums], quiet_bars: int) -> Drawing:
    """Draw bars; as many as `quiet_bars` in a row may lack a snapshot without meaning that nobody looked."""
    pitch = WIDTH / len(bars)
    width = min(pitch - GAP, WIDEST)
    read = [(place * pitch - width / 2, one) for place, one in enumerate(bars) if one.is_read]
    return Drawing(
        width=WIDTH,
        changes=_changes(read, width),
        complete="".join(_box(x, BASE + 1, width, TICK) for x, one in read if not one.incomplete),
        incomplete="".join(
            _box(x + part * width, BASE + 1, width / 4, TICK) for x, one in read if one.incomplete for part in (0, 0.75)
        ),
        unread="".join(
            _box((first - 0.5) * pitch, TOP - 1, number * pitch, BASE + TICK + 1 - TOP)
            for first, number in _unread(bars, quiet_bars)
        ),
    )


def _changes(read: Iterable[tuple[float, Sums]], width: float) -> dict[str, str]:
    """The bars, stacked, by the class of each kind of change."""
    bars = [(x, {css: getattr(one, name) for name, css in KINDS.items()}) for x, one in read]
    most = max((sum(numbers.values()) for _, numbers in bars), default=0)
    paths = dict.fromkeys(KINDS.values(), "")
    for x, numbers in bars:
        total = sum(numbers.values())
        scale = (BASE - TOP) * sqrt(total / most) / total if total else 0
        y = BASE
        for css, number in numbers.items():
            if number:
                y -= number * scale
                paths[css] += _box(x, y, width, number * scale)
    return paths


def _unread(bars: Sequence[Sums], quiet_bars: int) -> Iterator[tuple[int, int]]:
    """Where each stretch begins in which nothing was read, and how many bars it has.

    Snapshots that read nothing, and the time before the first, are such a stretch however short; today may still be
    read.
    """
    place = 0
    for is_read, of_stretch in groupby(bars, key=lambda one: one.is_read):
        stretch = list(of_stretch)
        is_last = place + len(stretch) == len(bars)
        if not is_read and (not place or any(one.unread for one in stretch) or len(stretch) > quiet_bars + is_last):
            yield place, len(stretch)
        place += len(stretch)


def _box(x: float, y: float, width: float, height: float) -> str:
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}z"
