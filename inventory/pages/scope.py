"""What every page reads from its address: whose accounts, and at which moment.

`?account=NAME` (or its 12 digits) chooses one of the accounts that the user may see, `?as_of=ISO` another moment than
now. Each page of the inventory and of the costs begins with `PageScope.from_request(request)`.

An account that was archived by the moment of the page is left out unless it is named, because its rows would look live.
One whose history of that moment was pruned is left out even then: whatever is left of it would look like all of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING

from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.models import Account
from inventory.pages.counts import Counts, count_by_place
from inventory.pages.freshness import (
    ScopeState,
    Standings,
    grouped,
    looked_at,
    scope_states,
    standings,
    troubled_states,
)
from inventory.pages.moments import parse_past_moment, spell_moment
from inventory.registry import held_types

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class BadAddress(BadRequest):
    """The address holds a value that cannot be used; the message says what to write instead, and is shown."""


@dataclass(frozen=True, kw_only=True)
class PageScope:
    """Whose accounts a page shows, and at which moment (None = now)."""

    user: AbstractBaseUser | AnonymousUser
    visible: tuple[Account, ...]
    account: Account | None
    as_of: datetime | None

    @classmethod
    def from_request(cls, request: HttpRequest) -> PageScope:
        """The scope of this request; asks the database once for each request.

        BadAddress for a moment that cannot be read or lies in the future, Http404 for an account that the user may not
        see, whether it exists or not.
        """
        known: PageScope | None = getattr(request, "_page_scope", None)
        if known is None:
            visible = tuple(Account.objects.visible_to(request.user))
            account = _chosen(request.GET.get("account", ""), visible)
            known = cls(user=request.user, visible=visible, account=account, as_of=_moment(request.GET.get("as_of")))
            request._page_scope = known  # type: ignore[attr-defined]
        return known

    @cached_property
    def chosen(self) -> tuple[Account, ...]:
        """The accounts that the page is about: the named one, else all that are not archived; never a pruned one."""
        return tuple(account for account in self._named if account not in self.pruned)

    @cached_property
    def pruned(self) -> tuple[Account, ...]:
        """The accounts that the page would be about if their history of its moment had not been pruned."""
        return tuple(account for account in self._named if is_pruned(account, self.as_of))

    @cached_property
    def archived(self) -> tuple[Account, ...]:
        """The visible accounts that count as gone at the moment of the page."""
        return tuple(account for account in self.visible if is_archived(account, self.as_of))

    @property
    def shows_archived(self) -> bool:
        """Whether the page is about an account that counts as gone at its moment."""
        return self.account is not None and self.account in self.archived

    @property
    def _named(self) -> tuple[Account, ...]:
        if self.account is not None:
            return (self.account,)
        return tuple(account for account in self.visible if account not in self.archived)

    @property
    def accounts(self) -> QuerySet[Account]:
        """The same as `chosen`, as a queryset to filter by."""
        return Account.objects.filter(pk__in=[account.pk for account in self.chosen])

    @cached_property
    def counts(self) -> Counts:
        """What there is, by place; asked once for the navigation and the page together."""
        return count_by_place(self.chosen, self.as_of)

    @cached_property
    def totals(self) -> Counter[tuple[str, str | None]]:
        """What there is, by type and region, of all accounts together."""
        found: Counter[tuple[str, str | None]] = Counter()
        for place, number in self.counts.items():
            found[place.type, place.region] += number
        return found

    @cached_property
    def held(self) -> Counts:
        """The same without places such as zones, which no account holds, and purchases, which stand nowhere."""
        types = {one.slug for one in held_types()}
        return {place: number for place, number in self.counts.items() if place.type in types}

    @cached_property
    def holders(self) -> Mapping[str | None, frozenset[int]]:
        """By region, the accounts, by key, that hold something there."""
        found: dict[str | None, set[int]] = defaultdict(set)
        for place in self.held:
            found[place.region].add(place.account_id)
        return {region: frozenset(ids) for region, ids in found.items()}

    @cached_property
    def standings(self) -> Standings:
        """How fresh it is, summed up over accounts; asked once for the navigation and the page together."""
        return standings(self.chosen) if self.as_of is None else Standings(grouped(self.states))

    @cached_property
    def states(self) -> tuple[ScopeState, ...]:
        """How fresh each single scope is: tens of thousands of many accounts, so that few pages ask for all."""
        return scope_states(self.chosen, self.as_of)

    def states_of(self, types: Iterable[str] = (), regions: Iterable[str] = ()) -> list[ScopeState]:
        """The scopes of some types in some regions (none of either: of all); the same types are asked for once."""
        slugs, places = frozenset(types), frozenset(regions)
        if slugs:
            known = self._some_states("type__in", slugs)
        else:
            known = self._some_states("scope_region__in", places) if places else self.states
        return [one for one in known if (not slugs or one.type in slugs) and (not places or one.region in places)]

    def _some_states(self, what: str, values: frozenset[str]) -> Sequence[ScopeState]:
        if "states" in self.__dict__:
            return self.states
        for (of, known), states in self._known_states.items():
            if of == what and values <= known:
                return states
        return self._known_states.setdefault((what, values), scope_states(self.chosen, self.as_of, Q(**{what: values})))

    @cached_property
    def _known_states(self) -> dict[tuple[str, frozenset[str]], Sequence[ScopeState]]:
        return {}

    @cached_property
    def troubled(self) -> tuple[ScopeState, ...]:
        """The scopes of which something is old, refused or not understood; at a past moment all of them."""
        return troubled_states(self.chosen) if self.as_of is None else self.states

    @cached_property
    def looked_at(self) -> frozenset[tuple[int, str]]:
        """In which regions of which accounts, by key, somebody looked."""
        if self.as_of is None:
            return looked_at(self.chosen)
        return frozenset((one.account_id, one.region) for one in self.states)

    def must_name(self, account: Account) -> bool:
        """Whether a page about something of this account must name it, so that nothing on the page looks live."""
        return self.account is None and account in self.archived

    @property
    def url_parameters(self) -> dict[str, str]:
        """What a link to another page must carry to stay with these accounts and this moment."""
        parameters = {}
        if self.account is not None:
            parameters["account"] = self.account.name
        if self.as_of is not None:
            parameters["as_of"] = spell_moment(self.as_of)
        return parameters


def is_archived(account: Account, as_of: datetime | None) -> bool:
    """Whether the account counts as gone at the moment (None = now)."""
    return account.archived_at is not None and (as_of is None or account.archived_at <= as_of)


def is_pruned(account: Account, as_of: datetime | None) -> bool:
    """Whether the history of the account at the moment was pruned."""
    return as_of is not None and account.history_from is not None and as_of < account.history_from


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page for an address that cannot be read; other bad requests do not tell an attacker what went wrong."""
    message = str(exception) if isinstance(exception, BadAddress) else ""
    return render(request, "400.html", {"message": message}, status=HTTPStatus.BAD_REQUEST)


def _chosen(name_or_id: str, visible: tuple[Account, ...]) -> Account | None:
    if not name_or_id:
        return None
    for account in visible:
        if name_or_id in (account.name, account.account_id):
            return account
    raise Http404(f"There is no account {name_or_id} that this user may see.")


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        return parse_past_moment(text)
    except ValueError as error:
        raise BadAddress(str(error)) from None
