"""What the ledger holds of a resource now: its open revision, with the tags and links of the same moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inventory.history import ResourceRevision
from inventory.models import Link, ResourceTag
from inventory.snapshots.compare import Known
from inventory.snapshots.content import Content, LinkKey, content_of_revision
from inventory.snapshots.rows import Row

Part = ResourceTag | Link


@dataclass(kw_only=True)
class Stored:
    """An open revision and its open tags and links."""

    revision: ResourceRevision
    tags: list[ResourceTag] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def known(self) -> Known:
        """What is known, as something to compare a reading with."""
        content = content_of_revision(self.revision, self.tags, self.links)
        return Known(content=content, unknown=self.revision.unknown)

    def parts_not_in(self, content: Content) -> list[Part]:
        """The tags and links that the content lacks."""
        return [
            *(tag for tag in self.tags if content.tags.get(tag.key) != tag.value),
            *(link for link in self.links if LinkKey.of(link) not in content.links),
        ]

    def new_parts_of(self, content: Content) -> list[Row]:
        """Rows for the tags and links of the content that are not stored."""
        held_tags = {tag.key: tag.value for tag in self.tags}
        tags = {key: value for key, value in content.tags.items() if held_tags.get(key) != value}
        links = content.links - {LinkKey.of(link) for link in self.links}
        return part_rows(self.revision.account_id, self.revision.resource_id, tags, links)


def part_rows(account_id: int, resource_id: int, tags: Mapping[str, str], links: Iterable[LinkKey]) -> list[Row]:
    """Rows for tags and links; nothing is written yet."""
    owner = {"account_id": account_id, "resource_id": resource_id}
    return [
        *((ResourceTag, {**owner, "key": key, "value": value}) for key, value in tags.items()),
        *((Link, {**owner, **link.columns()}) for link in links),
    ]


def load_stored(revisions: Iterable[ResourceRevision]) -> dict[int, Stored]:
    """Open revisions with their parts, by resource."""
    found = {revision.resource_id: Stored(revision=revision) for revision in revisions}
    for tag in ResourceTag.objects.current().filter(resource__in=list(found)):
        found[tag.resource_id].tags.append(tag)
    for link in Link.objects.current().filter(resource__in=list(found)):
        found[link.resource_id].links.append(link)
    return found
