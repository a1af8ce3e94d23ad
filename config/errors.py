"""What is answered when a page cannot be made: it asks for too much, the database is away, or the fault is ours."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from api.problems import API, RETRY_SECONDS, Kind, answer
from inventory.pages.budget import was_stopped

AWAY = "The database is away, full or locked for long."
FAULT = "The answer could not be made."
TOO_SLOW = "The database was stopped after %s seconds."


def server_error(request: HttpRequest) -> HttpResponse:
    """The page, or the problem, for an exception that nobody caught; Django calls it while that one is being handled.

    A database that is restarted, full or locked for long is no fault in a page. Whoever reads it should hear so, and
    monitors should see an answer that asks to be tried again. Nor is one that was stopped because a page asked for too
    much. None of these pages asks the database for anything.
    """
    if was_stopped(sys.exception()):
        return _too_slow(request)
    is_away = isinstance(sys.exception(), (OperationalError, InterfaceError))
    if request.path.startswith(API):
        return answer(Kind.UNAVAILABLE if is_away else Kind.FAULT, AWAY if is_away else FAULT)
    if is_away:
        page = render_to_string("503.html")
        headers = {"Retry-After": str(RETRY_SECONDS)}
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=headers)
    return HttpResponse(render_to_string("500.html"), status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _too_slow(request: HttpRequest) -> HttpResponse:
    seconds = settings.PAGE_TIME_LIMIT
    if request.path.startswith(API):
        return answer(Kind.TOO_SLOW, TOO_SLOW % seconds)
    return HttpResponse(render_to_string("too_slow.html", {"seconds": seconds}), status=HTTPStatus.BAD_REQUEST)
