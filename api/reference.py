"""The page at /api/docs: every operation, its parameters and its answer, read from the OpenAPI document.

A page of our own, because it needs no script: the common viewers are megabytes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api.document import document
from api.problems import Kind
from api.v1 import VERSION

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """One parameter, or one field of an answer: its name, its type, and what it means."""

    name: str
    type: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that can be asked."""

    id: str
    path: str
    summary: str
    about: str
    scope: str
    parameters: Sequence[Line]
    fields: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class Section:
    """The operations of one tag."""

    name: str
    operations: Sequence[Operation]


@dataclass(frozen=True, kw_only=True)
class Object:
    """One schema that answers refer to."""

    name: str
    about: str
    fields: Sequence[Line]


@dataclass(frozen=True, kw_only=True)
class ReferencePage:
    """What the page shows."""

    version: str
    address: str
    about: str
    sections: Sequence[Section]
    objects: Sequence[Object]
    problems: Sequence[Kind]


def reference(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "api/reference.html", {"page": page_of(document())})


def page_of(document: Schema) -> ReferencePage:
    """The page of an OpenAPI document."""
    schemas: Schema = document["components"]["schemas"]
    operations: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for spec in methods.values():
            operations.setdefault(spec["tags"][0], []).append(_operation(path, spec, schemas))
    return ReferencePage(
        version=VERSION,
        address=f"{settings.PUBLIC_URL}/api/v1",
        about=_plain(document["info"]["description"]),
        sections=[Section(name=name, operations=some) for name, some in operations.items()],
        objects=[
            Object(name=name, about=_plain(schema.get("description", "")), fields=list(_fields(schema)))
            for name, schema in sorted(schemas.items())
        ],
        problems=list(Kind),
    )


def _operation(path: str, spec: Schema, schemas: Schema) -> Operation:
    answer = spec["responses"]["200"]["content"]["application/json"]["schema"]
    return Operation(
        id=spec["operationId"],
        path=path,
        summary=spec["summary"],
        about=_plain(spec.get("description", "")),
        scope=spec["x-scope"],
        parameters=[_parameter(one) for one in spec["parameters"]],
        fields=list(_fields(schemas[_name_of(answer)])),
    )


def _parameter(spec: Schema) -> Line:
    where = "in the path" if spec["in"] == "path" else ""
    about = spec.get("description", where)
    return Line(spec["name"], type_words(spec["schema"]), _plain(about))


def _fields(schema: Schema) -> Iterator[Line]:
    for name, field in schema.get("properties", {}).items():
        unit = f" ({field['x-unit']})" if "x-unit" in field else ""
        title = field.get("title", "")
        # Without a label of its own, a field is titled with its name.
        about = field.get("description") or ("" if title.lower() == name.replace("_", " ") else title)
        yield Line(name, type_words(field), _plain(f"{about}{unit}"))


def _plain(text: str) -> str:
    """Words of the document without the marks of Markdown."""
    return text.replace("`", "")


def type_words(schema: Schema) -> str:
    """The type of a schema in words: `text`, `number or null`, `list of Money`."""
    if "anyOf" in schema:
        return " or ".join(type_words(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return _name_of(schema)
    if "enum" in schema:
        return "one of " + ", ".join(str(one) for one in schema["enum"])
    match schema.get("type"):
        case "array":
            return f"list of {type_words(schema['items'])}"
        case "object" if isinstance(schema.get("additionalProperties"), Mapping):
            return f"object of {type_words(schema['additionalProperties'])}"
        case "string":
            return _TEXTS.get(schema.get("format", ""), "decimal number as text" if "pattern" in schema else "text")
        case kind:
            return _WORDS.get(str(kind), "any value")


_TEXTS = {"date-time": "moment"}
_WORDS = {"integer": "whole number", "boolean": "true or false", "null": "null", "object": "object", "number": "number"}


def _name_of(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
