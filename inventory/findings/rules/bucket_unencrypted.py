"""A bucket without default encryption."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.s3_bucket import S3_BUCKET


def judge(look: Look) -> Iterator[Verdict]:
    """Buckets of which AWS says that they have no default encryption."""
    for bucket in look.revisions(S3_BUCKET).filter(encryption__isnull=True):
        if bucket.was_never_read("encryption"):
            yield doubt(bucket, "Its default encryption was never read.")
        else:
            yield objection(bucket, "It has no default encryption.")


register(
    Rule(
        slug="bucket-unencrypted",
        title="Bucket has no default encryption",
        severity=Severity.LOW,
        type=S3_BUCKET.slug,
        why=(
            "Since 5 January 2023 S3 encrypts every new object with its own keys (SSE-S3). Objects from before are as "
            "they were written, and a bucket without a default says nothing of the key."
        ),
        fix=(
            "Set a default encryption, with a KMS key where it matters who may decrypt, and copy older objects onto "
            "themselves."
        ),
        judge=judge,
    )
)
