"""Where CloudFront has points of presence: cities, a dated list that AWS has no API for.

The list is tobilg/aws-edge-locations (data/aws-edge-locations.csv, commit f09bf4f of 2025-05-04, MIT). Coordinates, in
degrees to two decimals, are those of the city's airport, by whose code AWS names a point of presence, and not those of
a building: a distance from them is an estimate. Two of its lines are mended: Barcelona stood in Venezuela, which has an
airport of that name, and Doha was called Qatar.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

LISTED = "2025-05"
"""The month of the list."""
SOURCE = "tobilg/aws-edge-locations, f09bf4f of 2025-05-04"


class City(NamedTuple):
    """A city with one point of presence or more, in degrees north and east; the country is that of ISO 3166-1."""

    country_code: str
    name: str
    latitude: float
    longitude: float

    @property
    def country(self) -> str:
        """The country's name."""
        return COUNTRIES[self.country_code]


COUNTRIES: Mapping[str, str] = {
    "AE": "United Arab Emirates",
    "AR": "Argentina",
    "AT": "Austria",
    "AU": "Australia",
    "BE": "Belgium",
    "BG": "Bulgaria",
    "BH": "Bahrain",
    "BR": "Brazil",
    "CA": "Canada",
    "CH": "Switzerland",
    "CL": "Chile",
    "CN": "China",
    "CO": "Colombia",
    "CZ": "Czechia",
    "DE": "Germany",
    "DK": "Denmark",
    "EG": "Egypt",
    "ES": "Spain",
    "FI": "Finland",
    "FR": "France",
    "GB": "United Kingdom",
    "GR": "Greece",
    "HK": "Hong Kong SAR",
    "HR": "Croatia",
    "HU": "Hungary",
    "ID": "Indonesia",
    "IE": "Ireland",
    "IL": "Israel",
    "IN": "India",
    "IT": "Italy",
    "JP": "Japan",
    "KE": "Kenya",
    "KR": "South Korea",
    "MX": "Mexico",
    "MY": "Malaysia",
    "NG": "Nigeria",
    "NL": "Netherlands",
    "NO": "Norway",
    "NZ": "New Zealand",
    "OM": "Oman",
    "PE": "Peru",
    "PH": "Philippines",
    "PL": "Poland",
    "PT": "Portugal",
    "QA": "Qatar",
    "RO": "Romania",
    "SA": "Saudi Arabia",
    "SE": "Sweden",
    "SG": "Singapore",
    "TH": "Thailand",
    "TR": "Turkey",
    "TW": "Taiwan",
    "US": "United States",
    "VN": "Vietnam",
    "ZA": "South Africa",
}

_CITIES = """
AE | Dubai | 25.25 | 55.36
AE | Fujairah | 25.11 | 56.32
AR | Buenos Aires | -34.82 | -58.54
AT | Vienna | 48.11 | 16.57
AU | Brisbane | -27.38 | 153.12
AU | Melbourne | -37.67 | 144.84
AU | Perth | -31.94 | 115.97
AU | Sydney | -33.95 | 151.18
BE | Brussels | 50.90 | 4.48
BG | Sofia | 42.70 | 23.41
BH | Manama | 26.27 | 50.64
BR | Fortaleza | -3.78 | -38.53
BR | Rio de Janeiro | -22.81 | -43.25
BR | Sao Paulo | -23.44 | -46.47
CA | Montreal | 45.47 | -73.74
CA | Toronto | 43.68 | -79.63
CA | Vancouver | 49.19 | -123.18
CH | Zurich | 47.46 | 8.55
CL | Santiago | -33.39 | -70.79
CN | Beijing | 40.08 | 116.58
CN | Shanghai | 31.14 | 121.81
CN | Shenzhen | 22.64 | 113.81
CN | Zhongwei | 37.57 | 105.15
CO | Bogota | 4.70 | -74.15
CZ | Prague | 50.10 | 14.26
DE | Berlin | 52.56 | 13.29
DE | Dusseldorf | 51.29 | 6.77
DE | Frankfurt am Main | 50.04 | 8.56
DE | Hamburg | 53.63 | 9.99
DE | Munich | 48.35 | 11.79
DK | Copenhagen | 55.62 | 12.66
EG | Cairo | 30.11 | 31.40
ES | Barcelona | 41.30 | 2.08
ES | Madrid | 40.47 | -3.56
FI | Helsinki | 60.32 | 24.96
FR | Marseille | 43.44 | 5.22
FR | Paris | 49.01 | 2.55
GB | London | 51.48 | -0.46
GB | Manchester | 53.35 | -2.28
GR | Athens | 37.94 | 23.94
HK | Hong Kong | 22.31 | 113.92
HR | Zagreb | 45.74 | 16.07
HU | Budapest | 47.43 | 19.26
ID | Jakarta | -6.13 | 106.66
IE | Dublin | 53.43 | -6.26
IL | Tel Aviv | 32.01 | 34.89
IN | Bengaluru | 13.20 | 77.71
IN | Chennai | 12.99 | 80.17
IN | Hyderabad | 17.23 | 78.43
IN | Kolkata | 22.65 | 88.45
IN | Mumbai | 19.09 | 72.87
IN | New Delhi | 28.56 | 77.10
IN | Pune | 18.58 | 73.92
IT | Milan | 45.63 | 8.73
IT | Palermo | 38.18 | 13.09
IT | Rome | 41.80 | 12.24
JP | Osaka | 34.43 | 135.24
JP | Tokyo | 35.76 | 140.39
KE | Nairobi | -1.32 | 36.93
KR | Seoul | 37.47 | 126.45
MX | Queretaro | 20.62 | -100.19
MY | Kuala Lumpur | 2.75 | 101.71
NG | Lagos | 6.58 | 3.32
NL | Amsterdam | 52.31 | 4.76
NO | Oslo | 60.19 | 11.10
NZ | Auckland | -37.01 | 174.79
OM | Muscat | 23.59 | 58.28
PE | Lima | -12.02 | -77.11
PH | Manila | 14.51 | 121.02
PL | Warsaw | 52.17 | 20.97
PT | Lisbon | 38.78 | -9.14
QA | Doha | 25.27 | 51.61
RO | Bucharest | 44.57 | 26.09
SA | Jeddah | 21.68 | 39.16
SE | Stockholm | 59.65 | 17.92
SG | Singapore | 1.35 | 103.99
TH | Bangkok | 13.69 | 100.75
TR | Istanbul | 41.26 | 28.73
TW | Taoyuan | 25.08 | 121.23
US | Atlanta | 33.64 | -84.43
US | Boston | 42.36 | -71.01
US | Chicago | 41.98 | -87.90
US | Columbus | 40.00 | -82.89
US | Dallas | 32.90 | -97.04
US | Denver | 39.86 | -104.67
US | Detroit | 42.21 | -83.35
US | Houston | 29.98 | -95.34
US | Kansas City | 39.30 | -94.71
US | Los Angeles | 33.94 | -118.41
US | Miami | 25.79 | -80.29
US | Minneapolis | 44.88 | -93.22
US | Nashville | 36.12 | -86.68
US | New York | 40.64 | -73.78
US | Newark | 40.69 | -74.17
US | Philadelphia | 39.87 | -75.24
US | Phoenix | 33.44 | -112.01
US | Pittsburgh | 40.49 | -80.23
US | Portland | 45.54 | -122.95
US | Salt Lake City | 40.79 | -111.98
US | San Francisco | 37.62 | -122.38
US | Seattle | 47.45 | -122.31
US | Tampa | 27.98 | -82.53
US | Washington | 38.94 | -77.46
VN | Hanoi | 21.22 | 105.81
VN | Ho Chi Minh City | 10.82 | 106.65
ZA | Cape Town | -33.96 | 18.60
ZA | Johannesburg | -26.14 | 28.25
"""


def _listed() -> Iterator[City]:
    for line in _CITIES.strip().splitlines():
        country_code, name, latitude, longitude = line.split(" | ")
        yield City(country_code, name, float(latitude), float(longitude))


CITIES = tuple(_listed())
"""Every city, by country and name."""
