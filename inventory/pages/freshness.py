"""How fresh what a page shows is, for each account, region and resource type, now or at a past moment.

A scope is `stale` when its latest look failed, or when nobody has looked for twice its interval. What was read before
stays, and pages say since when and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery, Value
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


MARKED = {mark: frozenset({mark}) for mark in Mark}


class ScopeState(NamedTuple):
    """How one account, region and type stands at the moment of the page; a tuple, because pages read thousands."""

    account_id: int
    region: str
    type: str
    mark: Mark
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
    def marks(self) -> frozenset[Mark]:
        """Its mark; a group may have several."""
        return MARKED[self.mark]

    @property
    def total(self) -> int:
        """One scope; a group may have several."""
        return 1

    @property
    def fresh(self) -> int:
        """Whether it is as it should be, as a number."""
        return int(self.mark is Mark.FRESH)

    @property
    def never_read(self) -> int:
        """Whether it was never read, as a number."""
        return int(self.read_at is None)


class Group(NamedTuple):
    """The scopes of one region and type, of however many accounts."""

    region: str
    type: str
    denied: int
    late: int
    """How many scopes bear these marks; the others are fresh."""
    total: int
    never_read: int
    read_at: datetime | None
    """The oldest complete look among those that were read; None: none was."""
    failing_since: datetime | None

    @property
    def fresh(self) -> int:
        """How many scopes are as they should be."""
        return self.total - self.denied - self.late

    @property
    def marks(self) -> frozenset[Mark]:
        """The marks of its scopes."""
        numbers = {Mark.DENIED: self.denied, Mark.LATE: self.late, Mark.FRESH: self.fresh}
        return frozenset(mark for mark, number in numbers.items() if number)


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


class Standings:
    """How fresh everything of a page is, summed up over its accounts."""

    def __init__(self, groups: Sequence[Group]) -> None:
        self._groups = groups
        self._by_type: dict[str, list[Group]] = defaultdict(list)
        self._by_region: dict[str, list[Group]] = defaultdict(list)
        self._by_place: dict[tuple[str, str], list[Group]] = defaultdict(list)
        for one in groups:
            self._by_type[one.type].append(one)
            self._by_region[one.region].append(one)
            self._by_place[one.type, one.region].append(one)

    @property
    def is_empty(self) -> bool:
        """Whether nobody has looked at anything."""
        return not self._groups

    @property
    def regions(self) -> frozenset[str]:
        """Where somebody looked, `global` among them."""
        return frozenset(self._by_region)

    @property
    def share(self) -> str:
        """How much of it is fresh, in percent."""
        return share_read(self._groups)

    @property
    def of_everything(self) -> Summary | None:
        """All of it in one mark."""
        return summarise(self._groups)

    def of_type(self, slug: str) -> Summary | None:
        """A type in all regions; None if nobody has looked."""
        return summarise(self._by_type.get(slug, ()))

    def of_region(self, region: str | None) -> Summary | None:
        """A region's own scopes; None if nobody has looked there."""
        return summarise(self._by_region.get(region or "", ()))

    def of_place(self, slug: str, region: str | None) -> Summary | None:
        """A type in one region; None if nobody has looked."""
        return summarise(self._by_place.get((slug, region or ""), ()))

    def regions_of(self, slug: str) -> list[str]:
        """Where somebody looked for a type."""
        return sorted({one.region for one in self._by_type.get(slug, ())})

    def was_read(self, slugs: Iterable[str], region: str = "") -> bool:
        """Whether anything of these types was ever read completely, in one region or anywhere."""
        return any(
            one.total > one.never_read
            for slug in slugs
            for one in (self._by_place.get((slug, region), ()) if region else self._by_type.get(slug, ()))
        )


def scope_states(accounts: Sequence[Account], as_of: datetime | None, only: Q | None = None) -> tuple[ScopeState, ...]:
    """Every scope of these accounts that was looked at until the moment (None = now), or some of them; one query."""
    when = as_of or timezone.now()
    late_before = {account.pk: _late_before(interval_of(account), when) for account in accounts}
    kept = Freshness.objects.filter(only or Q(), account__in=list(late_before))
    rows = _now(kept) if as_of is None else _at(kept, as_of)
    found = []
    for account_id, region, slug, read_at, failing_since, visit_id, outcome, read_visit_id in rows.filter(
        look__isnull=False
    ).values_list("account_id", "scope_region", "type", "read_at", "failing_from", "look", "look_outcome", "read_look"):
        # A past moment is read from the last look before it; lateness is about workers now.
        is_overdue = as_of is None and read_at is not None and read_at < late_before[account_id][slug]
        mark = _mark(
            is_failing=failing_since is not None,
            was_refused=outcome in REFUSED,
            is_old=is_overdue or read_at is None,
        )
        found.append(
            ScopeState(
                account_id, region, slug, mark, read_at, failing_since, is_overdue, visit_id, outcome, read_visit_id
            )
        )
    return tuple(found)


def troubled_states(accounts: Sequence[Account]) -> tuple[ScopeState, ...]:
    """The scopes of which something is old, refused or not understood now; one query."""
    is_late = _is_overdue(accounts, timezone.now())
    return scope_states(accounts, None, Q(failing_since__isnull=False) | is_late | left_something("latest_visit__"))


def left_something(visit: str = "") -> Q:
    """What holds of a visit that did not read everything."""
    is_complete = Q(**{f"{visit}outcome": Outcome.COMPLETE})
    return ~is_complete | ~Q(**{f"{visit}unread": []}) | Q(**{f"{visit}quarantined__gt": 0})


def standings(accounts: Sequence[Account]) -> Standings:
    """How fresh all scopes of these accounts are now; one query, which answers no more rows for more accounts."""
    is_failing = Q(failing_since__isnull=False)
    was_refused = Exists(Visit.objects.filter(pk=OuterRef("latest_visit"), outcome__in=REFUSED))
    is_old = Q(last_complete_at__isnull=True) | _is_overdue(accounts, timezone.now())
    rows = (
        Freshness.objects.filter(account__in=[account.pk for account in accounts], latest_visit__isnull=False)
        .order_by()
        .values("scope_region", "type")
        .annotate(
            denied=Count("pk", filter=Q(is_failing, was_refused)),
            troubled=Count("pk", filter=is_failing | is_old),
            total=Count("pk"),
            never_read=Count("pk", filter=Q(last_complete_at__isnull=True)),
            oldest=Min("last_complete_at"),
            first=Min("failing_since"),
        )
        .values_list("scope_region", "type", "denied", "troubled", "total", "never_read", "oldest", "first")
    )
    return Standings(
        [Group(region, slug, denied, troubled - denied, *rest) for region, slug, denied, troubled, *rest in rows]
    )


def grouped(states: Iterable[ScopeState]) -> list[Group]:
    """The scopes summed up over accounts."""
    alike: dict[tuple[str, str], list[ScopeState]] = defaultdict(list)
    for one in states:
        alike[one.region, one.type].append(one)
    return [
        Group(
            *place,
            denied=sum(one.mark is Mark.DENIED for one in some),
            late=sum(one.mark is Mark.LATE for one in some),
            total=len(some),
            never_read=sum(one.never_read for one in some),
            read_at=min((one.read_at for one in some if one.read_at), default=None),
            failing_since=min((one.failing_since for one in some if one.failing_since), default=None),
        )
        for place, some in alike.items()
    ]


def looked_at(accounts: Sequence[Account]) -> frozenset[tuple[int, str]]:
    """In which regions of which accounts, by key, somebody has looked by now; one query."""
    rows = Freshness.objects.filter(account__in=[account.pk for account in accounts], latest_visit__isnull=False)
    return frozenset(rows.order_by().values_list("account_id", "scope_region").distinct())


def summarise(states: Iterable[ScopeState | Group]) -> Summary | None:
    """One mark for several scopes; None if there is none."""
    known = list(states)
    if not known:
        return None
    marks = frozenset().union(*(one.marks for one in known))
    worst = next(mark for mark in (Mark.DENIED, Mark.LATE, Mark.FRESH) if mark in marks)
    never_read = sum(one.never_read for one in known)
    return Summary(
        mark=worst,
        is_partial=len(marks) > 1,
        read_at=None if never_read else min(one.read_at for one in known if one.read_at),
        failing_since=min((one.failing_since for one in known if one.failing_since), default=None),
        never_read=never_read,
        total=sum(one.total for one in known),
    )


def share_read(states: Sequence[ScopeState | Group]) -> str:
    """How much of all that was looked at is fresh: `93.1 %`, rounded down so that 100 means all; empty for nothing."""
    if not states:
        return ""
    per_mille = 1000 * sum(state.fresh for state in states) // sum(state.total for state in states)
    return "100 %" if per_mille == 1000 else f"{per_mille / 10:.1f} %"


def _mark(*, is_failing: bool, was_refused: bool, is_old: bool) -> Mark:
    if is_failing and was_refused:
        return Mark.DENIED
    return Mark.LATE if is_failing or is_old else Mark.FRESH


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


def _late_before(interval: timedelta, when: datetime) -> defaultdict[str, datetime]:
    """By type: two intervals ago, of an account, or of the type where it is looked at less often."""
    usual = when - 2 * interval
    rarer = {one.slug: when - 2 * one.interval for one in resource_types() if one.interval and one.interval > interval}
    return defaultdict(lambda: usual, rarer)


def _is_overdue(accounts: Sequence[Account], when: datetime) -> Q:
    """What holds of scopes that nobody has read for too long."""
    together: dict[timedelta, list[int]] = defaultdict(list)
    for account in accounts:
        together[interval_of(account)].append(account.pk)
    overdue = Q()
    for interval, pks in together.items():
        late_before = _late_before(interval, when)
        of_type = Q(last_complete_at__lt=when - 2 * interval) & ~Q(type__in=list(late_before))
        for slug, moment in late_before.items():
            of_type |= Q(type=slug, last_complete_at__lt=moment)
        overdue |= Q(account__in=pks) & of_type
    return overdue
