"""How one place was looked at over time: when it was read completely, and during which stretches it was not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from inventory.models import Outcome, Resource, Visit

MOST_LOOKS = 2_000
"""The newest looks that are told of; at one an hour they reach back 83 days."""


@dataclass(frozen=True)
class Story:
    """Every look at one place, the oldest first: its moment, and whether it was complete."""

    looks: Sequence[tuple[datetime, bool]]

    @classmethod
    def of(cls, resource: Resource) -> Self:
        """The looks at the place where the resource is listed; one step along the index of visits for each."""
        visits = Visit.objects.filter(
            account=resource.account_id,
            type=resource.type,
            scope_region=resource.scope_region,
            outcome__isnull=False,
        )
        newest = visits.order_by("-taken_at").values_list("taken_at", "outcome")[:MOST_LOOKS]
        return cls([(taken_at, outcome == Outcome.COMPLETE) for taken_at, outcome in newest][::-1])

    def last_read_before(self, moment: datetime) -> datetime | None:
        """The last complete look before a moment; None if none is told of."""
        before = self.looks[: bisect_left(self.looks, (moment, False))]
        return next((at for at, was_complete in reversed(before) if was_complete), None)

    def unread(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Each stretch in which looks failed: from the last complete look before it to the next one (None: none yet).

        Before the first complete look it begins with the look that failed first.
        """
        last_read: datetime | None = None
        since: datetime | None = None
        for at, was_complete in self.looks:
            if was_complete:
                if since is not None:
                    yield since, at
                last_read, since = at, None
            elif since is None:
                since = last_read or at
        if since is not None:
            yield since, None
