"""An instance of a type that AWS calls previous."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import AT_ONCE, Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Instances whose type DescribeInstanceTypes does not call a current generation."""
    previous = look.revisions(EC2_INSTANCE).exclude(state__in=OVER).filter(is_current_generation=False)
    for instance in previous.iterator(AT_ONCE):
        yield objection(instance, f"{instance.instance_type or 'Its type'} is of a previous generation.")
    for instance in look.never_read(EC2_INSTANCE, "is_current_generation"):
        if instance.state not in OVER:
            yield doubt(instance, f"Whether {instance.instance_type or 'its type'} is current was never read.")


register(
    Rule(
        slug="instance-previous-generation",
        title="Instance is of a previous generation",
        severity=Severity.LOW,
        type=EC2_INSTANCE.slug,
        why="Newer generations do more for less money, and are what AWS adds capacity and features to.",
        fix=(
            "Change the type while the instance is stopped. From Xen to Nitro types, install the NVMe and ENA drivers "
            "first. The page of waste says what each would save."
        ),
        judge=judge,
    )
)
