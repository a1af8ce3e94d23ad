"""EC2 instances: priced by region, type, software and tenancy; by the hour while they run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costs.comparison import dedicated_fee, skus_compared
from costs.operations import OF_PLAIN_SYSTEM
from costs.price_book import PriceBook, Sku, Unpriced
from costs.priceable import Monthly, Priceable, Quoted, register
from costs.pricing_models import ON_DEMAND, SPOT
from inventory.resource_types.ec2_instance import Ec2Instance

# AWS bills from "running" on; a pending instance is about to be there. Stopping and shutting down are free of charge.
CHARGED_STATES = frozenset({"pending", "running"})


class InstanceUsage(NamedTuple):
    """What the price of an instance depends on, which field of AWS told its system, and whether it runs."""

    region: str | None
    instance_type: str | None
    usage_operation: str | None
    operating_system: str | None
    tenancy: str | None
    state: str | None
    operating_system_source: str | None


def sku_of(usage: InstanceUsage) -> Sku | Unpriced:
    """The SKU that an instance is billed under, or what is not known about it.

    Where AWS told the system by `Platform` only, it stands for itself without further software, and pages say so.
    """
    operation = usage.usage_operation
    if operation is None and usage.operating_system_source == "Platform":
        operation = OF_PLAIN_SYSTEM.get(usage.operating_system or "")
    if usage.region is None:
        return Unpriced("its region was not read")
    if usage.instance_type is None:
        return Unpriced("its instance type was not read")
    if usage.tenancy is None:
        return Unpriced("its tenancy was not read")
    if operation is None:
        return Unpriced("what its software is billed as is not known")
    return Sku(usage.region, usage.instance_type, operation, usage.tenancy)


def book(usages: Iterable[InstanceUsage]) -> PriceBook:
    """The prices of these instances."""
    return PriceBook.load(skus=[sku for usage in usages if isinstance(sku := sku_of(usage), Sku)])


def comparison_book(usages: Iterable[InstanceUsage]) -> PriceBook:
    """The same, with the prices of dedicated hardware for them."""
    skus = {sku for usage in usages if isinstance(sku := sku_of(usage), Sku)}
    return PriceBook.load(
        skus=[one for sku in skus for one in skus_compared(sku)],
        units={dedicated_fee(sku.region) for sku in skus},
    )


def quote(usage: InstanceUsage, prices: PriceBook) -> Quoted:
    """On-demand, the best way of reserving, and spot."""
    sku = sku_of(usage)
    if isinstance(sku, Unpriced):
        return Quoted(sku, sku, sku)
    return Quoted(
        on_demand=Monthly.of(prices.price(sku, ON_DEMAND)),
        reserved=Monthly.of(prices.best_reserved(sku)),
        spot=Monthly.of(prices.price(sku, SPOT)),
    )


def is_charged(usage: InstanceUsage) -> bool:
    """Whether it costs compute now."""
    return usage.state in CHARGED_STATES


register(
    Priceable(
        slug="ec2-instance",
        model=Ec2Instance,
        fields=InstanceUsage._fields,
        usage=InstanceUsage,
        book=book,
        quote=quote,
        is_charged=is_charged,
        place=("availability_zone",),
        variety="instance_type",
        charged_if=tuple(("state", state) for state in sorted(CHARGED_STATES)),
    )
)
