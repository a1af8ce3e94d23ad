"""What a place holds beside machines and volumes: images, snapshots, templates, groups of instances, reservations.

They are told in AWS's own documents, which the layer keeps and answers with (`demo/layer/held.py`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from .accounts import DemoAccount
from .images import Image
from .layer.held import Held, Thing
from .layer.images import public_facts, root_disk
from .words import pairs

EVERYBODY = [{"Group": "all"}]
LIFE_OF_AN_IMAGE = timedelta(days=730)


class Holdings:
    """The things of one region of one account that moto does not know, by name where the story comes back to them."""

    def __init__(self, account: DemoAccount, region: str, held: Held, id_of: Callable[[str], str]) -> None:
        """`id_of` finds the id of an instance, a volume or a subnet by its name."""
        self._account = account
        self._region = region
        self._held = held
        self._id_of = id_of
        self.snapshots: dict[str, str] = {}
        self.templates: dict[str, str] = {}

    # --- images and snapshots ---------------------------------------------------------------------------------

    def image(
        self,
        image: Image,
        *,
        gib: int,
        of: str = "",
        copied_from: str = "",
        shared_with: Sequence[Mapping[str, str]] = (),
        deprecated_after: timedelta = LIFE_OF_AN_IMAGE,
        encrypted: bool = True,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """An image of an instance, or a copy of the one of the same name in another region, with its snapshot.

        Without either it is of a machine that somebody's builder started and ended, as most images are.
        """
        image_id, made = image.id_in(self._region), datetime.now(UTC)
        machine = self._id_of(of) if of else f"i-{self._digits('builder', image.name)}"
        source = image.id_in(copied_from) if copied_from else ""
        told = (
            f"Copied for DestinationAmi {image_id} from SourceAmi {source} for SourceSnapshot "
            f"{image.snapshot_in(copied_from)}. Task created on {made:%s},000."
            if source
            else f"Created by CreateImage({machine}) for {image_id}"
        )
        self.snapshot(image.name, gib, told=told, own_id=image.snapshot_in(self._region), encrypted=encrypted)
        if not source:
            disk = self._id_of(f"{of}:{image.root_device}") if of else f"vol-{self._digits('builder', image.name)}"
            self._all("DescribeSnapshots")[-1]["VolumeId"] = disk
        self._put(
            "DescribeImages",
            {
                **public_facts(image, self._region),
                "OwnerId": self._account.account_id,
                "ImageLocation": f"{self._account.account_id}/{image.name}",
                "State": "available",
                "Public": list(shared_with) == EVERYBODY,
                "CreationDate": _text(made),
                "DeprecationTime": _text(made + deprecated_after),
                "BlockDeviceMappings": [root_disk(image, self._region, gib, encrypted=encrypted)],
                "Tags": pairs(tags or {}),
                **({"SourceImageId": source, "SourceImageRegion": copied_from} if source else {}),
                **({} if source else {"SourceInstanceId": machine}),
            },
        )
        self._held.told[image_id] = [dict(one) for one in shared_with]

    def deregister(self, image: Image) -> None:
        """Deregister an image; its snapshot stays, as it does at AWS."""
        for one in self._all("DescribeImages"):
            if one["ImageId"] == image.id_in(self._region):
                one |= {"State": "deregistered", "_is_gone": True}

    def snapshot(
        self,
        name: str,
        gib: int,
        *,
        of: str = "",
        told: str = "",
        own_id: str = "",
        encrypted: bool = True,
        shared_with: Sequence[Mapping[str, str]] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """A snapshot of a volume, or a copy of one of somebody's (without `of`)."""
        made = datetime.now(UTC)
        snapshot_id = own_id or f"snap-{self._digits('snapshot', name)}"
        self._put(
            "DescribeSnapshots",
            {
                "SnapshotId": snapshot_id,
                "OwnerId": self._account.account_id,
                "VolumeId": self._id_of(of) if of else "vol-ffffffff",
                "State": "completed",
                "Progress": "100%",
                "StorageTier": "standard",
                "VolumeSize": gib,
                "FullSnapshotSizeInBytes": gib * 2**30 // 3,
                "Encrypted": encrypted,
                "StartTime": made,
                "CompletionTime": made + timedelta(minutes=gib / 7),
                "Description": told,
                "Tags": pairs(tags if tags is not None else {} if told else {"Name": name}),
            },
        )
        self.snapshots[name] = snapshot_id
        self._held.told[snapshot_id] = [dict(one) for one in shared_with]

    def delete_snapshot(self, name: str) -> None:
        """Delete a snapshot."""
        self._drop("DescribeSnapshots", "SnapshotId", self.snapshots.pop(name))

    # --- templates and groups of instances --------------------------------------------------------------------

    def template(
        self, name: str, *versions: Mapping[str, Any], script: str = "", tags: Mapping[str, str] | None = None
    ) -> None:
        """A launch template with these versions; of them the last one is the default. All run the same boot script."""
        template_id = self.templates[name] = f"lt-{self._digits('template', name)}"
        self._put(
            "DescribeLaunchTemplates",
            {**self._template(name), "DefaultVersionNumber": 1, "LatestVersionNumber": 0, "Tags": pairs(tags or {})},
        )
        self._held.told[template_id] = []
        for version in versions:
            self.new_version(name, version, script=script)

    def new_version(self, name: str, version: Mapping[str, Any], *, script: str = "") -> None:
        """A new version of a launch template, which becomes the default one."""
        (template,) = (one for one in self._all("DescribeLaunchTemplates") if one["LaunchTemplateName"] == name)
        number = template["LatestVersionNumber"] + 1
        template |= {"LatestVersionNumber": number, "DefaultVersionNumber": number}
        user_data = {"UserData": base64.b64encode(script.encode()).decode()} if script else {}
        versions = self._held.told[self.templates[name]]
        for before in versions:
            before["DefaultVersion"] = False
        data = {"LaunchTemplateData": {**version, **user_data}}
        versions.append({**self._template(name), "VersionNumber": number, "DefaultVersion": True, **data})

    def _template(self, name: str) -> Thing:
        return {
            "LaunchTemplateId": self.templates[name],
            "LaunchTemplateName": name,
            "CreateTime": datetime.now(UTC),
            "CreatedBy": f"arn:aws:iam::{self._account.account_id}:user/deploy",
        }

    def group_of_instances(
        self,
        name: str,
        instances: Sequence[str],
        *,
        subnets: Sequence[str],
        most: int,
        template: str = "",
        version: str = "$Default",
        configuration: str = "",
        target_groups: Sequence[str] = (),
        balancers: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """An Auto Scaling group, of a launch template or of a launch configuration as they were before."""
        region, account = self._region, self._account.account_id
        source: Thing = (
            {
                "LaunchTemplate": {
                    "LaunchTemplateId": self.templates[template],
                    "LaunchTemplateName": template,
                    "Version": version,
                }
            }
            if template
            else {"LaunchConfigurationName": configuration}
        )
        uuid = self._digits("group of instances", name, length=32)
        self._put(
            "DescribeAutoScalingGroups",
            {
                "AutoScalingGroupName": name,
                "AutoScalingGroupARN": (
                    f"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{uuid}:autoScalingGroupName/{name}"
                ),
                **source,
                "MinSize": min(2, len(instances)),
                "MaxSize": most,
                "DesiredCapacity": len(instances),
                "DefaultCooldown": 300,
                "AvailabilityZones": sorted({f"{region}{subnet[-1]}" for subnet in subnets}),
                "LoadBalancerNames": list(balancers),
                "TargetGroupARNs": [self._id_of(target_group) for target_group in target_groups],
                "HealthCheckType": "ELB" if target_groups or balancers else "EC2",
                "HealthCheckGracePeriod": 300,
                "Instances": [
                    {
                        "InstanceId": self._id_of(instance),
                        "AvailabilityZone": f"{region}{subnets[number % len(subnets)][-1]}",
                        "LifecycleState": "InService",
                        "HealthStatus": "Healthy",
                        "ProtectedFromScaleIn": False,
                        **source,
                    }
                    for number, instance in enumerate(instances)
                ],
                "CreatedTime": datetime.now(UTC),
                "SuspendedProcesses": [],
                "VPCZoneIdentifier": ",".join(self._id_of(subnet) for subnet in subnets),
                "EnabledMetrics": [],
                "Tags": [
                    {
                        "ResourceId": name,
                        "ResourceType": "auto-scaling-group",
                        "Key": key,
                        "Value": value,
                        "PropagateAtLaunch": True,
                    }
                    for key, value in (tags or {}).items()
                ],
                "TerminationPolicies": ["Default"],
                "NewInstancesProtectedFromScaleIn": False,
            },
        )

    # --- where and how instances run --------------------------------------------------------------------------

    def placement_group(self, name: str, strategy: str, **more: Any) -> None:
        """A placement group."""
        group_id = f"pg-{self._digits('placement group', name)}"
        arn = f"arn:aws:ec2:{self._region}:{self._account.account_id}:placement-group/{name}"
        self._put(
            "DescribePlacementGroups",
            {
                "GroupName": name,
                "GroupId": group_id,
                "GroupArn": arn,
                "Strategy": strategy,
                "State": "available",
                "Tags": [],
                **more,
            },
        )

    def reserve_capacity(
        self,
        name: str,
        type: str,  # noqa: A002 - AWS's word
        count: int,
        *,
        used: int,
        zone: str = "a",
        platform: str = "Linux/UNIX",
    ) -> None:
        """An On-Demand Capacity Reservation, of which so many instances make use."""
        reservation_id, made = f"cr-{self._digits('capacity', name)}", datetime.now(UTC)
        arn = f"arn:aws:ec2:{self._region}:{self._account.account_id}:capacity-reservation/{reservation_id}"
        self._put(
            "DescribeCapacityReservations",
            {
                "CapacityReservationId": reservation_id,
                "OwnerId": self._account.account_id,
                "CapacityReservationArn": arn,
                "InstanceType": type,
                "InstancePlatform": platform,
                "AvailabilityZone": f"{self._region}{zone}",
                "Tenancy": "default",
                "TotalInstanceCount": count,
                "AvailableInstanceCount": count - used,
                "EbsOptimized": True,
                "EphemeralStorage": False,
                "State": "active",
                "StartDate": made,
                "EndDateType": "unlimited",
                "InstanceMatchCriteria": "open",
                "CreateDate": made,
                "Tags": pairs({"Name": name}),
            },
        )

    def spot_request(self, instance: str, type: str, image: Image, zone: str) -> None:  # noqa: A002 - AWS's word
        """The request behind an instance of the spot market; AWS makes one for each instance that is launched so."""
        made = datetime.now(UTC)
        self._put(
            "DescribeSpotInstanceRequests",
            {
                "SpotInstanceRequestId": f"sir-{self._digits('spot', self._id_of(instance), length=8)}",
                "InstanceId": self._id_of(instance),
                "Type": "one-time",
                "State": "active",
                "Status": {"Code": "fulfilled", "Message": "Your spot request is fulfilled.", "UpdateTime": made},
                "CreateTime": made,
                "LaunchSpecification": {"ImageId": image.id_in(self._region), "InstanceType": type},
                "LaunchedAvailabilityZone": zone,
                "ProductDescription": image.platform_details,
                "InstanceInterruptionBehavior": "terminate",
                "Tags": [],
            },
        )

    def forget(self, instance_id: str) -> None:
        """An instance was terminated: its group of instances and its request go on without it."""
        self._drop("DescribeSpotInstanceRequests", "InstanceId", instance_id)
        for group in self._all("DescribeAutoScalingGroups"):
            group["Instances"] = [one for one in group["Instances"] if one["InstanceId"] != instance_id]

    # --- keeping ----------------------------------------------------------------------------------------------

    def _all(self, operation: str) -> list[Thing]:
        return self._held.of(self._account.account_id, self._region, operation)

    def _put(self, operation: str, thing: Thing) -> None:
        self._all(operation).append(thing)

    def _drop(self, operation: str, key: str, value: str) -> None:
        kept = [one for one in self._all(operation) if one[key] != value]
        self._all(operation)[:] = kept

    def _digits(self, *words: str, length: int = 17) -> str:
        """Hexadecimal digits that follow from what a thing is, as AWS's follow from nothing."""
        text = "/".join((self._account.account_id, self._region, *words))
        return hashlib.sha256(text.encode()).hexdigest()[:length]


def _text(moment: datetime) -> str:
    """A moment as images tell it, which is text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
