from __future__ import annotations

import pytest

from inventory import points_of_presence
from inventory.aws.regions import known_regions
from inventory.aws_regions import AWS_REGIONS, COUNTRIES, Point, distance_km
from inventory.pages.presence import nearest_regions
from inventory.pages.region_names import REGION_NAMES
from inventory.points_of_presence import CITIES


def test_every_region_that_botocore_knows_has_its_place():
    assert known_regions() - set(AWS_REGIONS) == set()


def test_every_region_with_a_place_has_the_name_that_people_use():
    assert set(AWS_REGIONS) - set(REGION_NAMES) == set()


def test_every_place_lies_on_the_earth_and_in_a_known_country():
    for region in AWS_REGIONS.values():
        assert -90 <= region.point.latitude <= 90, region.code
        assert -180 <= region.point.longitude <= 180, region.code
        assert region.country_code in COUNTRIES, region.code


def test_no_country_stands_in_the_table_without_a_region():
    used = {region.country_code for region in AWS_REGIONS.values()}

    assert used == set(COUNTRIES)


def test_points_of_presence_lie_in_their_countries_and_are_counted_by_them():
    assert len({(one.country_code, one.name) for one in CITIES}) == len(CITIES) == 107
    assert {one.country_code for one in CITIES} == set(points_of_presence.COUNTRIES)
    assert {code for code in COUNTRIES if points_of_presence.COUNTRIES[code] != COUNTRIES[code].name} == set()
    # No city is further from every region than Nairobi from Cape Town; Barcelona in Venezuela would be nearest to Ohio.
    assert {one.city.name: one.region for one in nearest_regions()}["Barcelona"] in {"eu-south-2", "eu-west-3"}
    assert {one.city.name: one.region for one in nearest_regions()}["Portland"] == "us-west-2"
    assert max(one.km for one in nearest_regions()) < 5_500
    assert AWS_REGIONS["eu-south-2"].cloudfront_cities == 2


@pytest.mark.parametrize(
    ("region", "jurisdiction"),
    [
        ("eu-central-1", "European Union"),
        ("eu-central-2", "Switzerland"),
        ("eu-west-2", "United Kingdom"),
        ("us-east-1", "United States"),
        ("us-gov-west-1", "United States (GovCloud)"),
        ("ap-east-1", "Hong Kong SAR"),
    ],
)
def test_members_of_the_european_union_share_its_law_and_others_have_their_own(region, jurisdiction):
    assert AWS_REGIONS[region].jurisdiction == jurisdiction


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (Point(0, 0), Point(0, 0), 0),
        (Point(0, 0), Point(0, 180), 20015.1),
        (Point(90, 0), Point(-90, 0), 20015.1),
        (Point(0, 0), Point(0, 1), 111.2),
        (Point(36.12, -86.67), Point(33.94, -118.40), 2886.4),
    ],
)
def test_distances_follow_the_great_circle(one, other, km):
    assert round(distance_km(one, other), 1) == km
    assert distance_km(other, one) == distance_km(one, other)
