"""Costs over time as drawings: the level of each day, and this month adding up between its bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from costs.accrual import next_month
from costs.forecast import Forecast
from costs.pages.course_chart import TENTH, Tick, round_step
from costs.past import Day
from inventory.pages.moments import date_words

WIDTH, HEIGHT = 704, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 624, 16, 208
MOST_LABELS = 7


@dataclass(frozen=True, kw_only=True)
class DayTick:
    """A day below the drawing."""

    place: Decimal
    words: str


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Days on which nobody looked, or on which not everything had been looked at yet."""

    x: Decimal
    width: Decimal


@dataclass(frozen=True, kw_only=True)
class DaysChart:
    """The level of each day, in steps."""

    path: str
    carried: str
    """The same on days on which nobody looked."""
    gaps: Sequence[Gap]
    dollars: Sequence[Tick]
    days: Sequence[DayTick]
    end_x: Decimal
    end_y: Decimal
    end_usd: Decimal
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    tall: int = BOTTOM - TOP


def days_chart(days: Sequence[Day]) -> DaysChart | None:
    """The drawing; None where fewer than two days are known, and nothing can be compared."""
    known = [day.monthly_usd for day in days if day.monthly_usd is not None]
    if len(known) < 2:
        return None
    ticks, y = _dollars(max(known))
    step = Decimal(RIGHT - LEFT) / len(days)
    edges = [(LEFT + step * place).quantize(TENTH) for place in range(len(days) + 1)]
    return DaysChart(
        path=_path(days, edges, y, lambda day: not day.is_carried),
        carried=_path(days, edges, y, lambda day: day.is_carried),
        gaps=_gaps(days, edges),
        dollars=ticks,
        days=_labels([day.day for day in days], edges),
        end_x=edges[-1],
        end_y=y(known[-1]),
        end_usd=known[-1],
    )


@dataclass(frozen=True, kw_only=True)
class MonthChart:
    """The month adding up: what was seen, what is carried on, and the bounds at its end."""

    seen: str
    carried: str
    band: str
    """Empty where there are no bounds."""
    now_x: Decimal
    now_y: Decimal
    end_y: Decimal
    least_y: Decimal | None
    most_y: Decimal | None
    budget_y: Decimal | None
    dollars: Sequence[Tick]
    days: Sequence[DayTick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM


def month_chart(forecast: Forecast, days: Sequence[Day], budget_usd: Decimal | None = None) -> MonthChart | None:
    """The drawing of these days of the month and of what is to come; None where nothing costs anything."""
    most = max(filter(None, (forecast.most_usd, forecast.usd, budget_usd)), default=None)
    if not most:
        return None
    ticks, y = _dollars(most)
    begin = datetime(forecast.month.year, forecast.month.month, forecast.month.day, tzinfo=UTC)
    end = next_month(begin)
    until = forecast.part.until

    def x(moment: datetime) -> Decimal:
        part = Decimal((moment - begin) // timedelta(microseconds=1)) / ((end - begin) // timedelta(microseconds=1))
        return (LEFT + (RIGHT - LEFT) * part).quantize(TENTH)

    points, spent = [f"{x(begin)} {y(Decimal(0))}"], Decimal(0)
    for day in days:
        spent += day.usd or 0
        points.append(f"{x(min(_end_of(day.day), until))} {y(spent)}")
    now, least, top = f"{x(until)} {y(spent)}", forecast.least_usd, forecast.most_usd
    has_bounds = least is not None and top is not None
    return MonthChart(
        seen="M" + "L".join(points),
        carried=f"M{now}L{RIGHT} {y(forecast.usd)}",
        band=f"M{now}L{RIGHT} {y(least)}V{y(top)}Z" if least is not None and top is not None else "",
        now_x=x(until),
        now_y=y(spent),
        end_y=y(forecast.usd),
        least_y=y(least) if has_bounds and least is not None else None,
        most_y=y(top) if has_bounds and top is not None else None,
        budget_y=None if budget_usd is None else y(budget_usd),
        dollars=ticks,
        days=_labels(
            [begin.date() + timedelta(days=place) for place in range((end - begin).days)],
            [x(begin + timedelta(days=place)) for place in range((end - begin).days + 1)],
        ),
    )


def _dollars(most: Decimal) -> tuple[list[Tick], Callable[[Decimal], Decimal]]:
    """The lines of the grid, and from dollars to places."""
    step = round_step(most)
    number = max(int((most / step).to_integral_value(ROUND_CEILING)), 1)
    top = step * number

    def y(dollars: Decimal) -> Decimal:
        return (BOTTOM - (BOTTOM - TOP) * dollars / top).quantize(TENTH)

    return [Tick(place=y(step * place), value=step * place) for place in range(number + 1)], y


def _path(
    days: Sequence[Day], edges: Sequence[Decimal], y: Callable[[Decimal], Decimal], is_drawn: Callable[[Day], bool]
) -> str:
    """Steps over those of the days that are drawn; each day that follows one begins where that one ended."""
    path, was_drawn = "", False
    before: Decimal | None = None
    for place, day in enumerate(days):
        is_here = day.monthly_usd is not None and is_drawn(day)
        if is_here and day.monthly_usd is not None:
            level = y(day.monthly_usd)
            begin = before if before is not None else level
            path += f"V{level}" if was_drawn else f"M{edges[place]} {begin}V{level}"
            path += f"H{edges[place + 1]}"
        was_drawn = is_here
        before = None if day.monthly_usd is None else y(day.monthly_usd)
    return path


def _gaps(days: Sequence[Day], edges: Sequence[Decimal]) -> list[Gap]:
    """Neighbouring days that are not known for sure, as one."""
    gaps: list[Gap] = []
    for place, day in enumerate(days):
        if day.looked and not day.waiting:
            continue
        width = edges[place + 1] - edges[place]
        if gaps and gaps[-1].x + gaps[-1].width == edges[place]:
            gaps[-1] = Gap(x=gaps[-1].x, width=gaps[-1].width + width)
        else:
            gaps.append(Gap(x=edges[place], width=width))
    return gaps


def _labels(days: Sequence[date], edges: Sequence[Decimal]) -> list[DayTick]:
    """Some of the days, evenly."""
    step = -(-len(days) // MOST_LABELS)
    return [DayTick(place=edges[place], words=date_words(day)) for place, day in enumerate(days) if place % step == 0]


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
