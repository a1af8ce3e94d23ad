"""What this calendar month (UTC) will come to in list prices, and between which bounds.

    forecast = what looks saw from the month's first moment to the last look at each place
             + what that look saw, carried on to the month's end

The bounds add up two doubts. What came or went between two looks did so at any time between them (`costs.accrual`).
And what runs will not stay as it is: for the rest of the month the lower bound takes the lowest level at the end of any
of the last 28 days, the upper one the highest, among those days that are known; today's level is always one of them.
A day is known if somebody looked on it, and had looked by then at every place that held anything since. Without two
known days before today nobody can tell how much it varies, and there are no bounds.

Every part adds up over accounts, so that it can be worked out for each and kept. What has no price is not in it, and
neither is what was there before the first look at a place; how much that is, is told beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from costs.accrual import BILLED_MONTH, MICRO, MICROSECOND, at_the_end, days_between, month_of, next_month
from costs.chosen import Chosen
from costs.commitments.owned import exact
from costs.past import Past, past_of

VARIES_OVER = timedelta(days=28)
LEAST_DAYS = 2
"""Known days before today that tell how much a level varies."""
HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class Level:
    """What was there at the end of a day, in whole micro-dollars a month.

    `looked` tells whether anybody looked on that day, `waiting` how many places that hold something had not been looked
    at by then.
    """

    by_hour: int
    by_month: int
    looked: bool
    waiting: int

    @property
    def is_known(self) -> bool:
        """Whether it is all that there was."""
        return self.looked and not self.waiting

    def costs(self, length: timedelta, month: timedelta) -> Fraction:
        """US dollars for so long a part of a month of that length."""
        time = length // MICROSECOND
        hourly = Fraction(self.by_hour * time, MICRO * (BILLED_MONTH // MICROSECOND))
        return hourly + Fraction(self.by_month * time, MICRO * (month // MICROSECOND))


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a forecast is made of, for one account or for several together; sums of US dollars."""

    month: date
    until: datetime
    """When it was worked out."""
    spent: Fraction
    less: Fraction
    more: Fraction
    """What the bounds of what was spent take off and add."""
    rest: Fraction
    levels: Sequence[Level]
    """At the end of each of the last 28 days, and now."""
    places: int
    """Places, priced or not, that hold something."""
    waiting: int
    """Those among them that nobody had looked at."""
    unpriced: int
    unseen: Fraction
    """Of the time since the month began, the microseconds in which places had not been looked at, over all of them."""
    seen_until: datetime | None
    """The oldest of the last looks; None where nobody looked."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One month, ready to be shown: US dollars, in Decimal, divided once."""

    part: Part

    @property
    def month(self) -> date:
        """Its first day."""
        return self.part.month

    @property
    def spent_usd(self) -> Decimal:
        """What was seen, from the first of the month to the last looks."""
        return exact(self.part.spent)

    @property
    def spent_least_usd(self) -> Decimal:
        """At least."""
        return exact(self.part.spent - self.part.less)

    @property
    def spent_most_usd(self) -> Decimal:
        """At most."""
        return exact(self.part.spent + self.part.more)

    @property
    def usd(self) -> Decimal:
        """What the month will come to if everything stays as it was last seen."""
        return exact(self.part.spent + self.part.rest)

    @property
    def least_usd(self) -> Decimal | None:
        """The lower bound; None if nobody can tell how much it varies."""
        swings = self._swings()
        return exact(self.part.spent - self.part.less + self.part.rest + min(swings)) if swings else None

    @property
    def most_usd(self) -> Decimal | None:
        """The upper bound."""
        swings = self._swings()
        return exact(self.part.spent + self.part.more + self.part.rest + max(swings)) if swings else None

    @property
    def known_days(self) -> int:
        """How many days tell how much it varies."""
        return sum(level.is_known for level in self.part.levels[:-1])

    @property
    def unseen_percent(self) -> Decimal:
        """How much of the month so far nobody had looked at, over all places."""
        begin = _first_moment(self.month)
        time = (self.part.until - begin) // MICROSECOND * self.part.places
        return exact(self.part.unseen * HUNDRED / time) if time else Decimal(0)

    def _swings(self) -> list[Fraction]:
        """By how much the rest of the month would differ at the level of each known day; today's is none."""
        if self.known_days < LEAST_DAYS:
            return []
        begin = _first_moment(self.month)
        end = next_month(begin)
        length = max(end - self.part.until, timedelta())
        *earlier, last = self.part.levels
        costs = [one.costs(length, end - begin) for one in earlier if one.is_known]
        today = last.costs(length, end - begin)
        return [Fraction(0), *(one - today for one in costs)]


def forecast_of(chosen: Chosen, now: datetime) -> Forecast:
    """The month of a moment for the chosen things; `chosen.when` is a moment of the past (see `Chosen.lives`).

    QueryError for a query that cannot be answered.
    """
    begin = month_of(now)
    since = min(begin, _day_of(now - VARIES_OVER))
    return Forecast(part=part_of(past_of(chosen, since, now, next_month(begin))))


def part_of(past: Past) -> Part:
    """The parts of the month of the past's end."""
    begin = month_of(past.end)
    end = next_month(begin)
    accrual = past.accrual
    spent, less, more = (
        sum(one.sums([begin, past.end]), Fraction(0)) for one in (accrual.seen, accrual.less, accrual.more)
    )
    (rest,) = accrual.carried.sums([begin, end])
    firsts = {place: max(moments[0], begin) if moments else past.end for place, moments in past.looks.items()}
    unseen = sum(((min(first, past.end) - begin) // MICROSECOND for first in firsts.values()), 0)
    return Part(
        month=begin.date(),
        until=past.end,
        spent=spent,
        less=less,
        more=more,
        rest=rest,
        levels=_levels(past),
        places=len(past.places),
        waiting=sum(not moments for moments in past.looks.values()),
        unpriced=past.unpriced.total(),
        unseen=Fraction(unseen),
        seen_until=past.last_looks[0] if past.last_looks else None,
    )


def together(parts: Iterable[Part]) -> Part | None:
    """The parts of several accounts as one, worked out in the same month; None without any."""
    found = list(parts)
    if not found:
        return None
    seen = [one.seen_until for one in found if one.seen_until]
    return Part(
        month=found[0].month,
        until=min(one.until for one in found),
        spent=sum((one.spent for one in found), Fraction(0)),
        less=sum((one.less for one in found), Fraction(0)),
        more=sum((one.more for one in found), Fraction(0)),
        rest=sum((one.rest for one in found), Fraction(0)),
        levels=_levels_together([one.levels for one in found]),
        places=sum(one.places for one in found),
        waiting=sum(one.waiting for one in found),
        unpriced=sum(one.unpriced for one in found),
        unseen=sum((one.unseen for one in found), Fraction(0)),
        seen_until=min(seen, default=None),
    )


def _levels(past: Past) -> list[Level]:
    """At the end of each of the last days that are over, and now."""
    moments = days_between(_day_of(past.end - VARIES_OVER).date(), past.end)
    ends = at_the_end(moments[1:])
    hourly, monthly = (
        [seen + carried for seen, carried in zip(*pair, strict=True)]
        for pair in (
            (past.accrual.seen.hourly_levels(ends), past.accrual.carried.hourly_levels(ends)),
            (past.accrual.seen.monthly_levels(ends), past.accrual.carried.monthly_levels(ends)),
        )
    )
    rows = zip(hourly, monthly, past.days(moments[0].date()), strict=True)
    return [
        Level(by_hour=by_hour, by_month=by_month, looked=bool(day.looked), waiting=day.waiting)
        for by_hour, by_month, day in rows
    ]


def _levels_together(levels: Sequence[Sequence[Level]]) -> list[Level]:
    """Day by day from now backwards, as far as all of them go."""
    days = zip(*(reversed(one) for one in levels), strict=False)
    summed = [
        Level(
            by_hour=sum(one.by_hour for one in day),
            by_month=sum(one.by_month for one in day),
            looked=any(one.looked for one in day),
            waiting=sum(one.waiting for one in day),
        )
        for day in days
    ]
    return summed[::-1]


def _day_of(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _first_moment(month: date) -> datetime:
    return datetime(month.year, month.month, month.day, tzinfo=UTC)
