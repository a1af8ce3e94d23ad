"""Everybody who may sign in, and the groups; with an account chosen, those who see it and by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.auth.models import Group, User
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api.models import Token
from inventory.models import Account
from inventory.pages.operators import for_operators
from inventory.pages.scope import PageScope
from people.access import Grants, all_grants
from people.forms import GroupForm
from people.standing import Standing, standings_of


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """One person in the list."""

    user: User
    standing: Standing
    groups: Sequence[Group]
    sees: int | None
    """How many accounts grants show; None means every account, as to a superuser."""
    tokens: int
    """How many tokens of the API open something."""
    by: str
    """By what the person sees the chosen account, where one is chosen."""


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """One group in the list."""

    group: Group
    members: int
    sees: int


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """All that the page shows."""

    account: Account | None
    people: Sequence[PersonLine]
    groups: Sequence[GroupLine]
    form: GroupForm

    @cached_property
    def superusers(self) -> int:
        """How many of those who may sign in see every account."""
        return sum(line.user.is_superuser and line.standing.comes_in for line in self.people)

    @cached_property
    def active(self) -> int:
        """How many may sign in."""
        return sum(line.standing.comes_in for line in self.people)

    @cached_property
    def invited(self) -> int:
        """How many have not accepted their invitation yet."""
        return sum(line.standing.is_invited for line in self.people)


@for_operators
def people(request: HttpRequest) -> HttpResponse:
    """The list of all people and groups."""
    return shown(request, GroupForm())


def shown(request: HttpRequest, form: GroupForm, status: int = 200) -> HttpResponse:
    """The list, with a form for a new group as it was filled in."""
    account = PageScope.from_request(request).account
    grants = all_grants()
    page = PeoplePage(account=account, people=person_lines(grants, account), groups=_groups(grants, account), form=form)
    return render(request, "people/people.html", {"page": page}, status=status)


def person_lines(grants: Grants, account: Account | None) -> list[PersonLine]:
    """Everybody, those who are deactivated last; with an account those who see it."""
    groups = Prefetch("groups", queryset=Group.objects.order_by("name"))
    users = list(User.objects.order_by("-is_active", "username").prefetch_related(groups))
    standings = standings_of(users)
    tokens = Counter(Token.objects.usable().values_list("owner", flat=True))
    lines = [
        PersonLine(
            user=user,
            standing=standings[user.pk],
            groups=list(user.groups.all()),
            sees=None if user.is_superuser else len(grants.seen_by(user, user.groups.all())),
            tokens=tokens[user.pk],
            by=_by(user, grants, account),
        )
        for user in users
    ]
    return lines if account is None else [line for line in lines if line.by]


def _by(user: User, grants: Grants, account: Account | None) -> str:
    """By what a person sees an account; empty if not at all."""
    if account is None:
        return ""
    ways = ["as a superuser"] if user.is_superuser else []
    if account.pk in grants.of_users.get(user.pk, ()):
        ways.append("by a grant")
    through = [group.name for group in user.groups.all() if account.pk in grants.of_group(group)]
    return ", ".join([*ways, *(f"through {name}" for name in through)])


def _groups(grants: Grants, account: Account | None) -> list[GroupLine]:
    found = Group.objects.annotate(members=Count("user")).order_by("name")
    return [
        GroupLine(group=group, members=group.members, sees=len(grants.of_group(group)))
        for group in found
        if account is None or account.pk in grants.of_group(group)
    ]
