from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from inventory.aws_regions import AWS_REGIONS, Point
from inventory.findings.counts import Counted
from inventory.pages.region_rows import RegionRow
from inventory.pages.world_map import HEIGHT, LEFT, TOP, WIDTH, project, world_map
from inventory.registry import Answers
from tests.pages.ledgers import NOW, Place, Refused, account, instance, look, operator

JUST_NOW = NOW - timedelta(minutes=4)


def row(region, resources=0):
    class Row(RegionRow):
        total = resources

    return Row(
        region=region,
        accounts=1,
        numbers=(),
        ports=None,
        findings=Counted(),
        is_judged=True,
        costs=(),
        freshness=None,
    )


@pytest.mark.parametrize(
    ("point", "place"),
    [
        (Point(0, 0), (500, 240)),
        (Point(50.11, 8.68), (520.8, 81.4)),
        (Point(-33.87, 151.21), (890.9, 347.6)),
        (Point(39.04, -77.49), (303.7, 116.0)),
    ],
)
def test_places_lie_where_the_tool_that_drew_the_land_puts_them(point, place):
    x, y = project(point)

    assert (round(x, 1), round(y, 1)) == place


def test_every_region_of_aws_lies_on_the_shown_part_of_the_map():
    found = world_map([row(region) for region in AWS_REGIONS])

    assert len(found.marks) == len(AWS_REGIONS)
    for mark in found.marks:
        assert LEFT < mark.x < LEFT + WIDTH, mark.region
        assert TOP < mark.y < TOP + HEIGHT, mark.region


def test_the_land_fits_the_shown_part_of_the_map():
    land = (Path(settings.BASE_DIR) / "static/world.svg").read_text()

    starts = [(float(x) / 2, float(y) / 2) for x, y in re.findall(r"M(-?\d+) (-?\d+)", land)]

    assert 'transform="scale(.5)"' in land
    assert min(x for x, _ in starts) >= LEFT
    assert max(x for x, _ in starts) <= LEFT + WIDTH
    assert max(y for _, y in starts) <= TOP + HEIGHT


def test_more_resources_make_a_larger_mark():
    numbers = {"eu-central-1": 5000, "us-east-1": 70, "sa-east-1": 3, "ap-south-1": 0}

    radii = {mark.region: mark.radius for mark in world_map([row(*one) for one in numbers.items()]).marks}

    assert radii["eu-central-1"] > radii["us-east-1"] > radii["sa-east-1"] > radii["ap-south-1"]


def test_no_two_labels_begin_at_the_same_place():
    marks = world_map([row(region, number) for number, region in enumerate(AWS_REGIONS, 1)]).marks

    places = [(mark.label.x, mark.label.y) for mark in marks if mark.label]

    assert len(places) > 10
    assert all(one != other for one, other in combinations(places, 2))


def test_a_region_without_a_known_place_is_named_beside_the_map():
    found = world_map([row("mars-north-1", 3), row(None, 2)])

    assert found.marks == []
    assert found.without_place == ["mars-north-1", None]


@pytest.mark.django_db
@time_machine.travel(NOW, tick=False)
def test_each_mark_says_in_words_what_is_there_and_how_well_it_is_known():
    listings: dict[Place, Sequence[Answers] | Refused] = {
        ("eu-central-1", "ec2-instance"): [instance(1), instance(2)],
        ("us-east-1", "ec2-instance"): Refused(),
    }
    look(account(), JUST_NOW, listings, ("eu-central-1", "us-east-1", "sa-east-1"))
    client = Client()
    client.force_login(operator())

    page = client.get("/").content.decode()

    marks = dict(re.findall(r'<a href="(/regions/[^"]+)"\s+aria-label="([^"]+)"', page))
    assert marks == {
        "/regions/eu-central-1/": "Frankfurt: 2 resources",
        "/regions/us-east-1/": "N. Virginia: 0 resources, denied at least in part",
        "/regions/sa-east-1/": "São Paulo: 0 resources",
    }
