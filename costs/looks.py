"""The moments at which somebody looked, and saw all there was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import OuterRef, Subquery

from inventory.models import Account, Freshness, Outcome, Visit
from inventory.resource_types.ec2_instance import EC2_INSTANCE

Looks = dict[tuple[int, str], list[datetime]]
PlaceLooks = dict[tuple[int, str, str], list[datetime]]
"""By account, type, and the region of the listing."""


def looks_at_instances(
    accounts: Collection[Account], since: datetime, until: datetime, region: str | None = None
) -> Looks:
    """The moments of complete looks at instances between two moments, sorted, by account and region."""
    found = _looks(accounts, [EC2_INSTANCE.slug], since, until, None if region is None else [region])
    return {(account, place): moments for (account, _, place), moments in found.items()}


def looks_since(
    accounts: Collection[Account], types: Collection[str], since: datetime, until: datetime, regions: Collection[str]
) -> PlaceLooks:
    """The moments of complete looks, sorted, from the last one before `since` on.

    What was looked at before an account's history was pruned is left out: whatever is left of it would look like all.
    """
    earlier = Visit.objects.filter(
        account=OuterRef("account"),
        type=OuterRef("type"),
        scope_region=OuterRef("scope_region"),
        outcome=Outcome.COMPLETE,
        taken_at__lt=since,
    ).order_by("-taken_at")
    places = Freshness.objects.filter(account__in=accounts, type__in=types, scope_region__in=regions)
    before = places.annotate(before=Subquery(earlier.values("taken_at")[:1])).filter(before__isnull=False)
    found: PlaceLooks = defaultdict(list)
    for account, slug, region, moment in before.values_list("account_id", "type", "scope_region", "before"):
        found[account, slug, region].append(moment)
    for key, moments in _looks(accounts, types, since, until, regions).items():
        found[key] += moments
    kept_from = {account.pk: account.history_from for account in accounts if account.history_from}
    return {
        key: [moment for moment in moments if key[0] not in kept_from or moment >= kept_from[key[0]]]
        for key, moments in found.items()
    }


def _looks(
    accounts: Collection[Account],
    types: Collection[str],
    since: datetime,
    until: datetime,
    regions: Collection[str] | None,
) -> PlaceLooks:
    rows = Visit.objects.filter(
        account__in=accounts, type__in=types, outcome=Outcome.COMPLETE, taken_at__gte=since, taken_at__lte=until
    )
    if regions is not None:
        rows = rows.filter(scope_region__in=regions)
    looks: PlaceLooks = defaultdict(list)
    for account, slug, place, moment in rows.order_by("taken_at").values_list(
        "account_id", "type", "scope_region", "taken_at"
    ):
        looks[account, slug, place].append(moment)
    return looks
