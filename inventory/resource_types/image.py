"""Machine images (AMIs): an account's own, and those of others that its instances use.

DescribeImages lists what an account owns. Of what its instances were started from, DescribeInstanceImageMetadata tells
a little even where the image was deregistered or is private by now; the rest DescribeImages tells where it is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
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

INDEXED = (
    *("state", "is_own", "is_public", "platform_details", "architecture", "owner_id", "created", "deprecated_at"),
    *("last_launched_at", "source_image_id", "source_instance_id", "size_gib"),
)
ACCOUNT_ID = re.compile(r"\d{12}")
EVERYBODY = "all"
"""AWS's name for the group that a public image or snapshot is shared with."""


class Image(ResourceRevision):
    """One period during which a machine image looked the same."""

    state = models.CharField(max_length=16, null=True)
    is_own = models.BooleanField(null=True)
    is_public = models.BooleanField(null=True)
    owner_id = models.CharField(max_length=12, null=True)
    owner_alias = models.CharField(max_length=32, null=True)
    description = models.CharField(max_length=255, null=True)
    platform_details = models.CharField(max_length=255, null=True)
    usage_operation = models.CharField(max_length=32, null=True)
    architecture = models.CharField(max_length=16, null=True)
    virtualization_type = models.CharField(max_length=16, null=True)
    boot_mode = models.CharField(max_length=16, null=True)
    imds_support = models.CharField(max_length=8, null=True)
    root_device_type = models.CharField(max_length=16, null=True)
    root_device_name = models.CharField(max_length=32, null=True)
    size_gib = models.PositiveIntegerField(null=True)
    created = models.DateTimeField(null=True)
    deprecated_at = models.DateTimeField(null=True)
    last_launched_at = models.DateTimeField(null=True)
    deregistration_protection = models.CharField(max_length=64, null=True)
    source_instance_id = models.CharField(max_length=64, null=True)
    source_image_id = models.CharField(max_length=64, null=True)
    source_image_region = models.CharField(max_length=32, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("image", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """An image as DescribeImages lists it, else as much as DescribeInstanceImageMetadata knows of it."""
    described = answers.get("DescribeImages")
    known = answers.get("DescribeInstanceImageMetadata")
    image = described or known or {}
    owner = image.get("OwnerId")
    is_own = owner == scope.account_id if owner else None
    permissions = answers.get("DescribeImageAttribute")
    fields = {
        "state": image.get("State"),
        "is_own": is_own,
        "is_public": image.get("Public", image.get("IsPublic")),
        "owner_id": owner,
        "owner_alias": image.get("ImageOwnerAlias"),
        "created": _moment(image.get("CreationDate")),
        "deprecated_at": _moment(image.get("DeprecationTime")),
        **(_described(described) if described else dict.fromkeys(DESCRIBED)),
    }
    tags = tags_from(described.get("Tags")) if described else {}
    unknown = set() if described else {*DESCRIBED, "tags", "snapshots"}
    # AWS tells only the owner with whom an image is shared.
    unknown |= {"shared_with"} if permissions is None else set()
    return Reading(
        native_id=image["ImageId"],
        name=image.get("Name") or tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields=fields,
        links=(*_snapshots(described or {}), *shared_with((permissions or {}).get("LaunchPermissions", []))),
        unknown=frozenset(unknown),
    )


DESCRIBED = (
    *("description", "platform_details", "usage_operation", "architecture", "virtualization_type", "boot_mode"),
    *("imds_support", "root_device_type", "root_device_name", "size_gib", "last_launched_at"),
    *("deregistration_protection", "source_instance_id", "source_image_id", "source_image_region"),
)
"""The fields that only DescribeImages tells."""


def _described(image: Mapping[str, Any]) -> dict[str, Any]:
    disks = [device["Ebs"].get("VolumeSize") for device in image.get("BlockDeviceMappings", []) if "Ebs" in device]
    return {
        "description": image.get("Description") or None,
        "platform_details": image.get("PlatformDetails"),
        "usage_operation": image.get("UsageOperation"),
        "architecture": image.get("Architecture"),
        "virtualization_type": image.get("VirtualizationType"),
        "boot_mode": image.get("BootMode"),
        "imds_support": image.get("ImdsSupport"),
        "root_device_type": image.get("RootDeviceType"),
        "root_device_name": image.get("RootDeviceName"),
        "size_gib": sum(disks) if disks and None not in disks else None,
        "last_launched_at": _moment(image.get("LastLaunchedTime")),
        "deregistration_protection": image.get("DeregistrationProtection"),
        "source_instance_id": image.get("SourceInstanceId"),
        "source_image_id": image.get("SourceImageId"),
        "source_image_region": image.get("SourceImageRegion"),
    }


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _snapshots(image: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(
            role="snapshots",
            target_type="ebs-snapshot",
            target=device["Ebs"]["SnapshotId"],
            detail={"device_name": device.get("DeviceName"), "size_gib": device["Ebs"].get("VolumeSize")},
        )
        for device in image.get("BlockDeviceMappings", [])
        if device.get("Ebs", {}).get("SnapshotId")
    ]


def shared_with(permissions: list[dict[str, str]]) -> list[LinkTo]:
    """Whom permissions to launch an image or to use a snapshot name: accounts, organizations, units, or everybody."""
    return [
        LinkTo(role="shared_with", value=value, detail={"kind": kind})
        for permission in permissions
        for key, kind in (
            ("UserId", "account"),
            ("Group", "group"),
            ("OrganizationArn", "organization"),
            ("OrganizationalUnitArn", "organizational unit"),
        )
        if (value := permission.get(key))
    ]


def _id_of_a_foreign_one(answers: Answers) -> str | None:
    found: str | None = answers.get("DescribeInstanceImageMetadata", {}).get("ImageId")
    return found


def _is_listed_as_own(answers: Answers) -> bool:
    return "DescribeInstanceImageMetadata" not in answers


IMAGE = register(
    ResourceType(
        slug="image",
        label="Image (AMI)",
        plural="Images (AMIs)",
        icon="stack",
        category=Category.COMPUTE,
        model=Image,
        call=Call(
            service="ec2",
            operation="DescribeImages",
            items="Images",
            arguments={"Owners": ["self"], "IncludeDeprecated": True, "IncludeDisabled": True},
            page_size=("MaxResults", 1000),
        ),
        also=(
            Call(
                service="ec2",
                operation="DescribeInstanceImageMetadata",
                items="InstanceImageMetadata[].ImageMetadata",
                page_size=("MaxResults", 1000),
            ),
        ),
        reach=Reach.REGIONAL,
        id_key="ImageId",
        arn="arn:{partition}:ec2:{region}::image/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#ImageDetails:imageId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="is_own", label="Own", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="is_public", label="Public", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="owner_id", label="Owner", kind=Kind.IDENTIFIER, facet=True, sortable=True, default=False),
            Column(field="owner_alias", label="Owner alias", kind=Kind.CHOICE, default=False),
            Column(field="platform_details", label="Platform", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="usage_operation", label="Usage operation", kind=Kind.CHOICE, default=False),
            Column(
                field="architecture", label="Architecture", kind=Kind.CHOICE, facet=True, sortable=True, default=False
            ),
            Column(field="virtualization_type", label="Virtualization", kind=Kind.CHOICE, default=False),
            Column(field="boot_mode", label="Boot mode", kind=Kind.CHOICE, default=False),
            Column(
                field="imds_support",
                label="IMDS",
                kind=Kind.CHOICE,
                default=False,
                help="v2.0: instances started from it demand IMDSv2 unless told otherwise",
            ),
            Column(field="root_device_type", label="Root device", kind=Kind.CHOICE, default=False),
            Column(field="root_device_name", label="Root device name", kind=Kind.IDENTIFIER, default=False),
            Column(field="size_gib", label="Size", unit="GiB", kind=Kind.NUMBER, sortable=True),
            Column(
                field="snapshots",
                label="Snapshots",
                kind=Kind.MANY,
                target="ebs-snapshot",
                default=False,
                detail=("device_name", "size_gib"),
            ),
            Column(field="shared_with", label="Shared with", kind=Kind.MANY, detail=("kind",)),
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="deprecated_at", label="Deprecated", kind=Kind.MOMENT, sortable=True),
            Column(
                field="last_launched_at",
                label="Last launched",
                kind=Kind.MOMENT,
                sortable=True,
                default=False,
                help="As AWS tells its owner, up to a day late; only since April 2017",
            ),
            Column(
                field="deregistration_protection", label="Deregistration protection", kind=Kind.CHOICE, default=False
            ),
            Column(
                field="source_instance_id",
                label="Made of",
                kind=Kind.IDENTIFIER,
                target="ec2-instance",
                default=False,
            ),
            Column(
                field="source_image_id",
                label="Copy of",
                kind=Kind.IDENTIFIER,
                target="image",
                sortable=True,
                default=False,
            ),
            Column(field="source_image_region", label="Copied from", kind=Kind.CHOICE, default=False),
            Column(field="description", label="Description", default=False),
        ),
        relations=(
            Relation(field="snapshots", target="ebs-snapshot", label="Snapshots", inverse="Images"),
            Relation(field="source_image_id", target="image", label="Copy of", inverse="Copies in this region"),
            Relation(field="source_instance_id", target="ec2-instance", label="Made of", inverse="Images made of it"),
        ),
        enrich=(
            LookUp(
                call=Call(
                    service="ec2",
                    operation="DescribeImages",
                    items="Images",
                    arguments={"IncludeDeprecated": True},
                ),
                key=_id_of_a_foreign_one,
                argument="image-id",
                is_filter=True,
                item_key="ImageId",
            ),
            Ask(
                call=Call(
                    service="ec2",
                    operation="DescribeImageAttribute",
                    arguments={"Attribute": "launchPermission"},
                ),
                arguments=lambda answers: {"ImageId": answers["DescribeImages"]["ImageId"]},
                wanted=_is_listed_as_own,
                most=500,
            ),
        ),
    )
)
