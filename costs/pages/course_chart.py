"""The courses of ways of paying as a drawing: where lines, rings, labels and the grid stand, in units of its view box.

Axes begin at zero. A commitment paid upfront begins above it and steps up where it is signed again. The ring stands
where it has cost as little as on-demand. Labels stand at the ends of their lines and are moved apart where they meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from costs.pages.course import Course, Courses

WIDTH, HEIGHT = 704, 300
LEFT, RIGHT, TOP, BOTTOM = 76, 452, 16, 268
LABEL_X = RIGHT + 20
LABEL_GAP = Decimal(30)
MOST_LINES = 5
"""Lines of the grid above zero, at most."""
TENTH = Decimal("0.1")
LOOKS = {
    "on-demand": "od",
    "reserved": "ri",
    "spot": "spot",
    "savings-plan-compute": "sp",
    "savings-plan-ec2-instance": "sp",
    "dedicated-instance": "host",
    "dedicated-host": "host",
}
"""The class that gives a line the colour of its way of paying."""
STEPS = tuple(map(Decimal, ("1", "2", "2.5", "5", "10")))


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line with the label at its end."""

    course: Course
    look: str
    path: str
    end_y: Decimal
    label_y: Decimal

    @property
    def leader(self) -> str:
        """The path from the end of the line to its label."""
        return f"M{RIGHT} {self.end_y}L{LABEL_X - 6} {self.label_y}"

    @property
    def name_y(self) -> Decimal:
        """Where the second line of the label stands."""
        return self.label_y + 13


@dataclass(frozen=True, kw_only=True)
class Ring:
    """Where a commitment has cost as little as on-demand."""

    x: Decimal
    y: Decimal
    months: Decimal


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One line of the grid and what it stands for: dollars or months."""

    place: Decimal
    value: Decimal


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The whole drawing."""

    lines: Sequence[Line]
    rings: Sequence[Ring]
    dollars: Sequence[Tick]
    months: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM
    label_x: int = LABEL_X


def chart_of(courses: Courses) -> Chart | None:
    """The drawing of these courses; None where fewer than two have a price, and nothing can be compared."""
    if len(courses.lines) < 2:
        return None
    scale = _Scale(courses)
    lines = [_line(course, scale) for course in courses.lines]
    return Chart(
        lines=_apart(lines),
        rings=list(_rings(courses, scale)),
        dollars=[Tick(place=scale.y(value), value=value) for value in scale.ticks],
        months=[
            Tick(place=scale.x(month), value=Decimal(month)) for month in range(0, courses.months + 1, scale.month_step)
        ],
    )


class _Scale:
    """From months and dollars to places."""

    def __init__(self, courses: Courses) -> None:
        self.months = courses.months
        most = max(course.total_usd for course in courses.lines)
        step = round_step(most)
        number = max(int((most / step).to_integral_value(ROUND_CEILING)), 1)
        self.ticks = [step * place for place in range(number + 1)]
        self.month_step = courses.months // 6

    def x(self, months: int | Decimal) -> Decimal:
        return (LEFT + (RIGHT - LEFT) * Decimal(months) / self.months).quantize(TENTH)

    def y(self, dollars: Decimal) -> Decimal:
        return (BOTTOM - (BOTTOM - TOP) * dollars / self.ticks[-1]).quantize(TENTH)


def round_step(most: Decimal) -> Decimal:
    """A round number of dollars between two lines of the grid; 1 where nothing costs anything."""
    if not most:
        return Decimal(1)
    least = most / MOST_LINES
    unit = Decimal(1).scaleb(least.adjusted())
    return next(unit * step for step in STEPS if unit * step >= least)


def _line(course: Course, scale: _Scale) -> Line:
    end_y = scale.y(course.total_usd)
    return Line(course=course, look=_look(course), path=_path(course, scale), end_y=end_y, label_y=end_y)


def _look(course: Course) -> str:
    kind = LOOKS[course.way.model]
    return f"{kind} again" if course.times > 1 else kind


def _path(course: Course, scale: _Scale) -> str:
    upfront_usd = course.charge.upfront_usd
    path = f"M{scale.x(0)} {scale.y(upfront_usd)}"
    if upfront_usd and course.term_months is not None:
        for month in range(course.term_months, course.months, course.term_months):
            paid = course.paid_usd(month)
            path += f"L{scale.x(month)} {scale.y(paid)}V{scale.y(paid + upfront_usd)}"
    return f"{path}L{scale.x(course.months)} {scale.y(course.total_usd)}"


def _rings(courses: Courses, scale: _Scale) -> Iterator[Ring]:
    """One for each commitment whose upfront payment comes back; without one it is cheaper from the first hour."""
    for course in courses.commitments:
        if months := course.break_even_months:
            yield Ring(x=scale.x(months), y=scale.y(course.paid_usd(months)), months=months)


def _apart(lines: Sequence[Line]) -> list[Line]:
    """The same with labels that do not stand on each other, in the order of their ends."""
    ordered = sorted(lines, key=lambda line: line.end_y)
    places: list[Decimal] = []
    for line in ordered:
        places.append(max(line.end_y, places[-1] + LABEL_GAP) if places else line.end_y)
    lowest = Decimal(BOTTOM)
    for number in reversed(range(len(places))):
        places[number] = min(places[number], lowest)
        lowest = places[number] - LABEL_GAP
    return [replace(line, label_y=place) for line, place in zip(ordered, places, strict=True)]
