"""EBS volumes."""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, base_indexes, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)


class EbsVolume(ResourceRevision):
    """One period during which an EBS volume looked the same."""

    state = models.CharField(max_length=32, null=True)
    volume_type = models.CharField(max_length=16, null=True)
    size_gib = models.PositiveIntegerField(null=True)
    iops = models.PositiveIntegerField(null=True)
    throughput_mibps = models.PositiveIntegerField(null=True)
    encrypted = models.BooleanField(null=True)
    kms_key = models.CharField(max_length=2048, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    source_snapshot = models.CharField(max_length=64, null=True)
    multi_attach = models.BooleanField(null=True)
    created = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *base_indexes("availability_zone"),
            *(
                open_index("ebsvolume", field)
                for field in (
                    *("state", "volume_type", "size_gib", "iops", "encrypted", "availability_zone", "created"),
                    "source_snapshot",
                )
            ),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A volume as DescribeVolumes lists it."""
    volume = answers["DescribeVolumes"]
    tags = tags_from(volume.get("Tags"))
    return Reading(
        native_id=volume["VolumeId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": volume.get("State"),
            "volume_type": volume.get("VolumeType"),
            "size_gib": volume.get("Size"),
            "iops": volume.get("Iops"),
            "throughput_mibps": volume.get("Throughput"),
            "encrypted": volume.get("Encrypted"),
            "kms_key": volume.get("KmsKeyId"),
            "availability_zone": volume.get("AvailabilityZone"),
            "source_snapshot": volume.get("SnapshotId") or None,
            "multi_attach": volume.get("MultiAttachEnabled"),
            "created": volume.get("CreateTime"),
        },
        links=tuple(
            LinkTo(
                role="attachments",
                target_type="ec2-instance",
                target=attachment["InstanceId"],
                detail={
                    "device_name": attachment.get("Device"),
                    "delete_on_termination": attachment.get("DeleteOnTermination"),
                },
            )
            for attachment in volume.get("Attachments", [])
            if attachment.get("InstanceId")
        ),
    )


EBS_VOLUME = register(
    ResourceType(
        slug="ebs-volume",
        label="EBS volume",
        plural="EBS volumes",
        category=Category.STORAGE,
        icon="database",
        model=EbsVolume,
        call=Call(service="ec2", operation="DescribeVolumes", items="Volumes", page_size=("MaxResults", 500)),
        reach=Reach.REGIONAL,
        id_key="VolumeId",
        arn="arn:{partition}:ec2:{region}:{account_id}:volume/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#VolumeDetails:volumeId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="volume_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="size_gib", label="Size", unit="GiB", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="iops", label="IOPS", kind=Kind.NUMBER, sortable=True),
            Column(field="throughput_mibps", label="Throughput", unit="MiB/s", kind=Kind.NUMBER),
            Column(field="encrypted", label="Encrypted", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="kms_key", label="KMS key", kind=Kind.IDENTIFIER, default=False),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="source_snapshot",
                label="Source snapshot",
                kind=Kind.IDENTIFIER,
                target="ebs-snapshot",
                default=False,
            ),
            Column(field="multi_attach", label="Multi-Attach", kind=Kind.BOOLEAN, default=False),
            Column(
                field="attachments",
                label="Attached to",
                kind=Kind.MANY,
                target="ec2-instance",
                detail=("device_name", "delete_on_termination"),
            ),
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True),
        ),
        relations=(
            Relation(field="attachments", target="ec2-instance", label="Attached to", inverse="Attached volumes"),
            Relation(field="source_snapshot", target="ebs-snapshot", label="Made of", inverse="Volumes made of it"),
        ),
        is_principal=True,
    )
)
