"""An image of one's own that everybody may start."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.image import IMAGE


def judge(look: Look) -> Iterator[Verdict]:
    """Images of the account that AWS calls public; those of others are not ours to close."""
    for image in look.revisions(IMAGE).filter(is_own=True, is_public=True):
        yield objection(image, "Every AWS account may start instances from it and read its disks.")
    for image in look.never_read(IMAGE, "is_public"):
        if image.is_own:
            yield doubt(image, "Whether it is public was never read.")


register(
    Rule(
        slug="image-public",
        title="Image is public",
        severity=Severity.HIGH,
        type=IMAGE.slug,
        why=(
            "Whoever starts an instance from it reads all that is on its disks: code, keys that were forgotten, "
            "customers' data. Public images are searched for such things as soon as they appear."
        ),
        fix=(
            "Share it with the accounts that need it, and take the group `all` from its launch permissions. Switch on "
            "AWS's block of public access for AMIs in the region."
        ),
        judge=judge,
    )
)
