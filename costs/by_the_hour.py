"""Things that are billed by the hour while they are there: gateways, load balancers, public addresses.

A figure is the price of 730 such hours. What AWS bills besides by use (the gigabytes that a NAT gateway or a classic
load balancer processes, the capacity units of other load balancers, data transfer) is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from costs.compare import MONTH_HOURS
from costs.price_book import PriceBook, Unit, Unpriced
from costs.priceable import MILLIONTH, Monthly, Quoted


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
