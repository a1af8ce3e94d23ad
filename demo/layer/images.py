"""Machine images of others: what AWS says of those that everybody may use, and of those that instances came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from demo.images import IMAGES, Image

from .documents import items, text

Thing = dict[str, Any]


def public_facts(image: Image, region: str) -> Thing:
    """What AWS says of an image to everybody who may use it."""
    return {
        "ImageId": image.id_in(region),
        "Name": image.name,
        "Architecture": image.architecture,
        "ImageType": "machine",
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "RootDeviceType": "ebs",
        "RootDeviceName": image.root_device,
        "EnaSupport": True,
        "PlatformDetails": image.platform_details,
        "UsageOperation": image.usage_operation,
        **({"Platform": "windows"} if image.is_windows else {}),
    }


def public_image(image: Image, region: str) -> Thing:
    """An image of others as AWS lists it for everybody."""
    return {
        **public_facts(image, region),
        "OwnerId": image.owner,
        "ImageLocation": f"{image.alias or image.owner}/{image.name}",
        **({"ImageOwnerAlias": image.alias} if image.alias else {}),
        "State": "available",
        "Public": True,
        "CreationDate": "2024-11-04T21:14:00.000Z",
        "DeprecationTime": "2026-11-04T21:14:00.000Z",
        "BlockDeviceMappings": [root_disk(image, region, 30 if image.is_windows else 8, encrypted=False)],
        "Tags": [],
    }


def root_disk(image: Image, region: str, gib: int, *, encrypted: bool) -> Thing:
    """The disk that an image starts from, with the snapshot that it is made of."""
    return {
        "DeviceName": image.root_device,
        "Ebs": {
            "SnapshotId": image.snapshot_in(region),
            "VolumeSize": gib,
            "VolumeType": "gp3",
            "DeleteOnTermination": True,
            "Encrypted": encrypted,
        },
    }


def public_images(region: str) -> list[Thing]:
    """The images of others that everybody may use in a region."""
    return [public_image(image, region) for image in IMAGES]


def metadata(instances: Element, known: Iterable[Mapping[str, Any]]) -> list[Thing]:
    """What DescribeInstanceImageMetadata says, of a DescribeInstances answer and of images that are or were there."""
    by_id = {image["ImageId"]: image for image in known}
    told = []
    for reservation in items(instances, "reservationSet"):
        for instance in items(reservation, "instancesSet"):
            image_id = text(instance, "imageId")
            image = by_id.get(image_id, {})
            facts = {
                "ImageId": image_id,
                **{
                    name: image[name]
                    for name in ("Name", "OwnerId", "State", "ImageOwnerAlias", "CreationDate", "DeprecationTime")
                    if name in image
                },
                "IsPublic": image.get("Public", False),
            }
            told.append(
                {
                    "InstanceId": text(instance, "instanceId"),
                    "InstanceType": text(instance, "instanceType"),
                    "OwnerId": text(reservation, "ownerId"),
                    "State": {"Name": text(instance, "instanceState/name")},
                    "ImageMetadata": facts,
                }
            )
    return told
