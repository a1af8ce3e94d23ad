"""The description of the API as OpenAPI 3.1 has it, made from the operations and the registry.

`docs/openapi.json` is this document; `manage.py write_openapi` writes it anew, and a test compares the two.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from api.problems import CONTENT_TYPE, Kind
from api.v1 import api

ABOUT = (
    "What the pages of Skyledger show, as typed JSON. A token reads what its owner may see at that moment, within its"
    " scopes. Moments are ISO 8601 in UTC. Decimal numbers are text. What is not known is null, stands in `unknown`"
    " with the reason, and is never 0."
)
ALWAYS = (Kind.BAD_REQUEST, Kind.UNAUTHORIZED, Kind.FORBIDDEN, Kind.NOT_FOUND, Kind.UNAVAILABLE)
PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why there is no result, as RFC 9457 has it.",
    "required": ["type", "title", "status", "detail", "remedy", "errors"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "description": "Where this kind of problem is explained."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened this time."},
        "remedy": {"type": "string", "description": "What to do."},
        "errors": {
            "type": "array",
            "description": "The parameters at fault, if any are.",
            "items": {
                "type": "object",
                "required": ["parameter", "detail"],
                "additionalProperties": False,
                "properties": {"parameter": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


@login_not_required
def openapi(request: HttpRequest) -> HttpResponse:
    """The document; it says what can be asked, and nothing of what there is."""
    return HttpResponse(spelled(document()), content_type="application/json")


@cache
def document() -> dict[str, Any]:
    """The document, of plain dictionaries and lists."""
    found: dict[str, Any] = json.loads(json.dumps(api().get_openapi_schema(path_prefix="/api/v1")))
    found["info"]["description"] = ABOUT
    found["components"]["schemas"]["Problem"] = PROBLEM
    found["components"]["responses"] = {kind.slug: _response(kind) for kind in ALWAYS}
    for operations in found["paths"].values():
        for operation in operations.values():
            operation["responses"] |= {
                str(int(kind.status)): {"$ref": f"#/components/responses/{kind.slug}"} for kind in ALWAYS
            }
    return found


def spelled(document: dict[str, Any]) -> str:
    """The document as it stands in the repository."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _response(kind: Kind) -> dict[str, Any]:
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": f"{kind.title}. {kind.remedy}", "content": content}
