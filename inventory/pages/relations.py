"""Relations of one resource, both ways: what it names, and what names it. Both follow from the registry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from inventory.history import RevisionQuerySet
from inventory.models import Link, Resource
from inventory.pages.cells import Cells, Item, Look
from inventory.pages.frame import address
from inventory.pages.provenance import ScopeFilter
from inventory.pages.records import Record
from inventory.pages.scope import PageScope
from inventory.registry import GLOBAL, Kind, Relation, ResourceType, resource_type, resource_types

SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Related:
    """The resources of one relation: how many, the first few, and the list of all."""

    label: str
    icon: str
    """Of the type at the other end."""
    number: int | None
    """None: unknown, because nobody could look."""
    is_inverse: bool = False
    """Whether the others name this one, and not this one the others."""
    items: Sequence[Item] = ()
    url: str = ""
    reason: str = ""

    @property
    def more(self) -> int:
        """How many are not named."""
        return max((self.number or 0) - len(self.items), 0)

    @property
    def all_url(self) -> str:
        """Where all of them stand: their list, else the facts of the same page, which name each."""
        return self.url or "#facts"


def relations_of(scope: PageScope, record: Record, when: datetime | None) -> list[Related]:
    """Every relation of the resource at the moment (None = now), also those without anything in them."""
    return [*_forward(scope, record), *_inverse(scope, record, when)]


def _forward(scope: PageScope, record: Record) -> Iterator[Related]:
    cells = Cells(scope, shown_items=None, shortens=False)
    for relation in record.type.relations:
        column = record.type.column(relation.field)
        if column is None:
            continue
        icon = resource_type(relation.target).icon
        cell = cells.cell(record, column)
        if cell.look in (Look.UNKNOWN, Look.NOT_RECORDED):
            reason = cell.reason or "not recorded then"
            yield Related(label=relation.label, icon=icon, number=None, reason=reason, url=cell.url)
        else:
            yield Related(label=relation.label, icon=icon, number=len(cell.items), items=cell.items[:SHOWN])


def _inverse(scope: PageScope, record: Record, when: datetime | None) -> Iterator[Related]:
    for kind in resource_types():
        for relation in kind.relations:
            if relation.target == record.type.slug:
                yield _pointing_here(scope, record, kind, relation, when)


def _pointing_here(
    scope: PageScope, record: Record, kind: ResourceType, relation: Relation, when: datetime | None
) -> Related:
    resource = record.resource
    if not _was_read(scope, resource, kind):
        return Related(
            label=relation.inverse,
            icon=kind.icon,
            is_inverse=True,
            number=None,
            reason=f"{kind.plural} of this region were never read",
            url=ScopeFilter(types=(kind.slug,)).url(scope, resource.account.name),
        )
    rows = _rows(resource, kind, relation, when)
    number = rows.count()
    named = rows.select_related("resource").light().order_by("name", "pk")[:SHOWN]
    return Related(
        label=relation.inverse,
        icon=kind.icon,
        is_inverse=True,
        number=number,
        items=[
            Item(
                words=revision.name or revision.resource.native_id,
                whole=revision.resource.native_id,
                url=address(scope, "resource-detail", kind.slug, revision.resource_id),
            )
            for revision in named
        ],
        url=address(scope, "resource-list", kind.slug, **{relation.field: resource.native_id}),
    )


def _rows(resource: Resource, kind: ResourceType, relation: Relation, when: datetime | None) -> RevisionQuerySet:
    rows: RevisionQuerySet = kind.model.revisions.as_of(when).filter(account=resource.account_id)
    if resource.scope_region != GLOBAL:
        rows = rows.filter(region=resource.scope_region)
    column = kind.column(relation.field)
    if column is not None and column.kind is Kind.MANY:
        links = Link.objects.as_of(when).filter(
            account=resource.account_id, role=relation.field, target=resource.native_id
        )
        return rows.filter(resource__in=links.values("resource"))
    return rows.filter(**{relation.field: resource.native_id})


def _was_read(scope: PageScope, resource: Resource, kind: ResourceType) -> bool:
    return any(
        state.read_at is not None
        for state in scope.states_of((), {resource.scope_region, GLOBAL})
        if state.account_id == resource.account_id and state.type == kind.slug
    )
