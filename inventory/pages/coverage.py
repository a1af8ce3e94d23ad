"""Coverage: how every account, region and type was last looked at, and what a running snapshot is at.

`?type=` and `?region=` choose some of it: every figure of the product leads here with the scopes that stand behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.pages import looks as behind
from inventory.pages.freshness import Mark, ScopeState, share_read
from inventory.pages.progress import Progress, running_snapshots
from inventory.pages.provenance import ScopeFilter
from inventory.pages.scope import PageScope
from inventory.pages.unread import Unread, never_looked_at, unread
from inventory.registry import GLOBAL, ResourceType, resource_types

MOST_GRIDS = 10
"""Accounts whose scopes are drawn: those of fifty would be a page of nine megabytes."""
MOST_WIDE_TYPES = 8
"""With more types than these, cells say only how old they are, and the heads stand upright."""


class Look(StrEnum):
    """What a cell of the grid says; also its class."""

    COMPLETE = "ok"
    OLD = "old"
    DENIED = "deny"
    HELD = "held"
    FAILED = "fail"
    READING = "run"
    WAITING = "wait"
    NEVER = "never"


LOOKS = {
    Outcome.DENIED: Look.DENIED,
    Outcome.DISABLED: Look.DENIED,
    Outcome.UNCONFIRMED: Look.HELD,
    Outcome.FAILED: Look.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One scope: how it was last looked at, and where to read on."""

    type: ResourceType
    look: Look
    state: ScopeState | None
    """None while it is looked at for the first time."""
    visit: Visit | None
    reason: Unread | None
    """Why it is not fresh or not complete; the cell leads there."""

    was_cancelled: bool = False
    """Whether somebody cancelled a later visit before it was done."""

    @property
    def word(self) -> str:
        """What a cell says beside its age; nothing when all is well."""
        if self.was_cancelled and self.reason is None:
            return Outcome.CANCELLED.value
        if self.look in (Look.READING, Look.WAITING):
            return self.look.name.lower()
        return self.reason.word if self.reason else ""


@dataclass(frozen=True, kw_only=True)
class GridRow:
    """One region of an account, or what is global; None stands where the type is not listed."""

    region: str
    cells: Sequence[Cell | None]


@dataclass(frozen=True, kw_only=True)
class AccountGrid:
    """The rows of one account."""

    account: Account
    rows: Sequence[GridRow]


@dataclass(frozen=True, kw_only=True)
class LastSnapshots:
    """The newest finished snapshot of each account, in figures."""

    taken_at: datetime | None
    visits: int
    complete: int
    cancelled: int
    api_calls: int
    quarantined: int
    took: timedelta | None


@dataclass(frozen=True, kw_only=True)
class CoveragePage:
    """All that the page shows."""

    scope: PageScope
    chosen: ScopeFilter
    states: Sequence[ScopeState]
    """Those that the filter keeps."""
    types: Sequence[ResourceType]
    grids: Sequence[AccountGrid]
    undrawn: Sequence[Account]
    """Accounts that were looked at and have no grid, because there are so many."""
    looks: Sequence[behind.Look]
    share: str
    last: LastSnapshots
    running: Sequence[Progress]
    reasons: Sequence[Unread]
    never_looked_at: Sequence[Account]
    pending: Sequence[Account]

    @property
    def is_wide(self) -> bool:
        """Whether there is room for words in the grid."""
        return len(self.types) <= MOST_WIDE_TYPES

    @property
    def shown_looks(self) -> Sequence[behind.Look]:
        """As many as a page bears, the worst first."""
        return self.looks[: behind.SHOWN]

    @property
    def hidden_looks(self) -> int:
        """How many more there are."""
        return max(len(self.looks) - behind.SHOWN, 0)

    @property
    def never(self) -> int:
        """Scopes that snapshots visit and at which nobody has looked yet."""
        return sum(look.state is None for look in self.looks)

    @property
    def undrawn_links(self) -> list[tuple[str, str]]:
        """The accounts that have no grid, each with the address of its own."""
        return [(one.name, self.chosen.url(self.scope, one.name)) for one in self.undrawn]

    @property
    def everything_url(self) -> str:
        """Coverage of every type and region."""
        return ScopeFilter().url(self.scope)

    @property
    def paused(self) -> Sequence[Account]:
        """Accounts of which nothing is collected, by choice."""
        return [one for one in self.scope.chosen if one.paused_at and not one.is_archived]

    @property
    def can_start(self) -> bool:
        """Whether there is an account of which a snapshot can be begun."""
        collected = (one for one in self.scope.chosen if not (one.is_pending or one.paused_at or one.archived_at))
        return self.scope.as_of is None and any(collected)

    def count(self, *outcomes: Outcome) -> int:
        """How many scopes ended like this when they were last looked at."""
        return sum(state.failing_since is not None and state.outcome in outcomes for state in self.states)

    @property
    def refused(self) -> int:
        """Scopes that AWS does not let us read."""
        return self.count(Outcome.DENIED, Outcome.DISABLED)

    @property
    def held(self) -> int:
        """Listings that wait for a second one to agree."""
        return self.count(Outcome.UNCONFIRMED)

    @property
    def old(self) -> int:
        """Scopes of which an older look than it should be is shown, for another reason."""
        return sum(state.mark is Mark.LATE for state in self.states) - self.held


def coverage(request: HttpRequest) -> HttpResponse:
    """The page; 400 for a type that does not exist."""
    scope, chosen = PageScope.from_request(request), ScopeFilter.from_address(request.GET)
    return render(request, "inventory/coverage.html", {"page": gather(scope, chosen)})


def gather(scope: PageScope, chosen: ScopeFilter) -> CoveragePage:
    """The page's facts; the number of queries does not depend on how much there is."""
    states = scope.states_of(chosen.types, chosen.regions)
    reasons = unread(scope, states)
    running = running_snapshots(scope)
    visits, cancelled = behind.visits_behind(states), behind.cancelled_visits(scope)
    found = behind.looks(scope, chosen, visits, cancelled)
    types = [one for one in resource_types() if not chosen.types or one.slug in chosen.types]
    accounts = _accounts(scope, chosen, found, running)
    drawn = _drawn(accounts, reasons)
    return CoveragePage(
        scope=scope,
        chosen=chosen,
        states=states,
        types=types,
        grids=_grids(drawn, chosen, types, found, reasons, running),
        undrawn=[one for one in accounts if one not in drawn],
        looks=found,
        share=share_read(states),
        last=_last_snapshots(scope, chosen),
        running=running,
        reasons=reasons,
        never_looked_at=never_looked_at(scope),
        pending=[account for account in scope.chosen if account.is_pending],
    )


def _accounts(
    scope: PageScope, chosen: ScopeFilter, found: Sequence[behind.Look], running: Sequence[Progress]
) -> list[Account]:
    """The accounts of which there is something to draw."""
    keys = {one.account.pk for one in found}
    keys |= {key[0] for one in running for key in one.unfinished if chosen.keeps(key[1], key[2])}
    return [one for one in scope.chosen if one.pk in keys]


def _drawn(accounts: Sequence[Account], reasons: Sequence[Unread]) -> list[Account]:
    """As many of them as a page bears: those of which something could not be read first."""
    troubled = {one.account.pk for one in reasons}
    first = sorted(accounts, key=lambda one: one.pk not in troubled)[:MOST_GRIDS]
    return [one for one in accounts if one in first]


def _grids(
    accounts: Sequence[Account],
    chosen: ScopeFilter,
    types: Sequence[ResourceType],
    found: Sequence[behind.Look],
    reasons: Sequence[Unread],
    running: Sequence[Progress],
) -> list[AccountGrid]:
    known: Mapping[behind.Key, behind.Look] = {(one.account.pk, one.region, one.type.slug): one for one in found}
    because = {visit_id: reason for reason in reversed(reasons) for visit_id in reason.visit_ids}
    unfinished: Mapping[behind.Key, VisitState] = {
        key: state for one in running for key, state in one.unfinished.items() if chosen.keeps(key[1], key[2])
    }

    def cell(account: Account, region: str, one: ResourceType) -> Cell | None:
        key = account.pk, region, one.slug
        look = known.get(key)
        if look is None and key not in unfinished:
            return None
        state = look.state if look else None
        return Cell(
            type=one,
            look=_look(state, unfinished.get(key)),
            state=state,
            visit=look.latest if look else None,
            reason=because.get(state.visit_id) if state else None,
            was_cancelled=look is not None and look.cancelled is not None,
        )

    regions: dict[int, set[str]] = defaultdict(set)
    for pk, region, _ in (*known, *unfinished):
        regions[pk].add(region)
    return [
        AccountGrid(
            account=account,
            rows=[
                GridRow(region=region, cells=[cell(account, region, one) for one in types])
                for region in sorted(regions[account.pk], key=lambda region: (region != GLOBAL, region))
            ],
        )
        for account in accounts
    ]


def _look(state: ScopeState | None, unfinished: VisitState | None) -> Look:
    if unfinished is not None:
        return Look.READING if unfinished == VisitState.RUNNING else Look.WAITING
    if state is None:
        return Look.NEVER
    if state.mark is Mark.FRESH:
        return Look.COMPLETE
    return LOOKS.get(Outcome(state.outcome), Look.OLD)


def _last_snapshots(scope: PageScope, chosen: ScopeFilter) -> LastSnapshots:
    """One query to find them and one to add their visits up."""
    finished = Snapshot.objects.filter(account=OuterRef("pk"), finished_at__isnull=False)
    if scope.as_of is not None:
        finished = finished.filter(taken_at__lte=scope.as_of)
    newest = scope.accounts.annotate(newest=Subquery(finished.order_by("-taken_at").values("pk")[:1]))
    ids = [pk for pk in newest.values_list("newest", flat=True) if pk is not None]
    visits = Visit.objects.filter(snapshot__in=ids)
    if chosen.types:
        visits = visits.filter(type__in=chosen.types)
    if chosen.regions:
        visits = visits.filter(scope_region__in=chosen.regions)
    figures = visits.aggregate(
        taken_at=Max("taken_at"),
        visits=Count("pk"),
        complete=Count("pk", filter=Q(outcome=Outcome.COMPLETE)),
        cancelled=Count("pk", filter=Q(outcome=Outcome.CANCELLED)),
        api_calls=Sum("api_calls", default=0),
        quarantined=Sum("quarantined", default=0),
        began=Min("started_at"),
        ended=Max("finished_at"),
    )
    began, ended = figures.pop("began"), figures.pop("ended")
    return LastSnapshots(**figures, took=ended - began if began and ended else None)
