"""How fresh what a page shows is, for each account, region and resource type, now or at a past moment.

A scope is `stale` when its latest look failed, or when nobody has looked for twice its interval. What was read before
stays, and pages say since when and why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from inventory.models import Account, Freshness, Outcome, Visit
from inventory.registry import resource_types
from inventory.snapshots.plan import interval_of

REFUSED = frozenset({Outcome.DENIED, Outcome.DISABLED})
NO_LOOKS = frozenset({Outcome.EXPIRED, Outcome.CANCELLED})
"""Visits that ended before anybody looked; they make nothing newer and nothing worse."""
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Mark(StrEnum):
    """What a glance should tell: read, older than it should be, or refused by AWS."""

    FRESH = "fresh"
    LATE = "late"
    DENIED = "denied"


@dataclass(frozen=True, kw_only=True)
class ScopeState:
    """How one account, region and type stands at the moment of the page."""

    account_id: int
    region: str
    type: str
    read_at: datetime | None
    """When it was last read completely; None: never."""
    failing_since: datetime | None
    """The first failed look after that; None if the latest look was complete."""
    is_overdue: bool
    visit_id: int
    """The latest look, however it ended."""
    outcome: str
    read_visit_id: int | None
    """The look that the pages show; None: there is none, or it was pruned."""

    @property
    def mark(self) -> Mark:
        """Its mark on a page."""
        if self.failing_since is not None and self.outcome in REFUSED:
            return Mark.DENIED
        if self.failing_since is not None or self.is_overdue or self.read_at is None:
            return Mark.LATE
        return Mark.FRESH


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Several scopes in one mark: of a region, of a type in a region, of everything."""

    mark: Mark
    is_partial: bool
    read_at: datetime | None
    """The oldest complete look among them; None if one of them was never read."""
    failing_since: datetime | None
    never_read: int
    total: int

    @property
    def was_never_read(self) -> bool:
        """Whether nothing at all is known."""
        return self.never_read == self.total


def scope_states(accounts: Sequence[Account], as_of: datetime | None) -> tuple[ScopeState, ...]:
    """Every scope of these accounts that was looked at until the moment (None = now), in one query."""
    when = as_of or timezone.now()
    patience = {account.pk: _patience(account) for account in accounts}
    kept = Freshness.objects.filter(account__in=list(patience))
    rows = _now(kept) if as_of is None else _at(kept, as_of)
    return tuple(
        ScopeState(
            account_id=account_id,
            region=region,
            type=slug,
            read_at=read_at,
            failing_since=failing_since,
            # A past moment is read from the last look before it; lateness is about workers now.
            is_overdue=as_of is None and read_at is not None and when - read_at > patience[account_id](slug),
            visit_id=visit_id,
            outcome=outcome,
            read_visit_id=read_visit_id,
        )
        for account_id, region, slug, read_at, failing_since, visit_id, outcome, read_visit_id in rows.filter(
            look__isnull=False
        ).values_list(
            "account_id", "scope_region", "type", "read_at", "failing_from", "look", "look_outcome", "read_look"
        )
    )


def summarise(states: Iterable[ScopeState]) -> Summary | None:
    """One mark for several scopes; None if there is none."""
    known = list(states)
    if not known:
        return None
    marks = {one.mark for one in known}
    worst = next(mark for mark in (Mark.DENIED, Mark.LATE, Mark.FRESH) if mark in marks)
    read = [one.read_at for one in known if one.read_at]
    return Summary(
        mark=worst,
        is_partial=len(marks) > 1,
        read_at=min(read) if len(read) == len(known) else None,
        failing_since=min((one.failing_since for one in known if one.failing_since), default=None),
        never_read=len(known) - len(read),
        total=len(known),
    )


def share_read(states: Sequence[ScopeState]) -> str:
    """How much of all that was looked at is fresh: `93.1 %`, rounded down so that 100 means all; empty for nothing."""
    if not states:
        return ""
    fresh = sum(state.mark is Mark.FRESH for state in states)
    per_mille = 1000 * fresh // len(states)
    return "100 %" if per_mille == 1000 else f"{per_mille / 10:.1f} %"


def _now(rows: QuerySet[Freshness]) -> QuerySet[Any]:
    return rows.annotate(
        read_at=F("last_complete_at"),
        failing_from=F("failing_since"),
        look=F("latest_visit"),
        look_outcome=F("latest_visit__outcome"),
        read_look=F("last_complete_visit"),
    )


def _at(rows: QuerySet[Freshness], when: datetime) -> QuerySet[Any]:
    """The same figures as they stood at `when`; each is one step in the index of visits by scope and moment."""
    looks = Visit.objects.filter(
        account=OuterRef("account"),
        type=OuterRef("type"),
        scope_region=OuterRef("scope_region"),
        taken_at__lte=when,
        outcome__isnull=False,
    ).exclude(outcome__in=NO_LOOKS)
    latest = looks.order_by("-taken_at")
    complete = latest.filter(outcome=Outcome.COMPLETE)
    failed_after = looks.filter(taken_at__gt=Coalesce(OuterRef("read_at"), Value(BEGINNING))).order_by("taken_at")
    return rows.annotate(
        read_at=Subquery(complete.values("taken_at")[:1]),
        read_look=Subquery(complete.values("pk")[:1]),
        look=Subquery(latest.values("pk")[:1]),
        look_outcome=Subquery(latest.values("outcome")[:1]),
    ).annotate(failing_from=Subquery(failed_after.values("taken_at")[:1]))


def _patience(account: Account) -> Callable[[str], timedelta]:
    """By type: two intervals of the account, or of the type where it is looked at less often."""
    interval = interval_of(account)
    rarer = {one.slug: one.interval for one in resource_types() if one.interval and one.interval > interval}
    return lambda slug: 2 * rarer.get(slug, interval)
