"""How far a list of changes can be trusted: what was not read in its time, and what is no longer known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Min

from inventory.models import Account, Freshness
from inventory.pages.changes_query import ChangesQuery
from inventory.pages.frame import address
from inventory.pages.freshness import ScopeState
from inventory.pages.region_names import region_name
from inventory.pages.unread import Unread, never_looked_at, unread
from inventory.registry import GLOBAL


@dataclass(frozen=True, kw_only=True)
class Untold:
    """Regions of an account of which nothing can be told for a reason that stands beside the list."""

    account: Account
    regions: Sequence[str]

    @property
    def where(self) -> str:
        """The regions by name."""
        return ", ".join(region_name(region) for region in self.regions)


@dataclass(frozen=True)
class Limits:
    """What the changes of a query cannot tell."""

    query: ChangesQuery

    @cached_property
    def states(self) -> list[ScopeState]:
        """The scopes that the changes are about, as they stood at the end of the stretch."""
        places = (*self.query.regions, GLOBAL) if self.query.regions else ()
        return self.query.scope.states_of([one.slug for one in self.query.types], places)

    @cached_property
    def unread(self) -> list[Unread]:
        """What could not be read at the end of the stretch, and why."""
        return unread(self.query.scope, self.states)

    @cached_property
    def never_looked_at(self) -> list[Account]:
        """Accounts at which nobody has looked at all."""
        return never_looked_at(self.query.scope) if self.query.is_until_now else []

    @cached_property
    def looked_at_later(self) -> list[Account]:
        """Accounts at which nobody had looked by the end of a stretch of the past."""
        if self.query.is_until_now or self.is_before_the_first_look:
            return []
        return never_looked_at(self.query.scope)

    @cached_property
    def not_looked_at(self) -> list[Untold]:
        """Where no look was complete in the stretch and none failed: nobody looked."""
        return self._untold(
            state
            for state in self.states
            if state.failing_since is None and state.read_at is not None and state.read_at <= self.query.since
        )

    @cached_property
    def first_read_later(self) -> list[Untold]:
        """Where the first complete look came after the beginning of the stretch."""
        first = {
            (account, slug, region)
            for account, slug, region in Freshness.objects.filter(
                account__in=self.query.scope.accounts, first_complete_at__gt=self.query.since
            ).values_list("account", "type", "scope_region")
        }
        return self._untold(state for state in self.states if (state.account_id, state.type, state.region) in first)

    @property
    def pruned(self) -> list[Account]:
        """Accounts of which the beginning of the stretch was pruned, and of which the end is kept."""
        since = self.query.since
        return [one for one in self.query.scope.chosen if one.history_from is not None and one.history_from > since]

    @property
    def pruned_wholly(self) -> Sequence[Account]:
        """Accounts of which the whole stretch was pruned."""
        return self.query.scope.pruned

    @cached_property
    def first_look(self) -> datetime | None:
        """When anything of these accounts was first read completely; None: never."""
        scope = self.query.scope
        looks = Freshness.objects.filter(account__in=[account.pk for account in (*scope.chosen, *scope.pruned)])
        first: datetime | None = looks.aggregate(first=Min("first_complete_at"))["first"]
        return first

    @property
    def is_before_the_first_look(self) -> bool:
        """Whether nothing had been seen by the end of the stretch."""
        return self.first_look is None or self.first_look > self.query.until

    @property
    def coverage_url(self) -> str:
        """Where the looks are listed."""
        return address(self.query.scope, "coverage")

    def _untold(self, states: Iterable[ScopeState]) -> list[Untold]:
        regions: dict[int, set[str]] = {}
        for state in states:
            regions.setdefault(state.account_id, set()).add(state.region)
        return [
            Untold(account=account, regions=sorted(regions[account.pk]))
            for account in self.query.scope.chosen
            if account.pk in regions
        ]
