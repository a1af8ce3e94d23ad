"""Addresses that fail in each way a page can fail."""

from __future__ import annotations

from typing import NoReturn

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest
from django.urls import path

from config.urls import handler400
from config.urls import urlpatterns as product

__all__ = ["handler400", "urlpatterns"]


@login_not_required
def fails(request: HttpRequest) -> NoReturn:
    """As a fault of ours does."""
    raise RuntimeError("a fault")


@login_not_required
def denies(request: HttpRequest) -> NoReturn:
    """As a page that asks for a permission does."""
    raise PermissionDenied


@login_not_required
def doubts(request: HttpRequest) -> NoReturn:
    """As a page that cannot understand its address does."""
    raise BadRequest


urlpatterns = [path("fails/", fails), path("denies/", denies), path("doubts/", doubts), *product]
