"""What an operator does with an account or a running snapshot. Each is a form that works without script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from inventory.models import Account, Snapshot
from inventory.pages.account import AccountPage
from inventory.pages.account_form import AccountForm
from inventory.pages.operators import back, for_operators
from inventory.signals import check_wanted
from inventory.snapshots import control

LONGEST_REASON = 200


@require_POST
@for_operators
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a worker try every action that the account must allow; no page asks AWS itself."""
    account = get_object_or_404(Account, pk=pk)
    check_wanted.send(sender=Account, account_id=account.pk)
    messages.success(
        request, f"A test of {account.name} is planned. Its result stands below as soon as a worker has it."
    )
    return _to(account)


@require_POST
@for_operators
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the settings, or show the page again with what is wrong."""
    account = get_object_or_404(Account, pk=pk)
    form = AccountForm(account, request.POST)
    if not form.is_valid():
        return render(request, "inventory/account.html", {"page": AccountPage(account, form)}, status=400)
    changed = form.save(request.user.get_username())
    words = ", ".join(changed)
    said = f"{words[:1].upper()}{words[1:]} changed" if changed else "Nothing changed"
    messages.success(request, f"{said}. The next snapshot of {account.name} goes by it.")
    return _to(account)


@require_POST
@for_operators
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin no further snapshot of the account."""
    account = get_object_or_404(Account, pk=pk)
    control.pause(account, request.user.get_username())
    messages.success(request, f"{account.name} is paused. A snapshot that runs goes on to its end.")
    return back(request, _address(account))


@require_POST
@for_operators
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the account be collected again."""
    account = get_object_or_404(Account, pk=pk)
    control.resume(account, request.user.get_username())
    messages.success(request, f"{account.name} goes on; its next snapshot is due now.")
    return back(request, _address(account))


@require_POST
@for_operators
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the account count as gone, for a reason that the pages say."""
    account = get_object_or_404(Account, pk=pk)
    because = request.POST.get("because", "").strip()
    if not because or len(because) > LONGEST_REASON:
        messages.error(request, f"Say why in up to {LONGEST_REASON} characters: every page of {account.name} shows it.")
        return _to(account)
    control.archive(account, because, request.user.get_username())
    messages.success(request, f"{account.name} is archived. Its rows stay, dated, where the account is named.")
    return _to(account)


@require_POST
@for_operators
def unarchive(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an archived account be collected again."""
    account = get_object_or_404(Account, pk=pk)
    control.unarchive(account, request.user.get_username())
    messages.success(request, f"{account.name} is not archived any more; its next snapshot is due now.")
    return _to(account)


@require_POST
@for_operators
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """End the visits of a running snapshot that are not finished."""
    snapshot = get_object_or_404(Snapshot.objects.select_related("account"), pk=pk)
    number = control.cancel(snapshot, request.user.get_username())
    if number:
        visits = "1 visit was" if number == 1 else f"{number} visits were"
        messages.success(request, f"{visits} cancelled. What the snapshot of {snapshot.account.name} had read stays.")
    else:
        messages.info(request, f"The snapshot of {snapshot.account.name} had ended already.")
    return back(request, reverse("coverage"))


def _address(account: Account) -> str:
    return reverse("account", args=[account.pk])


def _to(account: Account) -> HttpResponse:
    return redirect(_address(account))
