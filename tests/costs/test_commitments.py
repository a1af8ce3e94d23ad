"""Commitments laid on what runs: the worked examples, and the scenarios that AWS publishes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from costs.commitments.coverage import coverage
from costs.commitments.owned import Host, exact
from costs.commitments.sizes import is_flexible, units_of
from costs.operations import LINUX, WINDOWS
from costs.price_book import Unpriced
from tests.costs.owned import (
    EC2_WAY,
    END,
    NOW,
    PLAN_WAYS,
    START,
    applied,
    covered,
    host_reservation,
    outcome_of,
    plan,
    rate,
    reserved,
    usage,
)

COMPUTE_WAY = next(iter(PLAN_WAYS.values()))


@pytest.mark.parametrize(
    ("instance_type", "units"),
    [
        *(("t3.nano", "1/4"), ("t3.micro", "1/2"), ("t3.small", "1"), ("t3.medium", "2"), ("m5.large", "4")),
        *(("m5.xlarge", "8"), ("m5.2xlarge", "16"), ("m5zn.3xlarge", "24"), ("c5.9xlarge", "72")),
        *(("c5.18xlarge", "144"), ("m5.24xlarge", "192"), ("x1.32xlarge", "256"), ("u-6tb1.56xlarge", "448")),
        *(("u-6tb1.112xlarge", "896"), ("m5.metal", "192"), ("i3.metal", "128"), ("z1d.metal", "96")),
        *(("c5n.metal", "144"), ("m6i.metal", "256"), ("a1.metal", "32"), ("m7i.metal-24xl", "192")),
    ],
)
def test_sizes_count_as_many_units_as_aws_says(instance_type, units):
    assert units_of(instance_type) == Fraction(units)


@pytest.mark.parametrize("instance_type", ["mac2.metal", "u-12tb1.metal", "m5", "m5.huge"])
def test_a_size_for_which_aws_tells_no_units_has_none(instance_type):
    assert units_of(instance_type) is None


@pytest.mark.parametrize(
    ("instance_type", "operation", "tenancy", "expected"),
    [
        ("m5.large", LINUX, "default", True),
        ("m5.large", WINDOWS, "default", False),
        ("m5.large", LINUX, "dedicated", False),
        ("g4dn.xlarge", LINUX, "default", False),
        ("mac2.metal", LINUX, "default", False),
    ],
)
def test_sizes_are_flexible_for_plain_linux_on_shared_hardware_only(instance_type, operation, tenancy, expected):
    assert is_flexible(instance_type, operation, tenancy) is expected


# EC2 User Guide, "How Reserved Instance discounts are applied", the examples and scenarios below.


def test_two_small_ones_use_a_medium_one_in_full():
    small = usage("t2.small")
    application = applied({small: 2}, reserved("t2.medium"))

    assert covered(application, small) == 2
    assert outcome_of(application)["A//t2.medium"].utilisation_percent == 100


def test_a_medium_one_covers_half_of_a_large_one():
    large = usage("t2.large")

    assert covered(applied({large: 1}, reserved("t2.medium")), large) == Fraction(1, 2)


def test_scenario_1_reserved_instances_in_a_single_account():
    m3, m4, c4 = usage("m3.large"), usage("m4.xlarge", zone="use1-az2"), usage("c4.xlarge", zone="use1-az3")
    application = applied(
        {m3: 4, m4: 2, c4: 1},
        reserved("m3.large", 4, zone="use1-az1"),
        reserved("m4.large", 4),
        reserved("c4.large"),
    )

    assert [covered(application, one) for one in (m3, m4, c4)] == [4, 2, Fraction(1, 2)]
    assert {one.utilisation_percent for one in outcome_of(application).values()} == {100}


def test_scenario_2_regional_reserved_instances_go_to_the_purchasing_account_first():
    m4, m4_larger = usage("m4.xlarge"), usage("m4.2xlarge", zone="use1-az2")
    c4, c4_larger = usage("c4.xlarge"), usage("c4.2xlarge", zone="use1-az2")
    linked = usage("m4.xlarge", account="B")
    application = applied(
        {m4: 2, m4_larger: 1, c4: 2, c4_larger: 1, linked: 2}, reserved("m4.xlarge", 4), reserved("c4.xlarge", 2)
    )

    assert [covered(application, one) for one in (m4, m4_larger, c4, c4_larger, linked)] == [2, 1, 2, 0, 0]


def test_scenario_3_a_zonal_one_of_another_account_goes_before_the_regional_one_of_ones_own():
    own, linked = usage("m4.xlarge"), usage("m4.xlarge", account="B", zone="use1-az2")
    regional = reserved("m4.xlarge")
    zonal = reserved("m4.xlarge", account="C", zone="use1-az1")
    application = applied({own: 1, linked: 1}, regional, zonal)

    assert [(cover.commitment.id, cover.usage) for cover in application.covers] == [
        (zonal.id, own),
        (regional.id, linked),
    ]


def test_one_2xlarge_covers_both_large_ones_and_one_xlarge():
    large, xlarge = usage("m3.large"), usage("m3.xlarge")
    application = applied({large: 2, xlarge: 2}, reserved("m3.2xlarge"))
    (pool,) = coverage(application)

    assert [covered(application, one) for one in (large, xlarge)] == [2, 1]
    assert f"{pool.coverage_percent:.2f}" == "66.67"
    assert pool.utilisation_percent == 100


def test_four_large_ones_for_one_xlarge_and_one_large_waste_a_quarter_of_what_they_cost():
    application = applied({usage("m5.xlarge"): 1, usage("m5.large"): 1}, reserved("m5.large", 4, hourly="0.060"))
    (pool,) = coverage(application)
    outcome = outcome_of(application, {"m5.large": "0.096", "m5.xlarge": "0.192"})["A//m5.large"]

    assert [pool.coverage_percent, pool.utilisation_percent] == [100, 75]
    assert [outcome.used, outcome.unused] == [3, 1]
    assert outcome.waste_hourly_usd == Decimal("0.060")
    assert outcome.waste_monthly_usd == Decimal("43.80")
    assert outcome.net_saving_hourly_usd == Decimal("0.096") + Decimal("0.192") - Decimal("0.240")


# Savings Plans User Guide, "Understanding how Savings Plans apply to your AWS usage": usage, rates and scenarios.
# Fargate and Lambda are nothing that Skyledger reads; here they stand as usage of another kind in other regions.

R5 = usage("r5.4xlarge")
M5 = usage("m5.24xlarge", operation=WINDOWS, tenancy="dedicated")
VCPU, MEMORY = usage("fargate-vcpu", region="us-west-1"), usage("fargate-gb", region="us-west-1")
DURATION = usage("lambda-duration", region="us-east-2")
GUIDE = {R5: 4, M5: 1, VCPU: 400, MEMORY: 1600, DURATION: 1_500_000}
GUIDE_ON_DEMAND = {
    "r5.4xlarge": "1.00",
    "m5.24xlarge": "10.00",
    "fargate-vcpu": "0.04",
    "fargate-gb": "0.004",
    "lambda-duration": "0.000015",
}
LAMBDA_REQUESTS_USD = Decimal("0.20")
"""A million requests, which no plan makes cheaper."""
GUIDE_RATES = {
    **{
        (COMPUTE_WAY, one.sku): rate(usd, GUIDE_ON_DEMAND[one.instance_type])
        for one, usd in ((R5, "0.70"), (M5, "8.20"), (VCPU, "0.03"), (MEMORY, "0.003"), (DURATION, "0.00001275"))
    },
    **{(EC2_WAY, one.sku): rate(usd, GUIDE_ON_DEMAND[one.instance_type]) for one, usd in ((R5, "0.60"), (M5, "7.80"))},
}


def left_on_demand_usd(application):
    """What is paid on-demand beside the commitments."""
    return exact(
        sum(
            (amount * Fraction(GUIDE_ON_DEMAND[one.instance_type]) for one, amount in application.remaining.items()),
            Fraction(0),
        )
    )


def test_scenario_1_a_plan_covers_all_usage():
    application = applied(GUIDE, plan("50.00"), rates=GUIDE_RATES)
    outcome = outcome_of(application, GUIDE_ON_DEMAND)["A/compute"]

    assert left_on_demand_usd(application) == 0
    assert outcome.used is not None
    assert outcome.covered_on_demand_usd is not None
    assert exact(outcome.used) + LAMBDA_REQUESTS_USD == Decimal("47.125")
    assert exact(outcome.covered_on_demand_usd) + LAMBDA_REQUESTS_USD == Decimal("59.10")


def test_scenario_2_a_plan_covers_some_usage_and_the_rest_is_on_demand():
    application = applied(GUIDE, plan("2.00"), rates=GUIDE_RATES)
    outcome = outcome_of(application, GUIDE_ON_DEMAND)["A/compute"]

    assert covered(application, R5) == Fraction(20, 7)
    assert outcome.utilisation_percent == 100
    assert f"{left_on_demand_usd(application) + LAMBDA_REQUESTS_USD:.2f}" == "56.24"


def test_the_bill_of_four_r5_alone_is_exact_to_the_last_digit():
    application = applied({R5: 4}, plan("2.00"), rates=GUIDE_RATES)

    assert exact(2 + application.remaining[R5] * Fraction("1.00")) == Decimal("3.142857142857142857142857143")


def test_scenario_3_memory_goes_before_processors_because_its_rate_is_lower():
    application = applied(GUIDE, plan("19.60"), rates=GUIDE_RATES)

    assert [cover.usage for cover in application.covers] == [R5, MEMORY, VCPU]
    assert application.remaining[VCPU] == 0
    assert left_on_demand_usd(application) + LAMBDA_REQUESTS_USD == Decimal("32.70")


def test_scenario_4_reserved_instances_go_before_plans():
    application = applied(GUIDE, plan("18.20"), reserved("r5.4xlarge", 2), rates=GUIDE_RATES)

    assert [cover.usage for cover in application.covers] == [R5, R5, MEMORY, VCPU]
    assert [cover.amount for cover in application.covers][:2] == [2, 2]
    assert outcome_of(application)["A/compute"].unused == 0
    assert left_on_demand_usd(application) + LAMBDA_REQUESTS_USD == Decimal("32.70")


def test_scenario_5_a_plan_for_a_family_goes_before_a_compute_plan():
    family = plan("3.00", family="r5")
    application = applied(GUIDE, plan("16.80"), family, rates=GUIDE_RATES)
    by_id = outcome_of(application)

    assert by_id[family.id].used == Fraction("2.40")
    assert by_id[family.id].waste_hourly_usd == Decimal("0.60")
    assert by_id["A/compute"].unused == 0
    assert left_on_demand_usd(application) + LAMBDA_REQUESTS_USD == Decimal("32.70")


def test_a_plan_goes_to_its_own_account_first_however_much_more_it_would_save_elsewhere():
    own, foreign = replace_account(M5, "A"), replace_account(R5, "B")
    application = applied({own: 1, foreign: 1}, plan("8.55"), rates=GUIDE_RATES)

    assert [(cover.usage.account, cover.amount) for cover in application.covers] == [("A", 1), ("B", Fraction(1, 2))]


def replace_account(one, account):
    return one._replace(account=account)


def test_an_account_outside_of_the_organization_gets_nothing():
    stranger = usage("m5.large", account="Z", billing_family="Z")
    application = applied({stranger: 1}, reserved("m5.large"), reserved("m5.large", zone="use1-az1"), plan("1"))

    assert covered(application, stranger) == 0


def test_hosts_are_covered_by_their_reservation_and_then_by_plans():
    host = usage("m4", tenancy="host", operation="", zone="")
    application = applied(
        {},
        host_reservation("m4", 2, ["h-1"]),
        plan("1.00"),
        hosts=[Host("h-1", host), Host("h-2", host)],
        rates={(COMPUTE_WAY, host.sku): rate("1.60", "2.00")},
    )
    by_id = outcome_of(application, {"m4": "2.00"})

    assert [cover.amount for cover in application.covers] == [1, Fraction(5, 8)]
    assert by_id["hr-1"].utilisation_percent == 50
    assert by_id["hr-1"].waste_monthly_usd == Decimal("1094.27")
    assert by_id["hr-1"].net_saving_hourly_usd == Decimal("-0.998")


def test_only_a_term_that_includes_the_moment_counts():
    running = {usage("m5.large"): 1}

    assert applied(running, reserved("m5.large", start=NOW, end=END)).covers
    assert not applied(running, reserved("m5.large", start=START, end=NOW)).covers
    assert not applied(running, reserved("m5.large", start=NOW.replace(hour=13), end=END)).covers


def test_a_rate_that_is_missing_makes_the_use_of_the_plan_unknown_and_the_coverage_too():
    small, large = usage("m5.large"), usage("m5.xlarge")
    application = applied({small: 1, large: 1}, plan("1.00"), rates={(COMPUTE_WAY, small.sku): rate("0.07", "0.10")})
    outcome = outcome_of(application, {"m5.large": "0.10"})["A/compute"]

    assert (outcome.used, outcome.utilisation_percent, outcome.waste_hourly_usd) == (None, None, None)
    assert outcome.unknown == ["no loaded list has the plan's rate for it"]
    assert outcome.net_saving_hourly_usd is None
    assert coverage(application)[0].coverage_percent is None


def test_a_plan_that_is_used_up_without_the_missing_rate_is_used_up():
    small, large = usage("m5.large"), usage("m5.xlarge")
    application = applied({small: 10, large: 1}, plan("0.07"), rates={(COMPUTE_WAY, small.sku): rate("0.07", "0.10")})

    assert outcome_of(application)["A/compute"].utilisation_percent == 100


def test_a_plan_that_took_what_another_may_have_taken_is_not_known_either():
    m5 = usage("m5.large")
    family, compute = plan("1.00", family="m5"), plan("1.00")
    application = applied({m5: 1}, family, compute, rates={(COMPUTE_WAY, m5.sku): rate("0.08", "0.10")})

    assert {one: outcome.used for one, outcome in outcome_of(application).items()} == {
        family.id: None,
        compute.id: None,
    }


def test_without_an_on_demand_price_the_saving_is_unknown_and_the_waste_is_not():
    application = applied({usage("m5.large"): 1}, reserved("m5.large", 2))
    outcome = outcome_of(application)["A//m5.large"]

    assert outcome.net_saving_monthly_usd is None
    assert outcome.waste_monthly_usd == Decimal("43.80")
    assert outcome.unknown == ["what it covers has no on-demand price"]


def test_a_commitment_in_another_currency_is_used_and_its_money_is_unknown():
    one = reserved("m5.large", charge=Unpriced("it is paid in CNY"))
    outcome = outcome_of(applied({usage("m5.large"): 1}, one), {"m5.large": "0.096"})[one.id]

    assert outcome.utilisation_percent == 100
    assert (outcome.cost_hourly_usd, outcome.waste_hourly_usd, outcome.net_saving_hourly_usd) == (None, None, None)
    assert outcome.unknown == ["it is paid in CNY"]


def test_coverage_of_some_accounts_counts_what_they_run_and_what_they_reserved():
    application = applied({usage("m5.large"): 1, usage("m5.large", account="B"): 3}, reserved("m5.large", 2))
    (pool,) = coverage(application, {"B"})

    assert (pool.instances, pool.coverage_percent, pool.utilisation_percent) == (3, exact(Fraction(100, 3)), None)


def test_a_size_without_units_is_named_and_left_out_of_the_sums():
    (pool,) = coverage(applied({usage("mac2.metal"): 1}, reserved("mac2.metal")))

    assert (pool.unsized, pool.coverage_percent) == ({"mac2.metal"}, None)


def test_the_one_bought_first_goes_first_where_aws_does_not_say():
    later = reserved("m5.large", id="a", start=NOW)
    earlier = replace(later, id="b", start=START)
    application = applied({usage("m5.large"): 1}, later, earlier)

    assert [cover.commitment.id for cover in application.covers] == ["b"]
