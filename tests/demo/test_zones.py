"""Zones as the emulator tells them: the same ids for everybody, and other names for each account."""

from __future__ import annotations

from typing import Any

from demo.client import Emulator


def zones(emulator: Emulator, account: str, region: str, **arguments: Any) -> dict[str, Any]:
    """The zones of a region as an account sees them, by id."""
    found = emulator.client("ec2", account, region).describe_availability_zones(**arguments)["AvailabilityZones"]
    return {zone["ZoneId"]: zone for zone in found}


def test_two_accounts_see_the_same_zones_by_other_names(emulator: Emulator) -> None:
    production, research = (zones(emulator, account, "us-east-1") for account in ("production", "research"))

    assert production.keys() == research.keys()
    assert {zone["ZoneName"] for zone in production.values()} == {zone["ZoneName"] for zone in research.values()}
    assert any(production[one]["ZoneName"] != research[one]["ZoneName"] for one in production)


def test_only_who_asks_for_all_zones_sees_those_that_nobody_opted_in_to(emulator: Emulator) -> None:
    usable = zones(emulator, "production", "us-east-1")
    every = zones(emulator, "production", "us-east-1", AllAvailabilityZones=True)

    assert {zone["ZoneType"] for zone in usable.values()} == {"availability-zone"}
    assert {zone["ZoneType"] for zone in every.values()} == {"availability-zone", "local-zone", "wavelength-zone"}
    boston = every["use1-bos1-az1"]
    assert boston["OptInStatus"] == "not-opted-in"
    assert every[boston["ParentZoneId"]]["ZoneName"] == boston["ParentZoneName"]


def test_one_zone_is_told_by_its_name_or_its_id(emulator: Emulator) -> None:
    by_name = zones(emulator, "research", "eu-west-1", ZoneNames=["eu-west-1b"])
    by_id = zones(emulator, "research", "eu-west-1", ZoneIds=list(by_name))

    assert by_id == by_name
    assert len(by_id) == 1
