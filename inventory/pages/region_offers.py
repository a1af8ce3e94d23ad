"""What AWS offers where: services, as its public parameters say, and instance types, as it told the accounts.

Which services a region has is the same for everybody and says nothing of the account that read it, so it is shown to
whoever may sign in. Instance types are told each account for its own regions, and only accounts of the page count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from inventory.models import Freshness, Link
from inventory.pages.scope import PageScope
from inventory.registry import resource_type
from inventory.resource_types.instance_type_offering import INSTANCE_TYPE_OFFERING, TypeOffering
from inventory.resource_types.region_services import REGION_SERVICES, RegionServices

NAMED_OTHERWISE = {"elbv2": "elb"}
"""What AWS's parameters call the service of an API, where that is another name."""
ALSO_USED = {"ebs-snapshot": "ebs", "ebs-volume": "ebs", "vpc": "vpc"}
"""Services of their own that things of EC2's API belong to."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Which of the wanted things a region has; `missing` None: what it has is not known."""

    wanted: int
    missing: tuple[str, ...] | None

    @property
    def has_all(self) -> bool:
        """Whether it is known to have every one of them."""
        return self.missing == ()

    @property
    def more(self) -> int:
        """How many are missing beside the two that pages name."""
        return len(self.missing or ()) - 2

    @property
    def had(self) -> int:
        """How many of them it is known to have."""
        return 0 if self.missing is None else self.wanted - len(self.missing)


@dataclass(frozen=True, kw_only=True)
class Offers:
    """What each region has; a region that is not among them was not read."""

    by_region: Mapping[str, frozenset[str]]
    read_at: datetime | None = None
    """When that was last read; None: not known, or a past moment is shown."""

    @property
    def names(self) -> list[str]:
        """Everything that any region has."""
        return sorted(frozenset().union(*self.by_region.values()))

    def of(self, region: str, wanted: Sequence[str]) -> Offer:
        """Which of the wanted things the region has."""
        has = self.by_region.get(region)
        return Offer(
            wanted=len(wanted), missing=None if has is None else tuple(one for one in wanted if one not in has)
        )


def services(when: datetime | None) -> Offers:
    """The services of every region at a moment (None = now); of several readings of a region the newest."""
    looks = dict(
        Freshness.objects.filter(type=REGION_SERVICES.slug, last_complete_at__isnull=False).values_list(
            "account_id", "last_complete_at"
        )
    )
    read = {
        resource: (looks[account], region)
        for resource, account, region, unknown in _unpruned(when).values_list(
            "resource_id", "account_id", "region", "unknown"
        )
        if account in looks and region and unknown.get("services", "") is not None
    }
    newest: dict[str, tuple[datetime, int]] = {}
    for resource, (look, region) in read.items():
        newest[region] = max(newest.get(region, (look, resource)), (look, resource))
    named = _named({resource for _, resource in newest.values()}, when)
    return Offers(
        by_region={region: frozenset(named[resource]) for region, (_, resource) in newest.items()},
        read_at=max(looks.values(), default=None) if when is None else None,
    )


def _unpruned(when: datetime | None) -> QuerySet[Any]:
    """What is known of the moment, without accounts whose history of it was pruned."""
    rows = RegionServices.revisions.as_of(when)
    return rows if when is None else rows.exclude(account__history_from__gt=when)


def _named(resources: Collection[int], when: datetime | None) -> Mapping[int, set[str]]:
    named: dict[int, set[str]] = defaultdict(set)
    links = Link.objects.as_of(when).filter(resource__in=resources, role="services")
    for resource, service in links.values_list("resource_id", "value"):
        named[resource].add(service)
    return named


def used_services(scope: PageScope) -> list[str]:
    """The services that what the accounts hold belongs to."""
    slugs = {place.type for place, number in scope.held.items() if number}
    apis = {resource_type(slug).call.service for slug in slugs}
    return sorted(
        {NAMED_OTHERWISE.get(api, api) for api in apis} | {ALSO_USED[one] for one in slugs & ALSO_USED.keys()}
    )


def instance_types(scope: PageScope, wanted: Iterable[str]) -> Offers:
    """Which of these instance types are offered in the regions in which the accounts were told."""
    slug = INSTANCE_TYPE_OFFERING.slug
    looked_at = scope.standings.regions_of(slug)
    offered: dict[str, set[str]] = {one: set() for one in looked_at if scope.standings.was_read([slug], one)}
    rows = TypeOffering.revisions.as_of(scope.as_of).filter(account__in=scope.accounts, name__in=list(wanted))
    for region, name in rows.values_list("region", "name").distinct():
        offered.setdefault(region, set()).add(name)
    return Offers(by_region={region: frozenset(names) for region, names in offered.items()})
