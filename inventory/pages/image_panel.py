"""The answers on an image's page: what uses it, whether it may go, with whom it is shared, and where its copies are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from inventory.models import Link, Resource
from inventory.pages.answers import TEMPLATE, Answer, Answers, Place, joined, thing_of
from inventory.pages.extensions import Panel
from inventory.pages.image_use import GROUP, INSTANCE, REQUEST, Use, use_of
from inventory.pages.image_use import TEMPLATE as LAUNCH_TEMPLATE
from inventory.resource_types.image import IMAGE, Image

QUESTIONS = {
    INSTANCE: "Instances",
    LAUNCH_TEMPLATE: "Launch templates",
    GROUP: "Auto Scaling groups",
    REQUEST: "Spot Instance requests",
}


def image_panel() -> Panel:
    """The panel on an image's page."""
    return Panel(type=IMAGE.slug, template=TEMPLATE, gather=gather_image)


def gather_image(resource: Resource, revision: Any, when: datetime | None) -> Answers:
    """What is known of an image's use at the moment."""
    place = Place(resource=resource, when=when)
    use = use_of(place, revision)
    return Answers(
        title="Use and sharing",
        meta="in its account and region",
        answers=[
            *_may_go(revision, use),
            *(Answer(question=QUESTIONS[kind], things=things) for kind, things in use.used_by.items() if things),
            *_sharing(place, revision),
            *_deprecation(revision, when),
            *_copies(place, revision),
        ],
    )


def _may_go(image: Any, use: Use) -> Iterator[Answer]:
    question = "Safe to deregister?" if image.is_own else "In use?"
    match use.verdict:
        case "used":
            kinds = joined([QUESTIONS[kind] for kind, things in use.used_by.items() if things])
            yield Answer(question=question, words=f"{'No' if image.is_own else 'Yes'}: used by {kinds}, see below.")
        case "unused":
            yield Answer(
                question=question,
                words="Yes: unused. No instance, launch template, Auto Scaling group or Spot request names it."
                if image.is_own
                else "No: nothing names it any more.",
            )
        case _:
            yield Answer(question=question, words="unsure", is_unknown=True, reason="; ".join(use.doubts))
    if image.is_own and image.deregistration_protection not in (None, "disabled"):
        yield Answer(question="Protection", words="AWS refuses to deregister it until its protection is taken away.")


def _sharing(place: Place, image: Any) -> Iterator[Answer]:
    if not image.is_own:
        yield Answer(question="Owner", words=f"{image.owner_alias or 'account'} {image.owner_id or ''}".strip())
        return
    if "shared_with" in image.unknown:
        yield Answer(question="Shared with", words="unknown", is_unknown=True, reason="it could not be read")
        return
    links = Link.objects.as_of(place.when).filter(resource=place.resource, role="shared_with")
    shared = [f"{link.detail.get('kind', '')} {link.value}".strip() for link in links.order_by("value")]
    if image.is_public:
        yield Answer(question="Shared with", words="Everybody: the image is public.", is_warning=True)
    else:
        yield Answer(question="Shared with", words=joined(shared) if shared else "nobody else")


def _deprecation(image: Any, when: datetime | None) -> Iterator[Answer]:
    if image.deprecated_at is None:
        return
    is_over = image.deprecated_at <= (when or timezone.now())
    words = "Yes: others do not find it any more; who names it starts it still. Since" if is_over else "From then on:"
    yield Answer(question="Deprecated", words=words, since=image.deprecated_at, is_warning=is_over)


def _copies(place: Place, image: Any) -> Iterator[Answer]:
    """Copies that the same account has in other regions, and what this one is a copy of."""
    of_account = Image.revisions.as_of(place.when).filter(account=place.resource.account_id).select_related("resource")
    copies = of_account.filter(source_image_id=place.resource.native_id, source_image_region=place.region).light()
    things = [thing_of(copy, IMAGE.slug, f"{copy.region}, {copy.resource.native_id}") for copy in copies]
    if image.is_own:
        words = "" if things else "none in the regions of its account"
        yield Answer(question="Copies", words=words, things=things)
    if image.source_image_id:
        source = of_account.filter(resource__native_id=image.source_image_id, region=image.source_image_region).first()
        found = [thing_of(source, IMAGE.slug, image.source_image_region)] if source else []
        words = (
            "" if found else f"{image.source_image_id} in {image.source_image_region}, which is not among its images"
        )
        yield Answer(question="Copy of", words=words, things=found)
