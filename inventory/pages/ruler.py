"""The ruler: all of the ledger's time as one line, with what was read and what was seen to change.

It ends with today and begins shortly before the first snapshot. However long that is, it is at most `MOST_BARS` bars of
one or several days each. Days are those of UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from math import ceil
from typing import NamedTuple

from django.db.models import Sum
from django.utils import timezone

from inventory.models import Account, LedgerDay
from inventory.pages.moments import date_words
from inventory.pages.ruler_drawing import Drawing, draw
from inventory.snapshots.plan import interval_of

MOST_BARS = 90
LEAST_DAYS = 14
LEAD = 25
"""One day before the first snapshot is shown for so many after it."""
LABELS = 6


class Sums(NamedTuple):
    """What the snapshots of some days found."""

    snapshots: int = 0
    incomplete: int = 0
    unread: int = 0
    changed: int = 0
    added: int = 0
    gone: int = 0

    @property
    def is_read(self) -> bool:
        """Whether any snapshot read anything."""
        return self.snapshots > self.unread


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One or several days: their first and last as numbers (1 is 1 January of the year 1), and what was found."""

    first: int
    last: int
    sums: Sums

    @property
    def words(self) -> str:
        """The days and their snapshots: `17 Nov: 24 snapshots, 2 incomplete`."""
        days = date_words(date.fromordinal(self.last))
        if self.first < self.last:
            days = f"{date_words(date.fromordinal(self.first))} to {days}"
        found = self.sums
        changes = found.changed + found.added + found.gone
        if not found.snapshots:
            return f"{days}: no snapshot"
        if found.snapshots == 1:
            taken = f"1 snapshot{', incomplete' if found.incomplete else ''}"
        else:
            part = "all" if found.incomplete == found.snapshots else f"{found.incomplete:,}"
            taken = f"{found.snapshots:,} snapshots{f', {part} incomplete' if found.incomplete else ''}"
        return f"{days}: {taken}, {changes:,} change{'' if changes == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class Ruler:
    """The bars, and how many may pass without a snapshot before that means that nobody looked."""

    bars: Sequence[Bar]
    quiet_bars: int
    as_of: datetime | None

    @property
    def step(self) -> int:
        """Days to a bar."""
        return self.bars[0].last - self.bars[0].first + 1

    @property
    def least(self) -> int:
        """The value of the oldest bar."""
        return self.bars[0].last

    @property
    def now(self) -> int:
        """The value of now, one step after the newest bar."""
        return self.bars[-1].last + self.step

    @property
    def value(self) -> int:
        """Where the handle stands."""
        if self.as_of is None:
            return self.now
        place = (_number(self.as_of) - self.bars[0].first) // self.step
        return self.least + max(place, 0) * self.step

    @property
    def labels(self) -> list[str]:
        """What stands below it, at equal distances."""
        shown = (self.bars[place * len(self.bars) // LABELS] for place in range(LABELS))
        return [date_words(date.fromordinal(bar.first)) for bar in shown]

    @cached_property
    def drawing(self) -> Drawing:
        """Its bars as paths."""
        return draw([bar.sums for bar in self.bars], self.quiet_bars)


def ruler_of(accounts: Sequence[Account], as_of: datetime | None) -> Ruler | None:
    """The ruler of these accounts, in one query; None before their first snapshot is summed up."""
    days = LedgerDay.objects.filter(account__in=[one.pk for one in accounts]).order_by("day").values_list("day")
    found = {day.toordinal(): Sums(*sums) for day, *sums in days.annotate(*(Sum(name) for name in Sums._fields))}
    if not found:
        return None
    today, begun = _number(timezone.now()), min(found)
    wanted = max(today - begun + 1 + max((today - begun) // LEAD, 1), LEAST_DAYS)
    step = ceil(wanted / MOST_BARS)
    starts = range(today + 1 - ceil(wanted / step) * step, today + 1, step)
    interval = max(interval_of(account) for account in accounts)
    return Ruler(
        bars=[Bar(first=first, last=first + step - 1, sums=_sum(found, first, step)) for first in starts],
        quiet_bars=2 * interval // timedelta(days=step),
        as_of=as_of,
    )


def end_of(value: int) -> datetime | None:
    """The last instant of the day on which the handle stands; None where that has not come yet, which is now.

    ValueError for a number that is no day.
    """
    try:
        end = datetime.combine(date.fromordinal(value), time.max, UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"{value} is no day.") from None
    return end if end < timezone.now() else None


def _sum(found: Mapping[int, Sums], first: int, days: int) -> Sums:
    of_days = [found[day] for day in range(first, first + days) if day in found]
    return Sums(*map(sum, zip(*of_days, strict=True)))


def _number(moment: datetime) -> int:
    return moment.astimezone(UTC).date().toordinal()
