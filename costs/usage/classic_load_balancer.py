"""Classic load balancers: priced by the hour; the gigabytes come on top by use."""

from __future__ import annotations

from typing import NamedTuple

from costs.by_the_hour import register_hourly
from costs.price_book import Unit, Unpriced
from inventory.resource_types.classic_load_balancer import ClassicBalancer


class ClassicUsage(NamedTuple):
    """What the price of a classic load balancer depends on."""

    region: str | None


def unit_of(usage: ClassicUsage) -> Unit | Unpriced:
    """The hour that it is billed by."""
    if usage.region is None:
        return Unpriced("its region was not read")
    return Unit("elb", usage.region, "classic", "hour")


register_hourly(
    slug="classic-load-balancer",
    model=ClassicBalancer,
    usage=ClassicUsage,
    unit_of=unit_of,
)
