"""Networks: zone ids as the account sees them, and what AWS says of addresses, interfaces and key pairs."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from . import zones
from .calls import Call
from .documents import drop, items, put, text

PUBLIC_ADDRESSES = ("publicIp", "ipAddress")
LOOPBACK, PUBLIC = "127.", "13."
"""moto takes elastic IPs from the addresses of the machine itself; these are Amazon's."""


def mend(call: Call, root: Element) -> None:
    """Describe what stands in a network as AWS does."""
    for tag in PUBLIC_ADDRESSES:
        for element in root.iter(tag):
            if element.text and element.text.startswith(LOOPBACK):
                element.text = PUBLIC + element.text.removeprefix(LOOPBACK)
    if known := MENDED.get(call.operation):
        path, describe = known
        for item in items(root, path):
            describe(call, item)


def _subnet(call: Call, subnet: Element) -> None:
    name = text(subnet, "availabilityZone")
    (zone,) = (one for one in zones.zones_of(call.account, call.region) if one.name == name)
    put(subnet, "availabilityZoneId", zone.zone_id)
    for state in subnet.iterfind("ipv6CidrBlockAssociationSet/item/ipv6CidrBlockState"):
        put(state, "state", "associated")


def _address(call: Call, address: Element) -> None:
    put(address, "networkBorderGroup", call.region)
    put(address, "publicIpv4Pool", "amazon")
    drop(address, *(tag for tag in ("instanceId", "networkInterfaceId") if not text(address, tag)))


def _interface(_: Call, interface: Element) -> None:
    if text(interface, "requesterManaged") != "true":
        drop(interface, "requesterId")


def _key_pair(_: Call, pair: Element) -> None:
    put(pair, "keyType", "ed25519")


def _nat_gateway(_: Call, gateway: Element) -> None:
    put(gateway, "connectivityType", "public")


MENDED = {
    "DescribeSubnets": ("subnetSet", _subnet),
    "DescribeAddresses": ("addressesSet", _address),
    "DescribeNetworkInterfaces": ("networkInterfaceSet", _interface),
    "DescribeKeyPairs": ("keySet", _key_pair),
    "DescribeNatGateways": ("natGatewaySet", _nat_gateway),
}
"""The operations that moto answers otherwise than AWS: where an answer holds its items, and what is said of each."""
