"""Reading EBS volumes, security groups and their rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inventory.registry import Reading, ResourceType, Scope
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.resource_types.security_group import SECURITY_GROUP
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE
from tests.aws_pages import reading

SCOPE = Scope(account_id="111122223333", region="eu-west-1")


def of_page(kind: ResourceType, number: int) -> Reading:
    return kind.read(reading.answers_of(kind)[number], SCOPE)


def test_an_attached_volume_is_read_with_every_field() -> None:
    found = of_page(EBS_VOLUME, 0)

    assert found.name == "web-01 root"
    assert found.unknown == frozenset()
    assert found.fields == {
        "state": "in-use",
        "volume_type": "gp3",
        "size_gib": 100,
        "iops": 3000,
        "throughput_mibps": 125,
        "encrypted": True,
        "kms_key": "arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "availability_zone": "eu-west-1a",
        "source_snapshot": "snap-0d000000000000001",
        "multi_attach": False,
        "created": datetime(2026, 3, 2, 9, 14, 8, 123000, tzinfo=UTC),
    }
    (attachment,) = found.links
    assert (attachment.role, attachment.target) == ("attachments", "i-0a00000000000001a")
    assert attachment.detail == {"device_name": "/dev/xvda", "delete_on_termination": True}


def test_a_volume_made_from_nothing_has_no_snapshot_and_a_magnetic_one_no_iops() -> None:
    unattached, magnetic = of_page(EBS_VOLUME, 1), of_page(EBS_VOLUME, 3)

    assert unattached.fields["source_snapshot"] is None
    assert unattached.fields["kms_key"] is None
    assert unattached.links == ()
    assert magnetic.fields["iops"] is None
    assert magnetic.fields["throughput_mibps"] is None
    assert magnetic.unknown == frozenset()


def test_a_volume_may_be_attached_to_several_instances() -> None:
    found = of_page(EBS_VOLUME, 2)

    assert found.fields["multi_attach"] is True
    assert {link.target for link in found.links} == {"i-0a00000000000001b", "i-0a00000000000001c"}


def test_a_group_is_called_by_its_group_name_and_the_default_one_is_marked() -> None:
    default, web = of_page(SECURITY_GROUP, 0), of_page(SECURITY_GROUP, 1)

    assert (default.name, default.fields["is_default"]) == ("default", True)
    assert (web.name, web.fields["is_default"]) == ("web", False)
    assert web.tags["Name"] == "not the name that counts"
    assert web.fields["description"] == 'Web <b>servers</b>; "public"'
    assert web.fields["vpc_id"] == "vpc-0a1b2c3d4e5f60718"


def test_a_groups_rules_are_no_part_of_it() -> None:
    answers = reading.answers_of(SECURITY_GROUP)[1]
    closed = {"DescribeSecurityGroups": {**answers["DescribeSecurityGroups"], "IpPermissions": []}}

    assert SECURITY_GROUP.read(answers, SCOPE) == SECURITY_GROUP.read(closed, SCOPE)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, {"direction": "inbound", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}),
        (1, {"cidr_ipv4": None, "cidr_ipv6": "::/0"}),
        (2, {"prefix_list_id": "pl-0f000000000000001", "description": "offices <script>", "cidr_ipv4": None}),
        (3, {"referenced_group_id": "sg-0aa00000000000009", "referenced_account": "444455556666"}),
        (4, {"direction": "outbound", "protocol": "-1", "from_port": -1, "to_port": -1}),
        (5, {"protocol": "icmp", "from_port": 3, "to_port": 4}),
        (6, {"protocol": "47", "from_port": -1}),
    ],
)
def test_a_rule_keeps_aws_meaning_of_ports_and_sources(number: int, expected: dict[str, object]) -> None:
    found = of_page(SECURITY_GROUP_RULE, number)

    assert found.fields.items() >= expected.items()
    assert found.fields["group_id"] == "sg-0aa00000000000001"
    assert found.unknown == frozenset()


def test_a_rule_that_does_not_tell_its_direction_is_not_taken_for_an_inbound_one() -> None:
    rule = dict(reading.answers_of(SECURITY_GROUP_RULE)[0]["DescribeSecurityGroupRules"])
    del rule["IsEgress"]

    with pytest.raises(LookupError):
        SECURITY_GROUP_RULE.read({"DescribeSecurityGroupRules": rule}, SCOPE)


@pytest.mark.parametrize("key", ["CidrIpv4", "CidrIpv6"])
def test_a_rule_with_a_range_that_is_none_is_unreadable(key: str) -> None:
    rule = reading.answers_of(SECURITY_GROUP_RULE)[0]["DescribeSecurityGroupRules"] | {key: "everybody"}

    with pytest.raises(ValueError, match="everybody"):
        SECURITY_GROUP_RULE.read({"DescribeSecurityGroupRules": rule}, SCOPE)
