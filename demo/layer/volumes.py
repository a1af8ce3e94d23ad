"""EBS volumes: the performance, origin and attachment facts that AWS always answers."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .documents import items, put, text
from .facts import Facts

# Amazon EBS User Guide, "General Purpose SSD volumes", read 2026-11.
GP2_IOPS_PER_GIB = 3
GP2_IOPS_RANGE = (100, 16_000)
GP3_THROUGHPUT_MIBPS = 125


def mend(root: Element, facts: Facts) -> None:
    """Describe each volume of a DescribeVolumes answer as AWS does."""
    for volume in items(root, "volumeSet"):
        volume_id, volume_type = text(volume, "volumeId"), text(volume, "volumeType")
        if volume_type == "gp2":
            smallest, largest = GP2_IOPS_RANGE
            iops = min(max(int(text(volume, "size")) * GP2_IOPS_PER_GIB, smallest), largest)
            put(volume, "iops", str(iops))
        if volume_type == "gp3" and not text(volume, "throughput"):
            put(volume, "throughput", str(GP3_THROUGHPUT_MIBPS))
        if not text(volume, "snapshotId"):
            put(volume, "snapshotId", facts.source_snapshot.get(volume_id, ""))
        if not text(volume, "multiAttachEnabled"):
            put(volume, "multiAttachEnabled", "false")
        for attachment in items(volume, "attachmentSet"):
            place = (text(attachment, "instanceId"), text(attachment, "device"))
            put(attachment, "deleteOnTermination", str(facts.deleted_on_termination.get(place, False)).lower())
