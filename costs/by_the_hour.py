"""Things that are billed by the hour while they are there: gateways, load balancers, public addresses.

A figure is the price of 730 such hours. What AWS bills besides by use (the gigabytes that a NAT gateway or a classic
load balancer processes, the capacity units of other load balancers, data transfer) is in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from costs.compare import MONTH_HOURS
from costs.price_book import PriceBook, Unit, Unpriced
from costs.priceable import MILLIONTH, Monthly, Priceable, Quoted, register
from inventory.history import ResourceRevision


def book_of(units: Iterable[Unit | Unpriced]) -> PriceBook:
    """The prices of these hours."""
    return PriceBook.load(units=[unit for unit in units if isinstance(unit, Unit)])


def quote_of(unit: Unit | Unpriced, prices: PriceBook) -> Quoted:
    """The list price of a month; there is no other way of paying."""
    price = unit if isinstance(unit, Unpriced) else prices.per_unit(unit)
    if isinstance(price, Unpriced):
        return Quoted(price)
    listed = price.provenance
    monthly_usd: Decimal = (price.usd * MONTH_HOURS).quantize(MILLIONTH)
    return Quoted(Monthly(monthly_usd, listed.month, documents=frozenset({listed.document_id})))


def register_hourly(
    *,
    slug: str,
    model: type[ResourceRevision],
    usage: Any,
    unit_of: Callable[[Any], Unit | Unpriced],
    is_charged: Callable[[Any], bool] = lambda usage: True,
    **options: Any,
) -> None:
    """Register a type whose things are billed by the hours that `unit_of` makes of a usage, a named tuple of columns.

    Without `is_charged` they are billed as long as they are there; `options` are further ones of Priceable.
    """
    register(
        Priceable(
            slug=slug,
            model=model,
            fields=usage._fields,
            usage=usage,
            book=lambda usages: book_of(map(unit_of, usages)),
            quote=lambda one, prices: quote_of(unit_of(one), prices),
            is_charged=is_charged,
            **options,
        )
    )
