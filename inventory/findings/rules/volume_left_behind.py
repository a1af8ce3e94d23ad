"""A volume that outlived its instance because it was not to be deleted on termination."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.last_instance import gone_instances
from inventory.findings.rule import Look, Rule, Verdict, objection, register
from inventory.models.since import since_in_state
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE

UNATTACHED = frozenset({"available"})


def judge(look: Look) -> Iterator[Verdict]:
    """Volumes attached to nothing whose last instance is terminated or gone, as far as history tells."""
    free = {row.resource_id: row for row in look.revisions(EBS_VOLUME).filter(state__in=UNATTACHED)}
    gone = gone_instances(look, free.values())
    since = since_in_state(EbsVolume, EBS_VOLUME.slug, list(gone), UNATTACHED, look.at)
    for key, instance in gone.items():
        words = f"It was attached to {instance}, which is terminated. It was not deleted with it and is paid for still."
        yield objection(free[key], words, since=since.get(key))


register(
    Rule(
        slug="volume-left-behind",
        title="Volume was left behind by a terminated instance",
        severity=Severity.LOW,
        type=EBS_VOLUME.slug,
        reads=(EC2_INSTANCE.slug,),
        why=(
            "Volumes that are attached to an instance after its launch are not deleted with it unless told so: they "
            "stay, cost their month and hold their data, and nobody looks at them any more."
        ),
        fix=(
            "Look at what is on it, take a snapshot if it matters, and delete it. For instances to come, set "
            "DeleteOnTermination where the data may go."
        ),
        judge=judge,
    )
)
