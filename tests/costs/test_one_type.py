"""One instance type across regions."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client

from costs.operations import WINDOWS
from inventory.templatetags.cells import DASH
from tests.costs import cast
from tests.costs.cast import M5_LARGE, fact
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

PAGE = "/costs/types/m5.large/"
IRELAND = M5_LARGE._replace(region="eu-west-1")


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture
def prices() -> None:
    cast.store_facts(
        *cast.M5_LARGE_2020,
        fact("on-demand", "0.107", sku=IRELAND),
        fact("on-demand", "0.199", sku=IRELAND._replace(usage_operation=WINDOWS)),
        fact("on-demand", "0.114", sku=IRELAND._replace(tenancy="dedicated")),
    )


def test_every_region_that_has_a_price_stands_with_its_cheapest_commitments(prices, operator):
    table = Reading(operator.get(PAGE)).table("What it costs by region")

    assert [region.split()[-1] for region in table][1:] == ["us-east-1", "eu-west-1"]
    virginia = table["N. Virginia us-east-1"]
    assert virginia[:3] == ["0.09600", "0.05639 41.3 %", "0.03611 62.4 %"]
    assert table["Ireland eu-west-1"][:2] == ["0.10700", DASH]


def test_other_software_and_hardware_can_be_chosen(prices, operator):
    page = Reading(operator.get(PAGE))

    windows = Reading(operator.get(page.links["Windows"])).table("What it costs by region")
    dedicated = Reading(operator.get(page.links["Dedicated hardware"])).table("What it costs by region")

    assert windows["Ireland eu-west-1"][0] == "0.19900"
    assert dedicated["Ireland eu-west-1"][0] == "0.11400"
    assert "N. Virginia us-east-1" not in windows


def test_the_export_has_every_way_in_every_priced_region(prices, operator):
    rows = json.loads(operator.get(f"{PAGE}?format=json").getvalue())

    assert {row["region"] for row in rows} == {"us-east-1", "eu-west-1"}
    missing = next(row for row in rows if row["region"] == "eu-west-1" and row["model"] == "reserved")
    assert missing["monthly_usd"] is None
    assert missing["unpriced_reason"]


def test_instances_that_run_are_counted_where_they_stand(prices, operator):
    owner = cast.account()
    cast.instance(owner)
    cast.instance(owner, state="stopped")

    assert Reading(operator.get(PAGE)).table("What it costs by region")["N. Virginia us-east-1"][5] == "1"
    assert Reading(operator.get("/costs/types/")).table("Types that run")["m5.large"] == ["1"]


def test_a_stranger_sees_prices_and_no_instance(prices, client):
    cast.instance(cast.account())
    client.force_login(User.objects.create_user("stranger"))

    assert Reading(client.get(PAGE)).table("What it costs by region")["N. Virginia us-east-1"][5] == "0"
    assert "No instance runs" in Reading(client.get("/costs/types/")).words


def test_a_type_that_no_list_has_says_so(prices, operator):
    assert "No loaded list has any price for x9.large" in Reading(operator.get("/costs/types/x9.large/")).words
    assert "with SUSE Linux on" in Reading(operator.get(f"{PAGE}?software=RunInstances:000g")).words


def test_a_type_can_be_named_in_a_form(operator):
    assert operator.get("/costs/types/", {"type": "M5.large"}).url == PAGE
    assert operator.get("/costs/types/", {"type": "large"}).status_code == 400


@pytest.mark.parametrize(
    ("address", "status"), [(f"{PAGE}?tenancy=moon", 400), (f"{PAGE}?format=xml", 400), ("/costs/types/large/", 404)]
)
def test_what_the_address_cannot_mean_is_explained(operator, address, status):
    assert operator.get(address).status_code == status


def test_hostile_software_is_shown_as_text(prices, operator):
    page = operator.get(PAGE, {"software": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert" not in page
