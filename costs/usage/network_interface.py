"""Network interfaces: free of charge but for the public IPv4 address that one has and that is no elastic IP.

Such addresses come and go with instances, and with what AWS runs, like load balancers and databases. An elastic IP is
paid for under its own name, so that an interface with one is left out here: no address counts twice.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists, OuterRef

from costs.by_the_hour import register_hourly
from costs.price_book import Unit, Unpriced
from costs.usage.elastic_ip import in_use
from inventory.history import RevisionQuerySet
from inventory.resource_types.elastic_ip import ElasticIp
from inventory.resource_types.network_interface import NetworkInterface


class InterfaceUsage(NamedTuple):
    """What the price of an address that comes and goes with its interface depends on."""

    region: str | None


def with_own_address(revisions: RevisionQuerySet) -> RevisionQuerySet:
    """Interfaces whose public address is no elastic IP of their account.

    Another address is another revision of the interface, so that it does not matter when an elastic IP was its own.
    """
    elastic = ElasticIp.revisions.filter(
        account=OuterRef("account"),
        public_ipv4=OuterRef("public_ipv4"),
        network_interface_id=OuterRef("resource__native_id"),
    )
    return revisions.filter(~Exists(elastic), public_ipv4__isnull=False)


def unit_of(usage: InterfaceUsage) -> Unit | Unpriced:
    """The hour that its address is billed by."""
    if usage.region is None:
        return Unpriced("its region was not read")
    return in_use(usage.region)


register_hourly(
    slug="network-interface",
    model=NetworkInterface,
    usage=InterfaceUsage,
    unit_of=unit_of,
    charged_if=None,
    part=with_own_address,
    words="Public addresses of interfaces",
    rests_on=("elastic-ip",),
)
