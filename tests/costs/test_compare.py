"""The arithmetic of ways of paying, against worked examples and against exact fractions."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.compare import Charge
from costs.pricing_models import WAYS_OF_PAYING, YEAR_HOURS

ON_DEMAND_USD = Decimal("0.096")

# m5.large Linux in us-east-1, AWS list of July 2020:
# (the break-even of 949 USD is 274.5949 hours, which some tables round from 37.616 % to 274.60)
# years, upfront, hourly | effective, monthly, term total, break-even %, break-even hours, payback months
M5_LARGE = [
    (1, "0", ".060", ".060000", "43.80", "525.60", "62.5000", "456.25", "0"),
    (1, "252", ".029", ".057767", "42.17", "506.04", "60.1741", "439.27", "5.15"),
    (1, "494", "0", ".056393", "41.17", "494.00", "58.7424", "428.82", "7.05"),
    (3, "0", ".041", ".041000", "29.93", "1077.48", "42.7083", "311.77", "0"),
    (3, "505", ".019", ".038216", "27.90", "1004.32", "39.8085", "290.60", "8.98"),
    (3, "949", "0", ".036111", "26.36", "949.00", "37.6157", "274.59", "13.54"),
    (1, "0", ".071", ".071000", "51.83", "621.96", "73.9583", "539.90", "0"),
    (3, "1161", "0", ".044178", "32.25", "1161.00", "46.0188", "335.94", "16.57"),
]


@pytest.mark.parametrize(
    ("years", "upfront", "hourly", "effective", "monthly", "total", "even_percent", "even_hours", "payback"), M5_LARGE
)
def test_the_worked_reserved_prices_come_out_to_every_digit_given(
    years, upfront, hourly, effective, monthly, total, even_percent, even_hours, payback
):
    charge = Charge(upfront_usd=Decimal(upfront), hourly_usd=Decimal(hourly), term_hours=years * YEAR_HOURS)

    assert _rounded(charge.effective_hourly_usd, effective) == Decimal(effective)
    assert _rounded(charge.monthly_usd, monthly) == Decimal(monthly)
    assert charge.term_total_usd == Decimal(total)
    assert _rounded(charge.break_even_percent(ON_DEMAND_USD), even_percent) == Decimal(even_percent)
    assert _rounded(charge.break_even_hours(ON_DEMAND_USD), even_hours) == Decimal(even_hours)
    assert _rounded(charge.payback_months(ON_DEMAND_USD), payback) == Decimal(payback)


def test_on_demand_costs_730_hours_a_month():
    assert Charge(hourly_usd=ON_DEMAND_USD).monthly_usd == Decimal("70.08")


def test_a_partly_paid_host_reservation_spreads_its_upfront_payment_over_the_year():
    charge = Charge(upfront_usd=Decimal(6254), hourly_usd=Decimal(".714"), term_hours=YEAR_HOURS)

    assert _rounded(charge.effective_hourly_usd, "1.427927") == Decimal("1.427927")


@pytest.mark.parametrize(("spot", "saving"), [("0.038567", "67.59"), ("0.0342", "71.26")])
def test_a_spot_price_saves_its_share_of_on_demand(spot, saving):
    charge = Charge(hourly_usd=Decimal(spot))

    assert _rounded(charge.saving_percent(Decimal("0.119")), saving) == Decimal(saving)


def test_a_dearer_price_has_a_negative_saving_and_no_payback():
    charge = Charge(upfront_usd=Decimal(100), hourly_usd=Decimal("0.2"), term_hours=YEAR_HOURS)

    assert charge.saving_percent(ON_DEMAND_USD) < 0
    assert charge.break_even_hours(ON_DEMAND_USD) > 730
    assert charge.payback_months(ON_DEMAND_USD) is None


def test_an_upfront_payment_without_a_term_is_refused():
    with pytest.raises(ValueError, match="term"):
        Charge(upfront_usd=Decimal(1), hourly_usd=Decimal(0))


def test_a_term_without_hours_is_refused():
    with pytest.raises(ValueError, match="hour"):
        Charge(upfront_usd=Decimal(1), hourly_usd=Decimal(0), term_hours=Decimal(0))


prices = st.decimals("0.0001", "500", places=4)
upfronts = st.decimals("0", "900000", places=2)
terms = st.sampled_from(sorted({way.term_hours for way in WAYS_OF_PAYING if way.term_hours}))


@settings(deadline=None)
@given(upfront=upfronts, hourly=prices, on_demand=prices, term=terms)
def test_every_figure_is_the_exact_fraction_to_27_digits(upfront, hourly, on_demand, term):
    charge = Charge(upfront_usd=upfront, hourly_usd=hourly, term_hours=term)

    effective = Fraction(upfront) / Fraction(term) + Fraction(hourly)
    exact_and_computed = [
        (effective, charge.effective_hourly_usd),
        (effective * 730, charge.monthly_usd),
        (100 * (1 - effective / Fraction(on_demand)), charge.saving_percent(on_demand)),
        (effective / Fraction(on_demand) * 100, charge.break_even_percent(on_demand)),
        (effective / Fraction(on_demand) * 730, charge.break_even_hours(on_demand)),
    ]
    for exact, computed in exact_and_computed:
        assert abs(exact - Fraction(computed)) <= abs(exact) * Fraction(1, 10**27)


@settings(deadline=None)
@given(upfront=upfronts, hourly=prices, on_demand=prices, term=terms)
def test_a_commitment_is_cheaper_exactly_from_its_break_even_hours_on(upfront, hourly, on_demand, term):
    charge = Charge(upfront_usd=upfront, hourly_usd=hourly, term_hours=term)

    costs_at_once = Fraction(upfront) / Fraction(term) * 730 + Fraction(hourly) * 730
    on_demand_at_break_even = Fraction(charge.break_even_hours(on_demand)) * Fraction(on_demand)

    assert abs(costs_at_once - on_demand_at_break_even) <= costs_at_once * Fraction(1, 10**27)


@settings(deadline=None)
@given(hourly=prices, term=terms)
def test_a_commitment_without_upfront_costs_its_hourly_price_exactly(hourly, term):
    charge = Charge(hourly_usd=hourly, term_hours=term)

    assert charge.effective_hourly_usd == hourly
    assert charge.monthly_usd == hourly * 730


def _rounded(value: Decimal | None, like: str) -> Decimal:
    """The value rounded to as many digits as the worked example gives."""
    assert value is not None
    return value.quantize(Decimal(like))
