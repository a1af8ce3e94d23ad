"""Reading EC2 instances."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from inventory.registry import USER_DATA, Answers, Ask, LinkTo, Reading, Scope
from inventory.resource_types.ec2_instance import EC2_INSTANCE, masked_user_data, operating_system
from tests.aws_pages import reading

SCOPE = Scope(account_id="111122223333", region="eu-west-1")
TYPE_SHAPE: Any = reading.operation_model(EC2_INSTANCE.enrich[0].call).service_model.shape_for("InstanceType")
TYPE_NAMES = TYPE_SHAPE.enum


def read(answers: Answers) -> Reading:
    return EC2_INSTANCE.read(answers, SCOPE)


def answers_of_page(number: int) -> Answers:
    return reading.answers_of(EC2_INSTANCE)[number]


def of_page(number: int) -> Reading:
    return read(answers_of_page(number))


def instance(**item: Any) -> Answers:
    """An instance of which AWS says no more than this."""
    return {"DescribeInstances": {"InstanceId": "i-1", "InstanceType": "m5.large", **item}}


def links(found: Reading, role: str) -> list[LinkTo]:
    return [link for link in found.links if link.role == role]


def test_a_web_server_is_read_with_every_field() -> None:
    found = of_page(0)

    assert found.native_id == "i-0a00000000000001a"
    assert found.name == "web-01"
    assert found.region == "eu-west-1"
    assert found.unknown == frozenset()
    assert found.fields == {
        "state": "running",
        "instance_type": "m5.2xlarge",
        "family": "m",
        "generation": 5,
        "size": "2xlarge",
        "architecture": "x86_64",
        "operating_system": "linux",
        "operating_system_source": "UsageOperation",
        "usage_operation": "RunInstances",
        "vcpu": 8,
        "memory_gib": Decimal(32),
        "lifecycle": "on-demand",
        "tenancy": "default",
        "availability_zone": "eu-west-1a",
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_id": "subnet-0b00000000000000a",
        "public_ipv4": "203.0.113.25",
        "private_ipv4": "10.20.1.25",
        "image_id": "ami-0c1d2e3f4a5b6c7d8",
        "placement_group": "web-apart",
        "capacity_reservation_id": "cr-0a000000000000001",
        "key_name": "ops-2024",
        "instance_profile": "arn:aws:iam::111122223333:instance-profile/web",
        "imdsv2": "required",
        "metadata_endpoint": "enabled",
        "is_current_generation": True,
        "network_performance": "Up to 10 Gigabit",
        "ebs_baseline_mbps": 2300,
        "ebs_maximum_mbps": 4750,
        "monitoring": "enabled",
        "launch_time": datetime(2026, 3, 2, 9, 14, 7, tzinfo=UTC),
        "user_data_bytes": 64,
        "user_data_holds_key": False,
        "user_data_digest": found.fields["user_data_digest"],
    }
    assert len(found.fields["user_data_digest"]) == 32


def test_groups_disks_and_ipv6_addresses_are_links() -> None:
    found = of_page(0)

    groups, disks = links(found, "security_groups"), links(found, "block_devices")
    assert [link.target for link in groups] == ["sg-0aa00000000000001", "sg-0aa00000000000002"]
    assert {link.target_type for link in groups} == {"security-group"}
    assert [(link.target, dict(link.detail)) for link in disks] == [
        ("vol-0c000000000000001", {"device_name": "/dev/xvda", "delete_on_termination": True}),
        ("vol-0c000000000000002", {"device_name": "/dev/sdf", "delete_on_termination": False}),
    ]
    assert [link.value for link in links(found, "ipv6_addresses")] == ["2001:db8:20:1::25", "2001:db8:20:1::26"]


def test_hostile_tags_are_kept_to_the_letter() -> None:
    tags = of_page(0).tags

    assert tags["note"] == "<script>alert(1)</script>"
    assert tags["formula"] == "=cmd|' /C calc'!A0"
    assert tags["lines"] == "first\nsecond\ttabbed\r\n"
    assert tags["direction"] == "\u202egnp.exe\u202c"
    assert len(tags["longest"]) == 256
    assert tags["empty"] == ""


def test_a_spot_instance_says_so_and_a_terminated_one_has_no_network() -> None:
    spot, ended = of_page(1), of_page(3)

    assert spot.fields["lifecycle"] == "spot"
    assert ended.fields["state"] == "terminated"
    assert ended.fields["vpc_id"] is None
    assert ended.fields["private_ipv4"] is None
    assert ended.links == ()
    assert ended.unknown == {"user_data_bytes", "user_data_holds_key", "user_data_digest"}


def test_a_memory_optimised_metal_type_is_measured_by_aws_own_data() -> None:
    fields = of_page(2).fields

    assert (fields["vcpu"], fields["memory_gib"]) == (64, Decimal(1024))
    assert (fields["tenancy"], fields["operating_system"]) == ("dedicated", "rhel")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"UsageOperation": "RunInstances"}, ("linux", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0002"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0800"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0006"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0102"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0202"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0004"}, ("linux", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0010"}, ("rhel", "UsageOperation")),
        ({"UsageOperation": "RunInstances:1110"}, ("rhel", "UsageOperation")),
        ({"UsageOperation": "RunInstances:000g"}, ("suse", "UsageOperation")),
        ({"UsageOperation": "RunInstances:0g00"}, ("ubuntu-pro", "UsageOperation")),
        # UsageOperation is what is billed, whatever the words beside it say.
        ({"UsageOperation": "RunInstances:0002", "PlatformDetails": "Linux/UNIX"}, ("windows", "UsageOperation")),
        ({"UsageOperation": "RunInstances:zzzz", "PlatformDetails": "SUSE Linux"}, ("suse", "PlatformDetails")),
        ({"PlatformDetails": "Linux/UNIX"}, ("linux", "PlatformDetails")),
        ({"PlatformDetails": "Red Hat Enterprise Linux"}, ("rhel", "PlatformDetails")),
        ({"PlatformDetails": "Red Hat Enterprise Linux with HA"}, ("rhel", "PlatformDetails")),
        ({"PlatformDetails": "SUSE Linux"}, ("suse", "PlatformDetails")),
        ({"PlatformDetails": "Ubuntu Pro"}, ("ubuntu-pro", "PlatformDetails")),
        ({"PlatformDetails": "Windows"}, ("windows", "PlatformDetails")),
        ({"PlatformDetails": "Windows BYOL"}, ("windows", "PlatformDetails")),
        ({"PlatformDetails": "Windows with SQL Server Web"}, ("windows", "PlatformDetails")),
        ({"PlatformDetails": "SQL Server Enterprise"}, ("linux", "PlatformDetails")),
        ({"PlatformDetails": "Plan 9"}, (None, "PlatformDetails")),
        ({"Platform": "windows"}, ("windows", "Platform")),
        ({"Platform": "Windows"}, ("windows", "Platform")),
        ({"Platform": "Linux/UNIX"}, ("linux", "Platform")),
        ({"Platform": ""}, ("linux", "Platform")),
        ({}, ("linux", "Platform")),
        ({"Platform": "beos"}, (None, "Platform")),
    ],
)
def test_the_operating_system_comes_from_the_most_exact_field(
    said: dict[str, str], expected: tuple[str | None, str]
) -> None:
    assert operating_system(said) == expected


def test_an_operating_system_that_nobody_knows_is_unknown_and_not_linux() -> None:
    found = read(instance(PlatformDetails="Plan 9"))

    assert found.fields["operating_system"] is None
    assert "operating_system" in found.unknown


@pytest.mark.parametrize(
    ("name", "family", "generation", "size"),
    [
        ("m5.2xlarge", "m", 5, "2xlarge"),
        ("m5dn.metal", "m", 5, "metal"),
        ("t2.nano", "t", 2, "nano"),
        ("c7gn.16xlarge", "c", 7, "16xlarge"),
        ("x2gd.medium", "x", 2, "medium"),
        ("p4de.24xlarge", "p", 4, "24xlarge"),
        ("is4gen.8xlarge", "is", 4, "8xlarge"),
        ("hpc7a.96xlarge", "hpc", 7, "96xlarge"),
        ("m7i-flex.large", "m", 7, "large"),
        ("c7i.metal-24xl", "c", 7, "metal-24xl"),
        ("u-6tb1.112xlarge", "u-6tb", 1, "112xlarge"),
        ("u7i-12tb.224xlarge", "u", 7, "224xlarge"),
        ("mac1.metal", "mac", 1, "metal"),
        ("mac2-m2.metal", "mac", 2, "metal"),
        ("mac-m4pro.metal", "mac", 4, "metal"),
    ],
)
def test_a_type_name_tells_family_generation_and_size(name: str, family: str, generation: int, size: str) -> None:
    fields = read(instance(InstanceType=name)).fields

    assert (fields["family"], fields["generation"], fields["size"]) == (family, generation, size)


def test_every_type_name_that_botocore_knows_is_understood() -> None:
    sizes = {name: read(instance(InstanceType=name)).fields["size"] for name in TYPE_NAMES}

    assert len(sizes) > 1000
    assert sizes == {name: name.partition(".")[2] for name in TYPE_NAMES}


def test_a_type_name_of_a_shape_to_come_is_unknown_and_costs_nothing_else() -> None:
    found = read(instance(InstanceType="quantum"))

    assert found.fields["instance_type"] == "quantum"
    assert found.unknown >= {"family", "generation", "size"}


def test_what_an_answer_about_the_type_leaves_out_is_unknown() -> None:
    found = read({**instance(), "DescribeInstanceTypes": {"InstanceType": "m5.large", "VCpuInfo": {"DefaultVCpus": 2}}})

    assert found.fields["vcpu"] == 2
    assert found.fields["memory_gib"] is None
    assert "memory_gib" in found.unknown
    assert "vcpu" not in found.unknown


def test_without_metadata_options_nothing_is_said_of_imdsv2() -> None:
    found = read(instance())

    assert "imdsv2" in found.unknown
    assert found.fields["imdsv2"] is None


def test_small_memory_keeps_its_fraction() -> None:
    nano = {"VCpuInfo": {"DefaultVCpus": 1}, "MemoryInfo": {"SizeInMiB": 512}}

    found = read({**instance(InstanceType="t3.nano"), "DescribeInstanceTypes": nano})

    assert found.fields["memory_gib"] == Decimal("0.5")


def test_an_instance_without_user_data_has_none_and_one_that_nobody_asked_about_is_unknown() -> None:
    without = of_page(1)
    unasked = {name: answer for name, answer in answers_of_page(1).items() if name != "DescribeInstanceAttribute"}

    unread = read(unasked)

    assert without.fields["user_data_bytes"] is None
    assert "user_data_bytes" not in without.unknown
    assert "user_data_bytes" in unread.unknown


@pytest.mark.parametrize("size", range(1, 12))
def test_of_user_data_the_size_is_kept_and_the_script_without_its_secrets(size: int) -> None:
    encoded = base64.b64encode(b"a" * size).decode()

    kept = masked_user_data({"InstanceId": "i-1", "UserData": {"Value": encoded}})

    assert kept["UserDataBytes"] == size
    assert [part["text"] for part in kept["BootScript"]["parts"]] == ["a" * size]
    assert masked_user_data({"InstanceId": "i-1", "UserData": {}}) == {"UserDataBytes": None}


def read_script(script: bytes) -> Reading:
    """An instance with this boot script."""
    answer = masked_user_data({"UserData": {"Value": base64.b64encode(script).decode()}})
    return read({**instance(), "DescribeInstanceAttribute": answer})


def test_a_key_in_a_boot_script_is_told_and_not_kept() -> None:
    found = read_script(b"export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE")

    assert found.fields["user_data_holds_key"] is True
    assert "AKIA" not in str(
        masked_user_data({"UserData": {"Value": base64.b64encode(b"AKIAIOSFODNN7EXAMPLE").decode()}})
    )
    assert read_script(b"yum install httpd").fields["user_data_holds_key"] is False


def test_whether_a_key_is_in_a_script_that_is_no_text_is_unknown() -> None:
    found = read_script(b"\xff\x00\x01")

    assert found.fields["user_data_holds_key"] is None
    assert "user_data_holds_key" in found.unknown


def test_of_an_answer_that_an_earlier_release_kept_only_the_size_is_known() -> None:
    found = read({**instance(), "DescribeInstanceAttribute": {"UserDataBytes": 64}})

    assert found.fields["user_data_bytes"] == 64
    assert {"user_data_holds_key", "user_data_digest"} <= found.unknown


def test_another_script_has_another_digest_and_another_secret_has_not() -> None:
    one, other = read_script(b"export PASSWORD=one"), read_script(b"export PASSWORD=two")

    assert one.fields["user_data_digest"] == other.fields["user_data_digest"]
    assert one.fields["user_data_digest"] != read_script(b"reboot").fields["user_data_digest"]


def test_what_a_type_has_none_of_is_known_and_what_was_not_told_is_not() -> None:
    size = {"VCpuInfo": {"DefaultVCpus": 1}, "MemoryInfo": {"SizeInMiB": 1024}, "EbsInfo": {}}

    found = read({**instance(), "DescribeInstanceTypes": size})

    assert found.fields["ebs_maximum_mbps"] is None
    assert "ebs_maximum_mbps" not in found.unknown
    assert {"network_performance", "is_current_generation"} <= found.unknown


def test_user_data_is_asked_of_instances_that_still_have_an_attribute_and_only_where_it_is_switched_on() -> None:
    (question,) = (one for one in EC2_INSTANCE.enrich if one.call.operation == "DescribeInstanceAttribute")

    assert isinstance(question, Ask)
    assert question.switch == USER_DATA
    assert [question.wanted(answers_of_page(number)) for number in range(4)] == [True, True, True, False]
