"""NAT gateways: priced by the hour while they are there, public or private; the gigabytes come on top by use."""

from __future__ import annotations

from typing import NamedTuple

from costs.by_the_hour import register_hourly
from costs.price_book import Unit, Unpriced
from inventory.resource_types.nat_gateway import NatGateway

NOT_CHARGED_STATES = frozenset({"pending", "failed", "deleting", "deleted"})
CHARGED_STATE = "available"


class GatewayUsage(NamedTuple):
    """What the price of a NAT gateway depends on."""

    region: str | None
    state: str | None


def unit_of(usage: GatewayUsage) -> Unit | Unpriced:
    """The hour that it is billed by."""
    if usage.region is None:
        return Unpriced("its region was not read")
    return Unit("vpc", usage.region, "nat-gateway", "hour")


def is_charged(usage: GatewayUsage) -> bool:
    """Whether it is billed: AWS bills a gateway that is provisioned and available."""
    return usage.state not in NOT_CHARGED_STATES


register_hourly(
    slug="nat-gateway",
    model=NatGateway,
    usage=GatewayUsage,
    unit_of=unit_of,
    is_charged=is_charged,
    charged_if=(("state", CHARGED_STATE),),
)
