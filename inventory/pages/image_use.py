"""What an image is used by, and whether it may be deregistered: used, unused, or unsure because of what is not known.

Looked for are the instances of its account and region, launch templates in all versions, Auto Scaling groups and Spot
Instance requests that may still start something. Whatever could not be read makes an image that nothing is known to use
unsure, never unused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.models import Link
from inventory.pages.answers import Place, Thing, joined, thing_of

INSTANCE, TEMPLATE, GROUP, REQUEST = "ec2-instance", "launch-template", "auto-scaling-group", "spot-instance-request"
LOOKED_AT = (INSTANCE, TEMPLATE, GROUP, REQUEST)
OVER = ("terminated", "closed", "cancelled", "failed")
"""States in which an instance or a request starts nothing any more."""

Versions = dict[str, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Use:
    """What is known of the use of an image: by kind of thing, and why there may be more."""

    used_by: Mapping[str, tuple[Thing, ...]]
    doubts: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """`used`, `unused` or `unsure`."""
        if any(self.used_by.values()):
            return "used"
        return "unsure" if self.doubts else "unused"


def use_of(place: Place, image: Any) -> Use:
    """The use of an image at the moment."""
    image_id = place.resource.native_id
    templates = _templates(place)
    doubts = [
        *place.unread(*LOOKED_AT),
        *_doubts_of_templates(place, templates),
        *_doubts_of_groups(place),
        *_doubts_of_sharing(place, image),
    ]
    return Use(
        used_by={
            INSTANCE: tuple(_named(place, INSTANCE, image_id)),
            TEMPLATE: tuple(_templates_with(place, templates, image_id)),
            GROUP: tuple(_groups_with(place, templates, image_id)),
            REQUEST: tuple(_named(place, REQUEST, image_id)),
        },
        doubts=tuple(doubts),
    )


def _named(place: Place, slug: str, image_id: str) -> Iterator[Thing]:
    for revision in place.revisions(slug):
        row: Any = revision
        if row.image_id == image_id and row.state not in OVER:
            yield thing_of(revision, slug, row.state if row.state != "running" else "")


def _templates(place: Place) -> dict[str, Versions]:
    """By template and number what each version starts."""
    found: dict[str, Versions] = defaultdict(dict)
    for template, link in _links(place, TEMPLATE, "versions"):
        found[template][link.value] = link.detail
    return found


def _links(place: Place, slug: str, role: str) -> Iterator[tuple[str, Link]]:
    links = Link.objects.as_of(place.when).filter(
        resource__type=slug,
        resource__account=place.resource.account_id,
        resource__scope_region=place.region,
        role=role,
    )
    for link in links.select_related("resource").order_by("pk"):
        yield link.resource.native_id, link


def _templates_with(place: Place, templates: Mapping[str, Versions], image_id: str) -> Iterator[Thing]:
    for revision in place.revisions(TEMPLATE):
        row: Any = revision
        versions = templates.get(revision.resource.native_id, {})
        numbers = sorted(int(number) for number, told in versions.items() if told.get("image_id") == image_id)
        if not numbers:
            continue
        words = f"version{'s' if len(numbers) > 1 else ''} {joined([str(number) for number in numbers])}"
        yield thing_of(revision, TEMPLATE, words if row.default_version in numbers else f"{words}, not the default")


def _groups_with(place: Place, templates: Mapping[str, Versions], image_id: str) -> Iterator[Thing]:
    """The groups whose next instance would start from the image."""
    known: dict[str, Any] = {revision.resource.native_id: revision for revision in place.revisions(TEMPLATE)}
    starting = {
        group
        for group, link in _links(place, GROUP, "launch_templates")
        if _started(known.get(link.target), templates.get(link.target, {}), link).get("image_id") == image_id
    }
    for revision in place.revisions(GROUP):
        if revision.resource.native_id in starting:
            yield thing_of(revision, GROUP)


def _started(template: Any, versions: Versions, link: Link) -> Mapping[str, Any]:
    """What a group starts: `$Default`, `$Latest` or a number, as AWS resolves them."""
    number = str(link.detail.get("version"))
    if template is not None:
        named = {"$Default": template.default_version, "$Latest": template.latest_version}
        number = str(named.get(number, number))
    return versions.get(number, {})


def _doubts_of_templates(place: Place, templates: Mapping[str, Versions]) -> Iterator[str]:
    unread = [revision.name for revision in place.revisions(TEMPLATE) if "versions" in revision.unknown]
    if unread:
        yield f"the versions of {joined(unread)} could not be read"
    named = {revision.resource.native_id: revision.name for revision in place.revisions(TEMPLATE)}
    by_parameter = sorted(
        {
            named.get(template, template)
            for template, versions in templates.items()
            if any((told.get("image_id") or "").startswith("resolve:") for told in versions.values())
        }
    )
    if by_parameter:
        yield f"{joined(by_parameter)} takes its image from a parameter, which is never read"


def _doubts_of_groups(place: Place) -> Iterator[str]:
    rows: Any = place.revisions(GROUP)
    old = sorted(row.name for row in rows if row.launch_configuration)
    if old:
        yield f"{joined(old)} has a launch configuration, which is never read"


def _doubts_of_sharing(place: Place, image: Any) -> Iterator[str]:
    if not image.is_own:
        return
    if image.is_public:
        yield "it is public, and other accounts may use it"
    elif "shared_with" in image.unknown:
        yield "with whom it is shared could not be read"
    else:
        links = Link.objects.as_of(place.when).filter(resource=place.resource, role="shared_with")
        shared = sorted(link.value for link in links)
        if shared:
            yield f"it is shared with {joined(shared)}, and may be used there"
