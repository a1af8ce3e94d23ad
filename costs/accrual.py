"""What things cost over time, as far as looks tell: steps between looks, their sums, and the bounds around them.

A look sees what is there at its moment. Until the next one it is taken to stay so; that is what is *seen*. What came or
went between two looks did so at any time between them, so that the sum has two bounds: the *least* leaves out, between
the two looks, whatever the second one saw no more, and the *most* counts whatever it saw first from the look before on.
After the last look nothing is seen; what it saw is *carried* on. Before the first look nothing is known.

Amounts are whole: micro-dollars a month, times microseconds. Each sum is divided once, so that it is right to the last
digit. What is billed by the hour costs a month's list price in 730 hours; what is billed by the month (`by_month`), as
storage is, costs it in the calendar month, however long that is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

MICRO = 1_000_000
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)
BILLED_MONTH = timedelta(hours=730)


class Held(NamedTuple):
    """So many things of one usage that looks saw from `since` on, and that the look at `until` saw no more."""

    usage: Any
    since: datetime
    until: datetime | None
    number: int


class Rate(NamedTuple):
    """A list price: whole micro-dollars for a month of one thing."""

    micros: int
    by_month: bool

    @classmethod
    def of(cls, monthly_usd: Decimal, *, by_month: bool) -> Rate:
        """The rate of a price that is kept to a millionth of a dollar; ValueError for a finer one."""
        micros = Fraction(monthly_usd) * MICRO
        if micros.denominator != 1:
            raise ValueError(f"{monthly_usd} is finer than a millionth of a dollar.")
        return cls(micros.numerator, by_month)


@dataclass
class Steps:
    """An amount of micro-dollars a month that changes from moment to moment."""

    hourly: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))
    monthly: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))

    def between(self, since: datetime, until: datetime, rate: Rate, number: int) -> None:
        """So many things more from one moment to another."""
        if since < until and number and rate.micros:
            changes = self.monthly if rate.by_month else self.hourly
            changes[since] += rate.micros * number
            changes[until] -= rate.micros * number

    def sums(self, moments: Sequence[datetime]) -> list[Fraction]:
        """US dollars between each of these moments and the next, each stretch within one calendar month (UTC)."""
        hourly, monthly = _areas(self.hourly, moments), _areas(self.monthly, moments)
        return [
            Fraction(by_hour, MICRO * (BILLED_MONTH // MICROSECOND))
            + Fraction(by_month, MICRO * (month_length(moment) // MICROSECOND))
            for moment, by_hour, by_month in zip(moments, hourly, monthly, strict=False)
        ]

    def levels(self, moments: Sequence[datetime]) -> list[Decimal]:
        """US dollars a month right before each of these moments."""
        levels = zip(_levels(self.hourly, moments), _levels(self.monthly, moments), strict=True)
        return [Decimal(by_hour + by_month).scaleb(-6) for by_hour, by_month in levels]

    def hourly_levels(self, moments: Sequence[datetime]) -> list[int]:
        """What is billed by the hour, right before each of these moments; where each thing counts as one, how many."""
        return _levels(self.hourly, moments)

    def monthly_levels(self, moments: Sequence[datetime]) -> list[int]:
        """What is billed by the month, right before each of these moments."""
        return _levels(self.monthly, moments)


@dataclass
class Accrual:
    """What was seen and carried on, between its bounds; the bounds are told as what they take off and add."""

    seen: Steps = field(default_factory=Steps)
    carried: Steps = field(default_factory=Steps)
    less: Steps = field(default_factory=Steps)
    more: Steps = field(default_factory=Steps)
    unpriced: Steps = field(default_factory=Steps)
    """Things without a price, counted as a rate."""

    def add(
        self, held: Iterable[Held], rates: dict[Any, Rate | None], looks: Sequence[datetime], end: datetime
    ) -> None:
        """Add what one place held; `looks` are its complete ones in order, None of `rates` means without a price.

        What was last seen is carried on until `end`.
        """
        if not looks:
            return
        first, last = looks[0], looks[-1]
        changes: dict[Any, Counter[datetime]] = defaultdict(Counter)
        for one in held:
            until = end if one.until is None or one.until > last else one.until
            since = max(one.since, first)
            if since >= until:
                continue
            rate = rates[one.usage]
            if rate is None:
                self.unpriced.between(since, until, Rate(1, by_month=False), one.number)
                continue
            self.seen.between(since, min(until, last), rate, one.number)
            self.carried.between(max(since, last), until, rate, one.number)
            changes[one.usage][since] += one.number
            if until <= last:
                changes[one.usage][until] -= one.number
        for usage, moments in changes.items():
            if rate := rates[usage]:
                self._bound(moments, rate, looks)

    def _bound(self, changes: Counter[datetime], rate: Rate, looks: Sequence[datetime]) -> None:
        """What came may have come right after the look before, and what went may have gone then."""
        for moment, number in changes.items():
            place = bisect_left(looks, moment)
            if place:
                steps = self.more if number > 0 else self.less
                steps.between(looks[place - 1], moment, rate, abs(number))


def month_length(moment: datetime) -> timedelta:
    """How long the calendar month of the moment is, in UTC."""
    begin = month_of(moment)
    return next_month(begin) - begin


def month_of(moment: datetime) -> datetime:
    """The beginning of the calendar month of the moment, in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(begin: datetime) -> datetime:
    """The beginning of the month after the one that begins then."""
    return month_of(begin + timedelta(days=32))


def days_between(first: date, until: datetime) -> list[datetime]:
    """The beginnings of the days from the first one on (UTC), and the end: `until`."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    moments = list(_days(begin, until))
    return [*moments, until] if moments else []


def at_the_end(ends: Sequence[datetime]) -> list[datetime]:
    """The ends of days as moments for levels: the last one includes what a look at that very moment saw."""
    return [*ends[:-1], *(end + MICROSECOND for end in ends[-1:])]


def _days(begin: datetime, until: datetime) -> Iterator[datetime]:
    while begin < until:
        yield begin
        begin += DAY


def _areas(changes: dict[datetime, int], moments: Sequence[datetime]) -> list[int]:
    """The area below the steps between each moment and the next, in units times microseconds."""
    areas = [0] * max(len(moments) - 1, 0)
    if not areas:
        return areas
    level, since = 0, moments[0]
    for moment, change in (*sorted(changes.items()), (moments[-1], 0)):
        place = max(bisect_right(moments, since) - 1, 0)
        while level and place < len(areas) and moments[place] < moment:
            begin, end = max(since, moments[place]), min(moment, moments[place + 1])
            areas[place] += level * (max(end - begin, timedelta()) // MICROSECOND)
            place += 1
        level, since = level + change, max(since, moment)
    return areas


def _levels(changes: dict[datetime, int], moments: Sequence[datetime]) -> list[int]:
    """The level right before each of these moments, which are in order."""
    ordered = sorted(changes.items())
    levels, level, place = [], 0, 0
    for moment in moments:
        while place < len(ordered) and ordered[place][0] < moment:
            level += ordered[place][1]
            place += 1
        levels.append(level)
    return levels
