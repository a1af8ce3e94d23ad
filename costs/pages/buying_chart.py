"""Cost against commitment as a drawing: one line that falls to the optimum and rises behind it.

Between two levels of demand the cost is a straight line, so its corners are all there is to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from costs.buying import Line
from costs.pages.course_chart import BOTTOM, HEIGHT, LEFT, RIGHT, TENTH, TOP, WIDTH, Tick, round_step
from costs.purchase import Purchase

MOST_ROWS = 12
"""Rows of the table of figures, but for the optimum."""
MOST_TICKS = 8


@dataclass(frozen=True, kw_only=True)
class Point:
    """One number of units, and what everything then costs a month."""

    purchase: Purchase
    x: Decimal
    y: Decimal
    is_best: bool


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The whole drawing, and the points of its table."""

    line: Line
    path: str
    best: Point
    points: Sequence[Point]
    dollars: Sequence[Tick]
    units: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def curve_of(line: Line) -> Curve:
    """Cost against every number of units, up to one beyond what is used at all; at least one unit is drawn."""
    purchase = line.purchase
    corners = [0]
    for step in purchase.demand.steps:
        corners.append(corners[-1] + step.number)
    corners = sorted({*corners, corners[-1] + 1, purchase.units})
    costs = {units: replace(purchase, units=units) for units in corners}
    scale = _Scale(max(one.cost_monthly_usd for one in costs.values()), corners[-1])
    points = {
        units: Point(
            purchase=one,
            x=scale.x(units),
            y=scale.y(one.cost_monthly_usd),
            is_best=units == purchase.units,
        )
        for units, one in costs.items()
    }
    return Curve(
        line=line,
        path="M" + "L".join(f"{one.x} {one.y}" for one in points.values()),
        best=points[purchase.units],
        points=_few(list(points.values())),
        dollars=[Tick(place=scale.y(value), value=value) for value in scale.dollars],
        units=[Tick(place=scale.x(units), value=Decimal(units)) for units in scale.units],
    )


class _Scale:
    """From units and dollars to places."""

    def __init__(self, most_usd: Decimal, most_units: int) -> None:
        step = round_step(most_usd)
        number = max(int((most_usd / step).to_integral_value(ROUND_CEILING)), 1)
        self.dollars = [step * place for place in range(number + 1)]
        self.most_units = most_units
        self.units = range(0, most_units + 1, -(-most_units // MOST_TICKS))

    def x(self, units: int) -> Decimal:
        return (LEFT + (RIGHT - LEFT) * Decimal(units) / self.most_units).quantize(TENTH)

    def y(self, dollars: Decimal) -> Decimal:
        return (BOTTOM - (BOTTOM - TOP) * dollars / self.dollars[-1]).quantize(TENTH)


def _few(points: Sequence[Point]) -> list[Point]:
    """The points of the table: the first, the last, the optimum, and some between them."""
    step = -(-len(points) // MOST_ROWS)
    return [one for place, one in enumerate(points) if place % step == 0 or one.is_best or place == len(points) - 1]
