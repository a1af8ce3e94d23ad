"""What the layer says where moto says less or something else."""

from __future__ import annotations

from typing import Any

from demo.client import Emulator
from tests.demo.listing import EMPTY_REGION, Truth, instances, named, refused, tags

IMAGE = {"ImageId": "ami-11111111111111111", "MinCount": 1, "MaxCount": 1}


def test_every_instance_says_what_it_is_billed_as(organisation: Truth) -> None:
    billed = {(i["PlatformDetails"], i["UsageOperation"], i.get("Platform")) for i in organisation.instances}

    assert billed == {
        ("Linux/UNIX", "RunInstances", None),
        ("Windows", "RunInstances:0002", "windows"),
        ("Windows with SQL Server Standard", "RunInstances:0006", "windows"),
        ("Red Hat Enterprise Linux", "RunInstances:0010", None),
        ("SUSE Linux", "RunInstances:000g", None),
    }


def test_an_instance_of_an_unknown_image_is_plain_linux(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", EMPTY_REGION)

    made = ec2.run_instances(**IMAGE, InstanceType="t3.micro")["Instances"][0]

    assert (made["PlatformDetails"], made["UsageOperation"]) == ("Linux/UNIX", "RunInstances")
    assert "Platform" not in made


def test_tenancy_architecture_and_addresses_are_those_that_were_asked_for(emulator: Emulator) -> None:
    ireland = instances(emulator.client("ec2", "production", "eu-west-1"))
    virginia = instances(emulator.client("ec2", "production", "us-east-1"))

    audit, web, cache = named(ireland, "audit-01"), named(virginia, "web-01"), named(virginia, "cache-01")

    assert audit["Placement"]["Tenancy"] == "dedicated"
    assert web["Placement"]["Tenancy"] == "default"
    assert (web["Architecture"], cache["Architecture"]) == ("x86_64", "arm64")
    assert web["Ipv6Address"] == web["NetworkInterfaces"][0]["Ipv6Addresses"][0]["Ipv6Address"]
    assert web["PublicIpAddress"]
    assert "StateReason" not in web
    assert "KernelId" not in web


def test_an_instance_without_a_group_of_its_own_shows_the_default_group(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", EMPTY_REGION)

    made = ec2.run_instances(**IMAGE, InstanceType="t3.micro")["Instances"][0]

    assert [group["GroupName"] for group in made["SecurityGroups"]] == ["default"]


def test_iops_and_throughput_that_were_asked_for_at_launch_are_kept(emulator: Emulator) -> None:
    virginia = _volumes(emulator, "us-east-1", "orders-db-01")
    frankfurt = _volumes(emulator, "eu-central-1", "vault-01")

    assert (virginia["/dev/sdf"]["VolumeType"], virginia["/dev/sdf"]["Iops"]) == ("io2", 6000)
    assert (frankfurt["/dev/sdf"]["Iops"], frankfurt["/dev/sdf"]["Throughput"]) == (9000, 500)
    assert (virginia["/dev/sda1"]["Iops"], virginia["/dev/sda1"]["Throughput"]) == (3000, 125)
    assert "Iops" not in virginia["/dev/sdg"]


def test_gp2_volumes_say_the_iops_that_follow_from_their_size(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", EMPTY_REGION)
    for size in (8, 500, 8000):
        ec2.create_volume(AvailabilityZone=f"{EMPTY_REGION}a", Size=size, VolumeType="gp2")

    volumes = ec2.describe_volumes(Filters=[{"Name": "status", "Values": ["available"]}])["Volumes"]

    assert {volume["Size"]: volume["Iops"] for volume in volumes} == {8: 100, 500: 1500, 8000: 16000}


def test_volumes_say_whether_they_go_with_their_instance_and_where_they_come_from(emulator: Emulator) -> None:
    volumes = _volumes(emulator, "us-east-1", "orders-db-01")

    goes = {device: volume["Attachments"][0]["DeleteOnTermination"] for device, volume in volumes.items()}

    assert goes == {"/dev/sda1": True, "/dev/sdf": False, "/dev/sdg": True}
    assert volumes["/dev/sda1"]["SnapshotId"].startswith("snap-")
    assert volumes["/dev/sdf"]["SnapshotId"] == ""


def test_rules_say_their_owner_and_keep_what_was_written_about_them(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")

    rules = _rules(ec2, "database")

    (from_group,) = [rule for rule in rules if "ReferencedGroupInfo" in rule]
    assert from_group["Description"] == "orders service"
    assert from_group["GroupOwnerId"] == "418273645509"
    assert from_group["SecurityGroupRuleArn"].endswith(from_group["SecurityGroupRuleId"])


def test_a_prefix_list_rule_keeps_its_description_in_both_lists(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "eu-central-1")

    rules = _rules(ec2, "gateway")

    (listed,) = [rule for rule in rules if "PrefixListId" in rule]
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["gateway"]}])["SecurityGroups"][0]
    assert listed["Description"] == "banks only"
    assert group["IpPermissions"][0]["PrefixListIds"][0]["Description"] == "banks only"


def test_a_protocol_without_ports_can_be_opened_and_has_none(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "sa-east-1")

    rules = _rules(ec2, "tunnel")

    (tunnel,) = [rule for rule in rules if not rule["IsEgress"]]
    group = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["tunnel"]}])["SecurityGroups"][0]
    assert (tunnel["IpProtocol"], tunnel["FromPort"], tunnel["ToPort"]) == ("47", -1, -1)
    assert "FromPort" not in group["IpPermissions"][0]


def test_a_started_instance_has_a_new_launch_time(emulator: Emulator) -> None:
    found = instances(emulator.client("ec2", "research", "us-east-1"))

    started, never_stopped = named(found, "dev-01"), named(found, "tracker-01")

    assert started["LaunchTime"] > never_stopped["LaunchTime"]
    assert started["BlockDeviceMappings"][0]["Ebs"]["AttachTime"] < started["LaunchTime"]


def test_hostile_tags_come_back_as_they_were_given(emulator: Emulator) -> None:
    found = named(instances(emulator.client("ec2", "research", "eu-west-1")), "playground-01")

    assert tags(found)["note"] == "<script>alert(1)</script>"
    assert tags(found)["formula"] == "=cmd|'/C calc'!A0"
    assert tags(found)["lines"] == "first line\nsecond line\r\nthird line"
    assert tags(found)["direction"].startswith("\u200f")
    assert len(tags(found)["length"]) == 256


def test_a_bucket_that_nobody_configured_is_encrypted_with_aes256(emulator: Emulator) -> None:
    s3 = emulator.client("s3", "production", "us-east-1")

    untouched = s3.get_bucket_encryption(Bucket="legacy-downloads-2019")["ServerSideEncryptionConfiguration"]
    configured = s3.get_bucket_encryption(Bucket="payments-archive")["ServerSideEncryptionConfiguration"]

    assert untouched["Rules"][0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert configured["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert refused(lambda: s3.get_bucket_encryption(Bucket="no-such-bucket-4182"))[1] == "NoSuchBucket"


def _volumes(emulator: Emulator, region: str, name: str) -> dict[str, dict[str, Any]]:
    """The volumes of a production instance, by device."""
    ec2 = emulator.client("ec2", "production", region)
    found = ec2.describe_volumes(Filters=[{"Name": "tag:Name", "Values": [name]}])["Volumes"]
    return {volume["Attachments"][0]["Device"]: volume for volume in found}


def _rules(ec2: Any, group: str) -> list[dict[str, Any]]:
    groups = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": [group]}])["SecurityGroups"]
    only = [{"Name": "group-id", "Values": [each["GroupId"] for each in groups]}]
    rules: list[dict[str, Any]] = ec2.describe_security_group_rules(Filters=only)["SecurityGroupRules"]
    return rules
