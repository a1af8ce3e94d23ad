"""A volume whose data is not encrypted at rest."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import AT_ONCE, Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ebs_volume import EBS_VOLUME


def judge(look: Look) -> Iterator[Verdict]:
    """Every volume that AWS calls unencrypted."""
    for volume in look.revisions(EBS_VOLUME).filter(encrypted=False).iterator(AT_ONCE):
        yield objection(volume, "Its data is not encrypted at rest, and neither are snapshots of it.")
    for volume in look.never_read(EBS_VOLUME, "encrypted"):
        yield doubt(volume, "Whether it is encrypted was never read.")


register(
    Rule(
        slug="volume-unencrypted",
        title="Volume is not encrypted",
        severity=Severity.MEDIUM,
        type=EBS_VOLUME.slug,
        why=(
            "Whoever gets hold of the volume or of a snapshot of it, by a share or by a stolen credential, reads it "
            "without a key. Encryption costs nothing and needs no change on the instance."
        ),
        fix=(
            "A volume cannot be encrypted in place: take a snapshot, copy it with encryption, make a volume of the "
            "copy and attach that instead. Switch on encryption by default in the region for those to come."
        ),
        judge=judge,
    )
)
