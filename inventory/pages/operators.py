"""Pages for operators only: those who may see and change how accounts are read. To others they do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

View = Callable[..., HttpResponseBase]


def is_operator(request: HttpRequest) -> bool:
    """Whether the request is a superuser's."""
    return getattr(request.user, "is_superuser", False)


def for_operators(view: View) -> View:
    """Answer superusers only; 404 for everybody else."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_operator(request):
            raise Http404("This page is for operators.")
        return view(request, *args, **kwargs)

    return guarded


def back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Back to the page of this site that sent the form, which `next` names, else to the other address."""
    wanted = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        wanted = otherwise
    return redirect(wanted)
