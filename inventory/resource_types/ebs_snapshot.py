"""EBS snapshots that an account owns."""

from __future__ import annotations

import re
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
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)
from inventory.resource_types.image import EVERYBODY, shared_with

INDEXED = ("state", "size_gib", "encrypted", "is_public", "storage_tier", "volume_id", "image_id", "started")
NO_VOLUME = "vol-ffffffff"
"""What AWS says in the place of a volume for snapshots that were copied."""

# "Created by CreateImage(i-0123) for ami-0123", and with " from vol-0123" before 2021.
OF_AN_IMAGE = re.compile(r"^Created by CreateImage\(\S*\) for (ami-[0-9a-f]+)\b")
# "Copied for DestinationAmi ami-01 from SourceAmi ami-02 for SourceSnapshot snap-03. Task created on ...".
OF_A_COPIED_IMAGE = re.compile(r"^Copied for DestinationAmi (ami-[0-9a-f]+)\b")


class EbsSnapshot(ResourceRevision):
    """One period during which an EBS snapshot looked the same."""

    state = models.CharField(max_length=16, null=True)
    size_gib = models.PositiveIntegerField(null=True)
    full_size_bytes = models.PositiveBigIntegerField(null=True)
    encrypted = models.BooleanField(null=True)
    kms_key = models.CharField(max_length=2048, null=True)
    is_public = models.BooleanField(null=True)
    storage_tier = models.CharField(max_length=16, null=True)
    volume_id = models.CharField(max_length=64, null=True)
    image_id = models.CharField(max_length=64, null=True)
    description = models.CharField(max_length=255, null=True)
    progress = models.CharField(max_length=8, null=True)
    started = models.DateTimeField(null=True)
    completed = models.DateTimeField(null=True)
    restore_expires = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("ebssnapshot", field) for field in INDEXED)]


def image_of(description: str) -> str | None:
    """The image that a snapshot was made for, which AWS tells in its description alone."""
    found = OF_AN_IMAGE.match(description) or OF_A_COPIED_IMAGE.match(description)
    return found[1] if found else None


def owned(item: Any, scope: Scope) -> Any:
    """The listed snapshot, None if another account owns it: a listing that took no notice of its filter is no harm."""
    return item if not isinstance(item, dict) or item.get("OwnerId") in (None, scope.account_id) else None


def read(answers: Answers, scope: Scope) -> Reading:
    """A snapshot as DescribeSnapshots lists it, with whom DescribeSnapshotAttribute says it is shared."""
    snapshot = answers["DescribeSnapshots"]
    tags = tags_from(snapshot.get("Tags"))
    permissions = answers.get("DescribeSnapshotAttribute")
    shared = shared_with((permissions or {}).get("CreateVolumePermissions", []))
    volume = snapshot.get("VolumeId")
    return Reading(
        native_id=snapshot["SnapshotId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": snapshot.get("State"),
            "size_gib": snapshot.get("VolumeSize"),
            "full_size_bytes": snapshot.get("FullSnapshotSizeInBytes"),
            "encrypted": snapshot.get("Encrypted"),
            "kms_key": snapshot.get("KmsKeyId"),
            "is_public": None if permissions is None else any(link.value == EVERYBODY for link in shared),
            "storage_tier": snapshot.get("StorageTier"),
            "volume_id": None if volume == NO_VOLUME else volume,
            "image_id": image_of(snapshot.get("Description") or ""),
            "description": snapshot.get("Description") or None,
            "progress": snapshot.get("Progress"),
            "started": snapshot.get("StartTime"),
            "completed": snapshot.get("CompletionTime"),
            "restore_expires": snapshot.get("RestoreExpiryTime"),
        },
        links=tuple(shared),
        unknown=frozenset({"is_public", "shared_with"} if permissions is None else ()),
    )


EBS_SNAPSHOT = register(
    ResourceType(
        slug="ebs-snapshot",
        label="EBS snapshot",
        plural="EBS snapshots",
        icon="camera",
        category=Category.STORAGE,
        model=EbsSnapshot,
        call=Call(
            service="ec2",
            operation="DescribeSnapshots",
            items="Snapshots",
            arguments={"OwnerIds": ["self"]},
            page_size=("MaxResults", 1000),
            keep=owned,
        ),
        reach=Reach.REGIONAL,
        id_key="SnapshotId",
        arn="arn:{partition}:ec2:{region}::snapshot/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#SnapshotDetails:snapshotId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="size_gib",
                label="Volume",
                unit="GiB",
                kind=Kind.NUMBER,
                sortable=True,
                is_summed=True,
                help="The size of the volume that it holds; what is billed are the blocks that changed",
            ),
            Column(
                field="full_size_bytes",
                label="Full size",
                unit="B",
                kind=Kind.NUMBER,
                default=False,
                help="Of all blocks that a volume made of it would have, not of what this one added",
            ),
            Column(field="encrypted", label="Encrypted", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="kms_key", label="KMS key", kind=Kind.IDENTIFIER, default=False),
            Column(field="is_public", label="Public", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="shared_with", label="Shared with", kind=Kind.MANY, detail=("kind",)),
            Column(field="storage_tier", label="Tier", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(
                field="volume_id",
                label="Of volume",
                kind=Kind.IDENTIFIER,
                target="ebs-volume",
                sortable=True,
                help="None where the snapshot was copied",
            ),
            Column(
                field="image_id",
                label="For image",
                kind=Kind.IDENTIFIER,
                target="image",
                sortable=True,
                help="The image that AWS made it for, as its description tells",
            ),
            Column(field="started", label="Started", kind=Kind.MOMENT, sortable=True),
            Column(field="completed", label="Completed", kind=Kind.MOMENT, default=False),
            Column(field="restore_expires", label="Restored until", kind=Kind.MOMENT, default=False),
            Column(field="progress", label="Progress", default=False),
            Column(field="description", label="Description", default=False),
        ),
        relations=(
            Relation(field="volume_id", target="ebs-volume", label="Of volume", inverse="Snapshots"),
            Relation(field="image_id", target="image", label="Made for image", inverse="Snapshots made for it"),
        ),
        enrich=(
            Ask(
                call=Call(
                    service="ec2",
                    operation="DescribeSnapshotAttribute",
                    arguments={"Attribute": "createVolumePermission"},
                ),
                arguments=lambda answers: {"SnapshotId": answers["DescribeSnapshots"]["SnapshotId"]},
                most=500,
            ),
        ),
    )
)
