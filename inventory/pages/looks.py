"""The looks behind the figures of a page, one line for each scope: what is shown, and how the latest look ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F, OuterRef, Subquery

from inventory.models import Account, Outcome, Snapshot, Visit
from inventory.pages.freshness import Mark, ScopeState
from inventory.pages.provenance import ScopeFilter
from inventory.pages.scope import PageScope
from inventory.registry import GLOBAL, Reach, ResourceType, resource_type, resource_types

SHOWN = 100
WORST_FIRST = (Mark.DENIED, Mark.LATE, Mark.FRESH)

Key = tuple[int, str, str]
"""Account, region and type."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One scope: the look that the pages show, and the latest one, which may be another."""

    account: Account
    region: str
    type: ResourceType
    state: ScopeState | None
    """None: nobody has looked there yet."""
    shown: Visit | None
    """The complete look that the pages show; None: there is none, or it was pruned."""
    latest: Visit | None
    cancelled: Visit | None
    """A later visit that somebody cancelled before it was done."""

    @property
    def mark(self) -> Mark:
        """Its mark."""
        return self.state.mark if self.state else Mark.LATE

    @property
    def word(self) -> str:
        """How the latest look ended, or what is the matter with it."""
        if self.state is None:
            return "never looked at"
        return self.state.outcome

    @property
    def is_shown_whole(self) -> bool:
        """Whether the latest look is the one that the pages show."""
        return self.latest is not None and self.latest == self.shown

    @property
    def left_open(self) -> int:
        """Listed items that were not understood, and enrichments that failed."""
        if self.latest is None:
            return 0
        unread: int = sum(one["count"] for one in self.latest.unread)
        return self.latest.quarantined + unread

    @property
    def took(self) -> timedelta | None:
        """How long the latest look worked."""
        if self.latest is None or self.latest.seconds is None:
            return None
        return timedelta(seconds=float(self.latest.seconds))


def looks(
    scope: PageScope, chosen: ScopeFilter, visits: Mapping[int, Visit], cancelled: Mapping[Key, Visit]
) -> list[Look]:
    """Every scope that the filter keeps, the worst and oldest first, those never looked at among them."""
    accounts = {account.pk: account for account in scope.chosen}
    found = [
        Look(
            account=accounts[state.account_id],
            region=state.region,
            type=resource_type(state.type),
            state=state,
            shown=visits.get(state.read_visit_id) if state.read_visit_id else None,
            latest=visits.get(state.visit_id),
            cancelled=cancelled.get((state.account_id, state.region, state.type)),
        )
        for state in scope.states_of(chosen.types, chosen.regions)
    ]
    found += [
        Look(
            account=account,
            region=region,
            type=one,
            state=None,
            shown=None,
            latest=None,
            cancelled=cancelled.get((account.pk, region, one.slug)),
        )
        for account, region, one in never_seen(scope, chosen)
    ]
    return sorted(found, key=_rank)


def never_seen(scope: PageScope, chosen: ScopeFilter) -> Iterator[tuple[Account, str, ResourceType]]:
    """Scopes that snapshots of now would visit, and at which nobody has looked; none at a past moment."""
    if scope.as_of is not None:
        return
    looked_at = scope.states_of(chosen.types, chosen.regions)
    seen = {(state.account_id, state.region, state.type) for state in looked_at}
    for account in scope.chosen:
        if account.is_pending or account.archived_at is not None:
            continue
        for one in resource_types():
            for region in [GLOBAL] if one.reach is Reach.GLOBAL else account.regions:
                if chosen.keeps(region, one.slug) and (account.pk, region, one.slug) not in seen:
                    yield account, region, one


def visits_behind(states: Sequence[ScopeState]) -> Mapping[int, Visit]:
    """The visits that these states rest on, by key."""
    wanted = {state.visit_id for state in states} | {state.read_visit_id for state in states if state.read_visit_id}
    return Visit.objects.in_bulk(list(wanted))


def cancelled_visits(scope: PageScope) -> Mapping[Key, Visit]:
    """What somebody cancelled of the newest snapshot of each account; none at a past moment."""
    if scope.as_of is not None:
        return {}
    newest = Snapshot.objects.filter(account=OuterRef("account")).order_by("-taken_at").values("pk")[:1]
    cancelled = Visit.objects.filter(
        account__in=scope.accounts,
        outcome=Outcome.CANCELLED,
        snapshot__cancelled_at__isnull=False,
        snapshot=Subquery(newest),
    ).annotate(since=F("snapshot__cancelled_at"))
    return {(one.account_id, one.scope_region, one.type): one for one in cancelled}


def _rank(look: Look) -> tuple[object, ...]:
    age = look.state.read_at.timestamp() if look.state and look.state.read_at else 0.0
    return WORST_FIRST.index(look.mark), age, look.account.name, look.region != GLOBAL, look.region, look.type.slug
