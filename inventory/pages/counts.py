"""What there is, by account, type and region: kept for now, counted for a past moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Count, QuerySet, Value

from inventory.models import Account, Freshness
from inventory.registry import resource_types
from inventory.snapshots.counts import UNREAD


class Place(NamedTuple):
    """Things of one type in one account and region (their own; None: unread)."""

    account_id: int
    type: str
    region: str | None


Counts = Mapping[Place, int]


def count_by_place(accounts: Sequence[Account], as_of: datetime | None) -> Counts:
    """How many resources there are at the moment (None = now), in one query."""
    pks = [account.pk for account in accounts]
    return _kept(pks) if as_of is None else _counted(pks, as_of)


def _kept(accounts: Sequence[int]) -> Counts:
    """What each visit counted when it recorded: nobody waits for a count of everything there is."""
    rows = Freshness.objects.filter(account__in=accounts).exclude(counts={})
    counts: Counter[Place] = Counter()
    for account_id, slug, by_region in rows.values_list("account_id", "type", "counts"):
        for region, number in by_region.items():
            counts[Place(account_id, slug, None if region == UNREAD else region)] += number
    return counts


def _counted(accounts: Sequence[int], as_of: datetime) -> Counts:
    rows = union(
        one.model.revisions.as_of(as_of)
        .filter(account__in=accounts)
        .order_by()
        .values_list("account_id", Value(one.slug, output_field=CharField()), "region")
        .annotate(number=Count("pk"))
        for one in resource_types()
    )
    return {Place(*place): number for *place, number in rows}


def union(parts: Iterable[QuerySet[Any]]) -> QuerySet[Any]:
    """The rows of all parts in one query; each part has the same columns."""
    first, *others = parts
    return first.union(*others, all=True)
