"""The rows of a comparison: one for each column of the type, each tag and each price, and whether the sides agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from inventory.pages.cells import Cell, Cells, Item, Look
from inventory.pages.columns import BASE
from inventory.pages.compare_sides import Side
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.records import TAGS, Doubt, Record
from inventory.registry import Column, ResourceType

UNKNOWN = object()
"""Stands for a value that was not read, which is neither the same as another nor a different one."""
GONE = "gone"


class Mark(StrEnum):
    """Whether the sides of a row agree."""

    SAME = "same"
    DIFFERS = "differs"
    UNSURE = "unsure"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One field, tag or price with its cell on each side."""

    label: str
    mark: Mark
    cells: Sequence[Cell]
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows under one heading."""

    label: str
    rows: Sequence[Row]
    note: str = ""


def sections_of(kind: ResourceType, sides: Sequence[Side]) -> list[Section]:
    """Fields, tags and prices; prices only of types that have any."""
    prices = [_price_row(sides, column) for column in extensions.columns_of(kind.slug)]
    return [
        Section(label="Fields", rows=[_field_row(sides, column) for column in (*BASE, *kind.columns)]),
        Section(label="Tags", rows=list(_tag_rows(sides))),
        *(
            [Section(label="Prices", rows=prices, note="today's list prices, for the thing as it was")]
            if prices
            else ()
        ),
    ]


def agreement(values: Sequence[Any]) -> Mark:
    """Whether the values agree: any two known ones that differ decide, then any one that is unknown."""
    known = [value for value in values if value is not UNKNOWN]
    if any(value != known[0] for value in known):
        return Mark.DIFFERS
    return Mark.SAME if len(known) == len(values) else Mark.UNSURE


def _field_row(sides: Sequence[Side], column: Column) -> Row:
    def cell(side: Side, record: Record) -> Cell:
        return Cells(side.scope, shown_items=None, shortens=False).cell(record, column)

    def value(record: Record) -> Any:
        is_unread = record.doubt(column.field) in (Doubt.NEVER_READ, Doubt.NOT_RECORDED)
        return UNKNOWN if is_unread else record.value(column)

    return _row(sides, cell, value, label=column.label, unit=column.shown_unit, help=column.help)


def _tag_rows(sides: Sequence[Side]) -> Iterator[Row]:
    keys = {key for side in sides if side.record for key in side.record.tags}
    for key in sorted(keys):

        def cell(side: Side, record: Record, key: str = key) -> Cell:
            if record.doubt(TAGS) is Doubt.NEVER_READ:
                return Cell(look=Look.UNKNOWN, reason="never read")
            if key not in record.tags:
                return Cell(look=Look.NONE)
            return Cell(look=Look.VALUE, items=(Item(words=record.tags[key] or "“”", whole=record.tags[key]),))

        def value(record: Record, key: str = key) -> Any:
            return UNKNOWN if record.doubt(TAGS) is Doubt.NEVER_READ else record.tags.get(key)

        yield _row(sides, cell, value, label=key)


def _price_row(sides: Sequence[Side], column: ListColumn) -> Row:
    def cell(side: Side, record: Record) -> Cell:
        if side.gone_since is not None:
            return Cell(look=Look.NONE, is_number=True)
        return Cells(side.scope).figure(record, column)

    def value(record: Record) -> Any:
        if column.key not in record.figures:
            return GONE
        amount = record.figures[column.key].value
        return UNKNOWN if amount is None else amount

    return _row(sides, cell, value, label=column.label, unit=column.unit, help=column.help)


def _row(
    sides: Sequence[Side], cell: Callable[[Side, Record], Cell], value: Callable[[Record], Any], **words: str
) -> Row:
    values = [value(side.record) if side.record else UNKNOWN if side.is_unknown else GONE for side in sides]
    mark = agreement(values)
    cells = [cell(side, side.record) if side.record else _absent(side) for side in sides]
    if mark is Mark.DIFFERS and len({one.words for one in cells}) == 1:
        cells = [_to_the_second(one, when) for one, when in zip(cells, values, strict=True)]
    return Row(mark=mark, cells=cells, **words)


def _to_the_second(cell: Cell, value: Any) -> Cell:
    """A moment in more words, because in fewer it looks like another one from which it differs."""
    if not isinstance(value, datetime):
        return cell
    return replace(cell, items=tuple(replace(item, words=f"{item.words}:{value:%S}") for item in cell.items))


def _absent(side: Side) -> Cell:
    if side.is_unknown:
        return Cell(look=Look.UNKNOWN, reason=side.absence)
    return Cell(look=Look.NONE, reason=side.absence)
