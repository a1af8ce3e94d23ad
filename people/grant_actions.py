"""Granting accounts to people and groups, and taking grants back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.models import Group, User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory.models import AccountGrant
from inventory.pages.operators import back, for_operators
from people import decisions
from people.access import sights_of
from people.forms import GrantForm


@require_POST
@for_operators
def grant(request: HttpRequest) -> HttpResponse:
    """Show the chosen accounts to a person or a group; 404 where there is no such person or group."""
    form = GrantForm(request.POST)
    is_valid, whom = form.is_valid(), form.whom
    if whom is None:
        raise Http404("There is no such person or group.")
    if not is_valid:
        messages.error(request, "Choose an account to grant; nothing was stored.")
        return back(request, address_of(whom))
    new = decisions.grant(list(form.cleaned_data["accounts"]), whom, request.user.get_username())
    sees = f"{_name(whom)} sees {', '.join(one.name for one in new)} from now on."
    messages.success(request, sees if new else f"{_name(whom)} had been granted that already.")
    return back(request, address_of(whom))


@require_POST
@for_operators
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one grant back, and say what shows the account all the same."""
    found = get_object_or_404(AccountGrant.objects.select_related("account", "user", "group"), pk=pk)
    whom = found.user or found.group
    if whom is None:
        raise Http404("There is no such person or group.")
    decisions.revoke(found, request.user.get_username())
    messages.success(request, _left(whom, found))
    return back(request, address_of(whom))


def address_of(whom: User | Group) -> str:
    """The page of a person or a group."""
    return reverse("person" if isinstance(whom, User) else "group", args=[whom.pk])


def _left(whom: User | Group, revoked: AccountGrant) -> str:
    """What a revoked grant comes to."""
    account = revoked.account.name
    if isinstance(whom, Group):
        return f"{_name(whom)} shows {account} to its members no more. Grants of their own stay."
    if whom.is_superuser:
        return f"The grant of {account} is revoked. {whom.username} sees it all the same, as a superuser."
    through = [group.name for one in sights_of(whom) if one.account == revoked.account for group in one.groups]
    if through:
        return f"The grant of {account} is revoked. {whom.username} sees it all the same, through {', '.join(through)}."
    return f"{whom.username} sees {account} no more."


def _name(whom: User | Group) -> str:
    return whom.username if isinstance(whom, User) else f"The group {whom.name}"
