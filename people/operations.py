"""People, groups, grants and decisions by the API, for operators: what their pages show."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.models import Scope
from api.operations import Operation
from api.parameters import CURSOR, Parameter, limit, read_limit
from api.values import AccountName, Answer, Moment, account_name, exact, moment
from audit.models import Kind
from inventory.models import AccountGrant
from inventory.pages.scope import PageScope
from people.access import all_grants
from people.decision_log import Wanted, place_of
from people.directory import PersonLine, person_lines
from people.standing import Word

USUAL, MOST = 50, 500
ACCOUNT = Parameter(name="account", about="Only those who see this account, by its name or its 12 digits.")
DAY = {"type": "string", "format": "date", "examples": ["2026-04-01"]}


class PersonItem(Answer):
    """Somebody who may sign in, could, or did."""

    name: str = Field(description="The name that he or she signs in with.")
    first_name: str
    last_name: str
    email: str
    state: Word
    is_superuser: bool = Field(description="Sees every account, and manages people and accounts.")
    last_here: Moment | None = Field(description="The newest page or sign-in, to five minutes; null: never.")
    groups: list[str]
    accounts: int | None = Field(description="How many accounts grants show; null: every account, to a superuser.")
    tokens: int = Field(description="How many tokens of the API open something.")
    sees_by: str | None = Field(description="By what the account asked for is seen; null where none was.")


class People(Answer):
    """Everybody, those who are deactivated last."""

    items: list[PersonItem]


class GroupItem(Answer):
    """A group: what is granted to it, each of its members sees."""

    name: str
    members: list[str]
    accounts: int = Field(description="How many accounts it shows.")


class Groups(Answer):
    """Every group, by name."""

    items: list[GroupItem]


class GrantItem(Answer):
    """An account shown to a user, or to a group; one of the two is null."""

    account: AccountName
    user: str | None
    group: str | None


class GrantList(Answer):
    """Every grant, by account. Superusers see every account without one."""

    items: list[GrantItem]


class DecisionItem(Answer):
    """One decision, in the names of its moment."""

    taken_at: Moment
    by: str = Field(description="A user, or what decided by itself, such as the command line.")
    kind: str
    whom: str | None = Field(description="The user or group that it is about.")
    account: str | None = Field(description="The account that it is about.")
    words: str = Field(description="What was done, as a sentence goes on after who did it.")


class Decisions(Answer):
    """One page of decisions, the newest first."""

    items: list[DecisionItem]
    next_cursor: str | None


def add_to(router: Router) -> None:
    """The operations of this module."""
    _operation("people", "Who may sign in", People, ACCOUNT).add_to(router, list_people)
    _operation("groups", "Groups and who is in them", Groups).add_to(router, list_groups)
    _operation("grants", "Which accounts are shown to whom", GrantList).add_to(router, list_grants)
    _operation(
        "decisions",
        "Who decided what about whom",
        Decisions,
        Parameter(name="kind", about="What was decided.", schema={"type": "string", "enum": list(Kind.values)}),
        Parameter(name="by", about="Who decided, by name."),
        Parameter(name="about", about="The name of a user, a group or an account."),
        Parameter(name="since", about="From the beginning of this day in UTC.", schema=DAY),
        Parameter(name="until", about="To the end of this day in UTC.", schema=DAY),
        limit(USUAL, MOST),
        CURSOR,
    ).add_to(router, list_decisions)


def _operation(name: str, summary: str, answer: type[Answer], *parameters: Parameter) -> Operation:
    return Operation(
        path=f"/{name}",
        name=f"list_{name}",
        summary=summary,
        answer=answer,
        tag="People",
        scope=Scope.PEOPLE,
        parameters=parameters,
        is_for_operators=True,
    )


def list_people(request: HttpRequest) -> People:
    """Everybody, or those who see the account."""
    account = PageScope.from_request(request).account
    return People(items=[_person(line) for line in person_lines(all_grants(), account)])


def list_groups(request: HttpRequest) -> Groups:
    """Every group."""
    grants = all_grants()
    found = Group.objects.order_by("name").prefetch_related("user_set")
    return Groups(
        items=[
            GroupItem(
                name=group.name,
                members=sorted(user.username for user in group.user_set.all()),
                accounts=len(grants.of_group(group)),
            )
            for group in found
        ]
    )


def list_grants(request: HttpRequest) -> GrantList:
    """Every grant."""
    grants = AccountGrant.objects.select_related("account", "user", "group")
    return GrantList(
        items=[
            GrantItem(
                account=account_name(grant.account),
                user=grant.user.username if grant.user else None,
                group=grant.group.name if grant.group else None,
            )
            for grant in grants.order_by("account__name", "user__username", "group__name", "pk")
        ]
    )


def list_decisions(request: HttpRequest) -> Decisions:
    """Decisions that meet the conditions, the newest first."""
    size, before = read_limit(request, USUAL, MOST), place_of(request.GET.get("cursor", ""))
    rows = Wanted.read(request.GET).rows
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: size + 1])
    return Decisions(
        items=[
            DecisionItem(
                taken_at=exact(one.taken_at),
                by=one.by,
                kind=one.kind,
                whom=one.whom or None,
                account=one.account or None,
                words=one.words,
            )
            for one in found[:size]
        ],
        next_cursor=str(found[size - 1].pk) if len(found) > size else None,
    )


def _person(line: PersonLine) -> PersonItem:
    user = line.user
    return PersonItem(
        name=user.username,
        first_name=user.first_name,
        last_name=user.last_name,
        email=user.email,
        state=line.standing.word,
        is_superuser=user.is_superuser,
        last_here=moment(line.standing.seen_at),
        groups=[group.name for group in line.groups],
        accounts=line.sees,
        tokens=line.tokens,
        sees_by=line.by or None,
    )
