"""A volume that is paid for and attached to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.last_instance import gone_instances
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.models.since import since_in_state
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE

UNATTACHED = frozenset({"available"})


def judge(look: Look) -> Iterator[Verdict]:
    """Volumes that are `available`, but for those with a rule of their own: what a terminated instance left behind."""
    free = {row.resource_id: row for row in look.revisions(EBS_VOLUME).filter(state__in=UNATTACHED)}
    left_behind = gone_instances(look, free.values())
    since = since_in_state(EbsVolume, EBS_VOLUME.slug, list(free), UNATTACHED, look.at)
    for key, volume in free.items():
        if key not in left_behind:
            yield objection(volume, "It is attached to no instance.", since=since.get(key))
    for volume in look.never_read(EBS_VOLUME, "state"):
        yield doubt(volume, "Whether it is attached was never read.")


register(
    Rule(
        slug="volume-unattached",
        title="Volume is attached to nothing",
        severity=Severity.LOW,
        type=EBS_VOLUME.slug,
        reads=(EC2_INSTANCE.slug,),
        why="It is paid for by the month, used or not, and nobody notices what becomes of its data.",
        fix="If nobody misses it, take a snapshot, which costs less, and delete the volume. Otherwise attach it.",
        judge=judge,
    )
)
