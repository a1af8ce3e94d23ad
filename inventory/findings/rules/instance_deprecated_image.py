"""An instance that was started from an image which its owner gave up."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.image import IMAGE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Instances whose image is past its deprecation date; of one that nobody could describe nothing is known."""
    given_up = look.revisions(IMAGE).filter(deprecated_at__lte=look.at)
    dates = dict(given_up.values_list("resource__native_id", "deprecated_at"))
    for instance in look.revisions(EC2_INSTANCE).exclude(state__in=OVER).filter(image_id__isnull=False):
        if instance.image_id in dates:
            yield objection(
                instance, f"Its image {instance.image_id} is deprecated since {dates[instance.image_id]:%d %B %Y}."
            )


register(
    Rule(
        slug="instance-deprecated-image",
        title="Instance runs from a deprecated image",
        severity=Severity.LOW,
        type=EC2_INSTANCE.slug,
        reads=(IMAGE.slug,),
        why=(
            "Publishers deprecate an image when a newer one holds the security updates. The instance goes on running "
            "with what it was started with, and a group that starts another one from it may not find it any more."
        ),
        fix="Start from the newest image of the same family, or bring the instance up to date and make an image of it.",
        judge=judge,
        follows_the_clock=True,
    )
)
