"""The schema of one resource with its timeline and relations, and what fills the two."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from pydantic import BaseModel, Field, create_model

from api.resource_schemas import resource_schema
from api.values import Answer, Moment, Unread, exact, moment
from inventory.pages.differences import Difference as Differs
from inventory.pages.relations import Related
from inventory.pages.timeline import Entry
from inventory.registry import resource_type


class Difference(Answer):
    """One field or tag that changed, in words; of several values only those that went and came are named."""

    what: str
    before: str
    after: str
    was_recorded: bool = Field(description="False: an earlier release did not read it, so nobody knows.")


class Event(Answer):
    """One thing that happened to a resource."""

    event: str
    at: Moment = Field(description="The moment of the snapshot that first saw it.")
    since: Moment | None = Field(description="The last complete look before it: it happened between the two.")
    differences: list[Difference]


class RelatedResource(Answer):
    """A resource as a relation names it."""

    name: str
    native_id: str
    page: str | None = Field(description="Its page, as the pages link it; null for one that was never seen.")


class Relation(Answer):
    """The resources of one relation."""

    label: str
    number: int | None = Field(description="Null: unknown, for the reason that is given.")
    reason: str
    first: list[RelatedResource] = Field(description="The first few of them.")
    all_page: str | None = Field(description="The page that lists all of them, or what could not be read.")


class Life(Answer):
    """One resource at a moment; each type has its own `resource`."""

    type: str
    arn: str
    as_of: Moment | None
    is_gone: bool = Field(description="It was there, and is not now.")
    was_never_looked_for: bool = Field(description="Nobody had looked by the moment, so it may have been there.")
    last_seen: Moment | None
    timeline: list[Event] = Field(description="The newest first.")
    is_timeline_cut: bool = Field(description="There are older events than these.")
    relations: list[Relation]
    unread: list[Unread]


@cache
def life_schema(slug: str) -> type[BaseModel]:
    """One resource of the type with its life; `resource` is null where it was not there at the moment."""
    kind, schema = resource_type(slug), resource_schema(slug)
    resource: Any = schema | None
    return create_model(
        f"{schema.__name__}Life", __base__=Life, __doc__=f"One {kind.label} and its life.", resource=(resource, ...)
    )


def differences(found: Iterable[Differs]) -> list[Difference]:
    """What differs, in words."""
    return [
        Difference(what=one.label, before=one.before, after=one.after, was_recorded=one.was_recorded) for one in found
    ]


def timeline(entries: Iterable[Entry]) -> list[Event]:
    """What happened, the newest first."""
    return [
        Event(
            event=entry.event.value,
            at=exact(entry.at),
            since=moment(entry.since),
            differences=differences(entry.differences),
        )
        for entry in entries
    ]


def related(relations: Iterable[Related]) -> list[Relation]:
    """The relations, both ways."""
    return [
        Relation(
            label=one.label,
            number=one.number,
            reason=one.reason,
            first=[
                RelatedResource(name=item.words, native_id=item.whole or item.words, page=item.url or None)
                for item in one.items
            ],
            all_page=one.url or None,
        )
        for one in relations
    ]
