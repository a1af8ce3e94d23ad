"""Every way of paying for one thing."""

from __future__ import annotations

from decimal import Decimal

from costs.comparison import compare_ways
from costs.price_book import Unpriced
from costs.pricing_models import ON_DEMAND, RESERVED, SPOT, WAYS_OF_PAYING
from tests.costs import cast
from tests.costs.cast import M5_LARGE, price

STANDARD_3Y = next(way for way in RESERVED if way.slug == "reserved-standard-3y-no-upfront")
STANDARD_3Y_ALL = next(way for way in RESERVED if way.slug == "reserved-standard-3y-all-upfront")


def options(*prices):
    return {option.way: option for option in compare_ways(M5_LARGE, cast.book(*prices))}


def test_every_way_of_paying_is_there_priced_or_with_a_reason():
    found = options(price(ON_DEMAND, "0.096", "2025-04"))

    assert list(found) == list(WAYS_OF_PAYING)
    assert all(bool(option.listed) is not bool(option.unpriced_reason) for option in found.values())


def test_a_commitment_says_what_it_saves_and_from_how_many_hours():
    found = options(price(ON_DEMAND, "0.096", "2025-04"), price(STANDARD_3Y, "0.041", "2025-04"))[STANDARD_3Y]

    assert found.monthly_usd == Decimal("29.93")
    assert found.saving_percent.quantize(Decimal("0.0001")) == Decimal("57.2917")
    assert found.break_even_hours.quantize(Decimal("0.01")) == Decimal("311.77")
    assert not found.is_compared_across_dates


def test_a_saving_rests_on_the_on_demand_price_of_the_same_list_and_not_on_the_headline():
    found = options(
        price(ON_DEMAND, "0.080", "2026-07"),
        price(ON_DEMAND, "0.096", "2025-04"),
        price(STANDARD_3Y, "0.048", "2025-04"),
    )

    assert found[ON_DEMAND].listed.charge.hourly_usd == Decimal("0.080")
    assert found[STANDARD_3Y].compared.charge.hourly_usd == Decimal("0.096")
    assert found[STANDARD_3Y].saving_percent == 50


def test_a_comparison_across_dates_says_so():
    found = options(price(ON_DEMAND, "0.096", "2025-04"), price(STANDARD_3Y_ALL, "0", "2021-09", upfront="949"))[
        STANDARD_3Y_ALL
    ]

    assert found.is_compared_across_dates
    assert found.compared.provenance.month_text == "2025-04"


def test_spot_saves_but_has_no_break_even():
    found = options(price(ON_DEMAND, "0.096", "2024-04"), price(SPOT, "0.0384", "2024-04"))[SPOT]

    assert found.saving_percent == 60
    assert found.break_even_hours is None
    assert found.payback_months is None


def test_on_demand_is_compared_with_nothing():
    found = options(price(ON_DEMAND, "0.096", "2025-04"))[ON_DEMAND]

    assert (found.compared, found.saving_percent, found.break_even_hours) == (None, None, None)


def test_a_commitment_without_any_on_demand_price_has_a_price_and_no_saving():
    found = options(price(STANDARD_3Y, "0.041", "2025-04"))[STANDARD_3Y]

    assert found.monthly_usd == Decimal("29.93")
    assert found.saving_percent is None


def test_a_thing_that_has_no_sku_has_the_same_reason_under_every_way():
    found = compare_ways(Unpriced("its tenancy was not read"), cast.book())

    assert {option.unpriced_reason for option in found} == {"its tenancy was not read"}
