"""The one right price for a thing, or the reason why there is none.

The database holds facts from many price lists: of different months, of different regions, some with on-demand prices
only, some with one kind of Reserved Instance only. This module decides which fact answers which question, and it
decides the same way for the command line, the lists, the totals and the pages.

What is asked for is a SKU: region, instance type, usage operation and tenancy. All four must match. A Linux price says
nothing about Windows, a shared price nothing about dedicated hardware, Frankfurt nothing about Zurich. Where no fact
matches, the answer is `Unpriced` with the reason in words; it is never zero, and never the price of something similar.

Prices age, so the date is part of the answer. Three rules, and no others, choose between dates:

1. *The newest document wins.* For on-demand this is the headline price. Loading an older list adds facts that were
   missing and displaces nothing.
2. *A commitment is compared within its own document.* What a Reserved Instance saves is meant against the on-demand
   price that stood beside it on the same list; AWS cuts prices, and an old reserved price against a new on-demand price
   would show a loss that nobody makes, or hide one. The same holds for spot. If that list has no on-demand price for
   the SKU, the nearest one in time is taken (the newer of two equally near), and whoever shows the figure shows both
   dates.
3. *The best reserved price comes from the newest document that reserves the SKU at all.* A lower figure of an older
   list stays in the full comparison, with its date, and is not held out as an offer of today.

One list is known to be weak in one place: the plain on-demand table of 2026-07 names neither SKU nor tenancy, and most
of its bare-metal figures that differ from the list of 2025-04 are 6 or 10 % above it, which is what dedicated tenancy
costs. For bare metal any other document is therefore preferred to a table of that kind.

A book is loaded for the things in question with a fixed number of queries, however many they are, and is a plain value
from then on: it asks the database nothing, and can be built by hand in a test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from costs.compare import Charge
from costs.models import InstancePrice, PriceDocument, UnitPrice
from costs.operations import label_of
from costs.pricing_models import ON_DEMAND, Reserved, WayOfPaying, way_of_paying
from costs.sources.document import Kind

SHARED = "default"
DEDICATED = "dedicated"
HOST = "host"
DOLLAR = "USD"
HOURS = {
    ("vpc", "nat-gateway", "hour"): "an hour of a NAT gateway",
    ("vpc", "public-ipv4", "in_use_hour"): "an hour of a public IPv4 address in use",
    ("vpc", "public-ipv4", "idle_hour"): "an hour of an idle public IPv4 address",
    ("elb", "application", "hour"): "an hour of an application load balancer",
    ("elb", "network", "hour"): "an hour of a network load balancer",
    ("elb", "gateway", "hour"): "an hour of a gateway load balancer",
    ("elb", "classic", "hour"): "an hour of a classic load balancer",
}


class Sku(NamedTuple):
    """What has a price: the four things that a price list tells apart."""

    region: str
    instance_type: str
    usage_operation: str
    tenancy: str


def host_sku(region: str, family: str) -> Sku:
    """What a whole dedicated host of a family is billed under; its price depends on no software."""
    return Sku(region, family, "", HOST)


class Unit(NamedTuple):
    """What has a unit price: `Unit("ebs", "eu-west-1", "gp3", "storage_gb_mo")`."""

    service: str
    region: str
    item: str
    dimension: str

    @property
    def words(self) -> str:
        """What it is, for a reader: an hour of a NAT gateway, or the item of the list with its dimension."""
        return HOURS.get((self.service, self.item, self.dimension), f"{self.item} ({self.dimension})")


@dataclass(frozen=True)
class Unpriced:
    """There is no price, and why."""

    reason: str


@dataclass(frozen=True, order=True)
class Provenance:
    """The document that a price comes from; the newer and later loaded one is greater."""

    month: date
    document_id: int
    kind: str = ""
    source: str = ""

    @property
    def month_text(self) -> str:
        """`2025-04`."""
        return f"{self.month:%Y-%m}"


@dataclass(frozen=True)
class Price:
    """A listed price of one way of paying."""

    way: WayOfPaying
    charge: Charge
    provenance: Provenance


@dataclass(frozen=True)
class PricePerUnit:
    """A listed price of one unit."""

    usd: Decimal
    provenance: Provenance


class PriceBook:
    """Every loaded price for some SKUs and units."""

    def __init__(
        self,
        prices: Mapping[Sku, Iterable[Price]],
        units: Mapping[Unit, Iterable[PricePerUnit]] | None = None,
        *,
        priced_regions: Iterable[str] = (),
        currencies: Mapping[str, str] | None = None,
        is_empty: bool = False,
    ) -> None:
        """Take prices in any order; the other arguments only serve to give the right reason.

        `currencies` names the regions that have prices in another currency than the US dollar.
        """
        self._prices = {
            sku: sorted(offers, key=lambda one: (not _is_doubtful(sku, one), one.provenance), reverse=True)
            for sku, offers in prices.items()
        }
        self._units = {unit: max(offers, key=lambda one: one.provenance) for unit, offers in (units or {}).items()}
        self._priced_regions = frozenset(priced_regions)
        self._currencies = currencies or {}
        self._is_empty = is_empty

    @classmethod
    def load(
        cls, *, skus: Iterable[Sku] = (), units: Iterable[Unit] = (), ways: Collection[WayOfPaying] = ()
    ) -> PriceBook:
        """The book for these SKUs and units, in at most four queries and for nothing in none.

        `ways` are the ways of paying for SKUs that are read; without any, all of them.
        """
        wanted, wanted_units = set(skus), set(units)
        if not wanted and not wanted_units:
            return cls({})
        listed = list(PriceDocument.objects.all())
        # Nothing is converted: what is listed in another currency enters no figure.
        documents = {
            row.pk: Provenance(row.month, row.pk, row.kind, row.source) for row in listed if row.currency == DOLLAR
        }
        return cls(
            _prices_of(wanted, documents, ways),
            _units_of(wanted_units, documents),
            priced_regions=_regions_with_prices({sku.region for sku in wanted}),
            currencies={region: row.currency for row in listed if row.currency != DOLLAR for region in row.regions},
            is_empty=not listed,
        )

    def price(self, sku: Sku, way: WayOfPaying) -> Price | Unpriced:
        """The newest price of that way of paying."""
        for offer in self._prices.get(sku, ()):
            if offer.way == way:
                return offer
        return Unpriced(self._why_not(sku, way))

    def best_reserved(self, sku: Sku) -> Price | Unpriced:
        """The lowest effective hourly price in the newest document that reserves this SKU."""
        reserved = [offer for offer in self._prices.get(sku, ()) if isinstance(offer.way, Reserved)]
        if not reserved:
            return Unpriced(self._why_not(sku, None))
        newest = max(offer.provenance for offer in reserved)
        return min(
            (offer for offer in reserved if offer.provenance == newest),
            key=lambda offer: offer.charge.effective_hourly_usd,
        )

    def compared_with(self, sku: Sku, price: Price) -> Price | None:
        """The on-demand price that `price` is measured against: of the same document, else the nearest in time."""
        on_demand = [offer for offer in self._prices.get(sku, ()) if offer.way == ON_DEMAND]
        if not on_demand:
            return None
        return min(
            on_demand,
            key=lambda offer: (
                offer.provenance != price.provenance,
                _is_doubtful(sku, offer),
                _months_apart(offer, price),
                -offer.provenance.month.toordinal(),
            ),
        )

    def per_unit(self, unit: Unit) -> PricePerUnit | Unpriced:
        """The newest price of one unit."""
        if unit in self._units:
            return self._units[unit]
        if self._is_empty:
            return Unpriced("no price list is loaded")
        if unit.region in self._currencies:
            return Unpriced(self._in_another_currency(unit.region))
        return Unpriced(f"no loaded list has a price for {unit.words} in {unit.region}")

    def _why_not(self, sku: Sku, way: WayOfPaying | None) -> str:
        """The first thing that stands in the way, from the widest to the narrowest."""
        if self._is_empty:
            return "no price list is loaded"
        if sku.tenancy == HOST and sku.usage_operation:
            return "an instance on a dedicated host is paid through its host"
        if sku not in self._prices and sku.region in self._currencies:
            return self._in_another_currency(sku.region)
        if sku.region not in self._priced_regions:
            return f"no loaded list has instance prices for {sku.region}"
        if sku not in self._prices and sku.tenancy == HOST:
            return f"no loaded list has a price for a dedicated host of {sku.instance_type} in {sku.region}"
        if sku not in self._prices:
            software, hardware = label_of(sku.usage_operation), "" if sku.tenancy == SHARED else f" {sku.tenancy}"
            return f"no loaded list has a price for{hardware} {sku.instance_type} with {software} in {sku.region}"
        wanted = "reserved" if way is None else way.words
        return f"no loaded list has this {sku.instance_type} as {wanted} in {sku.region}"

    def _in_another_currency(self, region: str) -> str:
        return f"prices of {region} are listed in {self._currencies[region]}, and nothing is converted"


def _is_doubtful(sku: Sku, price: Price) -> bool:
    """Whether a better document is preferred: the plain on-demand table, for bare metal."""
    return price.provenance.kind == Kind.ON_DEMAND and ".metal" in sku.instance_type


def _months_apart(one: Price, other: Price) -> int:
    first, second = one.provenance.month, other.provenance.month
    return abs((first.year - second.year) * 12 + first.month - second.month)


def _prices_of(
    skus: set[Sku], documents: Mapping[int, Provenance], ways: Collection[WayOfPaying]
) -> dict[Sku, list[Price]]:
    """Every fact about the SKUs; one query over their regions and types."""
    rows = InstancePrice.objects.filter(
        region__in={sku.region for sku in skus}, instance_type__in={sku.instance_type for sku in skus}
    )
    if ways:
        rows = rows.filter(
            usage_operation__in={sku.usage_operation for sku in skus},
            tenancy__in={sku.tenancy for sku in skus},
            way__in={way.slug for way in ways},
        )
    facts = rows.values_list(
        "region", "instance_type", "usage_operation", "tenancy", "way", "upfront_usd", "hourly_usd", "document_id"
    )
    prices: dict[Sku, list[Price]] = {}
    for *key, slug, upfront_usd, hourly_usd, document_id in facts:
        sku = Sku(*key)
        if sku in skus and document_id in documents:
            way = way_of_paying(slug)
            charge = way.charge(hourly_usd=hourly_usd, upfront_usd=upfront_usd)
            prices.setdefault(sku, []).append(Price(way, charge, documents[document_id]))
    return prices


def _units_of(units: set[Unit], documents: Mapping[int, Provenance]) -> dict[Unit, list[PricePerUnit]]:
    """Every fact about the units; one query over their services, regions and items."""
    facts = UnitPrice.objects.filter(
        service__in={unit.service for unit in units},
        region__in={unit.region for unit in units},
        item__in={unit.item for unit in units},
    ).values_list("service", "region", "item", "dimension", "usd", "document_id")
    prices: dict[Unit, list[PricePerUnit]] = {}
    for *key, usd, document_id in facts:
        unit = Unit(*key)
        if unit in units and document_id in documents:
            prices.setdefault(unit, []).append(PricePerUnit(usd, documents[document_id]))
    return prices


def _regions_with_prices(regions: set[str]) -> set[str]:
    """Those of the regions for which any instance has a price."""
    return set(InstancePrice.objects.filter(region__in=regions).values_list("region", flat=True).distinct())
