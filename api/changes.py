"""Changes between any two moments, as the page of changes finds them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.authentication import may
from api.life_schemas import Difference, differences
from api.models import Scope
from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, CURSOR, REGION, Parameter, limit, read_limit
from api.problems import Kind as ProblemKind
from api.problems import Refused
from api.values import AccountName, Answer, DecimalText, Moment, account_name, exact, moment
from inventory.pages.change_costs import Cost
from inventory.pages.change_rows import ChangeRow, rows_of
from inventory.pages.changes import ChangesPage
from inventory.pages.changes_query import ChangesQuery
from inventory.pages.formats import plain
from inventory.pages.stretch import Kind
from inventory.registry import resource_types

USUAL, MOST = 50, 500


class CostChange(Answer):
    """What a change costs a month, at today's prices; an amount is null where there is no price."""

    before: DecimalText | None
    after: DecimalText | None
    difference: DecimalText | None
    currency: str
    unit: str
    reason: str = Field(description="Why an amount is unknown.")


class ChangeItem(Answer):
    """One change: made after `looked_before` and at the latest when it was seen."""

    change: str = Field(description="added, changed or gone.")
    seen_at: Moment
    looked_before: Moment | None = Field(description="The last complete look before it; null: none is kept.")
    type: str
    id: int
    native_id: str
    name: str
    account: AccountName
    region: str | None
    differences: list[Difference]
    cost: CostChange | None = Field(
        default=None, description="Null for what has no price of its own; only with the scope read:costs."
    )


class Changes(Answer):
    """One page of changes, the newest first."""

    since: Moment
    until: Moment
    total: int
    items: list[ChangeItem]
    next_cursor: str | None


def add_to(router: Router) -> None:
    """The operation of this module."""
    kinds = {"type": "string", "enum": [kind.value for kind in Kind]}
    slugs = {"type": "string", "enum": [one.slug for one in resource_types()]}
    Operation(
        path="/changes",
        name="list_changes",
        summary="Changes between two moments",
        answer=Changes,
        tag="Ledger",
        parameters=(
            ACCOUNT,
            AS_OF,
            Parameter(name="from", about="After this moment; seven days before the end unless told."),
            Parameter(name="to", about="Until this moment; now, or `as_of`, unless told."),
            Parameter(name="kind", about="Only such changes; several mean any of them.", schema=kinds, several=True),
            Parameter(name="type", about="Only of this type; several mean any of them.", schema=slugs, several=True),
            REGION,
            Parameter(name="tag", about="key=value, key or -key: tagged so before or after the change.", several=True),
            CURSOR,
            limit(USUAL, MOST),
        ),
        takes_tags=True,
    ).add_to(router, list_changes)


def list_changes(request: HttpRequest) -> Changes:
    """What was added, changed or gone between two moments, and what that costs a month."""
    query = ChangesQuery.from_request(request)
    size = read_limit(request, USUAL, MOST)
    page = ChangesPage(query, size=size)
    if page.groups is None or page.places is None:
        raise Refused(ProblemKind.TOO_SLOW, "There were too many changes to look through in time.")
    shown = page.places[:size]
    accounts = {account.pk: account for account in query.scope.chosen}
    with_costs = may(request, Scope.COSTS)
    return Changes(
        since=exact(query.since),
        until=exact(query.until),
        total=sum(group.number for group in page.groups),
        items=[_change(row, with_costs=with_costs) for row in rows_of(shown, accounts)],
        next_cursor=str(shown[-1]) if len(page.places) > size else None,
    )


def _change(row: ChangeRow, *, with_costs: bool) -> ChangeItem:
    parts: dict[str, Any] = {"cost": _cost(row.cost)} if with_costs else {}
    return ChangeItem(
        change=row.kind.value,
        seen_at=exact(row.at),
        looked_before=moment(row.looked_before),
        type=row.type.slug,
        id=row.resource.pk,
        native_id=row.resource.native_id,
        name=row.name,
        account=account_name(row.account),
        region=row.region,
        differences=differences(row.differences),
        **parts,
    )


def _cost(cost: Cost | None) -> CostChange | None:
    if cost is None:
        return None
    return CostChange(
        before=plain(cost.before),
        after=plain(cost.after),
        difference=plain(cost.difference),
        currency="USD",
        unit="month",
        reason=cost.reason,
    )
