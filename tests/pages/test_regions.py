from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.exposure.stored import refresh
from inventory.registry import Answers
from tests.costs import cast
from tests.pages.ledgers import (
    NOW,
    Place,
    Refused,
    account,
    bucket,
    instance,
    look,
    operator,
    reader,
    rule,
    volume,
    zone,
)
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, RULES = (HERE, "ec2-instance"), (HERE, "security-group-rule")
JUST_NOW = NOW - timedelta(minutes=4)
ALL, CHOICE, SIDES = "Regions, the dearest first", "Regions of AWS to choose from", "Regions side by side"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def open_regions(user, query=""):
    return Reading(client_of(user).get(f"/regions/{query}"))


def choice(page):
    """The rows to choose from, by region, each by the head of its column."""
    head, *rows = page.tables[CHOICE]
    return {row[0].split(" ")[-1]: dict(zip(head[1:], row[1:], strict=True)) for row in rows if len(row) > 1}


def sides(page):
    """The rows of the side-by-side table by their first cell."""
    return {row[0]: row[1:] for row in page.tables[SIDES] if len(row) > 1}


def acme_in_two_regions():
    acme = account(region_states={HERE: "opt-in-not-required", "eu-central-2": "not-opted-in"})
    listings: dict[Place, Sequence[Answers] | Refused] = {
        INSTANCES: [instance(1), instance(2), instance(3, zone="eu-central-1b")],
        (HERE, "ebs-volume"): [volume(1, zone="eu-central-1b")],
        RULES: [rule(1, 1, 22)],
        (THERE, "security-group-rule"): Refused(action="ec2:DescribeSecurityGroupRules"),
        ("global", "s3-bucket"): [bucket("logs", HERE)],
    }
    look(acme, JUST_NOW, listings, (HERE, THERE))
    refresh(account_id=acme.pk)
    return acme


def test_every_region_that_is_read_stands_in_the_table_also_an_empty_one():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)]}, (HERE, "sa-east-1"))

    rows = [row[1].split(" ")[0] for row in open_regions(operator()).tables[ALL][1:-1]]

    assert rows == ["Frankfurt", "São"]


def test_two_regions_stand_side_by_side_with_each_figure_leading_to_its_rows():
    acme_in_two_regions()

    page = open_regions(operator(), f"?region={HERE}&region={THERE}")

    table = sides(page)
    assert table["What"] == [f"Frankfurt {HERE}", f"N. Virginia {THERE}"]
    assert table["EC2 instances"] == ["3", "0"]
    assert table["Jurisdiction"] == ["European Union", "United States"]
    assert table["Critical"] == ["1 critical", "not evaluated"]
    assert page.links["3"] == f"/types/ec2-instance/?region={HERE}"
    assert page.links["1 critical"] == f"/ports/?region={HERE}&source=world&severity=critical"


def test_zones_in_use_are_counted_over_all_types_that_have_zones():
    acme_in_two_regions()

    table = sides(open_regions(operator(), f"?region={HERE}&region={THERE}"))

    assert table["Zones in use"] == ["eu-central-1a 2eu-central-1b 2", "0"]


def test_zones_whose_id_is_known_stand_by_it_and_are_counted():
    acme = acme_in_two_regions()
    zones = [zone("euc1-az2", "eu-central-1a"), zone("euc1-az3", "eu-central-1b"), zone("euc1-az1", "eu-central-1c")]
    look(acme, NOW, {INSTANCES: [instance(1)], (HERE, "availability-zone"): zones}, (HERE,))

    table = sides(open_regions(operator(), f"?region={HERE}&region=eu-central-2"))

    assert table["Zones in use"] == ["euc1-az2 1", "unknown"]
    assert table["Availability zones"] == ["3", "unknown"]


def test_zones_alone_are_nothing_that_an_account_holds():
    zones = [zone("euc1-az2", "eu-central-1a"), zone("euc1-az3", "eu-central-1b")]
    look(account(), JUST_NOW, {(HERE, "availability-zone"): zones})
    client = client_of(operator())

    head, row, *_ = Reading(client.get("/regions/")).tables[ALL]
    home = Reading(client.get("/"))

    assert "Zones" not in head
    assert row[head.index("Accounts")] == "0"
    assert "1 more region read and empty" in home.words


def test_of_a_region_where_nobody_looks_nothing_is_zero():
    acme_in_two_regions()

    table = sides(open_regions(operator(), f"?region={HERE}&region=eu-central-2"))

    assert [table[row][1] for row in ("EC2 instances", "Zones in use", "Read", "List price, $ a month", "High")] == [
        "unknown",
        "unknown",
        "not looked at",
        "unknown",
        "not evaluated",
    ]


def test_one_of_three_regions_can_be_taken_away():
    acme_in_two_regions()

    page = open_regions(operator(), f"?region={HERE}&region={THERE}&region=sa-east-1")

    assert page.links["Without São Paulo"] == f"/regions/?region={HERE}&region={THERE}"


def test_one_region_alone_is_ticked_among_all():
    acme_in_two_regions()

    answer = client_of(operator()).get("/regions/", {"region": HERE}).content.decode()

    assert answer.count(" checked") == 1
    assert "Frankfurt is ticked" in answer


def test_five_regions_are_too_many_and_the_page_says_how_many_are_not():
    acme_in_two_regions()

    answer = client_of(operator()).get("/regions/?region=a&region=b&region=c&region=d&region=e")

    assert answer.status_code == 400
    assert "choose up to 4" in answer.content.decode()


def test_a_region_that_does_not_exist_is_not_found():
    acme_in_two_regions()

    answer = client_of(operator()).get(f"/regions/?region={HERE}&region=mars-north-1")

    assert answer.status_code == 404


def test_a_region_of_an_account_that_was_not_granted_looks_like_one_where_nobody_looks():
    acme_in_two_regions()
    other = account("zephyr", "444455556666")
    look(other, JUST_NOW, {}, (THERE,))

    table = sides(open_regions(reader(other), f"?region={HERE}&region={THERE}"))

    assert (table["Read"][0], table["EC2 instances"]) == ("not looked at", ["unknown", "0"])


def test_a_region_of_which_this_release_knows_no_place_is_shown_with_its_place_unknown():
    look(account(), JUST_NOW, {("mars-north-1", "ec2-instance"): [instance(1)]}, ("mars-north-1", HERE))

    row = choice(open_regions(operator()))["mars-north-1"]

    assert (row["Country and city"], row["Jurisdiction"], row["There now"]) == ("unknown", "unknown", "1 there now")


def test_each_region_says_whose_law_holds_and_whether_it_is_on():
    acme_in_two_regions()

    rows = choice(open_regions(operator()))

    assert rows["eu-central-2"]["Country and city"].startswith("Switzerland, Zurich")
    assert rows["eu-central-2"]["Jurisdiction"] == "Switzerland"
    assert rows["eu-central-2"]["Opt-in"] == "needed, on in 0 of 1"
    assert rows["eu-central-2"]["There now"] == "not looked at"
    assert rows["sa-east-1"]["Opt-in"] == "not needed"
    assert len(rows) == 38


def test_near_a_city_the_nearest_regions_come_first():
    acme_in_two_regions()

    rows = choice(open_regions(operator(), "?near=eu-central-1"))

    nearest = {region: row["About, km"] for region, row in list(rows.items())[:3]}
    assert nearest == {"eu-central-1": "0", "eu-central-2": "304", "eu-west-3": "478"}


def test_near_degrees_the_nearest_regions_come_first():
    acme_in_two_regions()

    rows = choice(open_regions(operator(), "?near=-33.9,151.2"))

    assert list(rows)[:2] == ["ap-southeast-2", "ap-southeast-4"]


@pytest.mark.parametrize("near", ["Berlin", "1,2,3", "91,0", "nan,0", "0,181"])
def test_a_place_that_cannot_be_read_says_what_to_write(near):
    acme_in_two_regions()

    answer = client_of(operator()).get("/regions/", {"near": near})

    assert answer.status_code == 400


def test_the_price_of_a_reference_has_its_month_and_without_one_it_is_unpriced(tmp_path):
    prices = (f"{THERE},m5.large,0.096", f"{HERE},m5.large,0.115")
    cast.load(cast.table(tmp_path, "on-demand_2025-04.csv", cast.ON_DEMAND, *prices))
    acme_in_two_regions()

    page = open_regions(operator(), "?reference=m5.large&sort=price")

    rows = choice(page)
    frankfurt = rows["eu-central-1"]
    assert frankfurt["m5.large, $ an hour"] == "0.11500 $ an hour"
    assert frankfurt["List of"] == "2025-04"
    assert rows["cn-north-1"]["m5.large, $ an hour"] == "unpriced"
    assert list(rows)[:2] == [THERE, HERE]
    assert "Prices: on-demand_2025-04.csv (2025-04)" in page.words


def test_the_tables_keep_the_account_and_the_moment():
    acme_in_two_regions()

    page = open_regions(operator(), f"?account=acme&as_of=2026-11-20T07:40&region={HERE}&region={THERE}")

    assert page.links["3"] == f"/types/ec2-instance/?region={HERE}&account=acme&as_of=2026-11-20T07%3A40%3A00Z"


def test_without_any_account_there_is_still_a_region_to_choose():
    page = open_regions(reader())

    assert "Nothing has been read yet" in page.words
    assert len(choice(page)) == 38


@pytest.mark.parametrize(("query", "most"), [("", 26), (f"?region={HERE}&region={THERE}", 25)])
def test_the_number_of_queries_does_not_grow_with_the_estate(query, most):
    client = client_of(operator())
    acme_in_two_regions()
    with CaptureQueriesContext(connection) as few:
        client.get(f"/regions/{query}")

    other = account("zephyr", "444455556666")
    places = (HERE, THERE, "sa-east-1", "ap-south-1")
    look(other, JUST_NOW, {(place, "ec2-instance"): [instance(n) for n in range(5)] for place in places[:1]}, places)
    with CaptureQueriesContext(connection) as many:
        client.get(f"/regions/{query}")

    assert len(many) == len(few)
    assert len(many) <= most
