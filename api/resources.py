"""Resources of one type, and one of them: the same list, and the same page, as in the browser.

What the address asks for is read by the list's own reader, so that a filter means here what it means there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import BaseModel

from api.authentication import may
from api.life_schemas import life_schema, related, timeline
from api.models import Scope
from api.operations import Operation, need
from api.parameters import ACCOUNT, AS_OF, CURSOR, Parameter, limit, read_limit, refuse
from api.problems import Kind as ProblemKind
from api.problems import Refused, of_parts
from api.resource_schemas import page_schema, resource_schema
from api.values import moment, money, unread
from inventory.models import Resource
from inventory.pages.columns import ACCOUNT as ACCOUNT_COLUMN
from inventory.pages.columns import columns_of
from inventory.pages.detail import ResourcePage
from inventory.pages.extensions import Figure, extensions
from inventory.pages.filters import POSSIBLE, Operator, figure_columns
from inventory.pages.formats import plain
from inventory.pages.list_page import ListPage, records_of
from inventory.pages.list_query import QUERY, RESERVED, ListQuery, choosable
from inventory.pages.list_reader import read_list
from inventory.pages.orders import ByExtension
from inventory.pages.records import NOT_YET, TAGS, Record
from inventory.pages.scope import PageScope
from inventory.pages.timeline import life_of
from inventory.registry import Column, ResourceType, resource_types

USUAL, MOST = 50, 500
OWN = ("account", "as_of", "sort", "columns", "cursor", "limit", QUERY)
MEANINGS = {
    Operator.IS: "is this; empty: AWS says there is none; `unknown`: it was never read",
    Operator.NOT: "is known, and is not this",
    Operator.AT_LEAST: "is at least this",
    Operator.AT_MOST: "is at most this",
    Operator.ABOVE: "is more than this",
    Operator.BELOW: "is less than this",
    Operator.CONTAINS: "contains this, in capitals or not",
    Operator.LIKE: "meets this pattern, in capitals or not (`*` is anything)",
    Operator.UNLIKE: "is known, and does not meet this pattern",
}
TAGS_WORDS = (
    "Filters combine; one that is given several times means any of its values. Tags filter too:"
    " `tag:<key>=<value>`, `tag:<key>` for those that have it, `-tag:<key>` for those that have not."
)


def add_to(router: Router) -> None:
    """Two operations for each registered type."""
    for kind in resource_types():
        name = kind.slug.replace("-", "_")
        listing = Operation(
            path=f"/resources/{kind.slug}",
            name=f"list_{name}",
            summary=f"List {kind.plural}",
            answer=page_schema(kind.slug),
            tag="Resources",
            parameters=list(_parameters(kind)),
            checks_own=True,
        )
        detail = Operation(
            path=f"/resources/{kind.slug}/{{int:pk}}",
            name=f"get_{name}",
            summary=f"One {kind.label}, with its timeline and relations",
            answer=life_schema(kind.slug),
            tag="Resources",
            parameters=(ACCOUNT, AS_OF),
        )
        listing.add_to(router, _lister(kind))
        detail.add_to(router, _getter(kind))


def _lister(kind: ResourceType) -> Any:
    def list_resources(request: HttpRequest) -> BaseModel:
        refuse(request, RESERVED.difference(OWN))
        query = read_list(request, kind)
        if query.problems:
            raise of_parts(query.problems)
        return _page(request, _with_every_column(request, query))

    list_resources.__doc__ = f"{kind.plural} at a moment, in pages. {TAGS_WORDS}"
    return list_resources


def _getter(kind: ResourceType) -> Any:
    def get_resource(request: HttpRequest, pk: int) -> BaseModel:
        page = _resource_page(request, kind, pk)
        record = None if page.is_gone else page.record
        return life_schema(kind.slug)(
            type=kind.slug,
            arn=page.arn,
            as_of=moment(page.scope.as_of),
            is_gone=page.is_gone,
            was_never_looked_for=page.was_never_looked_for,
            last_seen=moment(page.last_seen),
            resource=_resource(request, kind, record, kind.columns, _figures(page)) if record else None,
            timeline=timeline(page.life.entries),
            is_timeline_cut=page.life.is_cut,
            relations=related(page.relations),
            unread=unread(page.unread),
        )

    get_resource.__doc__ = f"One {kind.label} at a moment, what happened to it, and what it is related to, both ways."
    return get_resource


def _resource_page(request: HttpRequest, kind: ResourceType, pk: int) -> ResourcePage:
    """The page of one resource; Http404 for one that does not exist or may not be seen."""
    scope = PageScope.from_request(request)
    visible = Resource.objects.visible_to(request.user).select_related("account")
    resource = visible.filter(pk=pk, type=kind.slug).first()
    if resource is None:
        raise Http404(f"There is no {kind.label} {pk} that this user may see.")
    if scope.must_name(resource.account):
        scope = replace(scope, account=resource.account)
    life = life_of(scope, kind, resource)
    if life is None:
        raise Http404(f"Nothing is known of {resource.native_id} yet.")
    return ResourcePage(scope=scope, type=kind, resource=resource, life=life)


def _with_every_column(request: HttpRequest, query: ListQuery) -> ListQuery:
    """Unless columns were chosen all of them are given, those of costs to whoever may have them."""
    added = {column.key for column in extensions.columns_of(query.type.slug)}
    asks_by_cost = isinstance(query.order, ByExtension) or any(condition.figure for condition in query.every_condition)
    if asks_by_cost or added.intersection(query.chosen_columns):
        need(request, Scope.COSTS)
    if query.chosen_columns:
        return query
    own = [column.field for column in choosable(query.type)]
    return replace(query, chosen_columns=(*own, *(sorted(added) if may(request, Scope.COSTS) else ())))


def _page(request: HttpRequest, query: ListQuery) -> BaseModel:
    page = ListPage(query, size=read_limit(request, USUAL, MOST))
    if page.slice is None or page.counted is None:
        raise Refused(ProblemKind.TOO_SLOW, "There were too many rows to look through or to sort in time.")
    records = records_of(query, page.slice.resource_ids)
    own = [column for column in query.columns if column in query.type.columns]
    return page_schema(query.type.slug)(
        as_of=moment(query.scope.as_of),
        total=page.counted.total,
        previous_cursor=str(page.slice.back) if page.slice.back else None,
        next_cursor=str(page.slice.next) if page.slice.next else None,
        was_never_read=page.was_never_read,
        unread=unread(page.unread),
        items=[_resource(request, query.type, record, own, record.figures) for record in records],
    )


def _figures(page: ResourcePage) -> dict[str, Figure]:
    """What other packages add to a list, for the one resource of a page."""
    if page.revision is None:
        return {}
    found = {
        column.key: column.values([page.revision], page.scope.as_of) for column in extensions.columns_of(page.type.slug)
    }
    return {key: values.get(page.resource.pk, NOT_YET) for key, values in found.items()}


def _resource(
    request: HttpRequest,
    kind: ResourceType,
    record: Record,
    columns: Sequence[Column],
    figures: Mapping[str, Figure],
) -> BaseModel:
    """The record as its schema has it, with these of the type's columns, and figures for whoever may have them."""
    revision, costs = record.revision, {}
    if figures and may(request, Scope.COSTS):
        units = {column.key: column.unit for column in extensions.columns_of(kind.slug)}
        costs = {"costs": {key: money(figure, units[key]) for key, figure in figures.items()}}
    return resource_schema(kind.slug)(
        id=record.resource.pk,
        native_id=record.resource.native_id,
        name=revision.name,
        account=record.account.account_id,
        account_name=record.account.name,
        region=revision.region,
        valid_from=moment(revision.valid_from),
        valid_to=moment(revision.valid_to),
        tags=record.tags_value(),
        unknown=_unknown(record, columns),
        **{column.field: plain(record.value(column)) for column in columns},
        **costs,
    )


def _unknown(record: Record, columns: Sequence[Column]) -> dict[str, Any]:
    names = {*record.unknown, TAGS, *(column.field for column in columns)}
    doubts = {name: record.doubt(name) for name in sorted(names)}
    return {
        name: {"why": doubt.value, "since": moment(record.since(name))}
        for name, doubt in doubts.items()
        if doubt is not None
    }


def _parameters(kind: ResourceType) -> Iterator[Parameter]:
    """What the address of a list can hold: everything but tags, whose names are free."""
    added = [column.key for column in extensions.columns_of(kind.slug)]
    sortable = [*(field for field, column in columns_of(kind).items() if column.sortable), *added]
    yield from (ACCOUNT, AS_OF)
    yield Parameter(
        name="sort",
        about="The column to sort by, with - in front for descending; by name without it.",
        schema={"type": "string", "enum": [*sortable, *(f"-{field}" for field in sortable)]},
    )
    named = ", ".join([*(column.field for column in choosable(kind)), *added])
    yield Parameter(name="columns", about=f"Columns to give, separated by commas; all without it: {named}.")
    yield Parameter(name=QUERY, about="A query that all of them meet too, such as `state:running -tag:owner`.")
    yield from (CURSOR, limit(USUAL, MOST))
    figures = (column for column, _ in figure_columns(kind).values())
    for column in (*columns_of(kind).values(), *figures):
        if column is not ACCOUNT_COLUMN:
            yield from _filters(column)


def _filters(column: Column) -> Iterator[Parameter]:
    for operator in POSSIBLE[column.kind]:
        name, about = operator.spelled(column.field), f"{column.label} {MEANINGS[operator]}."
        yield Parameter(name=name, about=about, several=True)
