"""Items: what a listing names, read into content. An item that cannot be read concerns nobody but itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from inventory.models import Resource
from inventory.registry import Answers, Reading, ResourceType, Scope
from inventory.snapshots.content import Content, Unstorable, content_of_reading, storable

# AWS may answer anything: whatever a reader stumbles over makes its item unreadable.
UNREADABLE = (Unstorable, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One listed item that could be read."""

    native_id: str
    answers: Answers
    reading: Reading
    content: Content


@dataclass(kw_only=True)
class Items:
    """A batch of listed items: the readable ones by native id, the ids of the others, and how many have no id."""

    readable: dict[str, Item] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    nameless: int = 0


def read_items(resource_type: ResourceType, scope: Scope, batch: Iterable[Answers]) -> Items:
    """Read every item of a batch."""
    items = Items()
    for answers in batch:
        native_id = _native_id(resource_type, answers)
        if native_id is None:
            items.nameless += 1
            continue
        try:
            reading = resource_type.read(answers, scope)
            content = content_of_reading(resource_type.model, reading)
        except UNREADABLE:
            items.unreadable.append(native_id)
        else:
            items.readable[native_id] = Item(native_id=native_id, answers=answers, reading=reading, content=content)
    return items


def _native_id(resource_type: ResourceType, answers: Answers) -> str | None:
    """The item's id; None if it carries none, or one that no database takes."""
    try:
        native_id = resource_type.native_id(answers)
        return native_id and storable(native_id, Resource, "native_id")
    except UNREADABLE:
        return None
