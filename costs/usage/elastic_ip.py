"""Elastic IPs: public IPv4 addresses, priced by the hour since February 2024 whether something uses them or not.

Addresses that an account brought along are free of charge. AWS, "Identify and optimize public IPv4 address usage on
AWS", 2023-07-28.
"""

from __future__ import annotations

from typing import NamedTuple

from costs.by_the_hour import register_hourly
from costs.price_book import Unit, Unpriced
from inventory.resource_types.elastic_ip import ElasticIp

AMAZON_POOL = "amazon"
OWN_POOL = "ipv4pool-ec2-"


class AddressUsage(NamedTuple):
    """What the price of an elastic IP depends on."""

    region: str | None
    is_associated: bool | None
    public_ipv4_pool: str | None


def unit_of(usage: AddressUsage) -> Unit | Unpriced:
    """The hour that it is billed by."""
    if usage.region is None or usage.is_associated is None:
        return Unpriced("its region, or whether it is in use, was not read")
    if usage.public_ipv4_pool not in (None, AMAZON_POOL):
        return Unpriced("its pool may hold own addresses, or addresses at another price")
    return in_use(usage.region) if usage.is_associated else idle(usage.region)


def in_use(region: str) -> Unit:
    """An hour of a public address that something uses."""
    return Unit("vpc", region, "public-ipv4", "in_use_hour")


def idle(region: str) -> Unit:
    """An hour of one that nothing uses."""
    return Unit("vpc", region, "public-ipv4", "idle_hour")


def is_charged(usage: AddressUsage) -> bool:
    """Whether it is billed: unless the account brought it along."""
    return not (usage.public_ipv4_pool or "").startswith(OWN_POOL)


register_hourly(
    slug="elastic-ip",
    model=ElasticIp,
    usage=AddressUsage,
    unit_of=unit_of,
    is_charged=is_charged,
)
