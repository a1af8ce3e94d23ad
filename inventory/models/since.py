"""Since when a resource is in a state, as far as history can tell.

A change is seen by the first look after it. So it happened between two looks: the last one that saw otherwise, and the
one that saw it. What was in the state when it was first looked at may have been so for years.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import OuterRef, Subquery

from inventory.history import ResourceRevision
from inventory.models.snapshot import Outcome, Visit


@dataclass(frozen=True, kw_only=True)
class Since:
    """Between `after` (None: nobody knows) and `seen`."""

    seen: datetime
    after: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it may have begun at any time before."""
        return self.after is None


def since_in_state(
    model: type[ResourceRevision],
    slug: str,
    resource_ids: Collection[int],
    states: Collection[str | bool],
    when: datetime | None,
    *,
    field: str = "state",
) -> dict[int, Since]:
    """For each of these resources that is in one of the states at the moment (None = now), since when it is.

    `field` is the column that tells the state.
    """
    revisions = model.revisions.filter(resource__in=resource_ids, valid_from__isnull=False)
    if when is not None:
        revisions = revisions.filter(valid_from__lte=when)
    rows = revisions.order_by("resource_id", "-valid_from").values_list(
        "resource_id", "pk", field, "valid_from", "valid_to"
    )
    beginnings = {}
    for resource_id, periods in groupby(rows, key=lambda row: row[0]):
        begun = _beginning(periods, states)
        if begun is not None:
            beginnings[begun] = resource_id
    last_look = Visit.objects.filter(
        account=OuterRef("account"),
        type=slug,
        scope_region=OuterRef("resource__scope_region"),
        taken_at__lt=OuterRef("valid_from"),
        outcome=Outcome.COMPLETE,
    ).order_by("-taken_at")
    found = model.revisions.filter(pk__in=beginnings).annotate(after=Subquery(last_look.values("taken_at")[:1]))
    return {
        beginnings[pk]: Since(seen=seen, after=after)
        for pk, seen, after in found.values_list("pk", "valid_from", "after")
    }


def _beginning(periods: Any, states: Collection[str | bool]) -> int | None:
    """The key of the first revision of the unbroken row that leads up to the newest one; None if that is not in it."""
    begun, began = None, None
    for _, pk, state, valid_from, valid_to in periods:
        if state not in states or (began is not None and valid_to != began):
            break
        begun, began = pk, valid_from
    return begun
