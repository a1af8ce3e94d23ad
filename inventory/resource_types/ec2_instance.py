"""EC2 instances."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models

from inventory.boot_script import BootScript, decode
from inventory.history import ResourceRevision, base_indexes, fingerprint, open_index, term_index
from inventory.registry import (
    USER_DATA,
    Answers,
    Ask,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    LookUp,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

# "m5.2xlarge" = family m, generation 5, size 2xlarge; letters after the generation name its extras (m5d, u7i-12tb).
# Two families carry more before their generation: u-6tb1 its memory, mac-m4 a letter of its chip.
TYPE_NAME = re.compile(r"^(?P<family>[a-z]+(?:-\d+tb)?)(?:-[a-z])?(?P<generation>\d+)[a-z0-9-]*\.(?P<size>[a-z0-9-]+)$")

# AWS, "AMI billing information fields": usage operation to what the operating system is billed as.
SYSTEM_BY_USAGE_OPERATION = {
    "RunInstances": "linux",
    "RunInstances:0002": "windows",
    "RunInstances:0006": "windows",
    "RunInstances:0102": "windows",
    "RunInstances:0202": "windows",
    "RunInstances:0800": "windows",
    "RunInstances:0004": "linux",
    "RunInstances:0100": "linux",
    "RunInstances:0200": "linux",
    "RunInstances:0010": "rhel",
    "RunInstances:1010": "rhel",
    "RunInstances:0014": "rhel",
    "RunInstances:0110": "rhel",
    "RunInstances:0210": "rhel",
    "RunInstances:1014": "rhel",
    "RunInstances:1110": "rhel",
    "RunInstances:00g0": "rhel",
    "RunInstances:000g": "suse",
    "RunInstances:0g00": "ubuntu-pro",
}
# The same page pairs each with what PlatformDetails says, which tells the software apart as exactly.
USAGE_OPERATION_BY_PLATFORM_DETAILS = {
    "Linux/UNIX": "RunInstances",
    "Red Hat BYOL Linux": "RunInstances:00g0",
    "Red Hat Enterprise Linux": "RunInstances:0010",
    "Red Hat Enterprise Linux with HA": "RunInstances:1010",
    "Red Hat Enterprise Linux with SQL Server Standard and HA": "RunInstances:1014",
    "Red Hat Enterprise Linux with SQL Server Enterprise and HA": "RunInstances:1110",
    "Red Hat Enterprise Linux with SQL Server Standard": "RunInstances:0014",
    "Red Hat Enterprise Linux with SQL Server Web": "RunInstances:0210",
    "Red Hat Enterprise Linux with SQL Server Enterprise": "RunInstances:0110",
    "SQL Server Enterprise": "RunInstances:0100",
    "SQL Server Standard": "RunInstances:0004",
    "SQL Server Web": "RunInstances:0200",
    "SUSE Linux": "RunInstances:000g",
    "Ubuntu Pro": "RunInstances:0g00",
    "Windows": "RunInstances:0002",
    "Windows BYOL": "RunInstances:0800",
    "Windows with SQL Server Enterprise": "RunInstances:0102",
    "Windows with SQL Server Standard": "RunInstances:0006",
    "Windows with SQL Server Web": "RunInstances:0202",
}
SYSTEM_BY_PLATFORM_DETAILS = {
    "Linux/UNIX": "linux",
    "Red Hat": "rhel",
    "SUSE": "suse",
    "Ubuntu Pro": "ubuntu-pro",
    "Windows": "windows",
    "SQL Server": "linux",
}


class Ec2Instance(ResourceRevision):
    """One period during which an EC2 instance looked the same."""

    state = models.CharField(max_length=16, null=True)
    instance_type = models.CharField(max_length=32, null=True)
    family = models.CharField(max_length=16, null=True)
    generation = models.PositiveSmallIntegerField(null=True)
    size = models.CharField(max_length=16, null=True)
    architecture = models.CharField(max_length=16, null=True)
    operating_system = models.CharField(max_length=16, null=True)
    operating_system_source = models.CharField(max_length=16, null=True)
    usage_operation = models.CharField(max_length=32, null=True)
    vcpu = models.PositiveIntegerField(null=True)
    memory_gib = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    lifecycle = models.CharField(max_length=16, null=True)
    tenancy = models.CharField(max_length=16, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    subnet_id = models.CharField(max_length=64, null=True)
    public_ipv4 = models.CharField(max_length=15, null=True)
    private_ipv4 = models.CharField(max_length=15, null=True)
    image_id = models.CharField(max_length=64, null=True)
    placement_group = models.CharField(max_length=255, null=True)
    capacity_reservation_id = models.CharField(max_length=64, null=True)
    key_name = models.CharField(max_length=255, null=True)
    instance_profile = models.CharField(max_length=2048, null=True)
    imdsv2 = models.CharField(max_length=16, null=True)
    metadata_endpoint = models.CharField(max_length=16, null=True)
    is_current_generation = models.BooleanField(null=True)
    network_performance = models.CharField(max_length=64, null=True)
    ebs_baseline_mbps = models.PositiveIntegerField(null=True)
    ebs_maximum_mbps = models.PositiveIntegerField(null=True)
    monitoring = models.CharField(max_length=16, null=True)
    launch_time = models.DateTimeField(null=True)
    user_data_bytes = models.PositiveIntegerField(null=True)
    user_data_holds_key = models.BooleanField(null=True)
    user_data_digest = models.CharField(max_length=32, null=True, help_text="Of the masked script: of no secret.")

    class Meta(ResourceRevision.Meta):
        indexes = [
            *base_indexes("availability_zone"),
            *(term_index("ec2instance", field) for field in ("public_ipv4", "private_ipv4")),
            *(
                open_index("ec2instance", field)
                for field in (
                    "state",
                    "instance_type",
                    "family",
                    "generation",
                    "size",
                    "architecture",
                    "operating_system",
                    "vcpu",
                    "memory_gib",
                    "lifecycle",
                    "tenancy",
                    "availability_zone",
                    "vpc_id",
                    "subnet_id",
                    "public_ipv4",
                    "private_ipv4",
                    "image_id",
                    "placement_group",
                    "capacity_reservation_id",
                    "key_name",
                    "imdsv2",
                    "monitoring",
                    "launch_time",
                )
            ),
        ]


def operating_system(instance: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """What the system is billed as, and the field that says so.

    UsageOperation is exact. PlatformDetails names the same in words. Platform, the oldest, says `windows` or is absent,
    which AWS documents as Linux; it cannot tell Red Hat or SUSE apart.
    """
    if system := SYSTEM_BY_USAGE_OPERATION.get(instance.get("UsageOperation", "")):
        return system, "UsageOperation"
    if details := instance.get("PlatformDetails"):
        for words, system in SYSTEM_BY_PLATFORM_DETAILS.items():
            if details.startswith(words):
                return system, "PlatformDetails"
        return None, "PlatformDetails"
    match instance.get("Platform"):
        case None | "" | "Linux/UNIX":
            return "linux", "Platform"
        case platform if platform.lower() == "windows":
            return "windows", "Platform"
        case _:
            return None, "Platform"


def usage_operation(instance: Mapping[str, Any]) -> str | None:
    """The operation that the software is billed under: told, or paired with PlatformDetails; None if neither says."""
    told: str | None = instance.get("UsageOperation")
    return told or USAGE_OPERATION_BY_PLATFORM_DETAILS.get(instance.get("PlatformDetails", ""))


def read(answers: Answers, scope: Scope) -> Reading:
    """An instance from DescribeInstances, vCPU and memory from DescribeInstanceTypes, user data from its attribute.

    What was not answered is unknown; user data is asked for only where the account's operator switched that on.
    """
    instance = answers["DescribeInstances"]
    tags = tags_from(instance.get("Tags"))
    system, system_source = operating_system(instance)
    named = TYPE_NAME.match(instance.get("InstanceType", ""))
    size = answers.get("DescribeInstanceTypes", {})
    vcpu = size.get("VCpuInfo", {}).get("DefaultVCpus")
    memory_mib = size.get("MemoryInfo", {}).get("SizeInMiB")
    placement = instance.get("Placement", {})
    metadata = instance.get("MetadataOptions", {})
    readable = {
        "vcpu": vcpu is not None,
        "memory_gib": memory_mib is not None,
        "operating_system": system is not None,
        "imdsv2": "HttpTokens" in metadata,
        "metadata_endpoint": "HttpEndpoint" in metadata,
        **dict.fromkeys(("family", "generation", "size"), named is not None),
    }
    sizes = _sizes(size)
    user_data = _user_data(answers.get("DescribeInstanceAttribute"))
    unread = {field for field, is_readable in readable.items() if not is_readable} | sizes.unknown | user_data.unknown
    return Reading(
        native_id=instance["InstanceId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": instance.get("State", {}).get("Name"),
            "instance_type": instance.get("InstanceType"),
            "family": named["family"] if named else None,
            "generation": int(named["generation"]) if named else None,
            "size": named["size"] if named else None,
            "architecture": instance.get("Architecture"),
            "operating_system": system,
            "operating_system_source": system_source,
            "usage_operation": usage_operation(instance),
            "vcpu": vcpu,
            "memory_gib": None if memory_mib is None else _gib(memory_mib),
            "lifecycle": instance.get("InstanceLifecycle") or "on-demand",
            "tenancy": placement.get("Tenancy"),
            "availability_zone": placement.get("AvailabilityZone"),
            "vpc_id": instance.get("VpcId"),
            "subnet_id": instance.get("SubnetId"),
            "public_ipv4": instance.get("PublicIpAddress"),
            "private_ipv4": instance.get("PrivateIpAddress"),
            "image_id": instance.get("ImageId"),
            "placement_group": placement.get("GroupName") or None,
            "capacity_reservation_id": instance.get("CapacityReservationId"),
            "key_name": instance.get("KeyName"),
            "instance_profile": instance.get("IamInstanceProfile", {}).get("Arn"),
            "imdsv2": metadata.get("HttpTokens"),
            "metadata_endpoint": metadata.get("HttpEndpoint"),
            "monitoring": instance.get("Monitoring", {}).get("State"),
            "launch_time": instance.get("LaunchTime"),
            **sizes.fields,
            **user_data.fields,
        },
        links=(*_security_groups(instance), *_block_devices(instance), *_ipv6_addresses(instance)),
        unknown=frozenset(unread),
    )


class _Part(NamedTuple):
    """Fields that were read from one answer, and those of them that it does not tell."""

    fields: dict[str, Any]
    unknown: set[str]


def _sizes(size: Mapping[str, Any]) -> _Part:
    """What DescribeInstanceTypes says of the type beside vCPU and memory; a type without EBS bandwidth has none."""
    bandwidth = size.get("EbsInfo", {}).get("EbsOptimizedInfo", {})
    fields = {
        "is_current_generation": size.get("CurrentGeneration"),
        "network_performance": size.get("NetworkInfo", {}).get("NetworkPerformance"),
        "ebs_baseline_mbps": bandwidth.get("BaselineBandwidthInMbps"),
        "ebs_maximum_mbps": bandwidth.get("MaximumBandwidthInMbps"),
    }
    told = {"EbsInfo": ("ebs_baseline_mbps", "ebs_maximum_mbps")}
    known = {field for key, some in told.items() if key in size for field in some}
    return _Part(fields, {field for field, value in fields.items() if value is None and field not in known})


def _user_data(answer: Mapping[str, Any] | None) -> _Part:
    """Size, digest and whether a key was found; what no text could be read from may hold one."""
    fields: dict[str, Any] = dict.fromkeys(("user_data_bytes", "user_data_holds_key", "user_data_digest"))
    if answer is None:
        return _Part(fields, set(fields))
    fields["user_data_bytes"] = answer["UserDataBytes"]
    if answer["UserDataBytes"] is None:
        return _Part(fields, set())
    if "BootScript" not in answer:
        # An earlier release kept the size alone.
        return _Part(fields, {"user_data_holds_key", "user_data_digest"})
    script = BootScript.from_document(answer["BootScript"])
    fields["user_data_digest"] = fingerprint(answer["BootScript"]).hex()
    is_told = script.holds_access_key or script.is_readable
    fields["user_data_holds_key"] = script.holds_access_key if is_told else None
    return _Part(fields, set() if is_told else {"user_data_holds_key"})


def masked_user_data(answer: Mapping[str, Any]) -> dict[str, Any]:
    """The boot script of an instance, decoded and masked, with its size; None for none. Nothing else is kept."""
    encoded = answer.get("UserData", {}).get("Value")
    if not encoded:
        return {"UserDataBytes": None}
    script = decode(encoded)
    return {"UserDataBytes": script.size_bytes, "BootScript": script.as_document()}


def _is_not_terminated(answers: Answers) -> bool:
    return bool(answers["DescribeInstances"].get("State", {}).get("Name") != "terminated")


def _gib(mib: int) -> Decimal:
    return (Decimal(mib) / 1024).quantize(Decimal("0.0001"))


def _security_groups(instance: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(role="security_groups", target_type="security-group", target=group["GroupId"])
        for group in instance.get("SecurityGroups", [])
    ]


def _block_devices(instance: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(
            role="block_devices",
            target_type="ebs-volume",
            target=device["Ebs"]["VolumeId"],
            detail={
                "device_name": device.get("DeviceName"),
                "delete_on_termination": device["Ebs"].get("DeleteOnTermination"),
            },
        )
        for device in instance.get("BlockDeviceMappings", [])
        if device.get("Ebs", {}).get("VolumeId")
    ]


def _ipv6_addresses(instance: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(role="ipv6_addresses", value=address["Ipv6Address"])
        for interface in instance.get("NetworkInterfaces", [])
        for address in interface.get("Ipv6Addresses", [])
    ]


EC2_INSTANCE = register(
    ResourceType(
        slug="ec2-instance",
        label="EC2 instance",
        plural="EC2 instances",
        category=Category.COMPUTE,
        icon="server",
        model=Ec2Instance,
        call=Call(
            service="ec2",
            operation="DescribeInstances",
            items="Reservations[].Instances[]",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="InstanceId",
        arn="arn:{partition}:ec2:{region}:{account_id}:instance/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#InstanceDetails:instanceId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="generation", label="Generation", kind=Kind.NUMBER, facet=True, sortable=True, default=False),
            Column(field="size", label="Size", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(
                field="architecture", label="Architecture", kind=Kind.CHOICE, facet=True, sortable=True, default=False
            ),
            Column(field="operating_system", label="System", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="operating_system_source", label="System derived from", kind=Kind.CHOICE, default=False),
            Column(field="usage_operation", label="Usage operation", kind=Kind.CHOICE, default=False),
            Column(field="vcpu", label="vCPU", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="memory_gib", label="Memory", unit="GiB", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="lifecycle", label="Lifecycle", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="tenancy", label="Tenancy", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="vpc_id",
                label="VPC",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                default=False,
                target="vpc",
            ),
            Column(
                field="subnet_id",
                label="Subnet",
                kind=Kind.IDENTIFIER,
                sortable=True,
                default=False,
                target="subnet",
            ),
            Column(field="public_ipv4", label="Public IPv4", kind=Kind.IDENTIFIER, sortable=True, searched=True),
            Column(
                field="private_ipv4",
                label="Private IPv4",
                kind=Kind.IDENTIFIER,
                sortable=True,
                searched=True,
                default=False,
            ),
            Column(field="ipv6_addresses", label="IPv6", kind=Kind.MANY, default=False),
            Column(
                field="security_groups",
                label="Security groups",
                kind=Kind.MANY,
                default=False,
                target="security-group",
            ),
            Column(
                field="image_id",
                label="Image",
                kind=Kind.IDENTIFIER,
                target="image",
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(field="placement_group", label="Placement group", kind=Kind.CHOICE, sortable=True, default=False),
            Column(
                field="capacity_reservation_id",
                label="Capacity reservation",
                kind=Kind.IDENTIFIER,
                target="capacity-reservation",
                sortable=True,
                default=False,
            ),
            Column(
                field="key_name",
                label="Key pair",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
                target="key-pair",
            ),
            Column(field="instance_profile", label="Instance profile", kind=Kind.IDENTIFIER, default=False),
            Column(field="imdsv2", label="IMDSv2", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="metadata_endpoint", label="Metadata endpoint", kind=Kind.CHOICE, default=False),
            Column(field="is_current_generation", label="Current generation", kind=Kind.BOOLEAN, default=False),
            Column(field="network_performance", label="Network", kind=Kind.TEXT, default=False),
            Column(field="ebs_baseline_mbps", label="EBS baseline", unit="Mbit/s", kind=Kind.NUMBER, default=False),
            Column(field="ebs_maximum_mbps", label="EBS maximum", unit="Mbit/s", kind=Kind.NUMBER, default=False),
            Column(field="monitoring", label="Monitoring", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="launch_time", label="Launched", kind=Kind.MOMENT, sortable=True, default=False),
            Column(
                field="user_data_bytes",
                label="User data",
                unit="bytes",
                kind=Kind.NUMBER,
                default=False,
                help="The size of the boot script. Read only where an account's operator switched it on.",
            ),
            Column(
                field="user_data_holds_key",
                label="Key in user data",
                kind=Kind.BOOLEAN,
                default=False,
                help="Whether an AWS access key stands in the boot script. The key is masked before anything is kept.",
            ),
            Column(
                field="user_data_digest",
                label="Digest of user data",
                kind=Kind.IDENTIFIER,
                default=False,
                help="Of the masked script: another one means that the script changed beyond its secrets.",
            ),
            Column(
                field="block_devices",
                label="Block devices",
                kind=Kind.MANY,
                default=False,
                target="ebs-volume",
                detail=("device_name", "delete_on_termination"),
            ),
        ),
        relations=(
            Relation(
                field="capacity_reservation_id",
                target="capacity-reservation",
                label="Capacity reservation",
                inverse="Instances in it",
            ),
            Relation(field="image_id", target="image", label="Image", inverse="Instances"),
            Relation(field="security_groups", target="security-group", label="Security groups", inverse="Attached to"),
            Relation(field="block_devices", target="ebs-volume", label="Block devices", inverse="Block device of"),
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Instances"),
            Relation(field="subnet_id", target="subnet", label="Subnet", inverse="Instances"),
            Relation(field="key_name", target="key-pair", label="Key pair", inverse="Instances"),
        ),
        enrich=(
            LookUp(
                call=Call(service="ec2", operation="DescribeInstanceTypes", items="InstanceTypes"),
                key=lambda answers: answers["DescribeInstances"].get("InstanceType"),
                argument="InstanceTypes",
                item_key="InstanceType",
                invalid="InvalidInstanceType",
            ),
            Ask(
                call=Call(service="ec2", operation="DescribeInstanceAttribute", arguments={"Attribute": "userData"}),
                arguments=lambda answers: {"InstanceId": answers["DescribeInstances"]["InstanceId"]},
                wanted=_is_not_terminated,
                switch=USER_DATA,
                keep=masked_user_data,
            ),
        ),
        reading_version=4,
        is_principal=True,
    )
)
