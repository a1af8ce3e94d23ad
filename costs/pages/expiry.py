"""When commitments end: the next twelve months as a drawing, and how many end within 30, 60 and 90 days.

One line for each commitment, from the moment of the page to its end, in the colour of its kind; the dashed lines stand
at 30, 60 and 90 days. What ends later runs out of the drawing with an arrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from costs.commitments.bought import NEVER, Bought

NEAR = (30, 60, 90)
"""Days within which an end is counted."""
DAYS = 365
MONTH_DAYS = (0, 30, 60, 90, 180, 270, 365)
WIDTH, LEFT, RIGHT, TOP = 704, 8, 440, 12
ROW = 22
LABEL_X = RIGHT + 18
TENTH = Decimal("0.1")
LOOKS = {"reserved-instance": "p-ri", "savings-plan": "p-sp", "host-reservation": "p-host"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One commitment, from the moment of the page to its end."""

    bought: Bought
    look: str
    end_x: Decimal
    y: int
    days: int
    """How many it still runs."""
    is_beyond: bool
    """Whether it ends after the drawing."""


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A day of the axis."""

    x: Decimal
    days: int
    is_near: bool


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The drawing, and what it counts."""

    lines: Sequence[Line]
    ticks: Sequence[Tick]
    within: Sequence[tuple[int, int]]
    """Days, and how many end within them."""
    height: int
    bottom: int
    width: int = WIDTH
    left: int = LEFT
    right: int = RIGHT
    label_x: int = LABEL_X


def calendar_of(in_force: Sequence[Bought], moment: datetime) -> Calendar | None:
    """The ends of these commitments, the next one first; None where there is none with an end."""
    dated = [one for one in in_force if one.commitment.end != NEVER]
    if not dated:
        return None
    bottom = TOP + ROW * len(dated)
    return Calendar(
        lines=[_line(one, number, moment) for number, one in enumerate(dated)],
        ticks=[Tick(x=_x(days), days=days, is_near=days in NEAR) for days in MONTH_DAYS],
        within=[(days, sum(one.commitment.end - moment <= timedelta(days=days) for one in dated)) for days in NEAR],
        height=bottom + 26,
        bottom=bottom,
    )


def _line(one: Bought, number: int, moment: datetime) -> Line:
    left = one.commitment.end - moment
    return Line(
        bought=one,
        look=LOOKS[one.slug],
        end_x=_x(min(left.days, DAYS)),
        y=TOP + ROW * number + ROW // 2,
        days=left.days,
        is_beyond=left > timedelta(days=DAYS),
    )


def _x(days: int) -> Decimal:
    """Where a day stands."""
    return (LEFT + Decimal(RIGHT - LEFT) * days / DAYS).quantize(TENTH)
