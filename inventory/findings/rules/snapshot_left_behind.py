"""A snapshot that outlived the image for which AWS made it."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.models import Freshness
from inventory.resource_types.ebs_snapshot import EBS_SNAPSHOT
from inventory.resource_types.image import IMAGE


def judge(look: Look) -> Iterator[Verdict]:
    """Snapshots made for an image that a complete listing of images does not hold."""
    images = set(look.revisions(IMAGE).values_list("resource__native_id", flat=True))
    read = Freshness.objects.filter(account=look.account, type=IMAGE.slug, first_complete_at__lte=look.at)
    regions = set(read.values_list("scope_region", flat=True))
    for snapshot in look.revisions(EBS_SNAPSHOT).filter(image_id__isnull=False):
        if snapshot.image_id in images:
            continue
        if snapshot.region in regions:
            yield objection(snapshot, f"AWS made it for {snapshot.image_id}, which is deregistered.")
        else:
            yield doubt(snapshot, f"Whether {snapshot.image_id} is deregistered was never read.")


register(
    Rule(
        slug="snapshot-left-behind",
        title="Snapshot was left behind by a deregistered image",
        severity=Severity.LOW,
        type=EBS_SNAPSHOT.slug,
        reads=(IMAGE.slug,),
        why=(
            "Deregistering an image leaves its snapshots, unless they are asked to go with it: they are paid for by "
            "the month, and keep all that was on the disks."
        ),
        fix=(
            "If nobody will make a volume or an image of it, delete it. Next time, deregister the image together with "
            "its snapshots."
        ),
        judge=judge,
    )
)
