"""What all instances that run would cost on-demand in every region, to choose a region by.

They are priced as the comparison prices them: by type, software and tenancy, for 730 hours a month. An instance that
has no price in a region is in no sum of it. Those that have a price in both places are compared with what they cost
where they are, so that a smaller sum of fewer instances does not look like a saving.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from costs.price_book import Price, PriceBook, Sku, Unpriced
from costs.priceable import priceable
from costs.pricing_models import ON_DEMAND
from costs.usage.ec2_instance import InstanceUsage, is_charged, sku_of
from costs.usage_counts import usage_counts
from inventory.models import Account
from inventory.pages.extensions import FleetPrice, FleetPrices, RegionFleet

ZERO = Decimal(0)


def region_fleet() -> RegionFleet:
    """The instances that run, on-demand."""
    return RegionFleet(label="What runs now", unit="$ a month", gather=gather)


def gather(accounts: QuerySet[Account], when: datetime | None, regions: Collection[str]) -> FleetPrices:
    """The accounts' running instances in each of the regions; at a past moment today's prices for what ran then."""
    held: Mapping[InstanceUsage, int] = usage_counts(priceable("ec2-instance"), accounts, when)
    running = {usage: number for usage, number in held.items() if is_charged(usage)}
    book = PriceBook.load(skus=_skus(running, regions), ways=(ON_DEMAND,))
    types: Counter[str] = Counter()
    for usage, number in running.items():
        if usage.instance_type is not None:
            types[usage.instance_type] += number
    return FleetPrices(
        varieties=[name for name, _ in types.most_common()],
        things=sum(running.values()),
        by_region={region: _priced(running, region, book) for region in regions},
    )


def _skus(running: Iterable[InstanceUsage], regions: Collection[str]) -> set[Sku]:
    everywhere = (sku_of(usage._replace(region=region)) for usage in running for region in regions)
    at_home = (sku_of(usage) for usage in running)
    return {sku for found in (everywhere, at_home) for sku in found if isinstance(sku, Sku)}


def _priced(running: Mapping[InstanceUsage, int], region: str, book: PriceBook) -> FleetPrice:
    usd, compared_usd, against_usd = ZERO, ZERO, ZERO
    priced, compared = 0, 0
    reasons: Counter[str] = Counter()
    months: set[str] = set()
    for usage, number in running.items():
        there = _price(usage._replace(region=region), book)
        if isinstance(there, Unpriced):
            reasons[there.reason] += number
            continue
        cost = there.charge.monthly_usd * number
        usd += cost
        priced += number
        months.add(there.provenance.month_text)
        here = _price(usage, book)
        if not isinstance(here, Unpriced):
            compared += number
            compared_usd += cost
            against_usd += here.charge.monthly_usd * number
    return FleetPrice(
        usd=usd if priced else None,
        priced=priced,
        unpriced=sum(reasons.values()),
        compared=compared,
        compared_usd=compared_usd,
        against_usd=against_usd,
        reasons=[reason for reason, _ in reasons.most_common()],
        months=sorted(months),
    )


def _price(usage: InstanceUsage, book: PriceBook) -> Price | Unpriced:
    sku = sku_of(usage)
    return sku if isinstance(sku, Unpriced) else book.price(sku, ON_DEMAND)
