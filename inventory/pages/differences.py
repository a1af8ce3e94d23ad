"""What differs between two periods of one resource, in words: its fields, its tags and its links."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from inventory.history import ResourceRevision
from inventory.models import Link, ResourceTag
from inventory.pages.cells import detail_words
from inventory.pages.columns import NAME, REGION, label_words
from inventory.pages.moments import full_moment_words
from inventory.pages.sentence import measure_words
from inventory.registry import Column, Kind, ResourceType

NOT_RECORDED = "not recorded then"


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One column or tag that changed.

    Of a tag or a multi-valued column only what went and what came is named, and the other side is empty.
    """

    label: str
    before: str
    after: str
    was_recorded: bool = True
    """False if an earlier release did not read the field, so that nobody knows whether it changed."""


def field_differences(one: ResourceType, before: ResourceRevision, after: ResourceRevision) -> Iterator[Difference]:
    """The columns whose value is another one; a field that was not read in one of the periods says nothing.

    One that is empty in a period of an earlier release was perhaps not read by it: it says so instead of "none".
    """
    for column in (NAME, REGION, *one.columns):
        if column.kind in (Kind.MANY, Kind.COUNT):
            continue
        if before.was_never_read(column.field) or after.was_never_read(column.field):
            continue
        old, new = getattr(before, column.field), getattr(after, column.field)
        if old == new:
            continue
        was_recorded = old is not None or before.reading_version >= after.reading_version
        yield Difference(
            label=label_words(column),
            before=value_words(column, old) if was_recorded else NOT_RECORDED,
            after=value_words(column, new),
            was_recorded=was_recorded,
        )


def tag_differences(tags: Iterable[ResourceTag], at: datetime) -> Iterator[Difference]:
    """The tags of one resource that ended or began at the moment."""
    ended = {tag.key: tag.value for tag in tags if tag.valid_to == at}
    began = {tag.key: tag.value for tag in tags if tag.valid_from == at}
    for key in sorted(ended.keys() | began.keys()):
        yield Difference(
            label=f"tag {key}",
            before=_quoted_if_empty(ended[key]) if key in ended else "",
            after=_quoted_if_empty(began[key]) if key in began else "",
        )


def link_differences(one: ResourceType, links: Sequence[Link], at: datetime) -> Iterator[Difference]:
    """The multi-valued columns of one resource from which values went, or to which they came, at the moment."""
    ended, began = defaultdict[str, dict[str, Link]](dict), defaultdict[str, dict[str, Link]](dict)
    for link in links:
        side = ended if link.valid_to == at else began
        side[link.role][link.target or link.value] = link
    for role in sorted(ended.keys() | began.keys()):
        column = one.column(role)
        before = ", ".join(
            _link_words(value, link, began[role].get(value)) for value, link in sorted(ended[role].items())
        )
        after = ", ".join(
            _link_words(value, link, ended[role].get(value)) for value, link in sorted(began[role].items())
        )
        yield Difference(label=label_words(column) if column else role, before=before, after=after)


def _link_words(value: str, link: Link, other: Link | None) -> str:
    """The value; where it stands on the other side too, with what is said of it here and not there."""
    if other is None:
        return value
    said = (detail_words(key, told) for key, told in link.detail.items() if told != other.detail.get(key))
    return " ".join((value, *filter(None, said)))


def value_words(column: Column, value: Any) -> str:
    """A value of a column as text."""
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return full_moment_words(value)
        case int() | Decimal() if column.shown_unit != column.unit:
            text = measure_words(column, value)
        case Decimal():
            text = format(value.normalize(), "f")
        case _:
            text = column.words.get(str(value)) or _quoted_if_empty(str(value))
    return f"{text} {column.shown_unit}" if column.shown_unit else text


def _quoted_if_empty(text: str) -> str:
    return text or "“”"
