"""A target group whose targets all fail their health checks."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.target_group import TARGET_GROUP


def judge(look: Look) -> Iterator[Verdict]:
    """Groups with unhealthy targets and no healthy one; one without targets may be meant so."""
    for group in look.revisions(TARGET_GROUP).filter(healthy_targets=0, unhealthy_targets__gt=0):
        number = group.unhealthy_targets
        which = "Its one target is unhealthy" if number == 1 else f"All its {number} targets are unhealthy"
        yield objection(group, f"{which}, as of the last look.")
    for group in look.never_read(TARGET_GROUP, "healthy_targets"):
        yield doubt(group, "The health of its targets was never read.")


register(
    Rule(
        slug="target-group-no-healthy-target",
        title="Target group has no healthy target",
        severity=Severity.HIGH,
        type=TARGET_GROUP.slug,
        why=(
            "A load balancer sends requests to healthy targets. Without one it sends them to all, and most end in an "
            "error; or the whole service is down."
        ),
        fix=(
            "Ask a target for the path of the health check yourself. If it does not answer in time, a security group "
            "may not let the load balancer in: a timeout is nearly always that. If it answers with an error, the fault "
            "is the application's."
        ),
        judge=judge,
    )
)
