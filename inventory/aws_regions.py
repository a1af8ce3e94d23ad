"""The regions of AWS: where they are, under whose law, and whether they must be switched on.

Codes and AWS's names are those of botocore's endpoint data of November 2026, for the commercial, China and GovCloud
partitions. Country and jurisdiction are public facts. Latitude and longitude, in degrees, are those of the city that
AWS names or that is nearest to what it names, to two decimals, and not those of a data centre: a distance from them is
an estimate and is called one. Opt-in is what AWS begins with; the state of an account comes from DescribeRegions.

How many availability zones a region has is not kept here: DescribeAvailabilityZones tells each account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from inventory.points_of_presence import CITIES

EARTH_RADIUS_KM = 6371.0088
"""The mean radius of the Earth, (2a + b) / 3 of the WGS 84 ellipsoid (Moritz 1980)."""
GOVCLOUD = "aws-us-gov"


class OptIn(StrEnum):
    """Whether an account must switch a region on before it can use it."""

    NOT_NEEDED = "not needed"
    NEEDED = "needed"
    SEPARATE = "separate account"


class Point(NamedTuple):
    """A place on the Earth, in degrees north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Country:
    """A country with regions, and whose law holds there."""

    name: str
    continent: str
    jurisdiction: str = ""
    """Empty: its own."""


@dataclass(frozen=True, kw_only=True)
class AwsRegion:
    """One region; `country_code` is that of ISO 3166-1, and `city` is where `point` is."""

    code: str
    name: str
    partition: str
    country_code: str
    city: str
    point: Point
    opt_in: OptIn

    @property
    def country(self) -> str:
        """The country's name."""
        return COUNTRIES[self.country_code].name

    @property
    def continent(self) -> str:
        """The continent's name."""
        return COUNTRIES[self.country_code].continent

    @property
    def jurisdiction(self) -> str:
        """Whose law holds: the European Union for its members, else the country; GovCloud says so."""
        country = COUNTRIES[self.country_code]
        own = country.jurisdiction or country.name
        return f"{own} (GovCloud)" if self.partition == GOVCLOUD else own

    @property
    def cloudfront_cities(self) -> int:
        """In how many cities of the country CloudFront has a point of presence; 0 where the list names none."""
        return sum(city.country_code == self.country_code for city in CITIES)


def distance_km(one: Point, other: Point) -> float:
    """The great-circle distance in kilometres on a sphere, by the haversine formula.

    a = sin²(Δφ/2) + cos φ₁ · cos φ₂ · sin²(Δλ/2), d = 2R · asin √a (Sinnott, Sky and Telescope 68, 1984). The Earth is
    no sphere, which makes it wrong by up to 0.5 %.
    """
    north, south = radians(one.latitude), radians(other.latitude)
    apart = radians(other.longitude - one.longitude)
    a = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(apart / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(a, 1.0)))


_EU, _ASIA, _NORTH = "European Union", "Asia", "North America"

COUNTRIES: Mapping[str, Country] = {
    "AE": Country("United Arab Emirates", _ASIA),
    "AU": Country("Australia", "Oceania"),
    "BH": Country("Bahrain", _ASIA),
    "BR": Country("Brazil", "South America"),
    "CA": Country("Canada", _NORTH),
    "CH": Country("Switzerland", "Europe"),
    "CN": Country("China", _ASIA),
    "DE": Country("Germany", "Europe", _EU),
    "ES": Country("Spain", "Europe", _EU),
    "FR": Country("France", "Europe", _EU),
    "GB": Country("United Kingdom", "Europe"),
    "HK": Country("Hong Kong SAR", _ASIA),
    "ID": Country("Indonesia", _ASIA),
    "IE": Country("Ireland", "Europe", _EU),
    "IL": Country("Israel", _ASIA),
    "IN": Country("India", _ASIA),
    "IT": Country("Italy", "Europe", _EU),
    "JP": Country("Japan", _ASIA),
    "KR": Country("South Korea", _ASIA),
    "MX": Country("Mexico", _NORTH),
    "MY": Country("Malaysia", _ASIA),
    "NZ": Country("New Zealand", "Oceania"),
    "SE": Country("Sweden", "Europe", _EU),
    "SG": Country("Singapore", _ASIA),
    "TH": Country("Thailand", _ASIA),
    "TW": Country("Taiwan", _ASIA),
    "US": Country("United States", _NORTH),
    "ZA": Country("South Africa", "Africa"),
}

_NO, _YES, _APART = OptIn.NOT_NEEDED, OptIn.NEEDED, OptIn.SEPARATE
_CHINA = "aws-cn"

_ROWS: tuple[tuple[str, str, str, str, str, float, float, OptIn], ...] = (
    # code, AWS's name, partition, country, city, latitude, longitude, opt-in
    ("us-east-1", "US East (N. Virginia)", "aws", "US", "Ashburn", 39.04, -77.49, _NO),
    ("us-east-2", "US East (Ohio)", "aws", "US", "Columbus", 39.96, -83.0, _NO),
    ("us-west-1", "US West (N. California)", "aws", "US", "San Francisco Bay Area", 37.35, -121.96, _NO),
    ("us-west-2", "US West (Oregon)", "aws", "US", "Boardman", 45.84, -119.7, _NO),
    ("ca-central-1", "Canada (Central)", "aws", "CA", "Montreal", 45.5, -73.57, _NO),
    ("ca-west-1", "Canada West (Calgary)", "aws", "CA", "Calgary", 51.05, -114.07, _YES),
    ("mx-central-1", "Mexico (Central)", "aws", "MX", "Queretaro", 20.59, -100.39, _YES),
    ("sa-east-1", "South America (Sao Paulo)", "aws", "BR", "Sao Paulo", -23.55, -46.63, _NO),
    ("eu-west-1", "Europe (Ireland)", "aws", "IE", "Dublin", 53.35, -6.26, _NO),
    ("eu-west-2", "Europe (London)", "aws", "GB", "London", 51.51, -0.13, _NO),
    ("eu-west-3", "Europe (Paris)", "aws", "FR", "Paris", 48.86, 2.35, _NO),
    ("eu-central-1", "Europe (Frankfurt)", "aws", "DE", "Frankfurt", 50.11, 8.68, _NO),
    ("eu-central-2", "Europe (Zurich)", "aws", "CH", "Zurich", 47.38, 8.54, _YES),
    ("eu-north-1", "Europe (Stockholm)", "aws", "SE", "Stockholm", 59.33, 18.07, _NO),
    ("eu-south-1", "Europe (Milan)", "aws", "IT", "Milan", 45.46, 9.19, _YES),
    ("eu-south-2", "Europe (Spain)", "aws", "ES", "Zaragoza", 41.65, -0.89, _YES),
    ("af-south-1", "Africa (Cape Town)", "aws", "ZA", "Cape Town", -33.92, 18.42, _YES),
    ("il-central-1", "Israel (Tel Aviv)", "aws", "IL", "Tel Aviv", 32.09, 34.78, _YES),
    ("me-south-1", "Middle East (Bahrain)", "aws", "BH", "Manama", 26.23, 50.59, _YES),
    ("me-central-1", "Middle East (UAE)", "aws", "AE", "Dubai", 25.2, 55.27, _YES),
    ("ap-south-1", "Asia Pacific (Mumbai)", "aws", "IN", "Mumbai", 19.08, 72.88, _NO),
    ("ap-south-2", "Asia Pacific (Hyderabad)", "aws", "IN", "Hyderabad", 17.39, 78.49, _YES),
    ("ap-east-1", "Asia Pacific (Hong Kong)", "aws", "HK", "Hong Kong", 22.32, 114.17, _YES),
    ("ap-east-2", "Asia Pacific (Taipei)", "aws", "TW", "Taipei", 25.03, 121.57, _YES),
    ("ap-southeast-1", "Asia Pacific (Singapore)", "aws", "SG", "Singapore", 1.35, 103.82, _NO),
    ("ap-southeast-2", "Asia Pacific (Sydney)", "aws", "AU", "Sydney", -33.87, 151.21, _NO),
    ("ap-southeast-3", "Asia Pacific (Jakarta)", "aws", "ID", "Jakarta", -6.21, 106.85, _YES),
    ("ap-southeast-4", "Asia Pacific (Melbourne)", "aws", "AU", "Melbourne", -37.81, 144.96, _YES),
    ("ap-southeast-5", "Asia Pacific (Malaysia)", "aws", "MY", "Kuala Lumpur", 3.14, 101.69, _YES),
    ("ap-southeast-6", "Asia Pacific (New Zealand)", "aws", "NZ", "Auckland", -36.85, 174.76, _YES),
    ("ap-southeast-7", "Asia Pacific (Thailand)", "aws", "TH", "Bangkok", 13.76, 100.5, _YES),
    ("ap-northeast-1", "Asia Pacific (Tokyo)", "aws", "JP", "Tokyo", 35.68, 139.69, _NO),
    ("ap-northeast-2", "Asia Pacific (Seoul)", "aws", "KR", "Seoul", 37.57, 126.98, _NO),
    ("ap-northeast-3", "Asia Pacific (Osaka)", "aws", "JP", "Osaka", 34.69, 135.5, _NO),
    ("us-gov-east-1", "AWS GovCloud (US-East)", GOVCLOUD, "US", "Columbus", 39.96, -83.0, _APART),
    ("us-gov-west-1", "AWS GovCloud (US-West)", GOVCLOUD, "US", "Boardman", 45.84, -119.7, _APART),
    ("cn-north-1", "China (Beijing)", _CHINA, "CN", "Beijing", 39.9, 116.41, _APART),
    ("cn-northwest-1", "China (Ningxia)", _CHINA, "CN", "Zhongwei", 37.51, 105.19, _APART),
)

AWS_REGIONS: Mapping[str, AwsRegion] = {
    code: AwsRegion(
        code=code,
        name=name,
        partition=partition,
        country_code=country,
        city=city,
        point=Point(latitude, longitude),
        opt_in=opt_in,
    )
    for code, name, partition, country, city, latitude, longitude, opt_in in _ROWS
}
"""By code. A region that is not here is unknown to this table, and pages say so."""
