"""A query over all types, in the language of the page *Query* and of `manage.py query`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.models import Scope
from api.operations import Operation, need
from api.parameters import ACCOUNT, AS_OF, Parameter, limit, read_limit
from api.problems import API, Error, Refused
from api.problems import Kind as ProblemKind
from api.values import AccountName, Answer, Moment, account_name, moment, money, unread
from api.values import Unread as UnreadItem
from inventory.pages.facets import COUNTED
from inventory.pages.formats import plain
from inventory.pages.query.language import QueryError
from inventory.pages.query.meaning import Part, read_query
from inventory.pages.query.rows import Group, groups_of
from inventory.pages.records import Record
from inventory.pages.scope import PageScope
from inventory.pages.unread import unread as unread_of

USUAL, MOST = 30, 100
Q = Parameter(name="q", about="The query, such as `type:ec2-instance state:running -tag:owner`.")


class MeetingItem(Answer):
    """One resource that meets a query."""

    id: int = Field(description="The ledger's own number, for the address of the resource.")
    native_id: str
    name: str = Field(description="Empty if it has none.")
    account: AccountName
    region: str | None = Field(description="Its own region; null if it was never read.")
    tags: dict[str, str] | None = Field(description="Null if they were never read.")
    asked: dict[str, Any] = Field(description="The fields that the query asks about, spelled as in lists.")
    unknown: list[str] = Field(description="The fields, and `tags`, whose value could not be read.")


class MeetingType(Answer):
    """What meets a query of one type."""

    type: str
    total: int | None = Field(description="Null: more than 10,000, or not counted in time.")
    was_found: bool = Field(description="False: the rows could not be found in time, and no items means nothing.")
    was_never_read: bool = Field(description="Nobody has looked for this type here yet: no items means nothing.")
    items: list[MeetingItem] = Field(description="The first ones by name.")
    all: str = Field(description="Where all of them are, in pages.")


class Meeting(Answer):
    """What meets a query, by type: of those types that have every field which it asks about."""

    as_of: Moment | None = Field(description="The moment of the query; null: now.")
    types: list[MeetingType]
    unread: list[UnreadItem]


def add_to(router: Router) -> None:
    """The operation of this module."""
    Operation(
        path="/query",
        name="query",
        summary="What meets a query, across all types",
        answer=Meeting,
        tag="Ledger",
        parameters=(ACCOUNT, AS_OF, Q, limit(USUAL, MOST)),
    ).add_to(router, query)


def query(request: HttpRequest) -> Meeting:
    """Of each type the first resources that meet a query, how many there are, and where all of them are."""
    scope, size = PageScope.from_request(request), read_limit(request, USUAL, MOST)
    parts = _parts(request.GET.get("q", "").strip(), scope)
    if any(condition.figure for part in parts for condition in part.conditions):
        need(request, Scope.COSTS)
    slugs = {part.kind.slug for part in parts}
    return Meeting(
        as_of=moment(scope.as_of),
        types=[_type(group) for group in groups_of(parts, scope, size)],
        unread=unread(unread_of(scope, scope.states_of(slugs) if slugs else [])),
    )


def _parts(text: str, scope: PageScope) -> tuple[Part, ...]:
    """What the query asks of each type; Refused for one that is empty or cannot be read."""
    try:
        if text:
            return read_query(text, scope.visible, scope.as_of)
        detail = "There is no query: write q=state:running."
    except QueryError as error:
        word = error.pieces(text)[1].strip()
        detail = f"{error.message} This is about “{word}”." if word else error.message
    raise Refused(ProblemKind.BAD_REQUEST, detail, [Error(Q.name, detail)])


def _type(group: Group) -> MeetingType:
    kind = group.part.kind
    summary = group.scope.standings.of_type(kind.slug)
    conditions = group.url.partition("?")[2]
    return MeetingType(
        type=kind.slug,
        total=None if group.number is None or group.number > COUNTED else group.number,
        was_found=not group.was_too_slow,
        was_never_read=summary is None or summary.was_never_read,
        items=[_item(group, record) for record in group.records],
        all=f"{API}resources/{kind.slug}{'?' if conditions else ''}{conditions}",
    )


def _item(group: Group, record: Record) -> MeetingItem:
    figures = {one.key: money(record.figures[one.key], one.unit).model_dump() for one in group.asked_figures}
    return MeetingItem(
        id=record.resource.pk,
        native_id=record.resource.native_id,
        name=record.revision.name,
        account=account_name(record.account),
        region=record.revision.region,
        tags=record.tags_value(),
        asked={column.field: plain(record.value(column)) for column in group.asked} | figures,
        unknown=record.unknown,
    )
