"""What the buckets of the organisation hold: bytes by storage type and objects on each day, the same each time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

GIB = 1024**3
KIB = 1024
ALL_OBJECTS = "AllStorageTypes"


@dataclass(frozen=True, kw_only=True)
class Contents:
    """Gibibytes by storage type on the day on which the bucket was made, and how many more come each day.

    `object_kib` is the usual size of an object, by which the objects are counted. `archived` objects of S3 Glacier
    Flexible Retrieval take 32 KiB more each, and 8 KiB of S3 Standard, which CloudWatch tells apart.
    """

    gib: Mapping[str, int]
    daily_gib: Mapping[str, int] = field(default_factory=dict)
    object_kib: int = 1024
    archived: str = ""

    def on(self, days: int) -> dict[str, int]:
        """Bytes by storage type so many days after the bucket was made."""
        held = {name: (start + self.daily_gib.get(name, 0) * days) * GIB for name, start in self.gib.items()}
        if self.archived:
            objects = held[self.archived] // (self.object_kib * KIB)
            held["GlacierObjectOverhead"] = objects * 32 * KIB
            held["GlacierS3ObjectOverhead"] = objects * 8 * KIB
        return held

    def objects_on(self, days: int) -> int:
        """Objects so many days after the bucket was made."""
        held = sum((start + self.daily_gib.get(name, 0) * days) * GIB for name, start in self.gib.items())
        return held // (self.object_kib * KIB)


EMPTY = Contents(gib={})
STANDARD = "StandardStorage"
CONTENTS = {
    "storefront-assets-4182": Contents(gib={STANDARD: 5_400}, daily_gib={STANDARD: 7}, object_kib=1_900),
    # Log lines, delivered every few seconds: many small objects, which no other class makes cheaper.
    "storefront-logs-4182": Contents(gib={STANDARD: 60}, daily_gib={STANDARD: 2}, object_kib=21),
    "legacy-downloads-2019": Contents(gib={STANDARD: 830}, object_kib=14_000),
    "organization-trail-2109": Contents(
        gib={STANDARD: 90, "GlacierStorage": 400},
        daily_gib={"GlacierStorage": 1},
        object_kib=240,
        archived="GlacierStorage",
    ),
    # More than the 50 TB up to which S3 Standard is dearest.
    "research-scratch-9072-b": Contents(gib={STANDARD: 61_440}, daily_gib={STANDARD: 90}, object_kib=240_000),
    "research-scratch-9072": Contents(gib={STANDARD: 38_000}, daily_gib={STANDARD: 80}, object_kib=240_000),
    "payments-archive": Contents(gib={"GlacierInstantRetrievalStorage": 2_700}, object_kib=800),
    "dr-backups-oregon": Contents(
        gib={"StandardIAStorage": 9_200}, daily_gib={"StandardIAStorage": 4}, object_kib=64_000
    ),
    "tmp-export": EMPTY,
    "campaign-summer-4182": EMPTY,
}


def contents_of(bucket: str) -> Contents:
    """What a bucket holds; of one that the story says nothing about, what its name makes of it."""
    if bucket in CONTENTS:
        return CONTENTS[bucket]
    number = int.from_bytes(sha256(bucket.encode()).digest()[:4], "big")
    return Contents(
        gib={STANDARD: 20 + number % 900}, daily_gib={STANDARD: number % 3}, object_kib=200 + number % 4_000
    )
