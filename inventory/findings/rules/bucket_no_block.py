"""A bucket without the whole of Block Public Access."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, of_any, register
from inventory.resource_types.s3_bucket import PUBLIC_ACCESS_BLOCKS, S3_BUCKET


def judge(look: Look) -> Iterator[Verdict]:
    """Buckets with one of the four settings off."""
    for bucket in look.revisions(S3_BUCKET).filter(of_any(**dict.fromkeys(PUBLIC_ACCESS_BLOCKS, False))):
        off = [name for field, name in PUBLIC_ACCESS_BLOCKS.items() if getattr(bucket, field) is False]
        words = "Block Public Access is off" if len(off) == len(PUBLIC_ACCESS_BLOCKS) else f"{', '.join(off)} is off"
        yield objection(bucket, f"{words} for the bucket. Whether the account switches it on as a whole is not read.")
    for bucket in look.never_read(S3_BUCKET, "block_public_acls"):
        yield doubt(bucket, "Its Block Public Access was never read.")


register(
    Rule(
        slug="bucket-no-block",
        title="Bucket does not block public access",
        severity=Severity.LOW,
        type=S3_BUCKET.slug,
        why="One careless ACL or policy, by a person or by a tool, makes the bucket public at once.",
        fix="Switch on all four settings of Block Public Access, better still for the whole account.",
        judge=judge,
    )
)
