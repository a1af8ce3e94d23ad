"""Zones: what makes them special among the types is that they are known by an id that is not their name."""

from __future__ import annotations

from inventory.registry import Answers, Scope, held_types
from inventory.resource_types.availability_zone import AVAILABILITY_ZONE, read
from tests.aws_pages import reading

SCOPE = Scope(account_id="111122223333", region="us-east-1")


def zones() -> dict[str, Answers]:
    listed = reading.answers_of(AVAILABILITY_ZONE)
    return {answers["DescribeAvailabilityZones"]["ZoneId"]: answers for answers in listed}


def test_a_zone_is_known_by_its_id_and_named_as_the_account_names_it() -> None:
    found = read(zones()["use1-az6"], SCOPE)

    assert (found.native_id, found.name, found.region) == ("use1-az6", "us-east-1a", "us-east-1")
    assert found.fields["opt_in_status"] == "opt-in-not-required"
    assert found.fields["parent_zone_id"] is None
    assert not found.unknown


def test_a_local_zone_names_the_zone_that_answers_for_it() -> None:
    fields = read(zones()["use1-bos1-az1"], SCOPE).fields

    assert (fields["zone_type"], fields["opt_in_status"]) == ("local-zone", "not-opted-in")
    assert (fields["parent_zone_id"], fields["parent_zone_name"]) == ("use1-az6", "us-east-1a")
    assert fields["group_name"] == fields["network_border_group"] == "us-east-1-bos-1"


def test_what_aws_says_about_an_impaired_zone_is_kept() -> None:
    found = read(zones()["use1-az1"], SCOPE)

    assert found.fields["state"] == "impaired"
    assert [link.value for link in found.links if link.role == "messages"][1] == "=1+1"


def test_zones_that_nobody_opted_in_to_are_asked_for_too() -> None:
    assert AVAILABILITY_ZONE.call.arguments == {"AllAvailabilityZones": True}


def test_zones_are_no_part_of_what_accounts_hold() -> None:
    assert AVAILABILITY_ZONE not in held_types()
