"""The ways of paying: names, terms and the grid that the comparison walks."""

from __future__ import annotations

from decimal import Decimal

import pytest

from costs.compare import Charge
from costs.pricing_models import (
    HOST_RESERVATIONS,
    ON_DEMAND,
    RESERVED,
    SAVINGS_PLANS,
    SPOT,
    WAYS_OF_PAYING,
    HostReservation,
    OfferingClass,
    Payment,
    PlanType,
    Reserved,
    SavingsPlan,
    way_of_paying,
)


def test_every_way_of_paying_is_found_by_its_slug():
    assert [way_of_paying(way.slug) for way in WAYS_OF_PAYING] == list(WAYS_OF_PAYING)
    assert len({way.slug for way in WAYS_OF_PAYING}) == len(WAYS_OF_PAYING)


def test_reserved_instances_come_in_two_classes_two_terms_and_three_payments():
    assert len(set(RESERVED)) == 12


def test_a_reserved_instance_names_its_class_term_and_payment():
    way = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.NO_UPFRONT)

    assert way.slug == "reserved-standard-3y-no-upfront"
    assert way.full_label == "Reserved, standard, 3 years, no upfront"


@pytest.mark.parametrize(("term_years", "hours"), [(1, 8760), (3, 26280)])
def test_a_commitment_pays_for_every_hour_of_its_term(term_years, hours):
    way = Reserved(offering_class=OfferingClass.STANDARD, term_years=term_years, payment=Payment.ALL_UPFRONT)

    assert way.term_hours == Decimal(hours)


def test_without_a_commitment_there_is_no_term():
    assert ON_DEMAND.term_hours is None
    assert SPOT.term_hours is None


def test_a_way_that_can_be_left_sooner_ties_less():
    convertible = Reserved(offering_class=OfferingClass.CONVERTIBLE, term_years=1, payment=Payment.NO_UPFRONT)
    standard = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.NO_UPFRONT)

    assert ON_DEMAND.lock_in < convertible.lock_in < standard.lock_in


def test_every_way_says_what_it_ties_the_payer_to():
    assert all(way.catch for way in WAYS_OF_PAYING)


def test_savings_plans_come_in_two_types_two_terms_and_three_payments():
    assert len(set(SAVINGS_PLANS)) == 12
    assert [SAVINGS_PLANS[0].slug, SAVINGS_PLANS[-1].slug] == [
        "savings-plan-compute-1y-no-upfront",
        "savings-plan-ec2-instance-3y-all-upfront",
    ]


@pytest.mark.parametrize(
    ("payment", "upfront", "hourly"),
    [
        (Payment.NO_UPFRONT, "0", "0.0711"),
        (Payment.PARTIAL_UPFRONT, "311.418", "0.03555"),
        (Payment.ALL_UPFRONT, "622.836", "0"),
    ],
)
def test_the_rate_of_a_savings_plan_is_its_effective_price_however_it_is_paid(payment, upfront, hourly):
    plan = SavingsPlan(plan_type=PlanType.COMPUTE, term_years=1, payment=payment)

    charge = plan.charge(hourly_usd=Decimal("0.0711"))

    assert charge == Charge(hourly_usd=Decimal(hourly), upfront_usd=Decimal(upfront), term_hours=Decimal(8760))
    assert charge.effective_hourly_usd == Decimal("0.0711")


def test_a_savings_plan_with_an_upfront_price_of_its_own_is_refused():
    plan = SavingsPlan(plan_type=PlanType.COMPUTE, term_years=1, payment=Payment.ALL_UPFRONT)

    with pytest.raises(ValueError, match="no upfront price"):
        plan.charge(hourly_usd=Decimal("0.07"), upfront_usd=Decimal(600))


def test_a_savings_plan_names_its_type_term_and_payment():
    plan = SavingsPlan(plan_type=PlanType.EC2_INSTANCE, term_years=3, payment=Payment.NO_UPFRONT)

    assert plan.full_label == "Savings Plan, EC2 instance, 3 years, no upfront"
    assert plan.short_label == "Savings Plan EC2 instance, 3 y, no upfront"


def test_a_compute_plan_ties_less_than_one_of_a_family():
    compute, family = (
        SavingsPlan(plan_type=plan_type, term_years=1, payment=Payment.NO_UPFRONT) for plan_type in PlanType
    )

    assert compute.lock_in < family.lock_in


def test_the_reservation_of_an_m4_host_costs_what_its_offering_says():
    way = HostReservation(term_years=1, payment=Payment.PARTIAL_UPFRONT)

    charge = way.charge(hourly_usd=Decimal("0.714"), upfront_usd=Decimal(6254))

    assert way in HOST_RESERVATIONS
    assert charge.effective_hourly_usd.quantize(Decimal("0.000001")) == Decimal("1.427927")
