"""An instance that has stood still for a quarter of a year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, objection, register
from inventory.models.since import since_in_state
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance

STOPPED = frozenset({"stopped"})
LONG = timedelta(days=90)


def judge(look: Look) -> Iterator[Verdict]:
    """Instances that were seen to be stopped for 90 days at least."""
    stopped = {row.resource_id: row for row in look.revisions(EC2_INSTANCE).filter(state__in=STOPPED)}
    since = since_in_state(Ec2Instance, EC2_INSTANCE.slug, list(stopped), STOPPED, look.at)
    for key, instance in stopped.items():
        if key in since and since[key].seen <= look.at - LONG:
            words = f"It is stopped for more than {LONG.days} days; its volumes and addresses are paid for."
            yield objection(instance, words, since=since[key])


register(
    Rule(
        slug="instance-stopped-long",
        title="Instance is stopped for months",
        severity=Severity.LOW,
        type=EC2_INSTANCE.slug,
        why=(
            "Its volumes and elastic addresses cost what they always did, and its software grows old: whoever starts "
            "it again starts it without a quarter's security updates."
        ),
        fix="Make an image of it if anybody may want it back, and terminate it.",
        judge=judge,
        follows_the_clock=True,
    )
)
