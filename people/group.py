"""One group: its members, and the accounts that it shows to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from inventory.models import Account, AccountGrant
from inventory.pages.operators import for_operators
from people.forms import GroupForm


@dataclass(frozen=True)
class GroupPage:
    """All that the page shows."""

    group: Group
    form: GroupForm

    @cached_property
    def members(self) -> list[User]:
        """Who is in the group, by name."""
        return list(self.group.user_set.order_by("username"))

    @cached_property
    def to_join(self) -> list[User]:
        """Active people who are not."""
        inside = [user.pk for user in self.members]
        return list(User.objects.filter(is_active=True).exclude(pk__in=inside).order_by("username"))

    @cached_property
    def grants(self) -> list[AccountGrant]:
        """Its grants, by account."""
        return list(AccountGrant.objects.filter(group=self.group).select_related("account").order_by("account__name"))

    @cached_property
    def to_grant(self) -> list[Account]:
        """The accounts that were not granted to it."""
        return list(Account.objects.exclude(pk__in=[grant.account_id for grant in self.grants]))


@for_operators
def group(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one group."""
    found = get_object_or_404(Group, pk=pk)
    return shown(request, GroupPage(found, GroupForm(initial={"name": found.name}, group=found)))


def shown(request: HttpRequest, page: GroupPage, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """The page as an answer."""
    return render(request, "people/group.html", {"page": page}, status=status)
