from __future__ import annotations

from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.exposure.addresses import (
    PUBLIC,
    PUBLIC_SIZE,
    Family,
    minimal_ranges,
    public_size,
    size_of_overlap,
    span_of,
    union,
)

SMALL = 64
spans_in_a_small_space = st.lists(
    st.tuples(st.integers(0, SMALL - 1), st.integers(0, SMALL - 1)).map(lambda pair: (min(pair), max(pair)))
)


def addresses_of(spans):
    return {address for first, last in spans for address in range(first, last + 1)}


@given(spans_in_a_small_space)
def test_a_union_holds_the_same_addresses_in_the_fewest_spans(spans):
    united = union(spans)

    assert addresses_of(united) == addresses_of(spans)
    assert all(one[1] + 1 < other[0] for one, other in pairwise(united))


@given(spans_in_a_small_space, spans_in_a_small_space)
def test_an_overlap_counts_the_addresses_that_both_hold(one, other):
    assert size_of_overlap(union(one), union(other)) == len(addresses_of(one) & addresses_of(other))


@given(spans_in_a_small_space)
def test_minimal_ranges_cover_exactly_the_addresses_with_no_range_to_spare(spans):
    networks = [ip_network(text) for text in minimal_ranges(union(spans), Family.IPV4)]

    covered = [int(network.network_address) + n for network in networks for n in range(network.num_addresses)]
    assert sorted(covered) == sorted(addresses_of(spans))
    # Two ranges of the same length in one range of twice the length would have been written as that one.
    parents = [network.supernet() for network in networks if network.prefixlen]
    assert len(parents) == len(set(parents))


def test_two_halves_are_written_as_the_whole():
    halves = union([span_of("128.0.0.0/1"), span_of("0.0.0.0/1")])

    assert minimal_ranges(halves, Family.IPV4) == ("0.0.0.0/0",)


PRIVATE = ["10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1", "192.168.1.1"]
RESERVED = ["0.0.0.1", "192.0.0.9", "192.88.99.1", "198.19.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"]
DOCUMENTATION = ["192.0.2.1", "198.51.100.7", "203.0.113.9"]


@pytest.mark.parametrize("address", [*PRIVATE, *RESERVED, *DOCUMENTATION])
def test_private_and_reserved_ipv4_addresses_are_not_public(address):
    assert public_size((span_of(address),), Family.IPV4) == 0


@pytest.mark.parametrize("address", ["1.1.1.1", "9.255.255.255", "11.0.0.0", "172.32.0.0", "192.0.1.0", "223.0.0.1"])
def test_other_ipv4_addresses_are_public(address):
    assert public_size((span_of(address),), Family.IPV4) == 1


@pytest.mark.parametrize(
    "address", ["::1", "fe80::1", "fc00::1", "ff02::1", "2001::1", "2001:db8::1", "2002::1", "3fff::1", "5f00::1"]
)
def test_ipv6_addresses_outside_global_unicast_are_not_public(address):
    assert public_size((span_of(address),), Family.IPV6) == 0


@pytest.mark.parametrize("address", ["2600::1", "2a00:1450::1", "2001:200::1", "3fff:1000::1"])
def test_global_unicast_ipv6_addresses_are_public(address):
    assert public_size((span_of(address),), Family.IPV6) == 1


@given(st.integers(0, 2**32 - 1))
def test_what_python_calls_private_is_never_public(number):
    address = ip_address(number)

    if address.is_private or address.is_multicast or address.is_reserved:
        assert public_size(((number, number),), Family.IPV4) == 0


@pytest.mark.parametrize("family", list(Family))
def test_the_public_space_is_all_of_itself(family):
    assert public_size(PUBLIC[family], family) == PUBLIC_SIZE[family]
