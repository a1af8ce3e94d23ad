"""What an operator decides about groups and who is in them. Each is a form that works without script."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory.pages.operators import back, for_operators
from people import decisions, directory
from people.forms import GroupForm, MembersForm
from people.group import GroupPage, shown


@require_POST
@for_operators
def make(request: HttpRequest) -> HttpResponse:
    """Make a group, or show the list again with what is wrong."""
    form = GroupForm(request.POST)
    if not form.is_valid():
        return directory.shown(request, form, HTTPStatus.BAD_REQUEST)
    made = decisions.make_group(form.cleaned_data["name"], request.user.get_username())
    messages.success(request, f"{made.name} is made. It shows nothing to nobody yet.")
    return redirect("group", made.pk)


@require_POST
@for_operators
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a group another name, or show its page again with what is wrong."""
    group = get_object_or_404(Group, pk=pk)
    form = GroupForm(request.POST, group=group)
    if not form.is_valid():
        return shown(request, GroupPage(group, form), HTTPStatus.BAD_REQUEST)
    decisions.rename_group(group, form.cleaned_data["name"], request.user.get_username())
    messages.success(request, f"The group is called {group.name} now.")
    return redirect("group", pk)


@require_POST
@for_operators
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a group with its grants."""
    group = get_object_or_404(Group, pk=pk)
    decisions.delete_group(group, request.user.get_username())
    messages.success(request, f"The group {group.name} is deleted, and what was granted to it is revoked.")
    return redirect("people")


@require_POST
@for_operators
def join(request: HttpRequest) -> HttpResponse:
    """Put the chosen people into a group."""
    form = MembersForm(request.POST)
    if not form.is_valid():
        messages.error(request, _complaints(form))
        return back(request, reverse("people"))
    users, group = list(form.cleaned_data["users"]), form.cleaned_data["group"]
    decisions.join(users, group, request.user.get_username())
    names = ", ".join(user.username for user in users)
    messages.success(request, f"{names} {'is' if len(users) == 1 else 'are'} in {group.name} now.")
    return back(request, reverse("group", args=[group.pk]))


@require_POST
@for_operators
def leave(request: HttpRequest) -> HttpResponse:
    """Take the chosen people out of a group."""
    form = MembersForm(request.POST)
    if not form.is_valid():
        messages.error(request, _complaints(form))
        return back(request, reverse("people"))
    group = form.cleaned_data["group"]
    for user in form.cleaned_data["users"]:
        decisions.leave(user, group, request.user.get_username())
        messages.success(request, f"{user.username} is not in {group.name} any more.")
    return back(request, reverse("group", args=[group.pk]))


def _complaints(form: MembersForm) -> str:
    return " ".join(str(error) for errors in form.errors.values() for error in errors)
