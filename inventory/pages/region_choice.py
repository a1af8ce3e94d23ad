"""Choosing a region by four questions: whose law holds, how far it is, what is offered there, and what it costs.

near=eu-central-1       a region's city, or near=52.52,13.40 for degrees north and east
service=bedrock         a service that it must have, as AWS's public parameters name it; can stand several times
types=m5.large,g5.xlarge    instance types that it must have
reference=m6i.large     what the price is of; what a package offers here it registers in `extensions`
sort=distance           or place, missing, fleet, price (unless told: distance where `near` is given, else place)

Unless told, what is asked for is what the accounts of the page use. An empty `service=` or `types=` asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest

from inventory.aws_regions import AWS_REGIONS, AwsRegion, Point, distance_km
from inventory.models.account import USABLE_REGION_STATES
from inventory.pages import region_offers
from inventory.pages.choices import one_of
from inventory.pages.extensions import (
    FleetPrice,
    FleetPrices,
    ReferencePrice,
    RegionFleet,
    RegionPrice,
    extensions,
)
from inventory.pages.freshness import Summary
from inventory.pages.nearest import hint, nearest
from inventory.pages.region_names import region_name
from inventory.pages.region_offers import Offer, Offers
from inventory.pages.scope import BadAddress, PageScope
from inventory.resource_types.ec2_instance import TYPE_NAME

PLACE, DISTANCE, MISSING, FLEET, PRICE = "place", "distance", "missing", "fleet", "price"
SORTS = {
    PLACE: "continent and country",
    DISTANCE: "distance",
    MISSING: "what is missing",
    FLEET: "price of what runs now",
    PRICE: "price of the reference",
}
LONGEST = 40
"""How many characters of what somebody typed are looked at."""
MOST_TYPES = 100
KEPT = ("near", "service", "types", "reference")
"""What leads along from one page of the choice to another."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One region to choose; `place` is None for a region of which this release knows no place."""

    region: str
    place: AwsRegion | None
    usable_by: int
    """How many of the accounts can use it, as DescribeRegions last answered."""
    asked: int
    """Of how many accounts that is known."""
    total: int
    """How many resources are there."""
    freshness: Summary | None
    """How well it is read; None where nobody looks."""
    distance_km: int | None
    services: Offer
    types: Offer
    price: ReferencePrice | None
    fleet: FleetPrice | None

    @property
    def name(self) -> str:
        """As people call it."""
        return region_name(self.region)

    @property
    def continent(self) -> str:
        """The continent's name, or words for a region of which this release knows no place."""
        return self.place.continent if self.place else "Place unknown"

    @property
    def has_page(self) -> bool:
        """Whether somebody looks there, or something is there."""
        return self.freshness is not None or bool(self.total)

    @property
    def is_unknown(self) -> bool:
        """Whether it is not known what it has, at least in part."""
        return any(offer.wanted and offer.missing is None for offer in (self.services, self.types))

    @property
    def missing(self) -> int:
        """How much of what is wanted it is known to lack."""
        return len(self.services.missing or ()) + len(self.types.missing or ())


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Regions in the order that was asked for, and what was asked."""

    candidates: Sequence[Candidate]
    near: str
    near_words: str
    sort: str
    services: Sequence[str]
    """The services that are wanted; `offered` has all that there are."""
    offered: Offers
    types: Sequence[str]
    """The instance types that are wanted."""
    reference: str
    price: RegionPrice | None
    fleet: RegionFleet | None
    fleet_things: int
    kept: Sequence[tuple[str, str]]
    """What the address says of it, for the page to which it leads along."""

    @cached_property
    def sources(self) -> list[str]:
        """The price lists behind the prices of the reference, the newest first."""
        found = {(one.price.month, one.price.source) for one in self.candidates if one.price and one.price.month}
        return [f"{source} ({month})" for month, source in sorted(found, reverse=True)]

    @cached_property
    def fleet_months(self) -> str:
        """The months of the price lists behind the prices of the fleet: the first and the last."""
        months = sorted({month for one in self.candidates if one.fleet for month in one.fleet.months})
        return " to ".join(months if len(months) < 3 else (months[0], months[-1]))

    @property
    def offers_all(self) -> list[Candidate]:
        """The regions that are known to have everything that is wanted."""
        return [one for one in self.candidates if not one.missing and not one.is_unknown]

    @property
    def nowhere(self) -> list[str]:
        """What is wanted and no region has that is known."""
        lacking = [set(one.types.missing) for one in self.candidates if one.types.missing is not None]
        types = [name for name in self.types if lacking and all(name in missing for missing in lacking)]
        known = self.offered.names
        return [*(name for name in self.services if known and name not in known), *types]

    @property
    def unknown(self) -> int:
        """Of how many regions that is not known, though nothing is known to be missing."""
        return sum(one.is_unknown and not one.missing for one in self.candidates)

    @property
    def columns(self) -> int:
        """How many columns the table has."""
        return 7 + bool(self.near) + (self.price is not None) + (self.fleet is not None)

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """The orders to choose from: the value, the words, and whether it is the one.

        The one that holds unless told has no value, so that whoever gives a place next sees the nearest first.
        """
        lacking = {DISTANCE: not self.near, PRICE: self.price is None, FLEET: self.fleet is None}
        usual = DISTANCE if self.near else PLACE
        return [
            ("" if sort == usual else sort, words, sort == self.sort)
            for sort, words in SORTS.items()
            if not lacking.get(sort)
        ]


def choose(request: HttpRequest, scope: PageScope, named: Collection[str] = ()) -> Choice:
    """The choice that an address asks for, of the named regions or of all.

    BadAddress says what to write instead of what cannot be used.
    """
    given = request.GET
    near = given.get("near", "").strip()[:LONGEST]
    origin, near_words = _origin(near) if near else (None, "")
    looked_at = scope.standings.regions | {place.region for place in scope.held if place.region}
    regions = sorted(named or {*AWS_REGIONS, *(looked_at - {"global"})})
    price = next(iter(extensions.region_prices), None)
    reference = given.get("reference", "").strip()[:LONGEST] or (price.usual if price else "")
    prices = price.gather(reference, regions) if price else {}
    fleet = next(iter(extensions.region_fleets), None)
    fleets = fleet.gather(scope.accounts, scope.as_of, regions) if fleet else NO_FLEET
    offered = region_offers.services(scope.as_of)
    services = (
        _services(given.getlist("service"), offered) if "service" in given else region_offers.used_services(scope)
    )
    types = _types(given["types"]) if "types" in given else list(fleets.varieties)
    offered_types = region_offers.instance_types(scope, types)
    sort = one_of("sort", given.get("sort", ""), ("", *SORTS)) or (DISTANCE if origin else PLACE)
    candidates = [
        _candidate(
            region,
            scope,
            origin,
            services=offered.of(region, services),
            types=offered_types.of(region, types),
            price=prices.get(region),
            fleet=fleets.by_region.get(region),
        )
        for region in regions
    ]
    return Choice(
        candidates=sorted(candidates, key=_ORDERS[sort]),
        near=near,
        near_words=near_words,
        sort=sort,
        services=services,
        offered=offered,
        types=types,
        reference=reference,
        price=price,
        fleet=fleet,
        fleet_things=fleets.things,
        kept=[(name, value) for name in KEPT for value in given.getlist(name)],
    )


NO_FLEET = FleetPrices(varieties=(), things=0, by_region={})


def _candidate(
    region: str,
    scope: PageScope,
    origin: Point | None,
    *,
    services: Offer,
    types: Offer,
    price: ReferencePrice | None,
    fleet: FleetPrice | None,
) -> Candidate:
    place = AWS_REGIONS.get(region)
    states = [account.region_states[region] for account in scope.chosen if region in account.region_states]
    return Candidate(
        region=region,
        place=place,
        usable_by=sum(state in USABLE_REGION_STATES for state in states),
        asked=len(states),
        total=sum(number for held, number in scope.held.items() if held.region == region),
        freshness=scope.standings.of_region(region),
        distance_km=round(distance_km(origin, place.point)) if origin and place else None,
        services=services,
        types=types,
        price=price,
        fleet=fleet,
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


def _services(named: Sequence[str], offered: Offers) -> list[str]:
    """The services that were named, if any region has them; where none was read, whatever was named."""
    wanted = list(dict.fromkeys(name.strip()[:LONGEST] for name in named if name.strip()))
    known = offered.names
    for name in wanted:
        if known and name not in known:
            raise BadAddress(f"No region has a service called “{name}”.{hint(nearest(name, known))}")
    return wanted


def _types(text: str) -> list[str]:
    wanted = list(dict.fromkeys(filter(None, re.split(r"[\s,]+", text))))
    if len(wanted) > MOST_TYPES:
        raise BadAddress(f"{len(wanted)} instance types are too many: name up to {MOST_TYPES}.")
    for name in wanted:
        if len(name) > LONGEST or not TYPE_NAME.match(name):
            raise BadAddress(
                f"“{name[:LONGEST]}” is no instance type. Write names like m5.large, g5.xlarge, separated by commas."
            )
    return wanted


def _by_place(one: Candidate) -> tuple[Any, ...]:
    place = one.place
    return place is None, place.continent if place else "", place.country if place else "", one.name


def _by_distance(one: Candidate) -> tuple[Any, ...]:
    return one.distance_km is None, one.distance_km or 0, *_by_place(one)


def _by_missing(one: Candidate) -> tuple[Any, ...]:
    """What has all comes first, then by how much is missing; where something is not known that is no number."""
    return one.is_unknown, one.missing, *_by_place(one)


def _by_price(one: Candidate) -> tuple[Any, ...]:
    usd = one.price.usd if one.price else None
    return usd is None, usd or Decimal(0), *_by_place(one)


def _by_fleet(one: Candidate) -> tuple[Any, ...]:
    """A sum that leaves nothing out comes before one that leaves something out, which is no lower price."""
    usd = one.fleet.usd if one.fleet else None
    return usd is None, one.fleet.unpriced if one.fleet else 0, usd or Decimal(0), *_by_place(one)


_ORDERS: Mapping[str, Callable[[Candidate], tuple[Any, ...]]] = {
    PLACE: _by_place,
    DISTANCE: _by_distance,
    MISSING: _by_missing,
    FLEET: _by_fleet,
    PRICE: _by_price,
}
