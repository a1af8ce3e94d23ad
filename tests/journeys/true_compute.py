"""What AWS says of images, snapshots, templates, groups of instances and places, in the words of an export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from demo.accounts import MANAGEMENT, DemoAccount
from demo.client import Emulator

Row = dict[str, Any]


def _images(client: Any) -> Iterator[Row]:
    """The account's own, and what its instances were started from."""
    own = {one["ImageId"]: one for one in client.describe_images(Owners=["self"])["Images"]}
    for image_id, one in own.items():
        shared = client.describe_image_attribute(ImageId=image_id, Attribute="launchPermission")["LaunchPermissions"]
        yield {
            **_image(one, is_own=True),
            "shared_with": sorted((who, kind) for who, kind in map(_shared, shared)),
            "snapshots": sorted(
                (disk["Ebs"]["SnapshotId"], disk["DeviceName"], str(disk["Ebs"]["VolumeSize"]))
                for disk in one["BlockDeviceMappings"]
            ),
        }
    used = set()
    for page in client.get_paginator("describe_instances").paginate():
        for reservation in page["Reservations"]:
            used |= {instance["ImageId"] for instance in reservation["Instances"]}
    if foreign := sorted(used - own.keys()):
        for one in client.describe_images(ImageIds=foreign)["Images"]:
            yield {
                **_image(one, is_own=False),
                "shared_with": None,
                "snapshots": sorted(
                    (disk["Ebs"]["SnapshotId"], disk["DeviceName"], str(disk["Ebs"]["VolumeSize"]))
                    for disk in one["BlockDeviceMappings"]
                ),
            }


def _image(one: Row, *, is_own: bool) -> Row:
    return {
        "native_id": one["ImageId"],
        "name": one["Name"],
        "tags": _tags(one),
        "state": one["State"],
        "is_own": is_own,
        "is_public": one["Public"],
        "platform_details": one["PlatformDetails"],
        "deprecated_at": one["DeprecationTime"].replace(".000Z", "Z"),
        "source_image_id": one.get("SourceImageId"),
    }


def _snapshots(client: Any) -> Iterator[Row]:
    for one in client.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
        named = {"SnapshotId": one["SnapshotId"], "Attribute": "createVolumePermission"}
        shared = client.describe_snapshot_attribute(**named)["CreateVolumePermissions"]
        yield {
            "native_id": one["SnapshotId"],
            "tags": _tags(one),
            "state": one["State"],
            "size_gib": one["VolumeSize"],
            "encrypted": one["Encrypted"],
            "is_public": {"Group": "all"} in shared,
            "shared_with": sorted((who, kind) for who, kind in map(_shared, shared)),
            "volume_id": None if one["VolumeId"] == "vol-ffffffff" else one["VolumeId"],
            "started": _moment(one["StartTime"]),
        }


def _shared(permission: dict[str, str]) -> tuple[str, str]:
    return (permission["Group"], "group") if "Group" in permission else (permission["UserId"], "account")


def _templates(client: Any) -> Iterator[Row]:
    for one in client.describe_launch_templates()["LaunchTemplates"]:
        template_id = one["LaunchTemplateId"]
        versions = client.describe_launch_template_versions(LaunchTemplateId=template_id)["LaunchTemplateVersions"]
        by_image: dict[str, list[str]] = defaultdict(list)
        for version in sorted(versions, key=lambda version: version["VersionNumber"]):
            by_image[version["LaunchTemplateData"]["ImageId"]].append(str(version["VersionNumber"]))
        yield {
            "native_id": template_id,
            "name": one["LaunchTemplateName"],
            "default_version": one["DefaultVersionNumber"],
            "latest_version": one["LatestVersionNumber"],
            "images": sorted((image, ", ".join(numbers)) for image, numbers in by_image.items()),
        }


def _groups_of_instances(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_auto_scaling_groups").paginate():
        for one in page["AutoScalingGroups"]:
            template = one.get("LaunchTemplate")
            yield {
                "native_id": one["AutoScalingGroupName"],
                "tags": {tag["Key"]: tag["Value"] for tag in one["Tags"]},
                "desired_capacity": one["DesiredCapacity"],
                "launch_configuration": one.get("LaunchConfigurationName"),
                "target_groups": sorted(one["TargetGroupARNs"]),
                "load_balancers": sorted(one["LoadBalancerNames"]),
                "subnets": sorted(one["VPCZoneIdentifier"].split(",")),
                "launch_templates": [(template["LaunchTemplateId"], template["Version"])] if template else [],
                "instances": sorted(
                    (each["InstanceId"], each["LifecycleState"], each["HealthStatus"], "False")
                    for each in one["Instances"]
                ),
                "created": _moment(one["CreatedTime"]),
            }


def _placement_groups(client: Any) -> Iterator[Row]:
    for one in client.describe_placement_groups()["PlacementGroups"]:
        yield {
            "native_id": one["GroupId"],
            "name": one["GroupName"],
            "strategy": one["Strategy"],
            "partition_count": one.get("PartitionCount"),
        }


def _capacity_reservations(client: Any) -> Iterator[Row]:
    for one in client.describe_capacity_reservations()["CapacityReservations"]:
        yield {
            "native_id": one["CapacityReservationId"],
            "tags": _tags(one),
            "state": one["State"],
            "instance_type": one["InstanceType"],
            "total_count": one["TotalInstanceCount"],
            "available_count": one["AvailableInstanceCount"],
        }


def _spot_requests(client: Any) -> Iterator[Row]:
    for one in client.describe_spot_instance_requests()["SpotInstanceRequests"]:
        yield {
            "native_id": one["SpotInstanceRequestId"],
            "state": one["State"],
            "instance_id": one["InstanceId"],
            "instance_type": one["LaunchSpecification"]["InstanceType"],
        }


def _offerings(client: Any) -> Iterator[Row]:
    zones: dict[str, set[str]] = defaultdict(set)
    for page in client.get_paginator("describe_instance_type_offerings").paginate(LocationType="availability-zone-id"):
        for one in page["InstanceTypeOfferings"]:
            zones[one["InstanceType"]].add(one["Location"])
    for name, offered in zones.items():
        yield {"native_id": name, "size": name.partition(".")[2], "zones": sorted(offered)}


def _regions(emulator: Emulator, account: DemoAccount) -> Iterator[Row]:
    client = emulator.client("ec2", account.name, "us-east-1")
    for one in client.describe_regions(AllRegions=True)["Regions"]:
        yield {
            "account": account.account_id,
            "region": one["RegionName"],
            "native_id": one["RegionName"],
            "opt_in_status": one["OptInStatus"],
        }


def _services_of_regions(emulator: Emulator, account: DemoAccount) -> Iterator[Row]:
    """Read through the account that was added first, for all."""
    if account != MANAGEMENT:
        return
    client = emulator.client("ssm", account.name, "us-east-1")
    for region in _regions(emulator, account):
        name = region["region"]
        pages = client.get_paginator("get_parameters_by_path").paginate(
            Path=f"/aws/service/global-infrastructure/regions/{name}/services"
        )
        services = sorted(one["Value"] for page in pages for one in page["Parameters"])
        yield {
            "account": account.account_id,
            "region": name,
            "native_id": name,
            "service_count": len(services) or None,
            "services": services,
        }


def _tags(item: Row) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


COMPUTE = {
    "image": _images,
    "ebs-snapshot": _snapshots,
    "launch-template": _templates,
    "placement-group": _placement_groups,
    "capacity-reservation": _capacity_reservations,
    "spot-instance-request": _spot_requests,
    "instance-type-offering": _offerings,
}
SCALING = {"auto-scaling-group": ("autoscaling", _groups_of_instances)}
REGIONS = {"region": _regions, "region-services": _services_of_regions}
