"""What to buy: the optimum against exhaustive search, and the arithmetic against fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from costs.compare import Charge
from costs.purchase import Demand, Offer, Purchase, best_purchase, within_budget

YEAR = Decimal(8760)


def offer(hourly="0.06", upfront="0", on_demand="0.096", goes_on="100", falls="0") -> Offer:
    return Offer(
        charge=Charge(hourly_usd=Decimal(hourly), upfront_usd=Decimal(upfront), term_hours=YEAR),
        on_demand_hourly_usd=Decimal(on_demand),
        goes_on_percent=Decimal(goes_on),
        falls_percent=Decimal(falls),
    )


def demand(**hours: int) -> Demand:
    """`demand(_3=10, _5=20)`: three ran for ten hours, five for twenty."""
    return Demand({Fraction(level[1:].replace("h", ".5")): span for level, span in hours.items()})


def test_a_unit_is_bought_if_it_is_used_for_more_than_its_break_even_share():
    # Break-even is 62.5 %: the second unit ran for 63 of 100 hours, the third for 30.
    found = best_purchase(demand(_1=37, _2=33, _3=30), offer())

    assert found.units == 2
    assert (found.last_used_percent, found.next_used_percent) == (Decimal(63), Decimal(30))
    assert found.break_even_percent == Decimal("62.5")


def test_a_unit_that_is_used_for_exactly_its_break_even_share_is_not_bought():
    assert best_purchase(demand(_0=375, _1=625), offer()).units == 0
    assert best_purchase(demand(_0=374, _1=626), offer()).units == 1


def test_a_saving_is_what_the_units_cover_less_what_they_cost():
    found = best_purchase(demand(_1=37, _2=33, _3=30), offer())

    assert found.saving_monthly_usd == (Decimal("0.096") * Decimal("1.63") - Decimal("0.12")) * 730
    assert found.cost_monthly_usd == (Decimal("0.12") + Decimal("0.096") * Decimal("0.30")) * 730


def test_what_a_larger_thing_takes_of_a_unit_counts_as_used():
    # One and a half units ran all the time: half of the second is used, and 62.5 % is needed.
    assert best_purchase(demand(_1h=100), offer()).units == 1
    assert best_purchase(demand(_1h=100), offer(hourly="0.04")).units == 2


def test_where_nothing_ran_nothing_is_bought():
    assert best_purchase(Demand({}), offer()).units == 0
    assert best_purchase(demand(_0=100), offer()).units == 0


def test_demand_that_ends_before_the_term_must_be_used_more_until_then():
    steady = demand(_4=100)

    assert best_purchase(steady, offer(goes_on="70")).units == 4
    assert best_purchase(steady, offer(goes_on="60")).units == 0
    assert best_purchase(steady, offer(goes_on="70", falls="15")).units == 0


def test_a_commitment_that_is_dearer_than_on_demand_is_never_bought():
    assert best_purchase(demand(_9=1), offer(hourly="0.097")).units == 0


def test_a_budget_is_spent_where_a_dollar_saves_most():
    cheap, dear = offer(hourly="0", upfront="494"), offer(hourly="0", upfront="700")

    found = within_budget([(demand(_2=1), dear), (demand(_2=1), cheap)], Decimal(1200))

    assert [one.units for one in found.purchases] == [0, 2]
    assert found.is_limited
    assert sum(one.upfront_usd for one in found.purchases) == 988


def test_a_budget_that_suffices_limits_nothing():
    found = within_budget([(demand(_2=1), offer(hourly="0", upfront="494"))], Decimal(988))

    assert not found.is_limited
    assert found.more_at_most_monthly_usd == 0


def test_what_needs_no_upfront_payment_needs_no_budget():
    found = within_budget([(demand(_2=1), offer())], Decimal(0))

    assert [one.units for one in found.purchases] == [2]


levels = st.dictionaries(
    st.fractions(min_value=0, max_value=5, max_denominator=4), st.integers(1, 1000), min_size=1, max_size=5
)
prices = st.decimals(min_value="0.0001", max_value="2", places=4)
percents = st.decimals(min_value=1, max_value=100, places=1)
offers = st.builds(
    lambda hourly, upfront, on_demand, goes_on, falls: offer(
        str(hourly), str(upfront), str(on_demand), str(goes_on), str(falls)
    ),
    hourly=prices,
    upfront=st.decimals(min_value=0, max_value=5000, places=2),
    on_demand=prices,
    goes_on=percents,
    falls=st.decimals(min_value=0, max_value=90, places=1),
)


def cost(one: Demand, terms: Offer, units: int) -> Fraction:
    """What an hour of the term costs, added up level by level."""
    time = sum(one.levels.values())
    certainty = Fraction(terms.goes_on_percent) / 100 * (100 - Fraction(terms.falls_percent)) / 100
    on_demand = Fraction(0)
    for level, span in one.levels.items():
        on_demand += max(level - units, Fraction(0)) * span * Fraction(terms.on_demand_hourly_usd)
    committed = (Fraction(terms.charge.upfront_usd) / 8760 + Fraction(terms.charge.hourly_usd)) * units
    return committed + on_demand / time * certainty


@given(levels, offers)
def test_no_other_number_of_units_is_cheaper(at_once, terms):
    one = Demand(at_once)

    found = best_purchase(one, terms)

    costs = [cost(one, terms, units) for units in range(8)]
    assert costs[found.units] == min(costs)
    assert found.units == costs.index(min(costs))


@given(levels, offers, st.integers(0, 7))
def test_every_figure_is_what_exact_arithmetic_says(at_once, terms, units):
    one = Demand(at_once)
    found = Purchase(demand=one, offer=terms, units=units)

    exact = {
        "cost": cost(one, terms, units) * 730,
        "saving": (cost(one, terms, 0) - cost(one, terms, units)) * 730,
    }

    told = {"cost": found.cost_monthly_usd, "saving": found.saving_monthly_usd}
    for name, value in exact.items():
        assert abs(Fraction(told[name]) - value) <= abs(value) / 10**26


@given(levels)
def test_steps_are_the_units_one_by_one(at_once):
    one = Demand(at_once)
    time = sum(at_once.values())

    told = [step.used for step in one.steps for _ in range(step.number)]

    by_hand = [
        sum((min(max(level - unit, Fraction(0)), Fraction(1)) * span for level, span in at_once.items()), Fraction(0))
        / time
        for unit in range(len(told))
    ]
    assert told == by_hand
    assert told == sorted(told, reverse=True)
    assert len(told) >= max(at_once)


@given(st.lists(st.tuples(levels, offers), min_size=1, max_size=2), st.decimals(min_value=0, max_value=9000, places=0))
def test_no_choice_within_a_budget_saves_more_than_is_told(wanted, budget):
    pairs = [(Demand(at_once), terms) for at_once, terms in wanted]

    found = within_budget(pairs, budget)

    assert sum(one.upfront_usd for one in found.purchases) <= budget
    best = max(
        sum(cost(one, terms, 0) - cost(one, terms, units) for (one, terms), units in zip(pairs, chosen, strict=True))
        for chosen in product(range(6), repeat=len(pairs))
        if sum(Fraction(terms.charge.upfront_usd) * k for (_, terms), k in zip(pairs, chosen, strict=True)) <= budget
    )
    saved = sum(Fraction(one.saving_monthly_usd) for one in found.purchases)
    assert saved <= best * 730 * (1 + Fraction(1, 10**20)) + Fraction(1, 10**20)
    assert best * 730 <= saved + Fraction(found.more_at_most_monthly_usd) + Fraction(1, 10**20)
