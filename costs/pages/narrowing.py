"""What the pages of the rest of the bill have in common: a region, and what nobody could look at."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, NamedTuple, Self

from django.http import HttpRequest

from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.freshness import Mark
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.registry import GLOBAL, resource_type

MOST_NAMED = 4
"""Types in one line about what could not be looked at."""


@dataclass(frozen=True, kw_only=True)
class RegionChoice:
    """One region to narrow a page to, with the address that does so."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Things of one place that were not read lately, or never: figures rest on what was known before, or lack them."""

    what: str
    account: str
    since: datetime | None
    """When it was last read; None: never."""
    is_denied: bool

    @property
    def words(self) -> str:
        """`EBS volumes in London (production)`."""
        return f"{self.what} ({self.account})"


@dataclass(frozen=True)
class RegionalPage(ABC):
    """A page about all regions or about one; `url_name` is its own."""

    url_name: ClassVar[str]

    scope: PageScope
    region: str

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address."""
        return cls(PageScope.from_request(request), request.GET.get("region", ""))

    @property
    @abstractmethod
    def found_in(self) -> Iterable[str]:
        """The regions that hold something of what the page is about, each as often as it comes."""

    @property
    def regions(self) -> list[RegionChoice]:
        """All regions together, and each of those by the name that people know it by."""
        named = sorted((region_name(region), region) for region in set(self.found_in))
        return [
            RegionChoice(label="all regions", url=address(self.scope, self.url_name), is_current=not self.region),
            *(
                RegionChoice(
                    label=name,
                    url=address(self.scope, self.url_name, region=region),
                    is_current=region == self.region,
                )
                for name, region in named
            ),
        ]

    @property
    def region_words(self) -> str:
        """The chosen region as people call it."""
        return region_name(self.region) if self.region else "all regions"

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page as data: the format's name and its address."""
        return [(name.upper(), address(self.scope, self.url_name, **self.narrowed, format=name)) for name in FORMATS]

    @property
    def narrowed(self) -> dict[str, str]:
        """What an address carries of the chosen region."""
        return {"region": self.region} if self.region else {}


def unseen(scope: PageScope, types: Sequence[str], region: str = "") -> list[Unseen]:
    """What of these types was not read lately, by place and moment; what was never read and what is refused first."""
    names = {account.pk: account.name for account in scope.chosen}
    alike: dict[_Alike, list[str]] = defaultdict(list)
    for state in scope.states_of(types, filter(None, [region])):
        if state.mark is not Mark.FRESH:
            place = _Alike(names[state.account_id], state.region, state.read_at, state.mark is Mark.DENIED)
            alike[place].append(resource_type(state.type).plural)
    found = [
        Unseen(what=_what(plurals, one.region), account=one.account, since=one.since, is_denied=one.is_denied)
        for one, plurals in alike.items()
    ]
    return sorted(found, key=lambda one: (one.since is not None, not one.is_denied, one.what, one.account))


class _Alike(NamedTuple):
    """What scopes have in common that are told in one line."""

    account: str
    region: str
    since: datetime | None
    is_denied: bool


def _what(plurals: list[str], region: str) -> str:
    first, rest = sorted(plurals)[:MOST_NAMED], len(plurals) - MOST_NAMED
    words = ", ".join(first) + (f" and {rest} more type{'' if rest == 1 else 's'}" if rest > 0 else "")
    return words if region == GLOBAL else f"{words} in {region_name(region)}"
