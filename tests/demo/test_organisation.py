"""The sample organisation holds every kind of thing and trouble that the product is to show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from demo.accounts import MANAGEMENT
from demo.client import Emulator
from tests.demo.listing import Truth, host_client, instances, named, refused, tags

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"


def test_there_are_three_live_accounts_a_suspended_one_and_eight_regions_or_more(emulator: Emulator) -> None:
    listed = host_client(emulator, "organizations").list_accounts()["Accounts"]
    used = {region for account in emulator.accounts for region in account.regions}

    assert {account["Name"]: account["State"] for account in listed} == {
        "management": "ACTIVE",
        "production": "ACTIVE",
        "research": "ACTIVE",
        "atelier": "SUSPENDED",
    }
    assert len(used) >= 8
    assert "sa-east-1" in used, "a region for which no price is bundled"


def test_there_is_a_fleet_of_many_kinds(organisation: Truth) -> None:
    fleet = organisation.instances

    families = {instance["InstanceType"].partition(".")[0] for instance in fleet}
    sizes = {instance["InstanceType"].partition(".")[2] for instance in fleet}

    assert 90 <= len(fleet) <= 160
    assert len(families) >= 12
    assert len(sizes) >= 6
    assert {instance["State"]["Name"] for instance in fleet} == {"running", "stopped"}
    assert {instance.get("InstanceLifecycle") for instance in fleet} == {None, "spot"}
    assert {instance["Placement"]["Tenancy"] for instance in fleet} == {"default", "dedicated"}
    assert {instance["MetadataOptions"]["HttpTokens"] for instance in fleet} == {"required", "optional"}
    assert {instance["Monitoring"]["State"] for instance in fleet} == {"enabled", "disabled"}
    assert {instance["Architecture"] for instance in fleet} == {"x86_64", "arm64"}
    for detail in ("KeyName", "IamInstanceProfile", "Ipv6Address", "PublicIpAddress"):
        assert 0 < sum(detail in instance for instance in fleet) < len(fleet)


def test_there_are_plain_linux_m5_large_instances_in_virginia(emulator: Emulator) -> None:
    virginia = instances(emulator.client("ec2", "production", "us-east-1"))

    plain = [
        instance
        for instance in virginia
        if instance["InstanceType"] == "m5.large"
        and instance["UsageOperation"] == "RunInstances"
        and instance["State"]["Name"] == "running"
        and instance["Placement"]["Tenancy"] == "default"
        and "InstanceLifecycle" not in instance
    ]

    assert len(plain) >= 3


@pytest.mark.parametrize(
    ("trouble", "is_it"),
    [
        ("SSH open to the world over IPv4", lambda rule: _opens(rule, "tcp", 22, "0.0.0.0/0")),
        ("SSH open to the world over IPv6", lambda rule: _opens(rule, "tcp", 22, "::/0")),
        ("remote desktop open to the world", lambda rule: _opens(rule, "tcp", 3389, "0.0.0.0/0")),
        ("MongoDB open to the world", lambda rule: _opens(rule, "tcp", 27017, "0.0.0.0/0")),
        ("Redis open to the world over IPv6", lambda rule: _opens(rule, "tcp", 6379, "::/0")),
        ("MySQL open to the world", lambda rule: _opens(rule, "tcp", 3306, "0.0.0.0/0")),
        ("every protocol open to the world", lambda rule: _opens(rule, "-1", -1, "0.0.0.0/0")),
        ("the first half of all addresses", lambda rule: _opens(rule, "tcp", 22, "0.0.0.0/1")),
        ("the second half of all addresses", lambda rule: _opens(rule, "tcp", 22, "128.0.0.0/1")),
        ("ICMP", lambda rule: _opens(rule, "icmp", 8, "0.0.0.0/0")),
        ("ICMPv6", lambda rule: _opens(rule, "icmpv6", -1, "::/0")),
        ("UDP", lambda rule: _opens(rule, "udp", 1194, "0.0.0.0/0")),
        ("a protocol by number", lambda rule: rule["IpProtocol"] == "47"),
        ("a range of ports", lambda rule: rule["ToPort"] - rule["FromPort"] > 500),
        ("a prefix list", lambda rule: "PrefixListId" in rule),
        ("a group as source", lambda rule: "ReferencedGroupInfo" in rule),
        ("an outbound rule of its own", lambda rule: rule["IsEgress"] and rule["FromPort"] == 443),
    ],
)
def test_doors_of_every_kind_stand_open(
    organisation: Truth, trouble: str, is_it: Callable[[dict[str, Any]], bool]
) -> None:
    found = [rule for rule in organisation.rules if is_it(rule)]

    assert found, trouble


def test_open_groups_are_attached_to_nothing_and_to_running_instances(organisation: Truth) -> None:
    attached = {
        group["GroupId"]
        for instance in organisation.instances
        if instance["State"]["Name"] == "running"
        for group in instance["SecurityGroups"]
    }
    open_to_all = {
        rule["GroupId"]
        for rule in organisation.rules
        if not rule["IsEgress"] and rule.get("CidrIpv4") == "0.0.0.0/0" and rule["FromPort"] in {22, 3306, 3389, -1}
    }

    assert open_to_all & attached
    assert open_to_all - attached


def test_there_are_volumes_to_worry_about(organisation: Truth) -> None:
    volumes = organisation.volumes

    kinds = {volume["VolumeType"] for volume in volumes}
    unattached = [volume for volume in volumes if volume["State"] == "available"]

    assert kinds == {"gp2", "gp3", "io1", "io2", "st1"}
    assert len(unattached) >= 4
    assert any(not volume["Encrypted"] for volume in unattached)
    assert any(not volume["Encrypted"] for volume in volumes if volume["State"] == "in-use")
    assert any(len(instance["BlockDeviceMappings"]) > 2 for instance in organisation.instances)


def test_there_are_public_and_private_buckets_in_several_regions(emulator: Emulator) -> None:
    buckets = {
        bucket["Name"]: (emulator.client("s3", account.name, "us-east-1"), bucket["BucketRegion"])
        for account in (MANAGEMENT, *emulator.accounts)
        for bucket in emulator.client("s3", account.name, "us-east-1").list_buckets(MaxBuckets=100)["Buckets"]
    }
    assets, downloads = buckets["storefront-assets-4182"][0], buckets["legacy-downloads-2019"][0]

    assert len({region for _, region in buckets.values()}) >= 6
    assert assets.get_bucket_policy_status(Bucket="storefront-assets-4182")["PolicyStatus"]["IsPublic"]
    grants = downloads.get_bucket_acl(Bucket="legacy-downloads-2019")["Grants"]
    assert EVERYBODY in [grant["Grantee"].get("URI") for grant in grants]
    private = buckets["reports-ireland"][0].get_public_access_block(Bucket="reports-ireland")
    assert all(private["PublicAccessBlockConfiguration"].values())


def test_one_region_of_one_account_is_denied_by_the_organization(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "eu-west-2")

    for ask in (
        ec2.describe_availability_zones,
        ec2.describe_instances,
        ec2.describe_volumes,
        ec2.describe_security_groups,
        ec2.describe_security_group_rules,
        ec2.describe_reserved_instances,
        ec2.describe_hosts,
        ec2.describe_host_reservations,
    ):
        status, code, message = refused(ask)
        assert (status, code) == (403, "UnauthorizedOperation")
        assert re.search(
            r"User: arn:aws:sts::418273645509:assumed-role/\S+ is not authorized to perform: ec2:Describe\w+ "
            "with an explicit deny in a service control policy$",
            message,
        )


def test_tags_are_hostile_in_places_and_missing_in_others(organisation: Truth) -> None:
    fleet = organisation.instances

    assert "<script>alert(1)</script>" in tags(named(organisation.groups, "sandbox")).values()
    assert any("team" not in tags(instance) for instance in fleet)
    assert any("team" in tags(instance) for instance in fleet)


def _opens(rule: dict[str, Any], protocol: str, port: int, source: str) -> bool:
    """Whether an inbound rule begins at this port for exactly this source."""
    given = rule.get("CidrIpv4") or rule.get("CidrIpv6")
    return not rule["IsEgress"] and (rule["IpProtocol"], rule["FromPort"], given) == (protocol, port, source)
