"""A snapshot of which everybody may make a volume."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ebs_snapshot import EBS_SNAPSHOT


def judge(look: Look) -> Iterator[Verdict]:
    """Snapshots whose permissions name everybody."""
    for snapshot in look.revisions(EBS_SNAPSHOT).filter(is_public=True):
        yield objection(snapshot, "Every AWS account may make a volume of it and read it.")
    for snapshot in look.never_read(EBS_SNAPSHOT, "is_public"):
        yield doubt(snapshot, "With whom it is shared was never read.")


register(
    Rule(
        slug="snapshot-public",
        title="Snapshot is public",
        severity=Severity.CRITICAL,
        type=EBS_SNAPSHOT.slug,
        why=(
            "It is a disk that anybody can mount, in full and without a trace in this account. Public snapshots are "
            "listed by AWS's own console, and searched."
        ),
        fix=(
            "Take the group `all` from its permissions, and treat every secret on it as known. Switch on AWS's block "
            "of public access for EBS snapshots in the region."
        ),
        judge=judge,
    )
)
