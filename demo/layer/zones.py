"""Zones: the answer to DescribeAvailabilityZones. moto calls availability zones the same in every account.

AWS shuffles the names of a region's availability zones from account to account; the ids stay. Local and wavelength
zones are a few of those that there are; nobody in the sample organisation has opted in to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from werkzeug import Response

from . import models
from .calls import Call
from .documents import answer
from .facts import numbered

OPTED_OUT = "not-opted-in"
NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15"
# Some of those that there are: id, name, group and the group's long name. Which zone answers for them is our choice.
EDGES = {
    "us-east-1": (
        ("use1-bos1-az1", "us-east-1-bos-1a", "us-east-1-bos-1", "US East (Boston)"),
        ("use1-wl1-bos-wlz1", "us-east-1-wl1-bos-wlz-1", "us-east-1-wl1", "US East (Verizon)"),
    ),
    "us-west-2": (
        ("usw2-lax1-az1", "us-west-2-lax-1a", "us-west-2-lax-1", "US West (Los Angeles)"),
        ("usw2-lax1-az2", "us-west-2-lax-1b", "us-west-2-lax-1", "US West (Los Angeles)"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A zone as one account sees it."""

    zone_id: str
    name: str
    region: str
    kind: str
    group: str
    group_long_name: str
    border: str
    status: str = "opt-in-not-required"
    parent: Zone | None = None


def describe(call: Call) -> Response:
    """The answer to DescribeAvailabilityZones: those that can be used, or with AllAvailabilityZones every one."""
    everything = call.parameters.get("AllAvailabilityZones") == "true"
    names = {call.parameters[given] for given in numbered(call.parameters, "ZoneName")}
    ids = {call.parameters[given] for given in numbered(call.parameters, "ZoneId")}
    root = ET.Element("DescribeAvailabilityZonesResponse", xmlns=NAMESPACE)
    listed = ET.SubElement(root, "availabilityZoneInfo")
    for zone in zones_of(call.account, call.region):
        is_asked = (not names or zone.name in names) and (not ids or zone.zone_id in ids)
        if is_asked and (everything or zone.status != OPTED_OUT):
            _tell(ET.SubElement(listed, "item"), zone)
    return answer(root)


def zones_of(account: str, region: str) -> list[Zone]:
    """The zones of a region as an account sees them."""
    known = RegionsAndZonesBackend.zones[region]
    # Any fixed order does, as long as it is not the same for everybody.
    turn = int(account) % len(known)
    ids = [zone.zone_id for zone in known]
    plain = [
        Zone(
            zone_id=zone_id,
            name=zone.name,
            region=region,
            kind="availability-zone",
            group=f"{region}-zg-1",
            group_long_name=f"{models.region_names()[region]} 1",
            border=region,
        )
        for zone, zone_id in zip(known, ids[turn:] + ids[:turn], strict=True)
    ]
    return [*plain, *_edges(region, plain)]


def _edges(region: str, parents: Sequence[Zone]) -> Iterator[Zone]:
    for place, (zone_id, name, group, long_name) in enumerate(EDGES.get(region, ())):
        is_local = name[-1].isalpha()
        yield Zone(
            zone_id=zone_id,
            name=name,
            region=region,
            kind="local-zone" if is_local else "wavelength-zone",
            group=group,
            group_long_name=long_name,
            border=group if is_local else name,
            status=OPTED_OUT,
            parent=parents[place],
        )


def _tell(item: ET.Element, zone: Zone) -> None:
    told = {
        "optInStatus": zone.status,
        "regionName": zone.region,
        "zoneName": zone.name,
        "zoneId": zone.zone_id,
        "groupName": zone.group,
        "groupLongName": zone.group_long_name,
        "networkBorderGroup": zone.border,
        "zoneType": zone.kind,
        "zoneState": "available",
    }
    if zone.parent is not None:
        told |= {"parentZoneName": zone.parent.name, "parentZoneId": zone.parent.zone_id}
    for tag, value in told.items():
        ET.SubElement(item, tag).text = value
    ET.SubElement(item, "messageSet")
