from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.auth.models import User
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


def open_choice(user, query=""):
    return Reading(client_of(user).get(f"/regions/choose/{query}"))


def choice(page):
    """The rows to choose from, by region, each by the head of its column."""
    head, *rows = page.tables[CHOICE]
    return {row[1].split(" ")[-1]: dict(zip(head[2:], row[2:], strict=True)) for row in rows if len(row) > 1}


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

    assert answer.count(" checked") == 2  # the region, and the points of presence on the map
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

    row = choice(open_choice(operator()))["mars-north-1"]

    assert (row["Jurisdiction, country and city"], row["Opt-in"], row["There now"]) == (
        "unknown",
        "unknown",
        "1 there now",
    )


def test_each_region_says_whose_law_holds_and_whether_it_is_on():
    acme_in_two_regions()

    rows = choice(open_choice(operator()))

    assert rows["eu-central-2"]["Jurisdiction, country and city"].startswith("Switzerland · Zurich")
    assert rows["eu-central-1"]["Jurisdiction, country and city"].startswith("European Union · Germany, Frankfurt")
    assert rows["eu-central-2"]["Opt-in"] == "neededon in 0 of 1"
    assert rows["eu-central-2"]["There now"] == "not looked at"
    assert rows["sa-east-1"]["Opt-in"] == "not needed"
    assert len(rows) == 38


def test_near_a_city_the_nearest_regions_come_first():
    acme_in_two_regions()

    rows = choice(open_choice(operator(), "?near=eu-central-1"))

    nearest = {region: row["About, km"] for region, row in list(rows.items())[:3]}
    assert nearest == {"eu-central-1": "0", "eu-central-2": "304", "eu-west-3": "478"}


def test_near_degrees_the_nearest_regions_come_first():
    acme_in_two_regions()

    rows = choice(open_choice(operator(), "?near=-33.9,151.2"))

    assert list(rows)[:2] == ["ap-southeast-2", "ap-southeast-4"]


@pytest.mark.parametrize("near", ["Berlin", "1,2,3", "91,0", "nan,0", "0,181"])
def test_a_place_that_cannot_be_read_says_what_to_write(near):
    acme_in_two_regions()

    answer = client_of(operator()).get("/regions/choose/", {"near": near})

    assert answer.status_code == 400


def test_the_price_of_a_reference_has_its_month_and_without_one_it_is_unpriced(tmp_path):
    prices = (f"{THERE},m5.large,0.096", f"{HERE},m5.large,0.115")
    cast.load(cast.table(tmp_path, "on-demand_2025-04.csv", cast.ON_DEMAND, *prices))
    acme_in_two_regions()

    page = open_choice(operator(), "?reference=m5.large&sort=price")

    rows = choice(page)
    frankfurt = rows["eu-central-1"]
    assert frankfurt["m5.large, $ an hour"] == "0.115002025-04"
    assert rows["cn-north-1"]["m5.large, $ an hour"] == "unpriced"
    assert list(rows)[:2] == [THERE, HERE]
    assert "m5.large: on-demand_2025-04.csv (2025-04)" in page.words


def offering(name, *zones):
    return {
        "DescribeInstanceTypeOfferings": {
            "InstanceType": name,
            "Items": [{"InstanceType": name, "Location": zone} for zone in zones],
        }
    }


def services(region, *names):
    return {
        "DescribeRegions": {"RegionName": region},
        "GetParametersByPath": {"Parameters": [{"Value": name} for name in names]},
    }


def acme_with_offers():
    """Two instances run in Frankfurt, where everything is read; of Zurich the services are known, of Milan nothing."""
    acme = account()
    listings = {
        INSTANCES: [instance(1), instance(2)],
        (HERE, "instance-type-offering"): [offering("m5.large", "euc1-az1")],
        ("global", "region-services"): [
            services(HERE, "ec2", "bedrock", "kms"),
            services("eu-central-2", "ec2", "kms"),
            services("eu-south-1"),
        ],
    }
    look(acme, JUST_NOW, listings)
    return acme


def test_what_is_used_is_asked_for_unless_told_and_what_a_region_lacks_or_is_not_known_to_have_is_said():
    acme = acme_with_offers()
    see = operator()

    of_fleet = choice(open_choice(see))
    page = open_choice(see, "?service=bedrock&service=kms&types=m5.large,g5.xlarge&sort=missing")
    of_nothing = choice(open_choice(see, "?service=&types="))

    def offers(row):
        return row["Services"], row["Instance types"]

    assert [offers(of_fleet[one]) for one in (HERE, "eu-central-2", "eu-south-1")] == [
        ("all 1", "all 1"),
        ("all 1", "unknown"),
        ("unknown", "unknown"),
    ]
    rows = choice(page)
    assert next(iter(rows)) == HERE
    assert offers(rows[HERE]) == ("all 2", "1 of 2without g5.xlarge")
    assert offers(rows["eu-central-2"]) == ("1 of 2without bedrock", "unknown")
    assert "0 of 38 regions are known to have all of it" in page.words
    assert "no region that was read has g5.xlarge" in page.words
    assert offers(of_nothing[HERE]) == ("\N{EN DASH}", "\N{EN DASH}")
    # What AWS tells everybody is no secret of the account through which it was read; what it told the account is.
    assert offers(
        choice(open_choice(reader(account("zephyr", "444455556666")), "?service=kms&types=m5.large"))[HERE]
    ) == (
        "all 1",
        "unknown",
    )
    assert acme.name not in open_choice(User.objects.get(username="reader")).words


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?service=bedrok", "No region has a service called “bedrok”. Did you mean bedrock?"),
        ("?types=large", "“large” is no instance type."),
        (f"?types={','.join(f'm{one}.large' for one in range(101))}", "101 instance types are too many"),
        ("?sort=beauty", "is not possible for sort"),
    ],
)
def test_what_cannot_be_asked_for_says_what_can(query, words):
    acme_with_offers()

    answer = client_of(operator()).get(f"/regions/choose/{query}")

    assert answer.status_code == 400
    assert words in unescape(answer.content.decode())


def test_what_runs_is_priced_in_each_region_and_what_has_no_price_there_is_no_saving(tmp_path):
    prices = (f"{THERE},m5.large,0.100", f"{HERE},m5.large,0.200", f"{HERE},r5.large,0.300")
    cast.load(cast.table(tmp_path, "on-demand_2025-04.csv", cast.ON_DEMAND, *prices))
    of_r5 = instance(3, InstanceType="r5.large")
    stopped = instance(4, State={"Name": "stopped"})
    look(account(), JUST_NOW, {INSTANCES: [instance(1), instance(2), of_r5, stopped]})
    see = operator()

    rows = choice(open_choice(see, "?sort=fleet"))
    beside = sides(open_regions(see, f"?region={HERE}&region={THERE}&types=m5.large"))

    fleet = {region: row["What runs now, $ a month"] for region, row in rows.items()}
    # 2 * 0.2 + 0.3 and 2 * 0.1, for 730 hours; in Virginia the two that can be compared cost half of it.
    at_home, elsewhere = "511.00 +0.0 %", "146.00 \N{MINUS SIGN}50.0 % 1 of 3 unpriced"
    assert list(fleet.items())[:2] == [(HERE, at_home), (THERE, elsewhere)]
    assert fleet["sa-east-1"] == "unpriced"
    assert beside["What runs now, $ a month"] == [at_home, elsewhere]
    assert beside["Instance types that are wanted"] == ["0 of 1without m5.large", "unknown"]


def test_points_of_presence_are_on_the_map_and_in_a_table_with_the_date_of_their_list():
    acme_in_two_regions()

    page = open_regions(operator())

    rows = {row[0]: row[1:] for row in page.tables["Points of presence of CloudFront"][1:]}
    assert rows["Barcelona"] == ["Spain", "Spain eu-south-2", "250 km"]
    assert "107 cities in which CloudFront answers; AWS has no API for them, list of 2025-05" in page.words


def test_the_tables_keep_the_account_and_the_moment():
    acme_in_two_regions()

    page = open_regions(operator(), f"?account=acme&as_of=2026-11-20T07:40&region={HERE}&region={THERE}")

    assert page.links["3"] == f"/types/ec2-instance/?region={HERE}&account=acme&as_of=2026-11-20T07%3A40%3A00Z"


def test_without_any_account_there_is_still_a_region_to_choose():
    nobody = reader()

    assert "Nothing has been read yet" in open_regions(nobody).words
    assert len(choice(open_choice(nobody))) == 38


@pytest.mark.parametrize(("query", "most"), [("", 30), (f"?region={HERE}&region={THERE}", 45), ("choose/", 24)])
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
