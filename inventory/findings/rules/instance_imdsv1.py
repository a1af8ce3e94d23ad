"""An instance whose metadata can be had without a session token."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import AT_ONCE, Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Instances whose metadata options make the token of IMDSv2 optional."""
    optional = look.revisions(EC2_INSTANCE).filter(imdsv2="optional").exclude(state__in=OVER)
    for instance in optional.exclude(metadata_endpoint="disabled").iterator(AT_ONCE):
        yield objection(instance, "Its metadata service answers without a token (HttpTokens is optional).")
    for instance in look.never_read(EC2_INSTANCE, "imdsv2"):
        yield doubt(instance, "Its metadata options were never read.")


register(
    Rule(
        slug="instance-imdsv1",
        title="Instance allows IMDSv1",
        severity=Severity.MEDIUM,
        type=EC2_INSTANCE.slug,
        why=(
            "A web application that can be made to fetch an address of the attacker's choice hands over the "
            "credentials of the instance profile: IMDSv1 answers a plain GET. IMDSv2 wants a token that such a request "
            "cannot get."
        ),
        fix=(
            "Set HttpTokens to required, on the instance and in its launch template, once the CloudWatch metric "
            "MetadataNoToken shows that nothing asks without a token any more."
        ),
        judge=judge,
    )
)
