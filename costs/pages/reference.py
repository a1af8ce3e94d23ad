"""The on-demand price of one instance type in every region, to choose a region by."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from costs.operations import LINUX, label_of
from costs.price_book import SHARED, PriceBook, Sku, Unpriced
from costs.pricing_models import ON_DEMAND
from inventory.pages.extensions import ReferencePrice, RegionPrice

USUAL = "m6i.large"


def region_price() -> RegionPrice:
    """Linux on shared hardware, by the hour; any instance type can be named."""
    return RegionPrice(label=f"{label_of(LINUX)}, on-demand", unit="$ an hour", usual=USUAL, gather=gather)


def gather(instance_type: str, regions: Collection[str]) -> Mapping[str, ReferencePrice]:
    """By region, the newest listed price with its month and source, or the reason why there is none."""
    book = PriceBook.load(skus=[_sku(region, instance_type) for region in regions])
    return {region: _priced(book, _sku(region, instance_type)) for region in regions}


def _sku(region: str, instance_type: str) -> Sku:
    return Sku(region, instance_type, LINUX, SHARED)


def _priced(book: PriceBook, sku: Sku) -> ReferencePrice:
    price = book.price(sku, ON_DEMAND)
    if isinstance(price, Unpriced):
        return ReferencePrice(usd=None, reason=price.reason)
    provenance = price.provenance
    return ReferencePrice(usd=price.charge.hourly_usd, month=provenance.month_text, source=provenance.source)
