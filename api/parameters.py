"""The parameters of operations: what they are called, what they take, and that no other is passed over in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest

from api.problems import Error, Kind, Refused
from inventory.pages.filters import TAG

TEXT: Mapping[str, Any] = {"type": "string"}


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One parameter of the query string, as OpenAPI describes it; `several` may be given more than once."""

    name: str
    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    several: bool = False

    def as_openapi(self) -> dict[str, Any]:
        """The parameter as an object of OpenAPI 3.1."""
        one = dict(self.schema)
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "description": self.about,
            "schema": {"type": "array", "items": one} if self.several else one,
        }


ACCOUNT = Parameter(name="account", about="One account by its name or its 12 digits; all but archived ones without it.")
AS_OF = Parameter(
    name="as_of",
    about="A past moment in ISO 8601, such as 2026-04-01 or 2026-04-01T06:00:00Z; now without it.",
    schema={"type": "string", "examples": ["2026-04-01T06:00:00Z"]},
)
REGION = Parameter(name="region", about="A region by its code; several mean any of them.", several=True)
CURSOR = Parameter(name="cursor", about="Where the page begins: `next_cursor` of the page before it.")


def limit(usual: int, most: int) -> Parameter:
    """How many items a page has."""
    return Parameter(
        name="limit",
        about=f"Items of a page, {usual} unless told.",
        schema={"type": "integer", "minimum": 1, "maximum": most, "default": usual},
    )


def read_limit(request: HttpRequest, usual: int, most: int) -> int:
    """The length of a page that was asked for; Refused for anything but a number from 1 to `most`."""
    text = request.GET.get("limit", "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        detail = f"“{text}” is no length of a page. Write a whole number from 1 to {most}."
        raise Refused(Kind.BAD_REQUEST, detail, [Error("limit", detail)])
    return int(text)


def refuse_others(request: HttpRequest, known: Iterable[Parameter], *, takes_tags: bool) -> None:
    """Refused for a parameter that the operation does not have: whoever misspells a filter must not get everything."""
    names = [parameter.name for parameter in known]
    others = {name for name in request.GET if name not in names}
    if takes_tags:
        others = {name for name in others if not name.removeprefix("-").startswith(TAG)}
    refuse(request, others, f" Possible are {', '.join(names)}." if names else "")


def refuse(request: HttpRequest, names: Collection[str], possible: str = "") -> None:
    """Refused if one of these parameters was given."""
    errors = [Error(name, f"There is no parameter “{name}” here.{possible}") for name in request.GET if name in names]
    if errors:
        raise Refused(Kind.BAD_REQUEST, " ".join(error.detail for error in errors), errors)
