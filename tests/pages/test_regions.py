from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.pages.ledgers import (
    NOW,
    account,
    instance,
    look,
    operator,
    reader,
    zone,
)
from tests.pages.reading import Reading
from tests.pages.region_tables import (
    ALL,
    HERE,
    INSTANCES,
    JUST_NOW,
    THERE,
    acme_in_two_regions,
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


@pytest.mark.parametrize(("query", "most"), [("", 31), (f"?region={HERE}&region={THERE}", 46), ("choose/", 24)])
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
