"""What ways of paying cost month after month: figures, the drawing, and what is not drawn."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.test import Client

from costs.compare import Charge
from costs.comparison import compare_ways
from costs.pages.course import Courses
from costs.pages.course_chart import BOTTOM, LABEL_GAP, LEFT, RIGHT, Chart, chart_of
from costs.pricing_models import ON_DEMAND, SPOT, way_of_paying
from inventory.templatetags.cells import DASH
from tests.costs import cast
from tests.costs.cast import M5_LARGE, price
from tests.pages.reading import Reading
from tests.support.rows import read_everything

ONE_YEAR = way_of_paying("reserved-standard-1y-all-upfront")
ONE_YEAR_PARTIAL = way_of_paying("reserved-standard-1y-partial-upfront")
THREE_YEARS = way_of_paying("reserved-standard-3y-all-upfront")
THREE_YEARS_FREE = way_of_paying("reserved-convertible-3y-no-upfront")
LIST = "2025-04"


def courses(*prices) -> Courses:
    return Courses(compare_ways(M5_LARGE, cast.book(*prices)))


def drawing(found: Courses) -> Chart:
    chart = chart_of(found)
    assert chart is not None
    return chart


def labels(found: Courses) -> list[str]:
    return [line.label for line in found.lines]


def test_an_upfront_payment_is_paid_on_the_first_day_and_again_after_each_term():
    charge = Charge(hourly_usd=Decimal("0.01"), upfront_usd=Decimal(100), term_hours=Decimal(8760))

    paid = [charge.paid_usd(Decimal(hours)) for hours in (0, 8760, 8761, 17520)]

    assert paid == [Decimal(100), Decimal("187.60"), Decimal("287.61"), Decimal("375.20")]


def test_what_a_whole_term_costs_is_the_total_of_the_comparison():
    charge = Charge(hourly_usd=Decimal("0.013"), upfront_usd=Decimal("77.7"), term_hours=Decimal(26280))

    assert charge.paid_usd(Decimal(26280)) == charge.term_total_usd


def test_on_demand_the_cheapest_of_each_term_and_spot_are_drawn():
    found = courses(
        price(ON_DEMAND, "0.096", LIST),
        price(SPOT, "0.04", LIST),
        price(ONE_YEAR, "0", LIST, upfront="500"),
        price(ONE_YEAR_PARTIAL, "0.03", LIST, upfront="260"),
        price(THREE_YEARS, "0", LIST, upfront="1000"),
        price(THREE_YEARS_FREE, "0.05", LIST),
    )

    assert labels(found) == [
        "On-demand",
        "Reserved standard, 1 y, all upfront, 3 times",
        "Reserved standard, 3 y, all upfront",
        "Spot",
    ]
    assert [line.total_usd for line in found.lines] == [
        Decimal("2522.880"),
        Decimal(1500),
        Decimal(1000),
        Decimal("1051.20"),
    ]


def test_a_lower_price_of_an_older_list_is_not_held_out_as_the_cheapest():
    found = courses(
        price(ON_DEMAND, "0.096", LIST),
        price(THREE_YEARS_FREE, "0.05", LIST),
        price(THREE_YEARS, "0", "2021-09", upfront="100"),
    )

    assert labels(found) == ["On-demand", "Reserved convertible, 3 y, no upfront"]


def test_a_commitment_of_an_older_list_is_drawn_beside_the_on_demand_price_of_that_list():
    found = courses(
        price(ON_DEMAND, "0.080", "2026-07"),
        price(ON_DEMAND, "0.096", LIST),
        price(THREE_YEARS, "0", LIST, upfront="1000"),
    )

    assert labels(found) == ["On-demand of 2026-07", "On-demand of 2025-04", "Reserved standard, 3 y, all upfront"]
    assert found.is_of_several_dates


def test_without_a_commitment_of_three_years_a_year_is_drawn():
    found = courses(price(ON_DEMAND, "0.096", LIST), price(ONE_YEAR, "0", LIST, upfront="500"))

    assert (found.months, labels(found)[1]) == (12, "Reserved standard, 1 y, all upfront")
    assert found.figure_months == [0, 2, 4, 6, 8, 10, 12]


def test_at_the_break_even_a_commitment_has_cost_what_on_demand_has():
    found = courses(price(ON_DEMAND, "0.096", LIST), price(THREE_YEARS, "0.01", LIST, upfront="700"))
    on_demand, reserved = found.lines

    months, hours = reserved.break_even_months, reserved.break_even_hours

    assert months is not None
    assert hours is not None
    assert months.quantize(Decimal("0.01")) == Decimal("11.15")
    assert abs(reserved.paid_usd(months) - on_demand.paid_usd(months)) < Decimal("1e-20")
    assert hours.quantize(Decimal("0.01")) == Decimal("278.59")


@pytest.mark.parametrize(("hourly", "upfront"), [("0", "3000"), ("0.10", "0"), ("0.09", "2000")])
def test_a_commitment_that_costs_more_than_on_demand_never_breaks_even(hourly: str, upfront: str):
    found = courses(price(ON_DEMAND, "0.096", LIST), price(THREE_YEARS, hourly, LIST, upfront=upfront))

    assert found.lines[1].break_even_months is None
    assert drawing(found).rings == []


def test_what_has_no_price_is_neither_drawn_nor_offered():
    found = courses(price(ON_DEMAND, "0.096", LIST), price(SPOT, "0.04", LIST))

    assert labels(found) == ["On-demand", "Spot"]
    assert found.choices == [(SPOT, True)]


def test_other_ways_can_be_drawn_than_the_usual_ones():
    prices = (
        price(ON_DEMAND, "0.096", LIST),
        price(ONE_YEAR, "0", LIST, upfront="494"),
        price(THREE_YEARS, "0", LIST, upfront="949"),
    )

    found = Courses(compare_ways(M5_LARGE, cast.book(*prices)), [ONE_YEAR.slug])

    assert labels(found) == ["On-demand", "Reserved standard, 1 y, all upfront"]
    assert found.choices == [(ONE_YEAR, True), (THREE_YEARS, False)]
    assert found.months == 12


def test_the_cheapest_savings_plan_of_the_longest_term_is_drawn():
    year, three_years, dearer = (
        way_of_paying(f"savings-plan-compute-{end}") for end in ("1y-no-upfront", "3y-all-upfront", "3y-no-upfront")
    )
    rates = [(year, "0.03"), (three_years, "0.04"), (dearer, "0.05")]
    plans = [replace(price(way, "0", LIST), charge=way.charge(hourly_usd=Decimal(rate))) for way, rate in rates]

    found = courses(price(ON_DEMAND, "0.096", LIST), *plans)

    assert labels(found) == ["On-demand", "Savings Plan compute, 3 y, all upfront"]
    assert found.lines[1].total_usd == Decimal("0.04") * 26280


def test_one_price_alone_is_not_drawn():
    assert chart_of(courses(price(ON_DEMAND, "0.096", LIST))) is None
    assert chart_of(courses()) is None


def test_a_payment_upfront_begins_above_zero_and_steps_up_where_it_is_signed_again():
    found = courses(
        price(ON_DEMAND, "0.096", LIST),
        price(ONE_YEAR, "0", LIST, upfront="500"),
        price(THREE_YEARS_FREE, "0.05", LIST),
    )

    paths = {line.course.label: line.path for line in drawing(found).lines}

    assert paths["On-demand"].startswith(f"M{LEFT}.0 {BOTTOM}.0L")
    assert paths["Reserved standard, 1 y, all upfront, 3 times"].count("V") == 2
    assert not paths["Reserved standard, 1 y, all upfront, 3 times"].startswith(f"M{LEFT}.0 {BOTTOM}.0")
    assert all(path.split("L")[-1].startswith(f"{RIGHT}.0 ") for path in paths.values())


def test_labels_keep_apart_where_lines_end_together():
    found = courses(
        price(ON_DEMAND, "0.0002", LIST),
        price(SPOT, "0.0001", LIST),
        price(ONE_YEAR, "0.0001", LIST, upfront="0.001"),
        price(THREE_YEARS, "0.0001", LIST, upfront="0.001"),
    )

    places = [line.label_y for line in drawing(found).lines]

    assert all(after - before >= LABEL_GAP for before, after in pairwise(places))
    assert max(places) <= BOTTOM


@pytest.mark.parametrize("hourly", ["0.0000001", "0.096", "31.212", "999.99"])
def test_the_grid_begins_at_zero_and_holds_every_line(hourly: str):
    chart = drawing(courses(price(ON_DEMAND, hourly, LIST), price(SPOT, hourly, LIST)))

    assert chart.dollars[0].value == 0
    assert 3 <= len(chart.dollars) <= 6
    assert chart.dollars[-1].value >= max(line.course.total_usd for line in chart.lines)


def test_prices_of_zero_are_drawn_on_the_ground():
    chart = drawing(courses(price(ON_DEMAND, "0", LIST), price(SPOT, "0", LIST)))

    assert {line.end_y for line in chart.lines} == {BOTTOM}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/types/ec2-instance/{}/", "/costs/{}/"])
def test_both_pages_of_an_instance_show_the_drawing_and_its_figures(tmp_path, address: str):
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    read_everything(owner, region=cast.REGION)
    instance = cast.instance(owner)
    client = Client()
    client.force_login(User.objects.create_superuser("operator"))

    response = client.get(address.format(instance.resource_id))

    figures = Reading(response).table("Figures of this chart")
    page = response.content.decode()
    assert len(re.findall(r'<path class="way ', page)) == 4
    assert " style=" not in page
    assert figures["On-demand"][1:3] == ["420.48", "840.96"]
    assert figures["Reserved standard, 3 y, no upfront"][-4:] == ["1,077.48", "312", "at once", "2025-04"]
    assert figures["Spot"][-3:] == [DASH, DASH, "2024-04"]
