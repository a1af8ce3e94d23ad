"""Everything that is known of a handful of revisions, gathered in a number of queries that does not grow with them.

A list page, a detail page and an export all show `Record`s. A value is what AWS said; None stands for "AWS says there
is none" and for "unknown", and `Record.doubt` tells which, since when, and whether an older value is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from inventory.history import ResourceRevision
from inventory.models import Account, Link, Resource, ResourceTag
from inventory.pages.columns import ACCOUNT, BASE, NATIVE_ID
from inventory.pages.extensions import Figure, ListColumn
from inventory.pages.filters import TAG
from inventory.pages.tag_columns import TagColumn
from inventory.pages.tallies import tallies
from inventory.registry import GLOBAL, Column, Kind, ResourceType

TAGS = "tags"
BATCH = 500
"""How many revisions an export gathers at a time."""

NOT_YET = Figure(value=None, reason="not computed yet")


class Doubt(Enum):
    """Why a value cannot be taken as read at the moment."""

    NEVER_READ = "never read"
    KEPT = "kept from an earlier reading"
    NOT_RECORDED = "not recorded then"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One revision with all that stands beside it."""

    type: ResourceType
    revision: ResourceRevision
    account: Account
    tags: Mapping[str, str]
    links: Mapping[str, Sequence[Link]]
    tallies: Mapping[str, int | None]
    figures: Mapping[str, Figure]
    targets: Mapping[tuple[str, str], Resource] = field(default_factory=dict)
    """Resources that its cells name, by type and native id; one that was never seen is missing."""

    @property
    def resource(self) -> Resource:
        """Its identity."""
        return self.revision.resource

    @property
    def unknown(self) -> list[str]:
        """Every column, and `tags`, whose value could not be read when it was last looked at."""
        return sorted({*self.revision.unknown, *(name for name, number in self.tallies.items() if number is None)})

    def value(self, column: Column) -> Any:
        """The column's value as JSON shows it, of plain Python types."""
        if column is ACCOUNT:
            return self.account.account_id
        if column is NATIVE_ID:
            return self.resource.native_id
        if isinstance(column, TagColumn):
            return self.tags.get(column.key)
        if column.kind is Kind.COUNT:
            return self.tallies[column.field]
        if column.kind is not Kind.MANY:
            return getattr(self.revision, column.field)
        if self.doubt(column.field) is Doubt.NEVER_READ:
            return None
        return [_item(column, link) for link in self.links.get(column.field, ())]

    def tags_value(self) -> dict[str, str] | None:
        """The tags, sorted by key; None if they were never read."""
        return None if self.doubt(TAGS) is Doubt.NEVER_READ else dict(sorted(self.tags.items()))

    def doubt(self, name: str) -> Doubt | None:
        """What is doubtful about a column, a link role or the tags; None if it was read."""
        name = _read_as(name)
        if name in self.revision.unknown:
            return Doubt.NEVER_READ if self.revision.was_never_read(name) else Doubt.KEPT
        if name in self.tallies:
            return Doubt.NEVER_READ if self.tallies[name] is None else None
        # An older release may not have read this field yet; which ones it read is not known.
        is_older = self.revision.reading_version < self.type.reading_version
        return Doubt.NOT_RECORDED if is_older and getattr(self.revision, name, "") is None else None

    def since(self, name: str) -> datetime | None:
        """Since when a kept value could not be read again."""
        since = self.revision.kept_since(_read_as(name))
        return datetime.fromisoformat(since) if since else None


def gather(
    resource_type: ResourceType,
    revisions: Sequence[ResourceRevision],
    as_of: datetime | None,
    *,
    accounts: Mapping[int, Account],
    columns: Sequence[Column],
    added: Sequence[ListColumn] = (),
    with_targets: bool = False,
) -> list[Record]:
    """The records of these revisions (with their resources), in their order, for these columns.

    `added` are the columns of other packages; `with_targets` looks up the resources that cells name.
    """
    tags = _tags(revisions, as_of)
    links = _links(revisions, [column.field for column in columns if column.kind is Kind.MANY], as_of)
    counted = tallies(columns, revisions, as_of)
    figures = {column.key: column.values(revisions, as_of) for column in added} if revisions else {}
    targets = _targets(revisions, columns, links) if with_targets else {}
    return [
        Record(
            type=resource_type,
            revision=revision,
            account=accounts[revision.account_id],
            tags=tags[revision.resource_id],
            links=links[revision.resource_id],
            tallies={name: numbers[revision.resource_id] for name, numbers in counted.items()},
            figures={key: values.get(revision.resource_id, NOT_YET) for key, values in figures.items()},
            targets=targets.get((revision.account_id, revision.resource.scope_region), {}),
        )
        for revision in revisions
    ]


def in_batches(revisions: Iterable[ResourceRevision]) -> Iterator[list[ResourceRevision]]:
    """The revisions, `BATCH` at a time."""
    waiting = iter(revisions)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def row(record: Record, columns: Sequence[Column], added: Sequence[ListColumn] = ()) -> dict[str, Any]:
    """The record as an exported object, with the keys of `row_keys`."""
    return {
        **{column.field: record.value(column) for column in (NATIVE_ID, ACCOUNT, *_REST, *columns)},
        TAGS: record.tags_value(),
        **{column.key: record.figures[column.key].value for column in added},
        "unknown": sorted({*record.unknown, *(one.key for one in added if record.figures[one.key].value is None)}),
    }


def row_keys(columns: Sequence[Column], added: Sequence[ListColumn] = ()) -> list[str]:
    """The keys of an exported object in their order; columns that every row has anyway stand first."""
    first = [NATIVE_ID.field, ACCOUNT.field, *(column.field for column in _REST), TAGS]
    own = [column.field for column in columns if column.field not in first]
    return [*first, *own, *(column.key for column in added), "unknown"]


_REST = tuple(column for column in BASE if column not in (NATIVE_ID, ACCOUNT))


def _read_as(name: str) -> str:
    """The field of which a column is a part: tags are read together."""
    return TAGS if name.startswith(TAG) else name


def _item(column: Column, link: Link) -> str | dict[str, Any]:
    identity = link.target or link.value
    if not column.detail:
        return identity
    return {"id": identity, **{key: link.detail.get(key) for key in column.detail}}


def _tags(revisions: Sequence[ResourceRevision], as_of: datetime | None) -> Mapping[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    rows: QuerySet[ResourceTag] = ResourceTag.objects.as_of(as_of).filter(resource__in=_ids(revisions))
    for resource_id, key, value in rows.order_by("key").values_list("resource_id", "key", "value"):
        found[resource_id][key] = value
    return found


def _links(
    revisions: Sequence[ResourceRevision], roles: Sequence[str], as_of: datetime | None
) -> Mapping[int, Mapping[str, list[Link]]]:
    found: dict[int, dict[str, list[Link]]] = defaultdict(lambda: defaultdict(list))
    if roles:
        links: QuerySet[Link] = Link.objects.as_of(as_of).filter(resource__in=_ids(revisions), role__in=roles)
        for link in links.order_by("target", "value", "pk"):
            found[link.resource_id][link.role].append(link)
    return found


def _ids(revisions: Sequence[ResourceRevision]) -> list[int]:
    return [revision.resource_id for revision in revisions]


Scopes = Mapping[tuple[int, str], Mapping[tuple[str, str], Resource]]


def _targets(
    revisions: Sequence[ResourceRevision], columns: Sequence[Column], links: Mapping[int, Mapping[str, list[Link]]]
) -> Scopes:
    """The resources named by cells, by the account and scope region of the cell: one query for all."""
    named = {
        (revision.account_id, revision.resource.scope_region, column.target, native_id)
        for revision in revisions
        for column in columns
        if column.target
        for native_id in _named(revision, column, links)
    }
    found: dict[tuple[int, str], dict[tuple[str, str], Resource]] = defaultdict(dict)
    if not named:
        return found
    # Without accounts, which SQLite would look through instead of the ids; those of others are not asked for below.
    seen = Resource.objects.filter(native_id__in={native_id for *_, native_id in named})
    by_place = {(one.account_id, one.scope_region, one.type, one.native_id): one for one in seen}
    for account, region, slug, native_id in named:
        for place in (region, GLOBAL):
            if target := by_place.get((account, place, slug, native_id)):
                found[account, region][slug, native_id] = target
    return found


def _named(revision: ResourceRevision, column: Column, links: Mapping[int, Mapping[str, list[Link]]]) -> Iterator[str]:
    if column.kind is Kind.MANY:
        yield from (link.target for link in links[revision.resource_id].get(column.field, ()) if link.target)
    elif native_id := getattr(revision, column.field):
        yield native_id
