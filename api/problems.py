"""Every answer of the API that is no result, in one shape: problem details as RFC 9457 has them.

`type` leads to the section of /api/docs that explains the kind, `detail` says what happened this time, `remedy` what to
do, and `errors` names the parameters at fault. What may not be seen is not found, whether it exists or not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from inventory.pages.list_query import Problem as Part

API = "/api/v1/"
"""Where every answer is JSON, whatever happens."""
CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 10


class Kind(Enum):
    """The kinds of problem: status, slug in `type`, title, and what to do."""

    BAD_REQUEST = (400, "bad-request", "A parameter cannot be used", "Mend or leave out the parameters in errors.")
    TOO_SLOW = (400, "too-slow", "Too many rows to look through in time", "Add a filter, or sort by another column.")
    UNAUTHORIZED = (401, "unauthorized", "Who asks is not known", "Send Authorization: Bearer with a valid token.")
    FORBIDDEN = (403, "forbidden", "The token's scopes do not allow this", "Make a token that has the scope.")
    NOT_FOUND = (404, "not-found", "There is no such thing", "Look at /api/docs for addresses, and at lists for ids.")
    NOT_ALLOWED = (405, "not-allowed", "The API is only read", "Ask with GET.")
    FAULT = (500, "fault", "The fault is ours", "Look into the log of the web process.")
    UNAVAILABLE = (503, "unavailable", "The database does not answer", "Ask again in a moment.")

    def __init__(self, status: int, slug: str, title: str, remedy: str) -> None:
        self.status = HTTPStatus(status)
        self.slug = slug
        self.title = title
        self.remedy = remedy


@dataclass(frozen=True)
class Error:
    """One parameter at fault, and why."""

    parameter: str
    detail: str


class Refused(Exception):
    """The request is answered with a problem."""

    def __init__(self, kind: Kind, detail: str, errors: Sequence[Error] = ()) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)


def answer(kind: Kind, detail: str, errors: Sequence[Error] = ()) -> HttpResponse:
    """The problem as an answer."""
    body: dict[str, Any] = {
        "type": f"/api/docs#problem-{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "remedy": kind.remedy,
        "errors": [{"parameter": error.parameter, "detail": error.detail} for error in errors],
    }
    response = HttpResponse(json.dumps(body, ensure_ascii=False), content_type=CONTENT_TYPE, status=kind.status)
    if kind is Kind.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Skyledger"'
    if kind is Kind.UNAVAILABLE:
        response["Retry-After"] = str(RETRY_SECONDS)
    if kind is Kind.NOT_ALLOWED:
        response["Allow"] = "GET"
    return response


def of_parts(parts: Sequence[Part]) -> Refused:
    """The refusal of a list whose address holds parts that cannot be met."""
    errors = [Error(parameter=part.part.partition("=")[0], detail=part.message) for part in parts]
    return Refused(Kind.BAD_REQUEST, " ".join(error.detail for error in errors), errors)


def of_address(request: HttpRequest, message: str) -> HttpResponse:
    """The answer to an address of which the message quotes the value that cannot be used."""
    at_fault = [name for name, texts in request.GET.lists() if any(f"“{text}”" in message for text in texts)]
    return answer(Kind.BAD_REQUEST, message, [Error(parameter=name, detail=message) for name in at_fault])
