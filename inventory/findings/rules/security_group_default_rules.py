"""A default security group that lets something in or out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group import SECURITY_GROUP
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE


def judge(look: Look) -> Iterator[Verdict]:
    """Groups called `default` with rules; more severe where instances rely on them."""
    rules = Counter(look.revisions(SECURITY_GROUP_RULE).values_list("region", "group_id"))
    instances = Counter(look.links(EC2_INSTANCE, "security_groups").values_list("resource__scope_region", "target"))
    for group in look.revisions(SECURITY_GROUP).filter(is_default=True):
        key = (group.region, group.resource.native_id)
        if not rules[key]:
            continue
        words = "It has 1 rule" if rules[key] == 1 else f"It has {rules[key]} rules"
        if not instances[key]:
            yield objection(group, f"{words}; no instance uses it.")
        else:
            users = "1 instance uses" if instances[key] == 1 else f"{instances[key]} instances use"
            yield objection(group, f"{words}, and {users} it.", severity=Severity.MEDIUM)


register(
    Rule(
        slug="security-group-default-rules",
        title="Default security group has rules",
        severity=Severity.LOW,
        type=SECURITY_GROUP.slug,
        reads=(SECURITY_GROUP_RULE.slug, EC2_INSTANCE.slug),
        why=(
            "Whatever is launched without naming a group gets the default one. As AWS makes it, all its members reach "
            "each other on every port, whether they have to do with each other or not."
        ),
        fix="Give what uses it a group of its own, then take every rule from the default group.",
        judge=judge,
    )
)
