"""Counting: how many resources a scope holds, kept beside its freshness so that no page has to count them."""

from __future__ import annotations

from django.db.models import Count

from inventory.models import Account
from inventory.registry import Reach, ResourceType

UNREAD = ""
"""The key of resources whose own region could not be read."""


def count_scope(kind: ResourceType, account: Account, scope_region: str) -> dict[str, int]:
    """How many resources of the type are open in the scope, by their own region."""
    mine = kind.model.revisions.current().filter(account=account)
    if kind.reach is Reach.REGIONAL:
        mine = mine.filter(region=scope_region)
    rows = mine.order_by().values_list("region").annotate(number=Count("pk"))
    return {UNREAD if region is None else region: number for region, number in rows}
