"""Regions by the location that a price list names.

Lists of before about 2021 name a location and no region code. The spelling is not stable: "EU (Ireland)" became
"Europe (Ireland)".
"""

from __future__ import annotations

_LOCATIONS = """
Africa (Cape Town) = af-south-1
Asia Pacific (Hong Kong) = ap-east-1
Asia Pacific (Taipei) = ap-east-2
Asia Pacific (Tokyo) = ap-northeast-1
Asia Pacific (Seoul) = ap-northeast-2
Asia Pacific (Osaka) = ap-northeast-3
Asia Pacific (Mumbai) = ap-south-1
Asia Pacific (Hyderabad) = ap-south-2
Asia Pacific (Singapore) = ap-southeast-1
Asia Pacific (Sydney) = ap-southeast-2
Asia Pacific (Jakarta) = ap-southeast-3
Asia Pacific (Melbourne) = ap-southeast-4
Asia Pacific (Malaysia) = ap-southeast-5
Asia Pacific (Thailand) = ap-southeast-7
AWS GovCloud (US) = us-gov-west-1
AWS GovCloud (US-East) = us-gov-east-1
AWS GovCloud (US-West) = us-gov-west-1
Canada (Central) = ca-central-1
Canada West (Calgary) = ca-west-1
China (Beijing) = cn-north-1
China (Ningxia) = cn-northwest-1
Europe (Frankfurt) = eu-central-1
Europe (Ireland) = eu-west-1
Europe (London) = eu-west-2
Europe (Milan) = eu-south-1
Europe (Paris) = eu-west-3
Europe (Spain) = eu-south-2
Europe (Stockholm) = eu-north-1
Europe (Zurich) = eu-central-2
Israel (Tel Aviv) = il-central-1
Mexico (Central) = mx-central-1
Middle East (Bahrain) = me-south-1
Middle East (UAE) = me-central-1
South America (Sao Paulo) = sa-east-1
US East (N. Virginia) = us-east-1
US East (Ohio) = us-east-2
US West (N. California) = us-west-1
US West (Oregon) = us-west-2
"""
_REGIONS = dict(line.split(" = ") for line in _LOCATIONS.strip().splitlines())


def region_at(location: str) -> str:
    """The region's code; empty where the location is none that we know."""
    return _REGIONS.get(location.replace("EU (", "Europe ("), "")
