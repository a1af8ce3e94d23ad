"""Reading moto's XML answers, changing them and writing them again.

A carriage return must be written as a character reference, or every XML reader turns it into a line feed; moto does
not, so it is put right before reading and again after writing. Names are kept without their namespace, which botocore
does not look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from botocore.model import ListShape, Shape, StructureShape
from werkzeug import Response

XML = "application/xml"
NAMESPACE = re.compile(rb'\A((?:<\?xml[^>]*\?>\s*)?<\w+) xmlns="([^"]*)"')
CARRIAGE_RETURN = b"&#13;"


def parse(body: bytes) -> Element:
    """Read an answer; its namespace becomes a plain attribute of the root."""
    found = NAMESPACE.match(body)
    root = ET.fromstring(NAMESPACE.sub(rb"\1", body).replace(b"\r", CARRIAGE_RETURN))  # noqa: S314 - moto's own words
    if found:
        root.set("xmlns", found[2].decode())
    return root


def answer(root: Element, status: int = 200) -> Response:
    """An answer with this document."""
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True).replace(b"\r", CARRIAGE_RETURN)
    return Response(body, status=status, content_type=XML)


def text(parent: Element, path: str) -> str:
    """The text at this path, or nothing."""
    return parent.findtext(path) or ""


def put(parent: Element, tag: str, value: str) -> None:
    """Say this in the element's child of that name, and make the child when there is none."""
    child = parent.find(tag)
    if child is None:
        child = ET.SubElement(parent, tag)
    child.text = value


def drop(parent: Element, *tags: str) -> None:
    """Remove the children with these names."""
    for child in [child for child in parent if child.tag in tags]:
        parent.remove(child)


def items(parent: Element, path: str) -> Iterator[Element]:
    """The items of the list at this path."""
    yield from parent.iterfind(f"{path}/item")


def tell(parent: Element, shape: StructureShape, values: Mapping[str, Any]) -> None:
    """Write a structure as botocore reads it back."""
    for name, value in values.items():
        member = shape.members[name]
        _tell_one(ET.SubElement(parent, member.serialization.get("name", name)), member, value)


def _tell_one(element: Element, shape: Shape, value: Any) -> None:
    match shape:
        case StructureShape():
            tell(element, shape, value)
        case ListShape():
            for one in value:
                _tell_one(ET.SubElement(element, shape.member.serialization.get("name", "member")), shape.member, one)
        case _:
            element.text = _spelt(value)


def _spelt(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return str(value)
