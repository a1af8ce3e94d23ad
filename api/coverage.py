"""Coverage: how every scope was last looked at, since when one fails, and which IAM action to grant."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, REGION, Parameter
from api.values import AccountName, Answer, DecimalText, Moment, Unread, account_name, exact, moment, unread
from inventory.models import Visit
from inventory.pages.coverage import gather
from inventory.pages.formats import plain
from inventory.pages.looks import Look
from inventory.pages.provenance import ScopeFilter
from inventory.pages.scope import PageScope


class UnreadQuestion(Answer):
    """A question about listed items that was refused, so that fields of them are unknown."""

    action: str = Field(description="The IAM action to grant.")
    count: int
    reason: str


class VisitItem(Answer):
    """One look at one account, region and type."""

    id: int
    taken_at: Moment
    outcome: str | None = Field(description="complete, denied, throttled and so on; null while it runs.")
    reason: str
    error_code: str
    action: str = Field(description="The IAM action to grant, where AWS refused it.")
    api_calls: int
    seconds: DecimalText | None
    resources: int | None = Field(description="Listed resources; null unless it was complete.")
    added: int
    changed: int
    gone: int
    quarantined: int = Field(description="Items that could not be understood; what was known of them stays.")
    unread: list[UnreadQuestion]


class ScopeItem(Answer):
    """One account, region and type."""

    account: AccountName
    region: str = Field(description="A region, or global.")
    type: str
    mark: str = Field(description="fresh, late or denied.")
    read_at: Moment | None = Field(description="When it was last read completely; null: never.")
    failing_since: Moment | None
    is_overdue: bool
    latest: VisitItem | None = Field(description="The latest look, however it ended; null: there was none.")
    shown: VisitItem | None = Field(description="The complete look that pages show; null: none, or it was pruned.")


class Coverage(Answer):
    """Every scope, the worst first."""

    as_of: Moment | None
    items: list[ScopeItem]
    unread: list[Unread] = Field(description="The same troubles together, as pages say them.")
    never_looked_at: list[AccountName] = Field(description="Accounts at which nobody has looked yet.")
    pending: list[AccountName] = Field(description="Accounts whose identity is not confirmed.")


TYPE = Parameter(name="type", about="A type such as ec2-instance; several mean any of them.", several=True)


def add_to(router: Router) -> None:
    """The operation of this module."""
    Operation(
        path="/coverage",
        name="coverage",
        summary="How every account, region and type was last looked at",
        answer=Coverage,
        tag="Ledger",
        parameters=(ACCOUNT, AS_OF, TYPE, REGION),
    ).add_to(router, coverage)


def coverage(request: HttpRequest) -> Coverage:
    """Failure is not absence: a scope that could not be read keeps what was known, and says since when and why."""
    page = gather(PageScope.from_request(request), ScopeFilter.from_address(request.GET))
    return Coverage(
        as_of=moment(page.scope.as_of),
        items=[_scope(look) for look in page.looks],
        unread=unread(page.reasons),
        never_looked_at=[account_name(account) for account in page.never_looked_at],
        pending=[account_name(account) for account in page.pending],
    )


def _scope(look: Look) -> ScopeItem:
    state = look.state
    return ScopeItem(
        account=account_name(look.account),
        region=look.region,
        type=look.type.slug,
        mark=look.mark.value,
        read_at=moment(state.read_at) if state else None,
        failing_since=moment(state.failing_since) if state else None,
        is_overdue=state.is_overdue if state else False,
        latest=_visit(look.latest),
        shown=_visit(look.shown),
    )


def _visit(visit: Visit | None) -> VisitItem | None:
    if visit is None:
        return None
    return VisitItem(
        id=visit.pk,
        taken_at=exact(visit.taken_at),
        outcome=visit.outcome,
        reason=visit.reason,
        error_code=visit.error_code,
        action=visit.action,
        api_calls=visit.api_calls,
        seconds=plain(visit.seconds),
        resources=visit.resources,
        added=visit.added,
        changed=visit.changed,
        gone=visit.gone,
        quarantined=visit.quarantined,
        unread=[UnreadQuestion(action=one["action"], count=one["count"], reason=one["reason"]) for one in visit.unread],
    )
