"""The snapshots around a moment: when they were taken, and whether they read everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from inventory.models import Account, Snapshot

MOST_ROWS = 200

Row = tuple[datetime, int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A moment at which snapshots were taken, of one account or of several."""

    at: datetime
    complete: int
    incomplete: int
    """Places that were read, and that were not; both 0 until they are summed up."""

    @property
    def words(self) -> str:
        """What they read: `complete`, `4 of 187 places not read`, `nothing read`."""
        if not self.incomplete:
            return "complete" if self.complete else ""
        if not self.complete:
            return "nothing read"
        return f"{self.incomplete:,} of {self.complete + self.incomplete:,} places not read"

    @property
    def mark(self) -> str:
        """The class of its mark."""
        return "whole" if not self.incomplete else "broken" if self.complete else "void"


def taken_until(accounts: Sequence[Account], until: datetime | None, number: int) -> list[Taken]:
    """So many finished moments up to one (None: now), the newest first."""
    rows = _finished(accounts) if until is None else _finished(accounts).filter(taken_at__lte=until)
    return _moments(rows.order_by("-taken_at"), number, len(accounts))


def taken_after(accounts: Sequence[Account], moment: datetime, number: int) -> list[Taken]:
    """So many finished moments after one, the oldest first."""
    rows = _finished(accounts).filter(taken_at__gt=moment)
    return _moments(rows.order_by("taken_at"), number, len(accounts))


def _finished(accounts: Sequence[Account]) -> QuerySet[Snapshot]:
    return Snapshot.objects.filter(account__in=[one.pk for one in accounts], finished_at__isnull=False)


def _moments(rows: QuerySet[Snapshot], number: int, accounts: int) -> list[Taken]:
    """The first moments of these rows; accounts may be read at the same moment, or each at its own."""
    most = min(number * accounts, MOST_ROWS)
    found: list[Row] = list(rows.values_list("taken_at", "complete_visits", "incomplete_visits")[:most])
    moments = [
        Taken(at=at, complete=sum(one or 0 for _, one, _ in same), incomplete=sum(one or 0 for *_, one in same))
        for at, same in ((at, list(group)) for at, group in groupby(found, key=lambda row: row[0]))
    ]
    # The last of as many as were asked for may lack accounts.
    is_cut = len(found) == MOST_ROWS and len(moments) > 2
    return moments[: len(moments) - is_cut][:number]
