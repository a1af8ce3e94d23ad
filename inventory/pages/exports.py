"""One's own long exports: how far they are, how they ended, and cancelling one."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inventory.models import Export, ExportOutcome
from inventory.pages.operators import back

JUST_NOW = timedelta(minutes=1)


@require_safe
def exports(request: HttpRequest) -> HttpResponse:
    """The page of all that are remembered."""
    return render(request, "inventory/exports.html", {"exports": list(_own(request))})


@require_safe
def exports_now(request: HttpRequest) -> HttpResponse:
    """A piece of a page with those that run, or were told of just now, for the script of a list."""
    found = list(_own(request).filter(told_at__gte=timezone.now() - JUST_NOW))
    return render(request, "inventory/_exports.html", {"exports": found})


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one; its file breaks off, and the browser says so. One that is over stays as it is."""
    found = get_object_or_404(_own(request), pk=pk)
    _own(request).filter(pk=found.pk, outcome=ExportOutcome.RUNNING).update(outcome=ExportOutcome.CANCELLED)
    return back(request, reverse("exports"))


def _own(request: HttpRequest) -> QuerySet[Export]:
    return Export.objects.filter(user=request.user.pk)
