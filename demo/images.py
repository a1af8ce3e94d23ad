"""The machine images that the sample organisation starts from, with what AWS says of an instance because of them.

PlatformDetails and UsageOperation are AWS's own pairs (Amazon EC2 User Guide, "AMI billing information fields", read
2026-11).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Image:
    """One machine image; each region has its own id for it. Without an owner it is one of the sample organisation's."""

    name: str
    owner: str = ""
    alias: str = ""
    platform_details: str = "Linux/UNIX"
    usage_operation: str = "RunInstances"
    architecture: str = "x86_64"
    root_device: str = "/dev/xvda"

    @property
    def is_windows(self) -> bool:
        """Whether AWS answers Platform: windows, which it says of no other system."""
        return self.platform_details.startswith("Windows")

    def id_in(self, region: str) -> str:
        """The image's id in a region."""
        return f"ami-{_digits(self.name, region)}"

    def snapshot_in(self, region: str) -> str:
        """The snapshot from which a region makes root volumes."""
        return f"snap-{_digits(self.name, region, 'root')}"


AMAZON: Any = {"owner": "137112412989", "alias": "amazon"}
CANONICAL: Any = {"owner": "099720109477"}
AMAZON_LINUX = Image(name="al2023-ami-2023.6-kernel-6.1-x86_64", **AMAZON)
AMAZON_LINUX_ARM = Image(name="al2023-ami-2023.6-kernel-6.1-arm64", architecture="arm64", **AMAZON)
UBUNTU = Image(name="ubuntu-jammy-22.04-amd64-server", root_device="/dev/sda1", **CANONICAL)
UBUNTU_ARM = Image(name="ubuntu-jammy-22.04-arm64-server", architecture="arm64", root_device="/dev/sda1", **CANONICAL)
RHEL = Image(
    name="RHEL-9.4.0_HVM-x86_64",
    owner="309956199498",
    platform_details="Red Hat Enterprise Linux",
    usage_operation="RunInstances:0010",
    root_device="/dev/sda1",
)
SUSE = Image(
    name="suse-sles-15-sp6-x86_64",
    owner="013907871322",
    alias="amazon",
    platform_details="SUSE Linux",
    usage_operation="RunInstances:000g",
    root_device="/dev/sda1",
)
WINDOWS = Image(
    name="Windows_Server-2022-English-Full-Base",
    owner="801119661308",
    alias="amazon",
    platform_details="Windows",
    usage_operation="RunInstances:0002",
    root_device="/dev/sda1",
)
WINDOWS_SQL = Image(
    name="Windows_Server-2022-English-Full-SQL_2022_Standard",
    owner="801119661308",
    alias="amazon",
    platform_details="Windows with SQL Server Standard",
    usage_operation="RunInstances:0006",
    root_device="/dev/sda1",
)
IMAGES = (AMAZON_LINUX, AMAZON_LINUX_ARM, UBUNTU, UBUNTU_ARM, RHEL, SUSE, WINDOWS, WINDOWS_SQL)

# The organisation's own.
WEB_OLD, WEB = Image(name="storefront-web-2.13.0"), Image(name="storefront-web-2.14.0")
JENKINS = Image(name="jenkins-golden-2021", root_device="/dev/sda1")
DESK = Image(
    name="desk-golden-2024",
    platform_details="Windows",
    usage_operation="RunInstances:0002",
    root_device="/dev/sda1",
)
INTRANET = Image(name="intranet-base-7", root_device="/dev/sda1", architecture="arm64")
TRAINING_OLD = Image(name="training-cuda-11", root_device="/dev/sda1")
TRAINING = Image(name="training-cuda-12", root_device="/dev/sda1")
OWN_IMAGES = (WEB_OLD, WEB, JENKINS, DESK, INTRANET, TRAINING_OLD, TRAINING)
UNLISTED = Image(name="an image that is not ours")


def find(image_id: str, region: str) -> Image:
    """The image with this id in a region; one that we do not list is plain Linux."""
    return _by_id(region).get(image_id, UNLISTED)


@cache
def _by_id(region: str) -> dict[str, Image]:
    return {image.id_in(region): image for image in (*IMAGES, *OWN_IMAGES)}


def _digits(*words: str) -> str:
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:17]
