"""Every way of paying on pages and in the command: worked examples, dedicated hardware, and use that falls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client

from costs.price_book import Sku, host_sku
from costs.sources.document import UnitFact
from inventory.models import SavedView
from tests.costs import cast
from tests.costs.cast import fact
from tests.pages.reading import Reading
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

IRELAND = Sku("eu-west-1", "m5.large", "RunInstances", "default")
DEDICATED = IRELAND._replace(tenancy="dedicated")
FEE = UnitFact("ec2", "eu-west-1", "dedicated-fee", "hour", "hour", Decimal(2))
FIGURES = "Every figure of the ways of paying"

# Upfront, effective, a month, without upfront share, term total, even at % and h, cash back.
WORKED = {
    "Reserved, standard, 1 year, no upfront": "0 0.060000 43.80 43.80 525.60 62.5000 456.25 0.00",
    "Reserved, standard, 1 year, partial upfront": "252 0.057767 42.17 21.17 506.04 60.1741 439.27 5.15",
    "Reserved, standard, 1 year, all upfront": "494 0.056393 41.17 0.00 494.00 58.7424 428.82 7.05",
    "Reserved, standard, 3 years, no upfront": "0 0.041000 29.93 29.93 1,077.48 42.7083 311.77 0.00",
    "Reserved, standard, 3 years, partial upfront": "505 0.038216 27.90 13.87 1,004.32 39.8085 290.60 8.98",
    "Reserved, standard, 3 years, all upfront": "949 0.036111 26.36 0.00 949.00 37.6157 274.59 13.54",
    "Reserved, convertible, 1 year, no upfront": "0 0.071000 51.83 51.83 621.96 73.9583 539.90 0.00",
    "Reserved, convertible, 3 years, all upfront": "1,161 0.044178 32.25 0.00 1,161.00 46.0188 335.94 16.57",
}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.fixture
def acme():
    owner = cast.account()
    for region in ("us-east-1", "eu-west-1"):
        read_everything(owner, datetime(2026, 1, 1, 6, tzinfo=UTC), region)
    return owner


@pytest.fixture
def ireland(acme):
    """Prices of m5 in Ireland in 2023: shared, dedicated, and a host."""
    cast.store_facts(
        fact("on-demand", "0.107", sku=IRELAND),
        fact("on-demand", "0.114", sku=DEDICATED),
        fact("on-demand", "0.214", sku=IRELAND._replace(instance_type="m5.xlarge")),
        fact("on-demand", "5.650", sku=host_sku("eu-west-1", "m5")),
        FEE,
        month="2023-02",
    )
    return acme


def fleet(client: Client, query: str = ""):
    rows = json.loads(client.get(f"/costs/?format=json{query}").getvalue())
    return {(row["model"], row["term_years"], row["payment"]): row for row in rows if row["offering_class"] is None}


def test_the_figures_of_a_reservation_stand_on_its_page_to_the_last_digit(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    instance = cast.instance(acme)

    for url in (f"/costs/{instance.resource_id}/", "/costs/"):
        table = Reading(operator.get(url)).table(FIGURES)

        assert {way: " ".join(table[way][:8]) for way in WORKED} == WORKED


def test_the_figures_of_a_reservation_stand_in_the_command_to_the_last_digit(acme):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme)

    row = cast.by_way(cast.compare())["reserved", "standard", 3, "all-upfront"]

    assert row["break_even_hours"] == "274.5949074074"
    assert row["monthly_usd"] == "26.3611111111"
    assert row["saving_percent"] == "62.3842592593"
    assert (Decimal(row["upfront_usd"]), Decimal(row["hourly_usd"])) == (Decimal(949), Decimal(0))


def test_a_savings_plan_stands_under_its_own_model_with_what_is_paid_when(acme):
    cast.store_facts(
        *cast.M5_LARGE_2020,
        fact("savings-plan-compute-3y-partial-upfront", "0.05"),
        fact("savings-plan-ec2-instance-1y-all-upfront", "0.06"),
    )
    cast.instance(acme)

    rows = cast.by_way(cast.compare())

    partial = rows["savings-plan-compute", None, 3, "partial-upfront"]
    assert (Decimal(partial["hourly_usd"]), Decimal(partial["upfront_usd"])) == (Decimal("0.025"), Decimal(657))
    assert Decimal(partial["monthly_usd"]) == Decimal("36.5")
    whole = rows["savings-plan-ec2-instance", None, 1, "all-upfront"]
    assert (Decimal(whole["hourly_usd"]), Decimal(whole["upfront_usd"])) == (Decimal(0), Decimal("525.6"))
    assert Decimal(whole["saving_percent"]) == Decimal("37.5")


def test_the_fee_for_dedicated_instances_is_taken_once_for_the_region(ireland, operator):
    for _ in range(33):
        cast.instance(ireland, region="eu-west-1")

    row = fleet(operator)["dedicated-instance", None, None]

    assert Decimal(row["effective_hourly_usd"]) == 33 * Decimal("0.114") + 2
    assert "2 an hour together" in Reading(operator.get("/costs/")).words


def test_a_host_is_cheaper_than_dedicated_instances_from_thirty_three_large_ones_on(ireland, operator):
    for _ in range(32):
        cast.instance(ireland, region="eu-west-1")

    rows = fleet(operator)
    assert Decimal(rows["dedicated-host", None, None]["monthly_usd"]) == Decimal("5.65") * 730
    assert rows["dedicated-host", None, None]["hosts"] == 1
    assert rows["dedicated-instance", None, None]["monthly_usd"] < rows["dedicated-host", None, None]["monthly_usd"]

    cast.instance(ireland, region="eu-west-1")

    rows = fleet(operator)
    assert rows["dedicated-instance", None, None]["monthly_usd"] > rows["dedicated-host", None, None]["monthly_usd"]


def test_hosts_stand_in_one_zone_each(ireland, operator):
    for zone in ("eu-west-1a", "eu-west-1b"):
        cast.instance(ireland, region="eu-west-1", availability_zone=zone)

    assert fleet(operator)["dedicated-host", None, None]["hosts"] == 2


def test_without_its_fee_the_price_of_dedicated_instances_is_not_known(acme, operator):
    cast.store_facts(fact("on-demand", "0.107", sku=IRELAND), fact("on-demand", "0.114", sku=DEDICATED))
    cast.instance(acme, region="eu-west-1")

    row = cast.by_way(cast.compare())["dedicated-instance", None, None, None]

    assert row["unpriced_reason"] == "no loaded list has the fee of dedicated instances in eu-west-1"
    assert fleet(operator)["dedicated-instance", None, None]["fits"] == 0


def test_windows_on_a_host_is_not_priced_by_the_host_alone(ireland):
    windows = IRELAND._replace(usage_operation="RunInstances:0002")
    cast.store_facts(fact("on-demand", "0.199", sku=windows), month="2023-03")
    cast.instance(ireland, region="eu-west-1", usage_operation="RunInstances:0002", operating_system="windows")

    row = cast.by_way(cast.compare())["dedicated-host", None, None, None]

    assert row["unpriced_reason"] == "what Windows costs on a dedicated host is in no loaded list"


def test_a_family_whose_hosts_are_not_known_stays_on_demand_and_says_so(acme, operator):
    m6i = IRELAND._replace(instance_type="m6i.large")
    cast.store_facts(fact("on-demand", "0.107", sku=m6i), fact("on-demand", "7", sku=host_sku("eu-west-1", "m6i")))
    cast.instance(acme, region="eu-west-1", instance_type="m6i.large")

    assert fleet(operator)["dedicated-host", None, None]["fits"] == 0
    assert (
        "how many instances fit on a dedicated host of m6i is in no loaded list"
        in Reading(operator.get("/costs/")).words
    )


def test_if_use_falls_a_commitment_is_paid_all_the_same(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    instance = cast.instance(acme)

    rows = cast.by_way(json.loads(operator.get("/costs/?format=json&falls=50").getvalue()))
    standard = rows["reserved", "standard", 1, "no-upfront"]
    table = Reading(operator.get(f"/costs/{instance.resource_id}/?falls=50")).table(FIGURES)

    assert Decimal(standard["saving_percent_if_use_falls"]) == -25
    assert Decimal(standard["regret_monthly_usd"]) == Decimal("8.76")
    assert table["Reserved, standard, 1 year, no upfront"][8] == "8.76"
    assert table["Reserved, standard, 3 years, no upfront"][8] == "0.00"


@pytest.mark.parametrize("falls", ["0", "100", "-5", "many", "1e1", "²"])
def test_use_cannot_fall_by_just_anything(acme, operator, falls):
    response = operator.get("/costs/", {"falls": falls})

    assert response.status_code == 400
    assert "Write a whole number from 1 to 99" in response.content.decode()


def test_only_instances_that_meet_a_query_are_compared(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    for name in ("web-1", "web-2", "db-1"):
        cast.instance(acme, name=name)

    assert fleet(operator, "&q=name:web*")["on-demand", None, None]["priced"] == 2
    assert "There is no running instance that meets the query" in Reading(operator.get("/costs/?q=name:x")).words


def test_a_query_that_cannot_be_read_compares_nothing_and_points_at_the_word(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme)

    reading = Reading(operator.get("/costs/", {"q": "colour:red"}))

    assert "colour" in reading.words
    assert "70.08" not in reading.words
    assert fleet(operator, "&q=colour:red")["on-demand", None, None]["priced"] == 0


def test_a_saved_view_of_instances_is_offered_and_one_of_volumes_is_not(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme, name="web-1")
    user = User.objects.get(username="operator")
    SavedView.objects.create(owner=user, name="Web servers", query="type:ec2-instance name:web*")
    SavedView.objects.create(owner=user, name="Big volumes", query="type:ebs-volume size_gib>100")

    page = Reading(operator.get("/costs/"))

    assert "Web servers" in page.links
    chosen = Reading(operator.get(page.links["Web servers"]))
    assert "$70.08" in chosen.words
    assert "state=stopped" in operator.get(page.links["Web servers"]).content.decode()
    choices = operator.get("/costs/").content.decode().split('aria-label="Saved views"')[1].split("</ul>")[0]
    assert "Big volumes" not in choices


def test_a_stranger_compares_nothing_by_naming_an_account_in_a_query(acme, client):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme)
    client.force_login(User.objects.create_user("stranger"))

    page = Reading(client.get("/costs/", {"q": "account:acme"}))

    assert "70.08" not in page.words


@pytest.mark.parametrize(
    ("query", "words"),
    [("draw=gold", "is no way of paying"), ("&".join(f"draw={one.way}" for one in cast.M5_LARGE_2020), "at most")],
)
def test_a_drawing_that_cannot_be_made_is_explained(acme, operator, query, words):
    response = operator.get(f"/costs/?{query}")

    assert response.status_code == 400
    assert words in response.content.decode()


def test_chosen_ways_are_drawn_for_the_fleet(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme)
    cast.instance(acme)

    page = Reading(operator.get("/costs/?draw=reserved-standard-1y-all-upfront"))

    figures = page.table("Figures of this chart")
    assert list(figures)[1:] == ["On-demand", "Reserved standard, 1 y, all upfront"]
    assert figures["Reserved standard, 1 y, all upfront"][0] == "988.00"


def test_ways_without_a_price_are_one_quiet_line(acme, operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    cast.instance(acme)

    table = Reading(operator.get("/costs/")).table("Ways of paying for these instances")

    assert table["all 6"][0].startswith("unpriced")
    assert table["the other 4"][0].startswith("unpriced")


def test_an_instance_that_is_dedicated_already_is_compared_with_itself(ireland):
    cast.instance(ireland, region="eu-west-1", tenancy="dedicated")

    row = cast.by_way(cast.compare())["dedicated-instance", None, None, None]

    assert (row["hourly_usd"], Decimal(row["saving_percent"])) == ("0.114", Decimal(0))
