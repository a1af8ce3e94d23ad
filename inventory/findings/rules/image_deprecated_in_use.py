"""An image that its owner gave up, and from which instances still run: one finding, however many run from it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.image import IMAGE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Images past their deprecation date that instances were started from; what nobody could describe is not judged."""
    instances = look.revisions(EC2_INSTANCE).exclude(state__in=OVER).order_by()
    counts = instances.values("region", "image_id").annotate(number=Count("pk"))
    used = {(region, image): number for region, image, number in counts.values_list("region", "image_id", "number")}
    for image in look.revisions(IMAGE).filter(deprecated_at__lte=look.at):
        if number := used.get((image.region, image.resource.native_id)):
            which = "1 instance runs" if number == 1 else f"{number} instances run"
            yield objection(image, f"It is deprecated since {image.deprecated_at:%-d %B %Y}, and {which} from it.")


register(
    Rule(
        slug="image-deprecated-in-use",
        title="Deprecated image is in use",
        severity=Severity.LOW,
        type=IMAGE.slug,
        reads=(EC2_INSTANCE.slug,),
        why=(
            "Publishers deprecate an image when a newer one holds the security updates. What runs from it goes on with "
            "what it was started with, and a group that starts another instance from it may not find it any more."
        ),
        fix=(
            "Start from the newest image of the same family, or bring an instance up to date and make an image of it. "
            "The page of the image lists what uses it."
        ),
        judge=judge,
        follows_the_clock=True,
    )
)
