"""Home: what is new, what is open to the world, what it costs and what could not be read; then every region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.findings.counts import count as count_findings
from inventory.models import Account
from inventory.pages.extensions import Figure
from inventory.pages.figures import region_figures
from inventory.pages.last_changes import Compared, LastChanges, compared_moments, last_changes
from inventory.pages.last_visit import end_of_last_visit
from inventory.pages.region_rows import RegionTable, region_rows, region_table
from inventory.pages.scope import PageScope
from inventory.pages.since_last_visit import SinceLastVisit, since_last_visit
from inventory.pages.unread import Unread, never_looked_at, unread
from inventory.pages.world_map import WorldMap, world_map
from inventory.pages.world_ports import world_ports


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """All that home shows."""

    scope: PageScope
    table: RegionTable
    map: WorldMap
    news: SinceLastVisit | None
    """None on a first visit, and at a past moment."""
    compared: Compared | None
    changes: LastChanges | None
    unread: Sequence[Unread]
    never_looked_at: Sequence[Account]
    pending: Sequence[Account]
    paused: Sequence[Account]
    unpriced: Sequence[tuple[str, Figure]]

    @property
    def unread_places(self) -> int:
        """In how many places something could not be read."""
        return len(self.unread) + len(self.never_looked_at)


def home(request: HttpRequest) -> HttpResponse:
    """Home, or what to do first when nothing was read yet."""
    scope = PageScope.from_request(request)
    if scope.standings.is_empty:
        return render(request, "inventory/home_empty.html", {"scope": scope})
    last_visit = end_of_last_visit(request) if scope.as_of is None else None
    return render(request, "inventory/home.html", {"page": gather(scope, last_visit)})


def gather(scope: PageScope, last_visit: datetime | None = None) -> HomePage:
    """The page's facts, with what is new since the last visit; the number of queries does not depend on how much."""
    ports = world_ports(scope)
    figures = region_figures(scope)
    findings = count_findings(scope.chosen, scope.as_of)
    rows = region_rows(scope, ports, figures, findings)
    table = region_table(scope, rows, ports, figures, findings)
    compared = compared_moments(scope)
    return HomePage(
        scope=scope,
        table=table,
        map=world_map(rows),
        news=since_last_visit(scope, last_visit) if last_visit else None,
        compared=compared,
        changes=last_changes(scope, compared) if compared else None,
        unread=unread(scope, scope.troubled),
        never_looked_at=never_looked_at(scope),
        pending=[account for account in scope.chosen if account.is_pending],
        paused=[account for account in scope.chosen if account.paused_at and scope.as_of is None],
        unpriced=[
            (row.region, cost.figure)
            for row in table.rows
            if row.region is not None
            for cost in row.costs
            if cost.figure.value is None
        ],
    )
