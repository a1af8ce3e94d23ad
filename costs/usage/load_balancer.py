"""Application, network and gateway load balancers: priced by the hour; the capacity units come on top by use."""

from __future__ import annotations

from typing import NamedTuple

from costs.by_the_hour import register_hourly
from costs.price_book import Unit, Unpriced
from inventory.resource_types.load_balancer import LoadBalancer

FAILED = "failed"


class BalancerUsage(NamedTuple):
    """What the price of a load balancer depends on."""

    region: str | None
    load_balancer_type: str | None
    state: str | None


def unit_of(usage: BalancerUsage) -> Unit | Unpriced:
    """The hour that it is billed by."""
    if usage.region is None or usage.load_balancer_type is None:
        return Unpriced("its region or type was not read")
    return Unit("elb", usage.region, usage.load_balancer_type, "hour")


def is_charged(usage: BalancerUsage) -> bool:
    """Whether it is billed: unless AWS could not set it up."""
    return usage.state != FAILED


register_hourly(
    slug="load-balancer",
    model=LoadBalancer,
    usage=BalancerUsage,
    unit_of=unit_of,
    is_charged=is_charged,
    charged_if=(("-state", FAILED),),
)
