"""One person: who it is, what he or she sees and by what, the groups, and how he or she signs in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus

from django.contrib.auth.models import Group, User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from api.models import Token
from inventory.models import Account
from inventory.pages.operators import for_operators
from people.access import Sight, sights_of
from people.forms import DetailsForm
from people.standing import Standing, standings_of


@dataclass(frozen=True)
class PersonPage:
    """All that the page shows."""

    user: User
    form: DetailsForm
    link: str = ""
    """The address that was made just now for the person to sign in by; it is never shown again."""

    @property
    def full_name(self) -> str:
        """First and last name; empty if neither is known."""
        return self.user.get_full_name()

    @cached_property
    def standing(self) -> Standing:
        """Whether the person may sign in, and when that was done last."""
        return standings_of([self.user])[self.user.pk]

    @cached_property
    def sights(self) -> list[Sight]:
        """The accounts that grants show to the person."""
        return sights_of(self.user)

    @cached_property
    def to_grant(self) -> list[Account]:
        """The accounts without a grant of the person's own."""
        own = [sight.account.pk for sight in self.sights if sight.own]
        return list(Account.objects.exclude(pk__in=own))

    @cached_property
    def groups(self) -> list[Group]:
        """The person's groups."""
        return list(self.user.groups.order_by("name"))

    @cached_property
    def to_join(self) -> list[Group]:
        """The other groups."""
        return list(Group.objects.exclude(pk__in=[group.pk for group in self.groups]).order_by("name"))

    @cached_property
    def tokens(self) -> list[Token]:
        """The person's tokens of the API, of which only the number is shown."""
        return list(Token.objects.filter(owner=self.user))

    @property
    def usable_tokens(self) -> int:
        """How many of them open something."""
        return sum(token.is_usable for token in self.tokens)

    @property
    def spent_tokens(self) -> int:
        """How many were revoked or have expired."""
        return len(self.tokens) - self.usable_tokens


@for_operators
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of one person."""
    found = get_object_or_404(User, pk=pk)
    return shown(request, PersonPage(found, DetailsForm.of(found)))


def shown(request: HttpRequest, page: PersonPage, status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    """The page as an answer."""
    return render(request, "people/person.html", {"page": page}, status=status)
