"""Saving a query under a name, and what its owner does with it. Each is a form that works without script."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from inventory.models import SavedView
from inventory.models.saved_view import LONGEST_NAME
from inventory.pages.frame import address
from inventory.pages.query.language import QueryError
from inventory.pages.query.meaning import read_query
from inventory.pages.scope import PageScope


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep a query under a name; a view of the same user and name asks the new query from now on."""
    scope = PageScope.from_request(request)
    query, name = request.POST.get("q", "").strip(), _name(request)
    if not query or not name:
        messages.error(request, f"A view takes a query and a name of up to {LONGEST_NAME} letters.")
        return _to(scope, query)
    try:
        read_query(query, scope.visible, None)
    except QueryError as error:
        messages.error(request, f"This query cannot be saved: {error.message}")
        return _to(scope, query)
    values = {"query": query, "is_shared": bool(request.POST.get("is_shared"))}
    _, is_new = SavedView.objects.update_or_create(owner_id=request.user.pk, name=name, defaults=values)
    messages.success(request, f"{name} is saved." if is_new else f"{name} asks this query from now on.")
    return _to(scope, query)


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the own view another name, unless another one has it."""
    scope, view, name = PageScope.from_request(request), _own(request, pk), _name(request)
    others = SavedView.objects.filter(owner=view.owner_id).exclude(pk=pk)
    if not name:
        messages.error(request, f"A view takes a name of up to {LONGEST_NAME} letters.")
    elif others.filter(name=name).exists():
        messages.error(request, f"You have another view called {name}.")
    else:
        SavedView.objects.filter(pk=pk).update(name=name)
        messages.success(request, f"{view.name} is called {name} now.")
    return _to(scope, view.query)


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Let others see the own view, or not any more."""
    scope, view = PageScope.from_request(request), _own(request, pk)
    is_shared = bool(request.POST.get("is_shared"))
    SavedView.objects.filter(pk=pk).update(is_shared=is_shared)
    said = "is shared: whoever opens it sees what he or she may see" if is_shared else "is yours alone"
    messages.success(request, f"{view.name} {said}.")
    return _to(scope, view.query)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the own view; the query itself stays in the field."""
    scope, view = PageScope.from_request(request), _own(request, pk)
    view.delete()
    messages.success(request, f"{view.name} is deleted.")
    return _to(scope, view.query)


def _own(request: HttpRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView, pk=pk, owner=request.user.pk)


def _name(request: HttpRequest) -> str:
    """The name that was sent, in one line; empty for one that is none."""
    name = " ".join(request.POST.get("name", "").replace("\0", "").split())
    return name if len(name) <= LONGEST_NAME else ""


def _to(scope: PageScope, query: str) -> HttpResponse:
    return redirect(address(scope, "query", q=query) if query else address(scope, "query"))
