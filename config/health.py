"""Answers for probes: whether this process lives, and whether it can serve pages."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase

OK = 200
UNAVAILABLE = 503


class HealthMiddleware:
    """Answers `/healthz` and `/readyz` before anything else looks at the request.

    A probe comes by address and in clear text, so neither the check of the host name nor the redirect to https may
    stand in its way; and it comes without a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a probe; let every other request pass."""
        if request.path == "/healthz":
            return _say(OK, "alive")
        if request.path == "/readyz":
            return _readiness()
        return self.get_response(request)


def _readiness() -> HttpResponse:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return _say(UNAVAILABLE, "the database does not answer")
    if waiting:
        return _say(UNAVAILABLE, "migrations wait: run manage.py migrate")
    return _say(OK, "ready")


def _say(status: int, text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})
