"""What the bundled price book says, from loading it to the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import transaction
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tests.costs import cast
from tests.costs.cast import by_way, compare

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _bundled_book(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The bundled price book, loaded once for the tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_prices")
        yield
        transaction.set_rollback(True)


def test_an_m5_large_in_us_east_1_costs_what_the_bundled_book_says(client):
    instance = cast.instance(cast.account())

    ways = by_way(compare())

    assert {way: row["hourly_usd"] for way, row in ways.items() if row["hourly_usd"]} == {
        ("on-demand", None, None, None): "0.096",
        ("spot", None, None, None): "0.0384",
        ("reserved", "standard", 1, "no-upfront"): "0.06",
        ("reserved", "standard", 3, "no-upfront"): "0.041",
        ("reserved", "convertible", 1, "no-upfront"): "0.071",
        ("reserved", "convertible", 3, "no-upfront"): "0.049",
        ("reserved", "standard", 1, "partial-upfront"): "0.029",
        ("reserved", "standard", 1, "all-upfront"): "0",
        ("reserved", "standard", 3, "partial-upfront"): "0.019",
        ("reserved", "standard", 3, "all-upfront"): "0",
        ("reserved", "convertible", 1, "partial-upfront"): "0.034",
        ("reserved", "convertible", 1, "all-upfront"): "0",
        ("reserved", "convertible", 3, "partial-upfront"): "0.023",
        ("reserved", "convertible", 3, "all-upfront"): "0",
    }
    all_upfront = ways["reserved", "standard", 3, "all-upfront"]
    assert (all_upfront["upfront_usd"], all_upfront["price_date"]) == ("949", "2020-07")
    assert ways["spot", None, None, None]["price_date"] == "2024-04"
    assert ways["on-demand", None, None, None]["price_date"] == "2026-07"
    standard_1y = ways["reserved", "standard", 1, "no-upfront"]
    assert (standard_1y["price_date"], standard_1y["compared_date"]) == ("2025-04", "2025-04")
    assert (standard_1y["compared_hourly_usd"], standard_1y["saving_percent"]) == ("0.096", "37.5")
    assert (standard_1y["monthly_usd"], standard_1y["break_even_hours"]) == ("43.8", "456.25")
    assert (standard_1y["upfront_usd"], standard_1y["unpriced_reason"]) == ("0", None)

    client.force_login(User.objects.create_superuser("operator"))
    page = client.get(reverse("instance-costs", args=[instance.resource_id])).content.decode()
    assert all(figure in page for figure in ("70.08", "43.80", "29.93", "51.83", "35.77", "28.03", "2024-04"))


def test_a_paid_upfront_reservation_of_an_old_list_names_both_dates():
    cast.instance(cast.account(), region="eu-west-1")

    row = by_way(compare())["reserved", "standard", 3, "all-upfront"]

    assert row["price_date"] == "2021-09"
    assert row["compared_date"] == "2023-02"
    assert (row["hourly_usd"], row["compared_hourly_usd"]) == ("0", "0.107")


def test_the_bundled_book_prices_windows_and_dedicated_hardware_apart():
    owner = cast.account()
    cast.instance(owner, region="eu-west-1", operating_system="windows", usage_operation="RunInstances:0002")
    cast.instance(owner, region="eu-west-1", tenancy="dedicated")

    rows = [row for row in compare() if row["model"] == "on-demand"]

    assert sorted((row["operating_system"], row["tenancy"], row["hourly_usd"]) for row in rows) == [
        ("linux", "dedicated", "0.114"),
        ("windows", "default", "0.199"),
    ]


def test_the_bundled_book_has_every_payment_for_red_hat_in_ohio():
    owner = cast.account()
    cast.instance(
        owner,
        region="us-east-2",
        instance_type="t2.micro",
        operating_system="rhel",
        usage_operation="RunInstances:0010",
    )

    row = by_way(compare())["reserved", "standard", 1, "partial-upfront"]

    assert (row["upfront_usd"], row["hourly_usd"], row["price_date"]) == ("30", "0.0634", "2018-08")


@pytest.mark.parametrize("region", ["sa-east-1", "eu-north-1"])
def test_a_region_without_prices_is_unpriced_with_the_reason(region):
    cast.instance(cast.account(), region=region)

    rows = compare()

    assert all(region in row["unpriced_reason"] for row in rows)
    assert {row["hourly_usd"] for row in rows} == {None}


def test_bare_metal_takes_the_better_list():
    cast.instance(cast.account(), instance_type="m6g.metal")

    row = by_way(compare())["on-demand", None, None, None]

    assert (row["hourly_usd"], row["price_date"]) == ("2.464", "2025-04")
