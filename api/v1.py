"""Version 1 of the API: its operations, who may ask, and how everything that goes wrong is answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError

from api import changes, cost_pages, cost_views, costs, coverage, findings, ledger, ports, query, resources
from api.additions import MODULES
from api.authentication import BearerToken, SignedIn
from api.problems import Kind, Refused, answer, of_address
from inventory.pages.scope import BadAddress

VERSION = "1.0.0"
SIGN_IN = "Send a token: Authorization: Bearer sky_..."

View = Callable[..., HttpResponseBase]


@cache
def api() -> NinjaAPI:
    """The API with every operation; types and what other packages add must be known before."""
    made = NinjaAPI(
        title="Skyledger",
        version=VERSION,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api-v1",
        auth=[BearerToken(), SignedIn()],
    )
    router = Router()
    for module in (ledger, query, resources, changes, ports, findings, coverage, costs, cost_pages, cost_views):
        module.add_to(router)
    for name in MODULES:
        import_module(name).add_to(router)
    made.add_router("", router)
    made.exception_handler(Refused)(_refused)
    made.exception_handler(BadAddress)(_bad_address)
    made.exception_handler(Http404)(_not_found)
    made.exception_handler(AuthenticationError)(_unknown)
    return made


def routes() -> list[URLPattern]:
    """The addresses of its operations, each for GET alone; who asks is found out by the API itself."""
    patterns = [pattern for pattern in api().urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in patterns:
        pattern.callback = _read_only(pattern.callback)
    return patterns


def _read_only(view: View) -> View:
    @csrf_exempt
    @login_not_required
    def asked(request: HttpRequest, **path: object) -> HttpResponseBase:
        if request.method != "GET":
            return answer(Kind.NOT_ALLOWED, f"{request.method} is not possible: the API is only read.")
        return view(request, **path)

    return asked


@csrf_exempt
@login_not_required
def nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to an address below /api/v1/ that leads to no operation."""
    return answer(Kind.NOT_FOUND, f"There is no operation at {request.path}.")


def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return answer(error.kind, error.detail, error.errors)


def _bad_address(request: HttpRequest, error: BadAddress) -> HttpResponse:
    return of_address(request, str(error))


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Kind.NOT_FOUND, str(error))


def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return answer(Kind.UNAUTHORIZED, SIGN_IN)
