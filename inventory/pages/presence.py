"""CloudFront's points of presence, each with the region of AWS that is nearest, as the crow flies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from inventory.aws_regions import AWS_REGIONS, Point, distance_km
from inventory.points_of_presence import CITIES, City


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """A city and the region nearest to it; `km` is an estimate from city to city."""

    city: City
    region: str
    km: int


@cache
def nearest_regions() -> Sequence[Nearest]:
    """Every city, by country and name."""
    return sorted((_nearest(city) for city in CITIES), key=lambda one: (one.city.country, one.city.name))


def _nearest(city: City) -> Nearest:
    here = Point(city.latitude, city.longitude)
    km, region = min((distance_km(here, region.point), code) for code, region in AWS_REGIONS.items())
    return Nearest(city=city, region=region, km=round(km))
