"""CloudFront's points of presence, each with the region of AWS that is nearest, as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from inventory.aws_regions import AWS_REGIONS, Point, distance_km
from inventory.points_of_presence import CITIES, City


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """A city and the region nearest to it; `km` is an estimate from city to city.

    It is one of AWS's regions for everybody, or in mainland China, where CloudFront is another service, one of there.
    """

    city: City
    region: str
    km: int


@cache
def nearest_regions() -> Sequence[Nearest]:
    """Every city, by country and name."""
    return sorted((_nearest(city) for city in CITIES), key=lambda one: (one.city.country, one.city.name))


def _nearest(city: City) -> Nearest:
    here = Point(city.latitude, city.longitude)
    partition = "aws-cn" if city.country_code == "CN" else "aws"
    regions = (region for region in AWS_REGIONS.values() if region.partition == partition)
    km, region = min((distance_km(here, region.point), region.code) for region in regions)
    return Nearest(city=city, region=region, km=round(km))
