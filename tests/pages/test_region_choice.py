from __future__ import annotations

from html import unescape

import pytest
import time_machine
from django.contrib.auth.models import User

from tests.costs import cast
from tests.pages.ledgers import (
    NOW,
    account,
    instance,
    look,
    operator,
    reader,
)
from tests.pages.region_tables import (
    HERE,
    INSTANCES,
    JUST_NOW,
    THERE,
    acme_in_two_regions,
    acme_with_offers,
    choice,
    client_of,
    open_choice,
    open_regions,
    sides,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


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
