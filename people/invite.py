"""Inviting somebody, and making a link for somebody who is known.

The address is shown in the answer to the form itself. A redirect would have to keep it somewhere until the next
request, and sessions live in the database.
"""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from inventory.pages.operators import for_operators
from people import decisions
from people.forms import DetailsForm, InviteForm
from people.person import PersonPage, shown
from sign_in.links import new_invitation, new_link


@sensitive_variables("address")
@require_http_methods(["GET", "HEAD", "POST"])
@for_operators
def invite(request: HttpRequest) -> HttpResponse:
    """The form; POST makes the user and shows the invitation, 400 with the form kept if that cannot be."""
    if request.method != "POST":
        return render(request, "people/invite.html", {"form": InviteForm()})
    form = InviteForm(request.POST)
    if not form.is_valid():
        return render(request, "people/invite.html", {"form": form}, status=HTTPStatus.BAD_REQUEST)
    user = decisions.add(decisions.Newcomer(**form.cleaned_data), request.user.get_username())
    return _shown_once(request, user, new_invitation(user, _operator(request)))


@sensitive_variables("address")
@require_POST
@for_operators
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation for a person who never signed in, else a link that signs the person in once."""
    user = get_object_or_404(User, pk=pk)
    if not user.is_active:
        messages.error(request, f"{user.username} is deactivated: no link would let him or her in.")
        return redirect("person", pk)
    make = new_invitation if user.last_login is None else new_link
    return _shown_once(request, user, make(user, _operator(request)))


def _shown_once(request: HttpRequest, user: User, address: str) -> HttpResponse:
    return shown(request, PersonPage(user, DetailsForm.of(user), link=address))


def _operator(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
