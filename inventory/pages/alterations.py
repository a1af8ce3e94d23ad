"""Revisions beside the ones that they replaced, and what differs between them: fields, tags and links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from inventory.history import ResourceRevision
from inventory.models import Link, ResourceTag
from inventory.pages.differences import Difference, field_differences, link_differences, tag_differences
from inventory.registry import ResourceType


@dataclass(frozen=True, kw_only=True)
class Alteration:
    """Two periods of one resource, the second of which began when the first one ended."""

    type: ResourceType
    before: ResourceRevision
    after: ResourceRevision

    @property
    def at(self) -> datetime:
        """When the change was seen."""
        return self.after.began


def alterations(kind: ResourceType, revisions: Sequence[ResourceRevision]) -> Iterator[Alteration]:
    """Each of these revisions that replaced another one, beside it; one query."""
    earlier = kind.model.revisions.light().filter(
        resource__in=[revision.resource_id for revision in revisions],
        valid_to__in={revision.began for revision in revisions},
    )
    before = {(one.resource_id, one.incarnation, one.valid_to): one for one in earlier}
    for revision in revisions:
        if replaced := before.get((revision.resource_id, revision.incarnation, revision.began)):
            yield Alteration(type=kind, before=replaced, after=revision)


def differences_of(altered: Sequence[Alteration]) -> list[tuple[Difference, ...]]:
    """What differs in each of them; two queries, for the tags and links of all."""
    if not altered:
        return []
    moments = {one.at for one in altered}
    of_them = Q(resource__in=[one.after.resource_id for one in altered]) & (
        Q(valid_from__in=moments) | Q(valid_to__in=moments)
    )
    tags, links = defaultdict[int, list[ResourceTag]](list), defaultdict[int, list[Link]](list)
    for tag in ResourceTag.objects.filter(of_them):
        tags[tag.resource_id].append(tag)
    for link in Link.objects.filter(of_them):
        links[link.resource_id].append(link)
    return [tuple(_differences(one, tags[one.after.resource_id], links[one.after.resource_id])) for one in altered]


def _differences(one: Alteration, tags: Sequence[ResourceTag], links: Sequence[Link]) -> Iterator[Difference]:
    yield from field_differences(one.type, one.before, one.after)
    yield from tag_differences([tag for tag in tags if one.at in (tag.valid_from, tag.valid_to)], one.at)
    yield from link_differences(
        one.type, [link for link in links if one.at in (link.valid_from, link.valid_to)], one.at
    )
