"""Search across all types: by the beginning of a name, an id, an address or a tag, from every page.

`/search/?q=TEXT` is a plain page. A request by htmx gets its hits alone, for the list below the field while somebody
types. `go=1`, which the form sends, leads straight to a resource whose id is the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from inventory.models import Account
from inventory.pages.choices import one_of
from inventory.pages.frame import address
from inventory.pages.moments import moment_words
from inventory.pages.scope import PageScope
from inventory.pages.search_hits import MOST, Found, Match, Standing, find, standings
from inventory.registry import ResourceType, resource_type, resource_types

LEAST = 2
"""Letters from which on a search begins."""
LONGEST = 512
SHOWN_OF_A_TYPE = 20
SHOWN_WHILE_TYPING = 5


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One resource that was found."""

    type: ResourceType
    resource_id: int
    native_id: str
    name: str
    account: Account
    region: str | None
    state: str
    gone_at: datetime | None
    """Since when it is gone; None: it is there."""
    is_archived: bool
    """Whether its account counts as gone."""
    found_by: str
    """What was found, where its name and id do not show it, and until when it was so."""
    is_exact: bool
    rank: int
    url: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The hits of one type, those that are there first."""

    type: ResourceType
    hits: Sequence[Hit]
    number: int
    url: str

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.number - len(self.hits)


def search(request: HttpRequest) -> HttpResponseBase:
    """The page, its hits alone for htmx, or the way to the one resource of that id."""
    page = SearchPage.from_request(request)
    is_fragment = request.headers.get("HX-Request") == "true"
    if not is_fragment and request.GET.get("go") and (only := page.of_that_id):
        return redirect(only.url)
    answer = render(request, f"inventory/{'_search_hits' if is_fragment else 'search'}.html", {"page": page})
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@dataclass(frozen=True, kw_only=True)
class SearchPage:
    """What was searched for, and what was found."""

    scope: PageScope
    text: str
    type: ResourceType | None = None
    """Only this type, with all of its hits."""
    is_fragment: bool = False

    @classmethod
    def from_request(cls, request: HttpRequest) -> SearchPage:
        """The search of this address; BadAddress for a type that there is not."""
        slug = request.GET.get("type", "")
        if slug:
            one_of("type", slug, [one.slug for one in resource_types()])
        return cls(
            scope=PageScope.from_request(request),
            text=request.GET.get("q", "").replace("\0", "").strip()[:LONGEST],
            type=resource_type(slug) if slug else None,
            is_fragment=request.headers.get("HX-Request") == "true",
        )

    @property
    def is_too_short(self) -> bool:
        """Whether there is too little to search for."""
        return len(self.text) < LEAST

    @property
    def least(self) -> int:
        """Letters from which on a search begins."""
        return LEAST

    @cached_property
    def accounts(self) -> dict[int, Account]:
        """Where is searched: in the chosen account or in all that the user may see, archived ones too."""
        chosen = self.scope.visible if self.scope.account is None else (self.scope.account,)
        return {account.pk: account for account in chosen if account not in self.scope.pruned}

    @cached_property
    def found(self) -> Found:
        """What the text leads to."""
        if self.is_too_short:
            return Found(matches=(), incomplete=())
        return find(self.text, list(self.accounts), self.scope.as_of)

    @cached_property
    def hits(self) -> list[Hit]:
        """Every hit by type; the better ones first, after those that are gone."""
        resources = [match.resource for match in self.found.matches]
        now = standings(resources, self.scope.as_of)
        hits = [self._hit(one, now[one.resource.pk]) for one in self.found.matches if one.resource.pk in now]
        wanted = [hit for hit in hits if self.type in (None, hit.type)]
        return sorted(
            wanted,
            key=lambda hit: (
                hit.type.plural,
                hit.gone_at is not None or hit.is_archived,
                hit.rank,
                hit.name.lower(),
                hit.native_id,
                hit.account.name,
            ),
        )

    @cached_property
    def groups(self) -> list[Group]:
        """The hits by type; the type with the best hit first."""
        size = MOST if self.type else SHOWN_WHILE_TYPING if self.is_fragment else SHOWN_OF_A_TYPE
        groups = []
        for kind, some in groupby(self.hits, key=lambda hit: hit.type):
            hits = list(some)
            url = address(self.scope, "search", q=self.text, type=kind.slug)
            groups.append(Group(type=kind, hits=hits[:size], number=len(hits), url=url))
        return sorted(groups, key=lambda group: min(hit.rank for hit in group.hits))

    @property
    def number_words(self) -> str:
        """How many were found: `3`, or `at least 200` if there are more."""
        return f"at least {len(self.hits):,}" if self.found.incomplete else f"{len(self.hits):,}"

    @property
    def of_that_id(self) -> Hit | None:
        """The one resource whose id the text is; None if there is none or several."""
        same = [hit for hit in self.hits if hit.native_id.lower() == self.text.lower()]
        return same[0] if len(same) == 1 else None

    @property
    def url(self) -> str:
        """This search as a page."""
        return address(self.scope, "search", q=self.text)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What the form must carry beside the text."""
        return list(self.scope.url_parameters.items())

    def _hit(self, match: Match, now: Standing) -> Hit:
        resource, account = match.resource, self.accounts[match.resource.account_id]
        is_archived = account in self.scope.archived
        return Hit(
            type=resource_type(resource.type),
            resource_id=resource.pk,
            native_id=resource.native_id,
            name=now.name or resource.native_id,
            account=account,
            region=now.region,
            state=now.state,
            gone_at=now.gone_at,
            is_archived=is_archived,
            found_by=f"{match.words}, until {moment_words(match.until)}" if match.until else match.words,
            is_exact=match.rank == 0,
            rank=match.rank,
            url=self._address_of(resource.type, resource.pk, account if is_archived else None),
        )

    def _address_of(self, slug: str, pk: int, named: Account | None) -> str:
        """An archived account's things are shown where the account is named."""
        own = {"account": named.name} if named else {}
        parameters = self.scope.url_parameters | own
        path = reverse("resource-detail", args=[slug, pk])
        return f"{path}?{urlencode(parameters)}" if parameters else path
