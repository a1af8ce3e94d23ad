"""Content: what a resource looks like, in one form for a fresh reading and for a stored revision."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import CharField, Field, Model

from inventory.history import ResourceRevision, fingerprint
from inventory.models import Link, ResourceTag
from inventory.registry import LinkTo, Reading

TAGS = "tags"
OWN_COLUMNS = ("name", "region", "incarnation")
LINK_TEXTS = ("role", "target_type", "target", "target_account", "target_region", "value")
NO_DETAIL = "{}"

_in_order = json.JSONEncoder(sort_keys=True).encode


class Unstorable(ValueError):
    """A reading that no database takes: text with NUL or half a surrogate pair, or longer than AWS allows."""


class LinkKey(NamedTuple):
    """One link as a value: equal links are one."""

    role: str
    target_type: str
    target: str
    target_account: str
    target_region: str
    value: str
    detail: str

    @classmethod
    def of(cls, link: LinkTo | Link) -> LinkKey:
        """The key of a link that was read or stored."""
        return cls(
            role=link.role,
            target_type=link.target_type,
            target=link.target,
            target_account=link.target_account,
            target_region=link.target_region,
            value=link.value,
            detail=_in_order(dict(link.detail)) if link.detail else NO_DETAIL,
        )

    def columns(self) -> dict[str, Any]:
        """The columns of the link table."""
        return {**self._asdict(), "detail": json.loads(self.detail) if self.detail != NO_DETAIL else {}}


@dataclass(frozen=True, kw_only=True)
class Content:
    """Fields, tags and links: all that counts as sameness. `fields` holds the revision's own columns too."""

    fields: Mapping[str, Any]
    tags: Mapping[str, str]
    links: frozenset[LinkKey]

    def digest(self) -> bytes:
        """The fingerprint; AWS's order of links is no part of it."""
        links = sorted(_in_order(link._asdict()) for link in self.links)
        return fingerprint({"fields": self.fields, "tags": self.tags, "links": links})

    def with_fields(self, fields: Mapping[str, Any]) -> Content:
        """This content with other values of some fields."""
        return dataclasses.replace(self, fields={**self.fields, **fields}) if fields else self

    def with_part_of(self, other: Content, parts: Iterable[str]) -> Content:
        """This content with some parts (fields, link roles or `tags`) taken from the other."""
        fields, tags, links = dict(self.fields), self.tags, self.links
        for part in parts:
            if part == TAGS:
                tags = other.tags
            elif part in fields:
                fields[part] = other.fields[part]
            else:
                links = frozenset(
                    {link for link in links if link.role != part} | {link for link in other.links if link.role == part}
                )
        return Content(fields=fields, tags=tags, links=links)


def content_of_reading(model: type[ResourceRevision], reading: Reading) -> Content:
    """A reading as content, every value in its column's type. Raises Unstorable."""
    fields = {"name": reading.name, "region": reading.region, "incarnation": reading.incarnation, **reading.fields}
    columns, texts = _columns(model), _plain_texts(model)
    content = Content(
        fields={
            name: storable(value, model, name)
            if type(value) is str and name in texts
            else _stored_value(columns[name], value)
            for name, value in fields.items()
        },
        tags={
            storable(key, ResourceTag, "key"): storable(value, ResourceTag, "value")
            for key, value in reading.tags.items()
        },
        links=frozenset(LinkKey.of(link) for link in reading.links),
    )
    for link in reading.links:
        _check_link(link)
    return content


def content_of_revision(revision: ResourceRevision, tags: Iterable[ResourceTag], links: Iterable[Link]) -> Content:
    """A stored revision as content, with its tags and links of the same moment."""
    return Content(
        fields={name: getattr(revision, name) for name in _columns(type(revision))},
        tags={tag.key: tag.value for tag in tags},
        links=frozenset(LinkKey.of(link) for link in links),
    )


@cache
def _columns(model: type[ResourceRevision]) -> dict[str, Field[Any, Any]]:
    """The columns that a reading fills: the type's own, and name, region and incarnation."""
    shared = {field.name for field in ResourceRevision._meta.get_fields()} - set(OWN_COLUMNS)
    return {
        field.name: field for field in model._meta.concrete_fields if field.name not in shared and not field.primary_key
    }


@cache
def _plain_texts(model: type[ResourceRevision]) -> frozenset[str]:
    """The columns of text of which the length is all that their field checks."""
    texts = (field for field in _columns(model).values() if type(field) is CharField and field.max_length)
    return frozenset(field.name for field in texts if len(field.validators) == 1)


def _stored_value(field: Field[Any, Any], value: Any) -> Any:
    if value is None:
        return None
    try:
        value = field.to_python(value)
        field.run_validators(value)
    except ValidationError as error:
        raise Unstorable(f"{field.name}: {' '.join(error.messages)}") from error
    if isinstance(value, str):
        _check_text(value)
    return value


def storable(text: str, model: type[Model], column: str) -> str:
    """The text, once it is certain that the column takes it. Raises Unstorable."""
    longest = _longest(model)[column]
    if len(text) > longest:
        raise Unstorable(f"{column}: longer than {longest} characters")
    _check_text(text)
    return text


@cache
def _longest(model: type[Model]) -> dict[str, int]:
    """The length of each text column."""
    return {field.name: field.max_length for field in model._meta.concrete_fields if field.max_length}


def _check_link(link: LinkTo) -> None:
    for column in LINK_TEXTS:
        storable(getattr(link, column), Link, column)
    for text in _texts_in(dict(link.detail)):
        _check_text(text)


def _texts_in(value: Any) -> Iterator[str]:
    """Every text in a JSON value: one bad character anywhere is enough for PostgreSQL to refuse it."""
    match value:
        case str():
            yield value
        case dict():
            for key, held in value.items():
                yield key
                yield from _texts_in(held)
        case list():
            for held in value:
                yield from _texts_in(held)


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise Unstorable("a text with a NUL character")
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unstorable("a text with half a surrogate pair") from error
