"""The answers on a volume's page: what it is attached to, what becomes of it, and since when nothing uses it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from inventory.models import Link, Resource
from inventory.pages.answers import TEMPLATE, Answer, Answers, Place, Thing, thing_of
from inventory.pages.extensions import Panel
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.resource_types.ec2_instance import Ec2Instance

INSTANCE, SNAPSHOT = "ec2-instance", "ebs-snapshot"
STOPPED = "stopped"
# Amazon EBS User Guide, "Amazon EBS volume types", read 2026-11.
TYPES = {
    "gp3": "general purpose SSD; 3,000 IOPS and 125 MiB/s are part of it, more is provisioned",
    "gp2": "general purpose SSD of the generation before; 3 IOPS for each GiB, at least 100 and at most 16,000",
    "io2": "provisioned IOPS SSD for databases that need them at any time; durability 99.999 %",
    "io1": "provisioned IOPS SSD of the generation before io2",
    "st1": "throughput-optimised HDD for large sequential reads and writes; cannot be a boot volume",
    "sc1": "cold HDD, the cheapest, for data that is seldom read; cannot be a boot volume",
    "standard": "magnetic, of the generation before all others",
}
SEVERAL = "Multi-Attach is on: up to 16 Nitro instances of its zone at once, which needs a file system made for that."
ONE = "One instance at a time, in its own zone."


def volume_panel() -> Panel:
    """The panel on a volume's page."""
    return Panel(type=EBS_VOLUME.slug, template=TEMPLATE, gather=gather_volume)


def gather_volume(resource: Resource, revision: Any, when: datetime | None) -> Answers:
    """What is known of a volume's attachment, its past among that, at the moment."""
    place = Place(resource=resource, when=when)
    links = list(Link.objects.as_of(when).filter(resource=resource, role="attachments").order_by("target"))
    return Answers(
        title="Attachment and life",
        meta="as its history tells",
        answers=[
            *_attachment(place, revision, links),
            *_encryption(revision),
            *_performance(revision),
            *_snapshots(place),
        ],
    )


def _attachment(place: Place, volume: Any, links: list[Link]) -> Iterator[Answer]:
    if "attachments" in volume.unknown and not links:
        yield Answer(question="Attached to", words="unknown", is_unknown=True, reason="its attachments were never read")
        return
    if not links:
        yield _unattached(place)
    else:
        known = _instances(place, links)
        things = [_attached(link, known.get(link.target)) for link in links]
        yield Answer(question="Attached to", things=things)
        yield from _stopped(place, [known[link.target] for link in links if link.target in known], len(links))
        yield Answer(question="When it ends", words=_fate(links))
    yield Answer(question="How many at once", words=SEVERAL if volume.multi_attach else ONE)


def _instances(place: Place, links: list[Link]) -> dict[str, Any]:
    rows = Ec2Instance.revisions.as_of(place.when).filter(
        account=place.resource.account_id,
        resource__native_id__in=[link.target for link in links],
        resource__scope_region=place.region,
    )
    return {row.resource.native_id: row for row in rows.select_related("resource").light()}


def _attached(link: Link, instance: Any) -> Thing:
    device = link.detail.get("device_name") or ""
    if instance is None:
        return Thing(slug=INSTANCE, words=link.target, note=device)
    state = f", {instance.state}" if instance.state != "running" else ""
    return thing_of(instance, INSTANCE, f"{device}{state}".strip(", "))


def _fate(links: list[Link]) -> str:
    """What becomes of the volume when its instance is terminated."""
    match {link.detail.get("delete_on_termination") for link in links}:
        case fates if fates == {True}:
            return "Deleted with its instance (DeleteOnTermination)."
        case fates if fates == {False}:
            return "It stays, and is billed on, when its instance is terminated (DeleteOnTermination is off)."
        case fates if None in fates:
            return "Whether it goes with its instance was not told."
        case _:
            return "It goes with some of its instances and stays with others."


def _unattached(place: Place) -> Answer:
    """Since when nothing has been attached: the look that no longer saw the last attachment."""
    past = Link.objects.filter(resource=place.resource, role="attachments", valid_to__isnull=False)
    if place.when is not None:
        past = past.filter(valid_to__lte=place.when)
    last = past.order_by("-valid_to").first()
    if last is not None:
        words = f"Nothing. Last on {last.target}, which the look of this moment no longer saw:"
        return Answer(question="Attached to", words=words, since=last.valid_to, is_warning=True)
    first = EBS_VOLUME.model.revisions.filter(resource=place.resource, valid_from__isnull=False).order_by("valid_from")
    since = first.values_list("valid_from", flat=True).first()
    return Answer(
        question="Attached to", words="Nothing, and it never was since the first look at it:", since=since,
        is_warning=True,
    )  # fmt: skip


def _stopped(place: Place, instances: list[Any], number: int) -> Iterator[Answer]:
    """Since when every instance that it is attached to stands still; such a volume is paid and does nothing."""
    if not instances or len(instances) < number or any(one.state != STOPPED for one in instances):
        return
    since = max(_stopped_since(one) for one in instances)
    yield Answer(
        question="In use", words="No: it is on what has been stopped since the look of", since=since, is_warning=True
    )


def _stopped_since(instance: Any) -> datetime:
    """The beginning of the unbroken stretch of periods in which the instance stood still."""
    periods = Ec2Instance.revisions.filter(
        resource=instance.resource_id, valid_from__isnull=False, valid_from__lte=instance.valid_from
    )
    since: datetime = instance.valid_from
    for state, began in periods.order_by("-valid_from").values_list("state", "valid_from"):
        if state != STOPPED:
            break
        since = began
    return since


def _encryption(volume: Any) -> Iterator[Answer]:
    match volume.encrypted:
        case True:
            yield Answer(question="Encrypted", words=f"Yes, with {volume.kms_key}" if volume.kms_key else "Yes")
        case False:
            words = "No. It cannot be turned on: copy a snapshot of it encrypted, and make a volume of the copy."
            yield Answer(question="Encrypted", words=words, is_warning=True)
        case _:
            yield Answer(question="Encrypted", words="unknown", is_unknown=True, reason="it could not be read")


def _performance(volume: Any) -> Iterator[Answer]:
    if volume.volume_type is None:
        return
    figures = [
        f"{value:,} {unit}" for value, unit in ((volume.iops, "IOPS"), (volume.throughput_mibps, "MiB/s")) if value
    ]
    told = f" Now {' and '.join(figures)}." if figures else ""
    about = TYPES.get(volume.volume_type)
    words = f"{volume.volume_type}: {about}.{told}" if about else f"{volume.volume_type}.{told}"
    yield Answer(question="Type and performance", words=words)


def _snapshots(place: Place) -> Iterator[Answer]:
    """The newest of its snapshots, and how many there are; unknown where snapshots were never read."""
    if (state := place.state(SNAPSHOT)) is None or state.read_at is None:
        reason = "EBS snapshots of this region were never read"
        yield Answer(question="Snapshots", words="unknown", is_unknown=True, reason=reason)
        return
    rows: Any = place.revisions(SNAPSHOT)
    of_it = list(rows.filter(volume_id=place.resource.native_id).order_by("-started")[:100])
    if not of_it:
        yield Answer(question="Snapshots", words="None of it is kept in this account and region.", is_warning=True)
        return
    number = f"{len(of_it)}{' or more' if len(of_it) == 100 else ''}"
    words = f"{number} snapshot{'s' if len(of_it) > 1 else ''}, the newest of"
    things = [thing_of(row, SNAPSHOT) for row in of_it]
    yield Answer(question="Snapshots", words=words, since=of_it[0].started, things=things)
