"""How long something ran, told from looks at it: between what was seen and what may have been.

A look sees what runs at its moment; what happens between two looks nobody saw. A stretch of running is therefore known
within bounds: it lasted at least from the first look that saw it to the last one that did, and at most from the look
before to the look after. AWS tells when an instance was last launched, which makes the beginning exact where it lies
between the two looks, and shows a stop and a start that no look saw. Where it does not tell, what ran at two looks on
end is taken to have run between them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

SECONDS_AN_HOUR = Decimal(3600)
MICROSECOND = timedelta(microseconds=1)


class Seen(NamedTuple):
    """A period in which looks saw one thing in one state; `until` is the look that saw another one, None: none did."""

    since: datetime
    until: datetime | None
    launched: datetime | None
    runs: bool


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """One time of running: it began between `earliest` and `seen_from`, and ended between `seen_until` and `latest`."""

    earliest: datetime
    seen_from: datetime
    seen_until: datetime
    latest: datetime


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How long something ran in a window of time, between two bounds, in hours."""

    at_least: Decimal
    at_most: Decimal
    window: Decimal

    @property
    def is_exact(self) -> bool:
        """Whether both bounds are the same."""
        return self.at_least == self.at_most

    def a_month(self, hours: Decimal, month_hours: Decimal) -> Decimal:
        """One of the bounds, as hours in a month that goes on like the window."""
        return hours * month_hours / self.window


def stretches(periods: Iterable[Seen], looks: Sequence[datetime], now: datetime) -> list[Stretch]:
    """The times of running of one thing, of periods in their order; `looks` are sorted, and are the complete ones."""
    merged = list(_merged(periods))
    found = []
    for period, following in zip(merged, (*merged[1:], None), strict=True):
        if not period.runs:
            continue
        earliest, seen_from = _beginning(period, looks)
        seen_until, latest = _end(period, following, looks, now)
        found.append(
            Stretch(earliest=earliest, seen_from=seen_from, seen_until=max(seen_until, seen_from), latest=latest)
        )
    return found


def ran(times: Iterable[Stretch], start: datetime, end: datetime) -> Ran:
    """How long that was between two moments; ValueError for a window that has no length."""
    if start >= end:
        raise ValueError("A window ends after it began.")
    found = list(times)
    least = sum((_overlap(one.seen_from, one.seen_until, start, end) for one in found), timedelta())
    most = timedelta()
    # Two stretches may both claim the time between two looks; it counts once.
    counted_until = start
    for one in found:
        most += _overlap(max(one.earliest, counted_until), one.latest, start, end)
        counted_until = max(counted_until, one.latest)
    return Ran(at_least=hours_of(least), at_most=hours_of(most), window=hours_of(end - start))


def hours_of(length: timedelta) -> Decimal:
    """A length of time in hours."""
    return Decimal(length // MICROSECOND) / (SECONDS_AN_HOUR * 1_000_000)


def _merged(periods: Iterable[Seen]) -> Iterator[Seen]:
    """Periods that follow on each other and differ in nothing that matters here, as one."""
    current: Seen | None = None
    for period in periods:
        if current is None:
            current = period
        elif current.until == period.since and _is_same_run(current, period):
            current = current._replace(until=period.until, launched=period.launched or current.launched)
        else:
            yield current
            current = period
    if current is not None:
        yield current


def _is_same_run(one: Seen, other: Seen) -> bool:
    return one.runs == other.runs and (
        not one.runs or None in (one.launched, other.launched) or one.launched == other.launched
    )


def _beginning(period: Seen, looks: Sequence[datetime]) -> tuple[datetime, datetime]:
    """The bounds of its beginning; both are the launch where AWS tells a launch that can have been it."""
    position = bisect_left(looks, period.since)
    before = looks[position - 1] if position else None
    if (
        period.launched is not None
        and period.launched <= period.since
        and (before is None or before <= period.launched)
    ):
        return period.launched, period.launched
    return (before or period.since), period.since


def _end(period: Seen, following: Seen | None, looks: Sequence[datetime], now: datetime) -> tuple[datetime, datetime]:
    """The bounds of its end: the last look that saw it, and the first that did not, or now."""
    until = period.until or now
    position = bisect_left(looks, until)
    if period.until is None and position < len(looks) and looks[position] == now:
        position += 1
    seen_until = looks[position - 1] if position else period.since
    if following and following.runs and following.since == period.until and following.launched:
        until = min(until, following.launched)
    return min(seen_until, until), until


def _overlap(since: datetime, until: datetime, start: datetime, end: datetime) -> timedelta:
    return max(min(until, end) - max(since, start), timedelta())
