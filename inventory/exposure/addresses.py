"""Sets of addresses: what a list of ranges covers together, and how much of the public internet that is.

A set is kept as *spans*: sorted, disjoint pairs of first and last address (as integers) that do not touch, so that two
lists of ranges cover the same addresses exactly when their spans are equal.

**Public** is the space whose addresses can be hosts on the internet. For IPv4 that is everything outside the blocks of
the IANA IPv4 Special-Purpose Address Registry (as updated on 2020-09-04) that are not globally reachable, and outside
multicast. For IPv6 it is 2000::/3, the only space IANA assigns as global unicast, without the blocks of the IANA IPv6
Special-Purpose Address Registry (as updated on 2025-10-09) that are not globally reachable. Where the registry lists a
block for protocol assignments with a few reachable anycast addresses inside (192.0.0.0/24, 2001::/23), or says that
reachability does not apply (192.88.99.0/24 and 2002::/16, both for 6to4), the whole block is left out: no ordinary
client stands there, and a list of ranges that opens everything else is no less open to the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network, summarize_address_range

Span = tuple[int, int]
Spans = tuple[Span, ...]


class Family(StrEnum):
    """Which internet protocol an address range belongs to."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"

    @property
    def bits(self) -> int:
        """The length of an address."""
        return 32 if self is Family.IPV4 else 128


NOT_PUBLIC_IPV4 = (
    "0.0.0.0/8",  # this network
    "10.0.0.0/8",  # private use
    "100.64.0.0/10",  # shared by carrier-grade NAT
    "127.0.0.0/8",  # loopback
    "169.254.0.0/16",  # link-local
    "172.16.0.0/12",  # private use
    "192.0.0.0/24",  # protocol assignments
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relays, deprecated
    "192.168.0.0/16",  # private use
    "198.18.0.0/15",  # benchmarking
    "198.51.100.0/24",  # documentation
    "203.0.113.0/24",  # documentation
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and the broadcast address
)
GLOBAL_UNICAST_IPV6 = "2000::/3"
NOT_PUBLIC_IPV6 = (
    "2001::/23",  # protocol assignments, Teredo among them
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4
    "3fff::/20",  # documentation
)


def union(spans: Iterable[Span]) -> Spans:
    """The addresses that are in at least one of the spans, which may overlap, touch and stand in any order."""
    united: list[Span] = []
    for first, last in sorted(spans):
        if united and first <= united[-1][1] + 1:
            if last > united[-1][1]:
                united[-1] = (united[-1][0], last)
        else:
            united.append((first, last))
    return tuple(united)


def size(spans: Spans) -> int:
    """How many addresses there are."""
    return sum(last - first + 1 for first, last in spans)


def size_of_overlap(one: Spans, other: Spans) -> int:
    """How many addresses are in both sets."""
    total = i = j = 0
    while i < len(one) and j < len(other):
        total += max(0, min(one[i][1], other[j][1]) - max(one[i][0], other[j][0]) + 1)
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return total


@lru_cache(maxsize=65536)
def span_of(cidr: str) -> Span:
    """The first and last address of a range such as 10.0.0.0/8; ValueError if it is none."""
    network = ip_network(cidr, strict=False)
    return int(network.network_address), int(network.broadcast_address)


def minimal_ranges(spans: Spans, family: Family) -> tuple[str, ...]:
    """The fewest CIDR ranges that cover exactly these addresses, in the order of the addresses."""
    return tuple(text for span in spans for text in _ranges_of(span, family))


@lru_cache(maxsize=65536)
def _ranges_of(span: Span, family: Family) -> tuple[str, ...]:
    first, last = span
    networks: Iterable[IPv4Network | IPv6Network]
    if family is Family.IPV4:
        networks = summarize_address_range(IPv4Address(first), IPv4Address(last))
    else:
        networks = summarize_address_range(IPv6Address(first), IPv6Address(last))
    return tuple(str(network) for network in networks)


def _without(spans: Spans, holes: Spans) -> Spans:
    """The addresses of the first set that are not in the second."""
    left: list[Span] = []
    for first, last in spans:
        after = first
        for hole_first, hole_last in holes:
            if after <= hole_last and hole_first <= last:
                if after < hole_first:
                    left.append((after, hole_first - 1))
                after = hole_last + 1
        if after <= last:
            left.append((after, last))
    return tuple(left)


PUBLIC: Mapping[Family, Spans] = {
    Family.IPV4: _without((span_of("0.0.0.0/0"),), union(map(span_of, NOT_PUBLIC_IPV4))),
    Family.IPV6: _without((span_of(GLOBAL_UNICAST_IPV6),), union(map(span_of, NOT_PUBLIC_IPV6))),
}
PUBLIC_SIZE: Mapping[Family, int] = {family: size(spans) for family, spans in PUBLIC.items()}


@lru_cache(maxsize=4096)
def public_size(spans: Spans, family: Family) -> int:
    """How many of the addresses are public; all of them are `PUBLIC_SIZE[family]`."""
    return size_of_overlap(spans, PUBLIC[family])
