"""One region: everything in it by type and by zone, beside its cost, its open ports and its freshness."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.findings.counts import Counted
from inventory.findings.counts import count as count_findings
from inventory.models import Account, Freshness
from inventory.pages.counts import union
from inventory.pages.extensions import Figure, RegionFigure
from inventory.pages.figures import Number, listed_in, number_in, number_of, region_figures
from inventory.pages.freshness import ScopeState, Summary, summarise
from inventory.pages.last_changes import Compared, LastChanges, compared_moments, last_changes
from inventory.pages.region_rows import is_judged
from inventory.pages.scope import PageScope
from inventory.pages.unread import Unread, unread
from inventory.pages.world_ports import WorldPorts, world_ports
from inventory.pages.zones import RegionZones, zones_of
from inventory.registry import GLOBAL, ResourceType, held_types, principal_types, resource_types


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """What one account has in the region, and how fresh that is."""

    account: Account
    numbers: Sequence[Number]
    freshness: Summary | None


@dataclass(frozen=True, kw_only=True)
class RegionPage:
    """All that the page shows."""

    scope: PageScope
    region: str
    types: Sequence[ResourceType]
    numbers: Sequence[Number]
    zones: RegionZones
    accounts: Sequence[AccountRow]
    ports: WorldPorts | None
    findings: Counted
    is_judged: bool
    """Whether rules had judged every account of the region."""
    costs: Sequence[tuple[RegionFigure, Figure]]
    freshness: Summary | None
    compared: Compared | None
    changes: LastChanges | None
    unread: Sequence[Unread]

    @property
    def total(self) -> int:
        """Resources of all types."""
        return sum(number.number for number in self.numbers)

    @property
    def is_unvisited(self) -> bool:
        """Whether no chosen account was looked at here; a bucket may be known to be here nevertheless."""
        return self.freshness is None


def region(request: HttpRequest, region: str) -> HttpResponse:
    """A region of the user's accounts; one in which nothing was ever seen does not exist."""
    scope = PageScope.from_request(request)
    if _is_seen(scope, region):
        return render(request, "inventory/region.html", {"page": gather(scope, region)})
    if _was_ever_seen(scope, region):
        return render(request, "inventory/region_empty.html", {"scope": scope, "region": region})
    raise Http404(f"Nothing was ever seen in {region}.")


def gather(scope: PageScope, region: str) -> RegionPage:
    """The page's facts; the number of queries does not depend on how much there is."""
    types = list(principal_types())
    places = {one.slug: listed_in(one, region) for one in resource_types()}
    here: dict[int, dict[str, ScopeState]] = defaultdict(dict)
    for state in scope.states_of((), [region, GLOBAL]):
        if places.get(state.type) == state.region:
            here[state.account_id][state.type] = state
    compared = compared_moments(scope)
    findings = count_findings(scope.chosen, scope.as_of)
    return RegionPage(
        scope=scope,
        region=region,
        types=types,
        numbers=[number_in(one, scope, region) for one in held_types()],
        zones=zones_of(scope, [region])[region],
        accounts=[
            AccountRow(
                account=account,
                numbers=[number_of(account, one, scope, region, here[account.pk].get(one.slug)) for one in types],
                freshness=summarise(state for state in here[account.pk].values() if state.region == region),
            )
            for account in _accounts_of(scope, region)
        ],
        ports=world_ports(scope).get(region),
        findings=findings.of(region),
        is_judged=is_judged(scope, findings, region),
        costs=[(figure.definition, figure.of(region)) for figure in region_figures(scope)],
        freshness=scope.standings.of_region(region),
        compared=compared,
        changes=last_changes(scope, compared, region) if compared else None,
        unread=unread(scope, [one for one in scope.troubled if places.get(one.type) == one.region]),
    )


def _is_seen(scope: PageScope, region: str) -> bool:
    """Whether anything is known of the region at the page's moment; `global` is a region only for what lives there."""
    looked_at = region != GLOBAL and region in scope.standings.regions
    return looked_at or any(place.region == region for place in scope.counts)


def _was_ever_seen(scope: PageScope, region: str) -> bool:
    """Whether anything is known of it at another moment, or of an account that was left out."""
    visible = [account.pk for account in scope.visible]
    if region != GLOBAL and Freshness.objects.filter(account__in=visible, scope_region=region).exists():
        return True
    held = [
        one.model.revisions.filter(account__in=visible, region=region, valid_from__isnull=False)
        .order_by()
        .values_list("pk")
        for one in resource_types()
    ]
    return bool(union(held)[:1])


def _accounts_of(scope: PageScope, region: str) -> list[Account]:
    """The accounts that were looked at in the region, or have something there."""
    ids = {account_id for account_id, where in scope.looked_at if where == region}
    ids |= {place.account_id for place in scope.counts if place.region == region}
    return [account for account in scope.chosen if account.pk in ids]
