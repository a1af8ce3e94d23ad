"""Choosing a region: whose law holds, whether it must be switched on, what a reference thing costs, and how far it is.

near=eu-central-1       a region's city, or near=52.52,13.40 for degrees north and east
reference=m6i.large     what the price is of; what a package offers here it registers in `extensions`
sort=distance           or price, or place (unless told: distance where `near` is given, else place)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from inventory.aws_regions import AWS_REGIONS, AwsRegion, Point, distance_km
from inventory.models.account import USABLE_REGION_STATES
from inventory.pages.choices import one_of
from inventory.pages.extensions import ReferencePrice, RegionPrice, extensions
from inventory.pages.region_names import region_name
from inventory.pages.region_rows import RegionRow
from inventory.pages.scope import BadAddress, PageScope

PLACE, DISTANCE, PRICE = "place", "distance", "price"
SORTS = {PLACE: "continent and country", DISTANCE: "distance", PRICE: "price"}
LONGEST = 40
"""How many characters of what somebody typed are looked at."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One region to choose; `place` is None for a region of which this release knows no place."""

    region: str
    place: AwsRegion | None
    row: RegionRow | None
    """What is there; None where nobody looks."""
    usable_by: int
    """How many of the accounts can use it, as DescribeRegions last answered."""
    asked: int
    """Of how many accounts that is known."""
    distance_km: int | None
    price: ReferencePrice | None

    @property
    def name(self) -> str:
        """As people call it."""
        return region_name(self.region)

    @property
    def continent(self) -> str:
        """The continent's name, or words for a region of which this release knows no place."""
        return self.place.continent if self.place else "Place unknown"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Every region of AWS in the order that was asked for, and what was asked."""

    candidates: Sequence[Candidate]
    near: str
    near_words: str
    sort: str
    reference: str
    price: RegionPrice | None

    @cached_property
    def sources(self) -> list[str]:
        """The price lists behind the prices, the newest first."""
        found = {(one.price.month, one.price.source) for one in self.candidates if one.price and one.price.month}
        return [f"{source} ({month})" for month, source in sorted(found, reverse=True)]

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 5 + bool(self.near) + 2 * (self.price is not None)

    @property
    def sorts(self) -> dict[str, str]:
        """The orders to choose from: their value and their words."""
        offered = dict(SORTS)
        if not self.near:
            del offered[DISTANCE]
        if self.price is None:
            del offered[PRICE]
        return offered


def choose(request: HttpRequest, scope: PageScope, rows: Mapping[str | None, RegionRow]) -> Choice:
    """The choice that an address asks for; BadAddress says what to write instead of what cannot be used."""
    given = request.GET
    near = given.get("near", "").strip()[:LONGEST]
    origin, near_words = _origin(near) if near else (None, "")
    price = next(iter(extensions.region_prices), None)
    reference = given.get("reference", "").strip()[:LONGEST] or (price.usual if price else "")
    regions = sorted({*AWS_REGIONS, *(region for region in rows if region is not None)})
    prices = price.gather(reference, regions) if price else {}
    sort = one_of("sort", given.get("sort", ""), ("", *SORTS)) or (DISTANCE if origin else PLACE)
    candidates = [_candidate(region, scope, rows.get(region), origin, prices.get(region)) for region in regions]
    return Choice(
        candidates=sorted(candidates, key=_ORDERS[sort]),
        near=near,
        near_words=near_words,
        sort=sort,
        reference=reference,
        price=price,
    )


def _candidate(
    region: str, scope: PageScope, row: RegionRow | None, origin: Point | None, price: ReferencePrice | None
) -> Candidate:
    place = AWS_REGIONS.get(region)
    states = [account.region_states[region] for account in scope.chosen if region in account.region_states]
    return Candidate(
        region=region,
        place=place,
        row=row,
        usable_by=sum(state in USABLE_REGION_STATES for state in states),
        asked=len(states),
        distance_km=round(distance_km(origin, place.point)) if origin and place else None,
        price=price,
    )


def _origin(near: str) -> tuple[Point, str]:
    """The place that was named, and its words."""
    if near in AWS_REGIONS:
        return AWS_REGIONS[near].point, AWS_REGIONS[near].city
    try:
        latitude, longitude = (float(part) for part in near.split(","))
    except ValueError:
        raise BadAddress(f"“{near}” is no place. Write a region, or degrees north and east like 52.52,13.40.") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise BadAddress(f"“{near}” is not on the Earth: north goes from -90 to 90, east from -180 to 180.")
    return Point(latitude, longitude), f"{latitude:g}, {longitude:g}"


def _by_place(one: Candidate) -> tuple[Any, ...]:
    place = one.place
    return place is None, place.continent if place else "", place.country if place else "", one.name


def _by_distance(one: Candidate) -> tuple[Any, ...]:
    return one.distance_km is None, one.distance_km or 0, *_by_place(one)


def _by_price(one: Candidate) -> tuple[Any, ...]:
    usd = one.price.usd if one.price else None
    return usd is None, usd or Decimal(0), *_by_place(one)


_ORDERS: Mapping[str, Callable[[Candidate], tuple[Any, ...]]] = {
    PLACE: _by_place,
    DISTANCE: _by_distance,
    PRICE: _by_price,
}
