"""How many dedicated hosts some instances need: worked examples, and packing against brute force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.host_families import HOST_FAMILIES
from costs.hosts import Packing, Unpackable, hosts_needed

C5_SIZES = {"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "9xlarge": 18, "18xlarge": 36}


def packed(family: str, sizes: dict[str, int]) -> Packing:
    found = hosts_needed(family, sizes)
    assert isinstance(found, Packing)
    return found


def test_forty_instances_of_seventy_cores_need_two_hosts_of_forty_eight():
    assert hosts_needed("m5", {"2xlarge": 10, "large": 30}) == Packing(hosts=2, at_least=2)


@pytest.mark.parametrize(("number", "hosts"), [(8, 1), (9, 2), (16, 2), (17, 3)])
def test_a_socket_of_eighteen_cores_holds_four_instances_of_four(number, hosts):
    found = packed("c5", {"2xlarge": number})

    assert (found.hosts, found.at_least) == (hosts, -(-number * 4 // 36))


def test_what_is_left_on_a_socket_is_filled_with_smaller_instances():
    assert packed("c5", {"2xlarge": 8, "large": 4}).hosts == 1
    assert packed("c5", {"2xlarge": 8, "large": 5}).hosts == 2


def test_an_instance_larger_than_a_socket_takes_the_whole_host():
    assert packed("m5", {"16xlarge": 1, "large": 1}).hosts == 2
    assert packed("m5", {"24xlarge": 2}).hosts == 2


def test_a_host_of_an_older_family_takes_one_size():
    assert hosts_needed("m4", {"large": 1, "xlarge": 1}) == Packing(hosts=2, at_least=2)
    assert hosts_needed("r3", {"large": 17}) == Packing(hosts=2, at_least=2)


def test_where_sockets_are_not_known_the_answer_says_so():
    found = hosts_needed("m5d", {"2xlarge": 3})

    assert found == Packing(hosts=1, at_least=1, are_sockets_known=False)


def test_what_the_list_says_of_a_size_holds_even_where_sockets_are_not_known():
    assert packed("c5d", {"2xlarge": 9}).hosts == 2


@pytest.mark.parametrize(
    ("family", "sizes"),
    [("m6i", {"large": 1}), ("m4", {"16xlarge": 1}), ("m5", {"metal": 1, "large": 1})],
)
def test_what_is_in_no_list_is_not_guessed(family, sizes):
    found = hosts_needed(family, sizes)

    assert isinstance(found, Unpackable)
    assert family in found.reason


def test_nothing_needs_no_host():
    assert hosts_needed("m5", {}) == Packing(hosts=0, at_least=0)


@pytest.mark.parametrize("family", [one for one in HOST_FAMILIES.values() if one.is_mixed], ids=lambda one: one.name)
def test_every_listed_capacity_fits_on_one_host_and_one_more_does_not(family):
    for size, number in family.capacity.items():
        assert packed(family.name, {size: number}).hosts == 1, size
        assert packed(family.name, {size: number + 1}).hosts == 2, size


@given(st.dictionaries(st.sampled_from(["xlarge", "2xlarge", "4xlarge", "9xlarge"]), st.integers(1, 4), max_size=3))
def test_the_number_lies_between_the_bound_and_what_the_best_packing_may_be_exceeded_by(sizes):
    found = packed("c5", sizes)
    items = sorted((C5_SIZES[size] for size, number in sizes.items() for _ in range(number)), reverse=True)

    best = _fewest(items)

    assert found.at_least <= best <= found.hosts
    # First-fit decreasing needs at most 11/9 of the best number of bins, and 6/9 more; a host has two.
    assert 9 * (found.hosts * 2 - 1) <= 11 * best * 2 + 6


def _fewest(items: list[int]) -> int:
    """The fewest hosts of two sockets of 18 cores, by trying every place for every item."""
    best = len(items)
    stack: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    seen = set(stack)
    while stack:
        placed, full = stack.pop()
        if -(-len(full) // 2) >= best:
            continue
        if placed == len(items):
            best = -(-len(full) // 2)
            continue
        item = items[placed]
        places = {*(n for n, load in enumerate(full) if load + item <= 18), len(full)}
        for place in places:
            loads = [*full]
            if place == len(full):
                loads.append(0)
            loads[place] += item
            state = (placed + 1, tuple(sorted(loads)))
            if state not in seen:
                seen.add(state)
                stack.append(state)
    return best
