"""An instance whose boot script holds an access key."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.registry import USER_DATA
from inventory.resource_types.ec2_instance import EC2_INSTANCE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Instances with an access key in their user data; more severe where no instance profile could replace it."""
    for instance in look.revisions(EC2_INSTANCE).exclude(state__in=OVER).filter(user_data_holds_key=True):
        words = "Its boot script holds an AWS access key"
        if instance.instance_profile is None:
            yield objection(instance, f"{words}, and it has no instance profile.")
        else:
            yield objection(instance, f"{words}, although it has an instance profile.", severity=Severity.HIGH)
    for instance in look.never_read(EC2_INSTANCE, "user_data_holds_key"):
        if instance.state not in OVER:
            yield doubt(instance, "Its boot script, or a part of it, was never read.")


register(
    Rule(
        slug="instance-key-in-boot-script",
        title="Boot script holds an access key",
        severity=Severity.CRITICAL,
        type=EC2_INSTANCE.slug,
        why=(
            "Every process on the instance, and everybody who may call DescribeInstanceAttribute, can read the boot "
            "script. A key in it works from anywhere, never expires by itself, and is in every copy of the template."
        ),
        fix=(
            "Make the key inactive now and delete it. Give the instance an instance profile whose role may do what the "
            "script needs, and take secrets from Secrets Manager or Parameter Store."
        ),
        judge=judge,
        needs_switch=USER_DATA,
    )
)
