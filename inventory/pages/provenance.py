"""Which looks stand behind a figure: how many, how old, whether all were complete, and where they are listed.

Coverage takes `?type=` and `?region=` beside the account and the moment, each several times. Every figure leads there
with exactly the scopes that it was counted from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from inventory.pages.frame import in_scope, path_of
from inventory.pages.freshness import Mark, ScopeState
from inventory.pages.region_names import region_name
from inventory.pages.scope import BadAddress, PageScope
from inventory.registry import GLOBAL, resource_type, resource_types

ANCHOR = "looks"


@dataclass(frozen=True, kw_only=True)
class ScopeFilter:
    """Some types and regions (`global` among them); none of either means all of them."""

    types: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()

    @classmethod
    def from_address(cls, query: QueryDict) -> Self:
        """The filter in an address; BadAddress for a type that does not exist."""
        known = {one.slug for one in resource_types()}
        types = tuple(dict.fromkeys(filter(None, query.getlist("type"))))
        for slug in types:
            if slug not in known:
                raise BadAddress(f"There is no resource type “{slug}”. Possible are {', '.join(sorted(known))}.")
        return cls(types=types, regions=tuple(dict.fromkeys(filter(None, query.getlist("region")))))

    @property
    def is_empty(self) -> bool:
        """Whether it keeps everything."""
        return not (self.types or self.regions)

    @property
    def words(self) -> str:
        """What it keeps, after a noun: ` of EBS volumes in Frankfurt`; empty if everything."""
        types = " and ".join(resource_type(slug).plural for slug in self.types)
        regions = " and ".join("no region" if one == GLOBAL else region_name(one) for one in self.regions)
        return (f" of {types}" if types else "") + (f" in {regions}" if regions else "")

    def keeps(self, region: str, slug: str) -> bool:
        """Whether it keeps a scope."""
        return (not self.types or slug in self.types) and (not self.regions or region in self.regions)

    def url(self, scope: PageScope, account: str = "") -> str:
        """Coverage of these scopes, of one account or of the page's."""
        query = {"type": self.types, "region": self.regions, "account": account}
        spelled = urlencode({key: value for key, value in query.items() if value}, doseq=True)
        path = path_of("coverage")
        return in_scope(scope, f"{path}?{spelled}" if spelled else path)


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The looks behind a figure."""

    url: str
    looks: int
    incomplete: int
    """Scopes whose latest look did not read them, or lies too long ago."""
    oldest: datetime | None
    """The oldest complete look among them; None if nothing was ever read completely."""
    newest: datetime | None

    @property
    def ends_today(self) -> bool:
        """Whether the newest is of today and the oldest is not, so that a time without a day could be taken for its."""
        if self.oldest is None or self.newest is None:
            return False
        return timezone.localdate(self.oldest) < timezone.localdate(self.newest) == timezone.localdate()

    @property
    def mark(self) -> Mark:
        """Whether all of them are as they should be."""
        return Mark.LATE if self.incomplete or not self.looks else Mark.FRESH


def provenance(scope: PageScope, states: Sequence[ScopeState], chosen: ScopeFilter, account: str = "") -> Provenance:
    """The looks of these states, which the filter tells apart from all others."""
    read = [state.read_at for state in states if state.read_at]
    return Provenance(
        url=f"{chosen.url(scope, account)}#{ANCHOR}",
        looks=len(states),
        incomplete=sum(state.mark is not Mark.FRESH for state in states),
        oldest=min(read, default=None),
        newest=max(read, default=None),
    )


def behind_types(scope: PageScope, slugs: Iterable[str], regions: Iterable[str] = ()) -> Provenance:
    """The looks behind a figure that is made of several types, in some regions (none: everywhere)."""
    chosen = ScopeFilter(types=tuple(slugs), regions=tuple(regions))
    return provenance(scope, scope.states_of(chosen.types, chosen.regions), chosen)
