"""What an operator decides about one person. Each is a form that works without script."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from inventory.pages.operators import for_operators
from people import decisions
from people.decisions import LastSuperuser
from people.forms import DetailsForm
from people.person import PersonPage, shown


@require_POST
@for_operators
def details(request: HttpRequest, pk: int) -> HttpResponse:
    """Store who the person is, or show the page again with what is wrong."""
    user = get_object_or_404(User, pk=pk)
    form = DetailsForm(request.POST, user=user)
    if not form.is_valid():
        return shown(request, PersonPage(user, form), HTTPStatus.BAD_REQUEST)
    try:
        changed = decisions.change(user, form.cleaned_data, request.user.get_username())
    except LastSuperuser as error:
        form.add_error(None, str(error))
        return shown(request, PersonPage(user, form), HTTPStatus.CONFLICT)
    messages.success(request, f"{', '.join(changed)} changed.".capitalize() if changed else "Nothing changed.")
    if user == request.user and not user.is_superuser:
        return redirect("home")
    return redirect("person", pk)


@require_POST
@for_operators
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the person in no longer."""
    user = get_object_or_404(User, pk=pk)
    try:
        decisions.deactivate(user, request.user.get_username())
        messages.success(
            request, f"{user.username} is deactivated: signed out, and let in no more. Tokens open nothing."
        )
    except LastSuperuser as error:
        messages.error(request, str(error))
    return redirect("person", pk)


@require_POST
@for_operators
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the person in again."""
    user = get_object_or_404(User, pk=pk)
    decisions.activate(user, request.user.get_username())
    messages.success(request, f"{user.username} may sign in again, and sees what was granted before.")
    return redirect("person", pk)


@require_POST
@for_operators
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the person's invitation open nothing any more."""
    user = get_object_or_404(User, pk=pk)
    if decisions.withdraw(user, request.user.get_username()):
        messages.success(request, f"The invitation of {user.username} is withdrawn: its address opens nothing.")
    else:
        messages.info(request, f"No invitation of {user.username} was waiting.")
    return redirect("person", pk)


@require_POST
@for_operators
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget a person who never signed in; whoever did can only be deactivated."""
    user = get_object_or_404(User, pk=pk)
    try:
        if decisions.remove(user, request.user.get_username()):
            messages.success(request, f"{user.username} is removed.")
            return redirect("people")
        messages.error(request, f"{user.username} has signed in since, and can only be deactivated.")
    except LastSuperuser as error:
        messages.error(request, str(error))
    return redirect("person", pk)
