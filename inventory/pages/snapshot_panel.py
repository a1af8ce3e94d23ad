"""The answers on a snapshot's page: how old it is, what it is of, what needs it, and who may read it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from inventory.models import Link, Resource
from inventory.pages.answers import TEMPLATE, Answer, Answers, Place, Thing, joined, thing_of
from inventory.pages.extensions import Panel
from inventory.registry import resource_type
from inventory.resource_types.ebs_snapshot import EBS_SNAPSHOT

VOLUME, IMAGE = "ebs-volume", "image"


def snapshot_panel() -> Panel:
    """The panel on a snapshot's page."""
    return Panel(type=EBS_SNAPSHOT.slug, template=TEMPLATE, gather=gather_snapshot)


def gather_snapshot(resource: Resource, revision: Any, when: datetime | None) -> Answers:
    """What is known of a snapshot's origin, use and sharing at the moment."""
    place = Place(resource=resource, when=when)
    images = _images(place)
    return Answers(
        title="Origin, use and sharing",
        meta="in its account and region",
        answers=[
            *([Answer(question="Taken", since=revision.started)] if revision.started else []),
            _volume(place, revision),
            *_image(place, revision, images),
            *_needed(place, images),
            _sharing(place, revision),
        ],
    )


def _images(place: Place) -> list[Thing]:
    """The images that are made of it."""
    links = Link.objects.as_of(place.when).filter(
        target=place.resource.native_id, role="snapshots", resource__account=place.resource.account_id
    )
    rows: Any = place.revisions(IMAGE)
    return [thing_of(row, IMAGE) for row in rows.filter(resource__in=links.values("resource"))]


def _volume(place: Place, snapshot: Any) -> Answer:
    """Whether the volume that it was taken of is still there; a snapshot that outlived it is orphaned."""
    if snapshot.volume_id is None:
        return Answer(question="Of volume", words="None: it is a copy of another snapshot.")
    rows: Any = place.revisions(VOLUME)
    if there := rows.filter(resource__native_id=snapshot.volume_id).first():
        return Answer(question="Of volume", things=[thing_of(there, VOLUME)])
    if reasons := place.unread(VOLUME):
        return Answer(question="Of volume", words=snapshot.volume_id, is_unknown=True, reason=reasons[0])
    return _gone(place, "Of volume", VOLUME, snapshot.volume_id, "Orphaned: its volume")


def _gone(place: Place, question: str, slug: str, native_id: str, words: str) -> Answer:
    """What is said of a thing that is not there: since when it is gone, or that it was gone before the first look."""
    last: Any = (
        resource_type(slug)
        .model.revisions.filter(
            account=place.resource.account_id,
            resource__native_id=native_id,
            resource__scope_region=place.region,
            valid_to__isnull=False,
        )
        .select_related("resource")
        .light()
        .order_by("-valid_to")
        .first()
    )
    if last is None:
        return Answer(question=question, words=f"{words} {native_id} was gone before the first look.", is_warning=True)
    words = f"{words} is gone since the look of"
    return Answer(question=question, words=words, since=last.valid_to, things=[thing_of(last, slug)], is_warning=True)


def _image(place: Place, snapshot: Any, images: list[Thing]) -> Iterator[Answer]:
    """Whether the image that AWS made it for is still registered."""
    if images:
        yield Answer(question="Image", words="", things=images)
    elif snapshot.image_id and (reasons := place.unread(IMAGE)):
        yield Answer(question="Image", words=snapshot.image_id, is_unknown=True, reason=reasons[0])
    elif snapshot.image_id:
        yield _gone(place, "Image", IMAGE, snapshot.image_id, "Deregistered: its image")


def _needed(place: Place, images: list[Thing]) -> Iterator[Answer]:
    if images:
        words = "Yes: AWS refuses to delete it as long as an image is made of it."
        yield Answer(question="Needed", words=words)
    elif reasons := place.unread(IMAGE):
        yield Answer(question="Needed", words="unsure", is_unknown=True, reason=joined(reasons))
    else:
        yield Answer(
            question="Needed", words="No image of its account is made of it; whether it is a backup, you know."
        )


def _sharing(place: Place, snapshot: Any) -> Answer:
    if "shared_with" in snapshot.unknown:
        return Answer(question="Shared with", words="unknown", is_unknown=True, reason="it could not be read")
    if snapshot.is_public:
        words = "Everybody: the snapshot is public, and whoever likes can read the whole disk."
        return Answer(question="Shared with", words=words, is_warning=True)
    links = Link.objects.as_of(place.when).filter(resource=place.resource, role="shared_with").order_by("value")
    shared = [f"{link.detail.get('kind', '')} {link.value}".strip() for link in links]
    return Answer(question="Shared with", words=joined(shared) if shared else "nobody else")
