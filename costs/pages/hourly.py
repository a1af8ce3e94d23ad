"""The price panel of what is billed by the hour: gateways, load balancers, addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from costs.by_the_hour import book_of
from costs.compare import MONTH_HOURS
from costs.price_book import PricePerUnit, Unit, Unpriced
from costs.priceable import priceable
from costs.usage import classic_load_balancer, elastic_ip, load_balancer, nat_gateway, network_interface
from inventory.models import Resource
from inventory.pages.extensions import Panel

UNITS: dict[str, Callable[[Any], Unit | Unpriced]] = {
    "nat-gateway": nat_gateway.unit_of,
    "load-balancer": load_balancer.unit_of,
    "classic-load-balancer": classic_load_balancer.unit_of,
    "elastic-ip": elastic_ip.unit_of,
    "network-interface": network_interface.unit_of,
}
BY_USE = {
    "nat-gateway": "The gigabytes that it processes, data transfer and its public addresses are billed beside it.",
    "load-balancer": "Its capacity units, data transfer and its public addresses are billed beside it.",
    "classic-load-balancer": "The gigabytes that it processes, data transfer and its public addresses are billed"
    " beside it.",
    "elastic-ip": "Data transfer is billed beside it.",
    "network-interface": "This is the public address alone: an interface is free of charge.",
}


@dataclass(frozen=True, kw_only=True)
class HourlyPrice:
    """What an hour and a month of it cost; `reason` says why nothing can be said."""

    price: PricePerUnit | None
    reason: str
    is_charged: bool
    by_use: str
    """What is no part of the figure."""

    @property
    def monthly_usd(self) -> Decimal | None:
        """730 hours."""
        return None if self.price is None else self.price.usd * MONTH_HOURS


def hourly_panels() -> Iterator[Panel]:
    """One for each type."""
    for slug in UNITS:
        yield Panel(type=slug, template="costs/_hourly_panel.html", gather=gather_hours)


def gather_hours(resource: Resource, revision: Any, when: datetime | None) -> HourlyPrice | None:
    """Today's price for the thing as it was at the moment; None where nothing is billed under its name."""
    kind = priceable(resource.type)
    if kind.part is not None and not kind.revisions.filter(pk=revision.pk).exists():
        return None
    usage = kind.usage_of(revision)
    unit = UNITS[resource.type](usage)
    price = unit if isinstance(unit, Unpriced) else book_of([unit]).per_unit(unit)
    return HourlyPrice(
        price=None if isinstance(price, Unpriced) else price,
        reason=price.reason if isinstance(price, Unpriced) else "",
        is_charged=kind.is_charged(usage),
        by_use=BY_USE[resource.type],
    )
