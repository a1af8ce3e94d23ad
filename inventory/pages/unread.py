"""What could not be read: since when, why, and which IAM action is missing.

Scopes of one account that ended in the same way for the same reason are one entry, however many regions and types they
are. So are enrichments that failed and items that could not be understood, although their listings were complete.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import slugify

from inventory.models import Account, Visit
from inventory.pages.freshness import Mark, ScopeState, left_something
from inventory.pages.moments import exact_moment_words
from inventory.pages.provenance import ANCHOR, ScopeFilter
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.registry import resource_type

OVERDUE = "not looked at for a while"
PARTLY = "partly read"
MOST_NAMED = 3
WORST_FIRST = (Mark.DENIED, Mark.LATE, Mark.FRESH)


@dataclass(frozen=True, kw_only=True)
class Unread:
    """Some scopes of one account that could not be read, or not entirely."""

    mark: Mark
    account: Account
    regions: Sequence[str]
    types: Sequence[str]
    word: str
    since: datetime | None
    read_at: datetime | None
    """The moment of what the pages show instead, the oldest; None: some of it was never read."""
    reason: str
    actions: Sequence[str]
    visit_ids: Sequence[int]
    url: str
    """Coverage of these types and regions."""

    @property
    def anchor(self) -> str:
        """Its place on the coverage page; a complete listing may have left several things open."""
        part = f"-{slugify(' '.join(self.actions)) or 'items'}" if self.word == PARTLY else ""
        return f"reason-{self.visit_ids[0]}{part}"

    @property
    def where(self) -> str:
        """The regions by name, or how many there are."""
        if len(self.regions) > MOST_NAMED:
            return f"{len(self.regions)} regions"
        return ", ".join(region_name(region) for region in self.regions)

    @property
    def what(self) -> str:
        """The types by name, or how many there are."""
        if len(self.types) > MOST_NAMED:
            return f"{len(self.types)} types"
        return ", ".join(resource_type(slug).plural for slug in self.types)

    @property
    def is_kept(self) -> bool:
        """Whether the pages show an earlier look instead; after a complete listing they need none."""
        return self.word != PARTLY and self.read_at is not None


@dataclass(frozen=True, kw_only=True)
class _Trouble:
    """One scope and what is the matter with it."""

    state: ScopeState
    word: str
    reason: str = ""
    actions: tuple[str, ...] = ()


def unread(scope: PageScope, states: Sequence[ScopeState]) -> list[Unread]:
    """Every reason why something of these scopes is old or missing, the worst first; one query."""
    visits = {visit.pk: visit for visit in _troubled_visits(states)}
    accounts = {account.pk: account for account in scope.chosen}
    troubles = [
        trouble
        for state in states
        for trouble in _troubles(state, visits.get(state.visit_id), accounts[state.account_id])
    ]
    entries = [_entry(scope, accounts[some[0].state.account_id], some) for some in _together(troubles)]
    return sorted(entries, key=lambda entry: (WORST_FIRST.index(entry.mark), entry.account.name, entry.where))


def never_looked_at(scope: PageScope) -> list[Account]:
    """Confirmed accounts of the page at which nobody had looked by its moment."""
    looked_at = {account_id for account_id, _ in scope.looked_at}
    return [account for account in scope.chosen if not account.is_pending and account.pk not in looked_at]


def _troubled_visits(states: Sequence[ScopeState]) -> Iterator[Visit]:
    """The latest visits that did not read everything."""
    yield from Visit.objects.filter(left_something(), pk__in=[state.visit_id for state in states])


def _troubles(state: ScopeState, visit: Visit | None, account: Account) -> Iterator[_Trouble]:
    if state.failing_since and visit:
        yield _Trouble(
            state=state, word=state.outcome, reason=visit.reason, actions=(visit.action,) if visit.action else ()
        )
        return
    if state.is_overdue:
        yield _Trouble(state=state, word=OVERDUE, reason=_why_overdue(account))
    for one in visit.unread if visit else ():
        reason = f"{one['reason']} ({one['count']} unread)"
        yield _Trouble(state=state, word=PARTLY, reason=reason, actions=(one["action"],))
    if visit and visit.quarantined:
        items = "1 listed item" if visit.quarantined == 1 else f"{visit.quarantined} listed items"
        yield _Trouble(state=state, word=PARTLY, reason=f"{items} could not be understood; what was known of it stays.")


def _why_overdue(account: Account) -> str:
    if account.archived_at is not None:
        return f"The account is archived since {exact_moment_words(account.archived_at)}."
    if account.paused_at is not None:
        return f"The account is paused since {exact_moment_words(account.paused_at)}, by choice."
    return "No worker took a snapshot in time."


def _together(troubles: Sequence[_Trouble]) -> Iterator[list[_Trouble]]:
    """First the types of one account and region that failed alike, then the regions where the same types did."""
    by_region: dict[tuple[int, str, str, str], list[_Trouble]] = defaultdict(list)
    for one in troubles:
        reason = one.reason if one.word == PARTLY else ""
        by_region[one.state.account_id, one.state.region, one.word, reason].append(one)
    alike: dict[tuple[object, ...], list[_Trouble]] = defaultdict(list)
    for (account_id, _, word, reason), some in by_region.items():
        actions = tuple(sorted({action for one in some for action in one.actions}))
        alike[account_id, word, reason, actions].extend(some)
    yield from alike.values()


def _entry(scope: PageScope, account: Account, some: Sequence[_Trouble]) -> Unread:
    states = [one.state for one in some]
    read = [state.read_at for state in states if state.read_at]
    regions, types = sorted({state.region for state in states}), sorted({state.type for state in states})
    return Unread(
        mark=min((state.mark for state in states), key=WORST_FIRST.index) if some[0].word != PARTLY else Mark.LATE,
        account=account,
        regions=regions,
        types=types,
        word=some[0].word,
        since=min((state.failing_since for state in states if state.failing_since), default=None),
        read_at=min(read) if len(read) == len(states) else None,
        reason=some[0].reason,
        actions=sorted({action for one in some for action in one.actions}),
        visit_ids=sorted(state.visit_id for state in states),
        url=f"{ScopeFilter(types=tuple(types), regions=tuple(regions)).url(scope, account.name)}#{ANCHOR}",
    )
