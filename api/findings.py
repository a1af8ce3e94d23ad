"""Findings, as the page of findings lists them: the most severe first, in pages by cursor."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, CURSOR, REGION, Parameter
from api.values import AccountName, Answer, Moment, Unread, account_name, moment, unread
from inventory.findings.counts import judged
from inventory.pages.finding_query import SEVERITIES, STATES, FindingQuery
from inventory.pages.finding_rows import Row, page_of, rows_of
from inventory.pages.findings import asked_types
from inventory.pages.scope import PageScope
from inventory.pages.unread import unread as reasons


class FindingItem(Answer):
    """What one rule says of one resource."""

    account: str | None
    region: str | None = Field(description="Null: the resource's own region was not read.")
    type: str
    native_id: str
    name: str
    rule: str
    title: str
    severity: str
    state: str = Field(description="open, unsure (something that the rule needs was not read), muted or closed.")
    words: str = Field(description="What was found, or what could not be read.")
    since: Moment | None = Field(description="Since when it is so, as far as history tells; null: not told.")
    since_at_least: bool | None = Field(description="Whether it may have been so before.")
    first_seen: Moment
    last_seen: Moment | None = Field(description="The last complete look, or the one that showed it gone.")
    closed: Moment | None
    muted_until: Moment | None
    mute_reason: str | None
    mute_comment: str | None
    muted_by: str | None


class Findings(Answer):
    """One page of findings."""

    as_of: Moment | None
    items: list[FindingItem]
    next_cursor: str | None
    unjudged: list[AccountName] = Field(description="Accounts that no rule had judged: nothing is known of them.")
    unread: list[Unread]


PARAMETERS = (
    ACCOUNT,
    AS_OF,
    Parameter(
        name="severity",
        about="Several mean any of them.",
        schema={"type": "string", "enum": list(SEVERITIES)},
        several=True,
    ),
    Parameter(name="rule", about="A rule such as volume-unencrypted; several mean any of them.", several=True),
    Parameter(name="type", about="A type such as ebs-volume; several mean any of them.", several=True),
    REGION,
    Parameter(
        name="state",
        about="Without it: open and unsure ones that are not muted.",
        schema={"type": "string", "enum": list(STATES)},
    ),
    CURSOR,
)


def add_to(router: Router) -> None:
    """The operation of this module."""
    Operation(
        path="/findings",
        name="list_findings",
        summary="What rules object to, and what they could not tell",
        answer=Findings,
        tag="Findings",
        parameters=PARAMETERS,
    ).add_to(router, list_findings)


def list_findings(request: HttpRequest) -> Findings:
    """Findings at the moment, the most severe first and among them the newest."""
    scope, query = PageScope.from_request(request), FindingQuery.from_address(request.GET)
    shown, following = page_of(query.findings(scope), request.GET.get("cursor", ""))
    slugs = asked_types()
    known = judged([one.pk for one in scope.chosen], scope.as_of)
    return Findings(
        as_of=moment(scope.as_of),
        items=[_item(row) for row in rows_of(scope, shown)],
        next_cursor=following or None,
        unjudged=[account_name(one) for one in scope.chosen if one.pk not in known and not one.is_pending],
        unread=unread(reasons(scope, scope.states_of(slugs))),
    )


def _item(row: Row) -> FindingItem:
    record = row.record()
    moments = ("since", "first_seen", "last_seen", "closed", "muted_until")
    return FindingItem(**record | {name: moment(record[name]) for name in moments})
