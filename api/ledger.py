"""What the ledger is about as a whole: accounts, regions, types and search."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.authentication import may
from api.models import Scope
from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, Parameter
from api.values import AccountName, Answer, Moment, Money, account_name, moment, money
from inventory.models import Account
from inventory.pages.columns import columns_of
from inventory.pages.figures import number_in, region_figures
from inventory.pages.filters import POSSIBLE, figure_columns
from inventory.pages.freshness import Summary
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.pages.search import Hit, SearchPage
from inventory.registry import GLOBAL, ResourceType, resource_types


class AccountItem(Answer):
    """One AWS account."""

    account_id: str | None = Field(description="Its 12 digits; null while its identity is not confirmed.")
    name: str
    unit_path: str = Field(description="The units of its organization, from the root; empty outside of one.")
    regions: list[str] = Field(description="The regions that its snapshots visit.")
    paused_at: Moment | None = Field(description="Since when nothing is collected, by choice.")
    archived_at: Moment | None = Field(description="Since when it counts as gone.")
    archived_because: str
    history_from: Moment | None = Field(description="Before this moment its history was pruned.")


class Accounts(Answer):
    """Every account that may be seen."""

    items: list[AccountItem]


class FreshnessSummary(Answer):
    """How fresh several looks together are."""

    mark: Literal["fresh", "late", "denied"]
    read_at: Moment | None = Field(description="The oldest complete look among them; null: one was never read.")
    failing_since: Moment | None
    never_read: int
    looks: int


class Number(Answer):
    """How many resources of a type there are."""

    type: str
    number: int | None = Field(description="Null: nobody could look, so that 0 would be a lie.")
    freshness: FreshnessSummary | None = Field(description="Null: nobody has looked.")


class RegionOverview(Answer):
    """One region that was read or holds something."""

    region: str | None = Field(description="Null for what has no region yet, because its region was not read.")
    name: str
    numbers: list[Number]
    freshness: FreshnessSummary | None
    costs: dict[str, Money] = Field(default={}, description="Only with the scope read:costs.")


class Regions(Answer):
    """Every region."""

    as_of: Moment | None
    was_never_read: bool = Field(description="Nobody had looked anywhere by the moment: no items means nothing.")
    items: list[RegionOverview]


class ColumnItem(Answer):
    """One column of a type."""

    field: str
    label: str
    kind: str = Field(description="text, choice, identifier, number, boolean, moment, many, count or money.")
    unit: str
    help: str
    is_sortable: bool
    is_facet: bool
    filters: list[str] = Field(description="What can be asked of it, as the parameter is spelled.")
    target: str = Field(description="The type whose native id it holds; empty for none.")


class RelationItem(Answer):
    """A reference to another type."""

    field: str
    target: str
    label: str
    inverse: str


class TypeItem(Answer):
    """One AWS resource type."""

    type: str
    label: str
    plural: str
    reach: str = Field(description="regional or global: where AWS lists it.")
    actions: list[str] = Field(description="The IAM actions that reading it needs.")
    columns: list[ColumnItem]
    relations: list[RelationItem]


class Types(Answer):
    """Every type."""

    items: list[TypeItem]


class HitItem(Answer):
    """One resource that was found."""

    type: str
    id: int
    native_id: str
    name: str
    account: AccountName
    region: str | None
    state: str = Field(description="Empty where the type has none.")
    gone_at: Moment | None
    found_by: str = Field(description="What was found in it, where its name and id do not show that.")
    is_exact: bool


class Found(Answer):
    """What a search found: of each type the best first."""

    as_of: Moment | None
    items: list[HitItem]
    incomplete: list[str] = Field(description="Where there is more than was looked at; search for more letters.")
    is_too_short: bool = Field(description="Two letters are the least.")


def add_to(router: Router) -> None:
    """The operations of this module."""
    operations: list[tuple[str, str, type[Answer], Any, tuple[Parameter, ...]]] = [
        ("accounts", "Accounts that may be seen", Accounts, list_accounts, ()),
        ("regions", "Regions: how much, how fresh, what it costs", Regions, list_regions, (ACCOUNT, AS_OF)),
        ("types", "Resource types with their columns", Types, list_types, ()),
        ("search", "Search across all types", Found, search, (ACCOUNT, AS_OF, Q, TYPE)),
    ]
    for path, summary, answer, view, parameters in operations:
        Operation(
            path=f"/{path}", name=view.__name__, summary=summary, answer=answer, tag="Ledger", parameters=parameters
        ).add_to(router, view)


Q = Parameter(name="q", about="The beginning of a name, an id, an address or a tag's value; or key=value.")
TYPE = Parameter(name="type", about="Only resources of this type, such as ec2-instance.")


def list_accounts(request: HttpRequest) -> Accounts:
    """Accounts by name, those that are archived too."""
    return Accounts(items=[_account(account) for account in PageScope.from_request(request).visible])


def list_regions(request: HttpRequest) -> Regions:
    """Every region that was read or holds something, by its code."""
    scope = PageScope.from_request(request)
    costs: dict[str | None, dict[str, Money]] = defaultdict(dict)
    read = scope.standings.regions - {GLOBAL}
    regions = sorted(read | {place.region for place in scope.counts}, key=lambda region: region or "")
    if may(request, Scope.COSTS):
        for figures in region_figures(scope):
            for region in regions:
                definition = figures.definition
                costs[region][definition.key] = money(figures.of(region), definition.unit)
    return Regions(
        as_of=moment(scope.as_of),
        was_never_read=scope.standings.is_empty,
        items=[_region(scope, region, costs) for region in regions],
    )


def list_types(request: HttpRequest) -> Types:
    """Every type that this release reads, with what its lists can show, sort and filter by."""
    return Types(items=[_type(kind) for kind in resource_types()])


def search(request: HttpRequest) -> Found:
    """Resources whose name, id, address or tag begins with a text, those that are gone too."""
    page = SearchPage.from_request(request)
    return Found(
        as_of=moment(page.scope.as_of),
        items=[_hit(hit) for hit in page.hits],
        incomplete=list(page.found.incomplete),
        is_too_short=page.is_too_short,
    )


def _account(account: Account) -> AccountItem:
    return AccountItem(
        account_id=account.account_id,
        name=account.name,
        unit_path=account.unit_path,
        regions=account.regions,
        paused_at=moment(account.paused_at),
        archived_at=moment(account.archived_at),
        archived_because=account.archived_because,
        history_from=moment(account.history_from),
    )


def _region(scope: PageScope, region: str | None, costs: dict[str | None, dict[str, Money]]) -> RegionOverview:
    numbers = [number_in(kind, scope, region) for kind in resource_types()]
    parts: dict[str, Any] = {"costs": costs[region]} if region in costs else {}
    return RegionOverview(
        region=region,
        name=region_name(region),
        numbers=[
            Number(
                type=one.type.slug,
                number=None if one.is_unknown else one.number,
                freshness=freshness(one.freshness),
            )
            for one in numbers
            if one.applies
        ],
        freshness=freshness(scope.standings.of_region(region)),
        **parts,
    )


def freshness(summary: Summary | None) -> FreshnessSummary | None:
    """The summary as an answer has it."""
    if summary is None:
        return None
    return FreshnessSummary(
        mark=summary.mark.value,
        read_at=moment(summary.read_at),
        failing_since=moment(summary.failing_since),
        never_read=summary.never_read,
        looks=summary.total,
    )


def _type(kind: ResourceType) -> TypeItem:
    return TypeItem(
        type=kind.slug,
        label=kind.label,
        plural=kind.plural,
        reach=kind.reach.value,
        actions=sorted({call.action for call in kind.calls}),
        columns=list(_columns(kind)),
        relations=[
            RelationItem(field=one.field, target=one.target, label=one.label, inverse=one.inverse)
            for one in kind.relations
        ],
    )


def _columns(kind: ResourceType) -> Iterator[ColumnItem]:
    for column in columns_of(kind).values():
        yield ColumnItem(
            field=column.field,
            label=column.label,
            kind=column.kind.value,
            unit=column.unit,
            help=column.help,
            is_sortable=column.sortable,
            is_facet=column.facet,
            filters=[operator.spelled(column.field) for operator in POSSIBLE[column.kind]],
            target=column.target,
        )
    for column, added in figure_columns(kind).values():
        yield ColumnItem(
            field=column.field,
            label=column.label,
            kind="money",
            unit=column.unit,
            help=added.help,
            is_sortable=True,
            is_facet=False,
            filters=[operator.spelled(column.field) for operator in POSSIBLE[column.kind]],
            target="",
        )


def _hit(hit: Hit) -> HitItem:
    return HitItem(
        type=hit.type.slug,
        id=hit.resource_id,
        native_id=hit.native_id,
        name=hit.name,
        account=account_name(hit.account),
        region=hit.region,
        state=hit.state,
        gone_at=moment(hit.gone_at),
        found_by=hit.found_by,
        is_exact=hit.is_exact,
    )
