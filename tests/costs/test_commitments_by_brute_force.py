"""Commitments laid on random fleets, beside optimisers that know nothing of AWS's order.

AWS's order for Reserved Instances leaves none unused that could be used: the covered units are the maximum flow from
what is reserved to what runs. One Savings Plan saves the most that its money can buy.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from costs.commitments import sizes
from costs.commitments.coverage import coverage
from costs.commitments.owned import ReservedInstances
from costs.operations import LINUX, WINDOWS
from tests.costs.owned import PLAN_WAYS, applied, covered, plan, rate, reserved, usage

COMPUTE_WAY = next(iter(PLAN_WAYS.values()))
ACCOUNTS, ZONES = ("A", "B", "C"), ("use1-az1", "use1-az2")
TYPES = ("m5.large", "m5.xlarge", "m5.3xlarge", "t3.nano", "g4dn.xlarge", "g4dn.2xlarge")

usages = st.builds(
    lambda account, zone, instance_type, operation: usage(
        instance_type, account=account, zone=zone, operation=operation
    ),
    st.sampled_from(ACCOUNTS),
    st.sampled_from(ZONES),
    st.sampled_from(TYPES),
    st.sampled_from((LINUX, WINDOWS)),
)
fleets = st.dictionaries(usages, st.integers(1, 5), max_size=8)
purchases = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.sampled_from(("", *ZONES)),
        st.sampled_from(TYPES),
        st.sampled_from((LINUX, WINDOWS)),
        st.integers(1, 5),
    ),
    max_size=6,
).map(
    lambda bought: [
        reserved(instance_type, count, id=str(number), account=account, zone=zone, operation=operation)
        for number, (account, zone, instance_type, operation, count) in enumerate(bought)
    ]
)


def may_cover(one, running):
    """Whether AWS lets a Reserved Instance cover an instance at all, in the words of the User Guide."""
    if (one.region, one.operation, one.tenancy) != (running.region, running.operation, running.tenancy):
        return False
    if one.zone:
        return (one.zone, one.instance_type) == (running.zone, running.instance_type)
    sizes_matter = running.operation != LINUX or running.instance_type.startswith("g4dn")
    if sizes_matter:
        return one.instance_type == running.instance_type
    return one.instance_type.split(".")[0] == running.instance_type.split(".")[0]


def units_of(instance_type: str) -> Fraction:
    """The units of a size; every one of these fleets has some."""
    units = sizes.units_of(instance_type)
    assert units is not None
    return units


def maximum_flow(sources, sinks, edges):
    """How much can flow from sources to sinks along edges of unlimited width: augmenting paths, depth first."""
    left, free = dict(sources), dict(sinks)
    flow: defaultdict[tuple[Any, Any], Fraction] = defaultdict(Fraction)

    def augment(source, wanted, seen):
        for sink in edges[source]:
            if sink in seen:
                continue
            seen.add(sink)
            if free[sink]:
                amount = min(wanted, free[sink])
                free[sink] -= amount
            else:
                amount = Fraction(0)
                for other in [one for one in sources if flow[one, sink] and one != source]:
                    moved = augment(other, min(wanted, flow[other, sink]), seen)
                    flow[other, sink] -= moved
                    amount += moved
                    if amount:
                        break
            if amount:
                flow[source, sink] += amount
                return amount
        return Fraction(0)

    for source in sources:
        while left[source] and (amount := augment(source, left[source], set())):
            left[source] -= amount
    return sum(flow.values(), Fraction(0))


@settings(max_examples=150, deadline=None)
@given(fleets, purchases)
def test_reserved_instances_cover_as_much_as_could_be_covered(running, bought):
    application = applied(running, *bought)
    possible = maximum_flow(
        {one.id: units_of(one.instance_type) * one.count for one in bought},
        {one: units_of(one.instance_type) * number for one, number in running.items()},
        {one.id: [each for each in running if may_cover(one, each)] for one in bought},
    )

    assert sum((pool.covered for pool in coverage(application)), Fraction(0)) == possible


@settings(max_examples=100, deadline=None)
@given(fleets, purchases)
def test_nothing_is_covered_twice_and_nothing_is_used_that_was_not_bought(running, bought):
    application = applied(running, *bought)

    for one, number in running.items():
        assert application.remaining[one] == number - covered(application, one) >= 0
    for one in bought:
        covers = application.covers_of.get(one.id, ())
        assert sum((cover.spent for cover in covers), Fraction(0)) <= one.count
        assert all(may_cover(one, cover.usage) and cover.amount > 0 for cover in covers)
        units = units_of(one.instance_type)
        assert all(cover.amount * units_of(cover.usage.instance_type) == cover.spent * units for cover in covers)


@settings(max_examples=100, deadline=None)
@given(fleets, purchases)
def test_who_bought_comes_before_the_others_and_the_smallest_before_the_largest(running, bought):
    application = applied(running, *bought)

    for cover in application.covers:
        assert isinstance(cover.commitment, ReservedInstances)
        if not cover.commitment.zone:
            rivals = [one for one in running if may_cover(cover.commitment, one) and one.account == cover.usage.account]
            smaller = [one for one in rivals if units_of(one.instance_type) < units_of(cover.usage.instance_type)]
            assert all(application.remaining[one] == 0 for one in smaller)
        if cover.usage.account != cover.commitment.account:
            own = [
                one for one in running if may_cover(cover.commitment, one) and one.account == cover.commitment.account
            ]
            assert all(application.remaining[one] == 0 for one in own)


priced = st.lists(
    st.tuples(st.integers(1, 4), st.integers(2, 40), st.integers(1, 40)).filter(lambda one: one[2] < one[1]),
    min_size=1,
    max_size=5,
)


@settings(max_examples=100, deadline=None)
@given(priced, st.integers(1, 60))
def test_one_plan_saves_the_most_that_its_money_can_buy(kinds, cents):
    fleet = {usage(f"x{number}.large"): count for number, (count, _, _) in enumerate(kinds)}
    prices = dict(zip(fleet, ((Fraction(od, 10), Fraction(plan_rate, 10)) for _, od, plan_rate in kinds), strict=True))
    rates = {(COMPUTE_WAY, one.sku): rate(str(usd), str(od)) for one, (od, usd) in prices.items()}
    application = applied(fleet, plan(str(Decimal(cents) / 10)), rates=rates)

    saved = sum(
        (cover.amount * (prices[cover.usage][0] - prices[cover.usage][1]) for cover in application.covers), Fraction(0)
    )
    assert saved == max(saved_in_order(order, fleet, prices, Fraction(cents, 10)) for order in permutations(fleet))


def saved_in_order(order, fleet, prices, commitment):
    """What is saved when the money is spent on one kind after the other."""
    saved = Fraction(0)
    for one in order:
        on_demand, plan_rate = prices[one]
        amount = min(Fraction(fleet[one]), commitment / plan_rate)
        commitment -= amount * plan_rate
        saved += amount * (on_demand - plan_rate)
    return saved
