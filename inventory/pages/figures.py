"""The cells of tables about regions: how many there are of a type, and how far that number can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from inventory.models import Account
from inventory.pages.counts import Place
from inventory.pages.extensions import Figure, RegionFigure, extensions
from inventory.pages.freshness import Mark, ScopeState, Summary, summarise
from inventory.pages.scope import PageScope
from inventory.registry import GLOBAL, Reach, ResourceType

TOTAL = "total"
ZERO = Decimal(0)
NOTHING = Figure(value=ZERO)
NOT_BY_REGION = Figure(value=None, reason="their region was not read")


@dataclass(frozen=True, kw_only=True)
class Number:
    """How many resources there are, and from how fresh a look."""

    type: ResourceType
    number: int
    freshness: Summary | None
    """None: nobody has looked there."""
    applies: bool = True
    """False where there can be none: regional things whose region was not read."""

    @property
    def is_unknown(self) -> bool:
        """Whether nothing is known, so that 0 would be a lie."""
        return self.number == 0 and (self.freshness is None or self.freshness.was_never_read)

    @property
    def is_kept(self) -> bool:
        """Whether it rests, in part, on an earlier look than it should."""
        return self.freshness is not None and self.freshness.mark is not Mark.FRESH

    @property
    def is_partial(self) -> bool:
        """Whether some account's share of it was never read."""
        return self.freshness is not None and 0 < self.freshness.never_read < self.freshness.total


def number_in(one: ResourceType, scope: PageScope, region: str | None) -> Number:
    """How many of a type there are in one region (None: those whose region was not read), of all accounts."""
    return Number(
        type=one,
        number=scope.totals[one.slug, region],
        freshness=scope.standings.of_place(one.slug, listed_in(one, region)),
        applies=region is not None or one.reach is Reach.GLOBAL,
    )


def number_of(account: Account, one: ResourceType, scope: PageScope, region: str, state: ScopeState | None) -> Number:
    """How many of a type one account has in a region; `state` is that of the place where they are listed."""
    return Number(
        type=one,
        number=scope.counts.get(Place(account.pk, one.slug, region), 0),
        freshness=summarise(filter(None, [state])),
    )


def listed_in(one: ResourceType, region: str | None) -> str | None:
    """Where resources of this type and region are listed: global types are listed once for all."""
    return GLOBAL if one.reach is Reach.GLOBAL else region


def number_everywhere(one: ResourceType, scope: PageScope) -> Number:
    """How many of a type there are in all regions together."""
    found = sum(number for (slug, _), number in scope.totals.items() if slug == one.slug)
    return Number(type=one, number=found, freshness=scope.standings.of_type(one.slug))


@dataclass(frozen=True, kw_only=True)
class RegionFigures:
    """One figure of an extension, such as the cost, for each region and for all of them together."""

    definition: RegionFigure
    by_region: Mapping[str, Figure]

    @property
    def total(self) -> Figure:
        """All regions together, also what stands in none."""
        return self.by_region.get(TOTAL, NOTHING)

    def of(self, region: str | None) -> Figure:
        """One region's figure; what the extension does not mention is a known nothing."""
        return NOT_BY_REGION if region is None else self.by_region.get(region, NOTHING)

    def share_of(self, region: str | None) -> Decimal:
        """A region's figure in percent of the greatest one, for a bar."""
        greatest = max((one.value or ZERO for key, one in self.by_region.items() if key != TOTAL), default=ZERO)
        return round((self.of(region).value or ZERO) / greatest * 100, 1) if greatest else ZERO


def region_figures(scope: PageScope) -> list[RegionFigures]:
    """What extensions know of the regions."""
    return [
        RegionFigures(definition=figure, by_region=figure.gather(scope.accounts, scope.as_of))
        for figure in extensions.region_figures
    ]
