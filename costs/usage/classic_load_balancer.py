"""Classic load balancers: priced by the hour; the gigabytes come on top by use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costs.by_the_hour import book_of, quote_of
from costs.price_book import PriceBook, Unit, Unpriced
from costs.priceable import Priceable, Quoted, register
from inventory.resource_types.classic_load_balancer import ClassicBalancer


class ClassicUsage(NamedTuple):
    """What the price of a classic load balancer depends on."""

    region: str | None


def unit_of(usage: ClassicUsage) -> Unit | Unpriced:
    """The hour that it is billed by."""
    if usage.region is None:
        return Unpriced("its region was not read")
    return Unit("elb", usage.region, "classic", "hour")


def book(usages: Iterable[ClassicUsage]) -> PriceBook:
    """The prices of these balancers."""
    return book_of(map(unit_of, usages))


def quote(usage: ClassicUsage, prices: PriceBook) -> Quoted:
    """The list price of its hours."""
    return quote_of(unit_of(usage), prices)


def is_charged(usage: ClassicUsage) -> bool:
    """Whether it is billed: as long as it is there."""
    return True


register(
    Priceable(
        slug="classic-load-balancer",
        model=ClassicBalancer,
        fields=ClassicUsage._fields,
        usage=ClassicUsage,
        book=book,
        quote=quote,
        is_charged=is_charged,
    )
)
