"""The table of a list: its heads, and its rows as they stand on a desk and on a phone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inventory.pages.cells import Cell, Cells, Look
from inventory.pages.columns import ACCOUNT, NAME, columns_of
from inventory.pages.extensions import ListColumn
from inventory.pages.frame import address
from inventory.pages.list_query import ListQuery
from inventory.pages.orders import ByColumn, ByExtension, Order
from inventory.pages.records import Record
from inventory.pages.selection import spelled
from inventory.pages.tag_columns import TagColumn
from inventory.registry import Column, Kind

SUMMED_UP = 3
"""How many choices the second line of a row on a phone names."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head of one column; `url` sorts by it, and is empty where the list cannot."""

    label: str
    unit: str = ""
    help: str = ""
    url: str = ""
    sorted: str = ""
    """`ascending`, `descending` or nothing, as in aria-sort."""
    is_number: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One resource. On a phone it is two lines: the name and the main figure, then a summary and a second figure."""

    name: str
    native_id: str
    url: str
    selection: str
    """How an address says that it is selected."""
    is_selected: bool
    cells: list[Cell]
    summary: str
    main: Cell | None
    second: Cell | None
    main_label: str
    second_label: str


def heads_of(query: ListQuery) -> list[Head]:
    """The heads of the columns after the name."""
    return [
        _own_head(query, column) if isinstance(column, Column) else _added_head(query, column) for column in query.shown
    ]


def name_head(query: ListQuery) -> Head:
    """The head of the names."""
    return _own_head(query, NAME)


def row_of(query: ListQuery, cells: Cells, record: Record) -> Row:
    """One record as a row."""
    shown = [(column, _cell(cells, record, column)) for column in query.shown]
    added = [(column.label, cell) for column, cell in shown if isinstance(column, ListColumn)]
    figures = added or [(column.label, cell) for column, cell in shown if cell.is_number and cell.look is not Look.NONE]
    (main_label, main), (second_label, second) = (*figures, ("", None), ("", None))[:2]
    choices = [cell.words for column, cell in shown if _is_choice(column) and cell.words]
    return Row(
        name=record.revision.name or record.resource.native_id,
        native_id=record.resource.native_id,
        url=address(query.scope, "resource-detail", query.type.slug, record.resource.pk),
        cells=[cell for _, cell in shown],
        selection=spelled(query.type, record.resource.pk),
        is_selected=record.resource.pk in (*query.selected, *query.ticked),
        summary=" · ".join(choices[:SUMMED_UP]),
        main=main,
        second=second,
        main_label=main_label,
        second_label=second_label,
    )


def _cell(cells: Cells, record: Record, column: Column | ListColumn) -> Cell:
    return cells.cell(record, column) if isinstance(column, Column) else cells.figure(record, column)


def _is_choice(column: Column | ListColumn) -> bool:
    if isinstance(column, TagColumn):
        return True
    return isinstance(column, Column) and column.kind is Kind.CHOICE and column is not ACCOUNT


def _own_head(query: ListQuery, column: Column) -> Head:
    is_number = column.kind in (Kind.NUMBER, Kind.COUNT)
    head = Head(label=column.label, unit=column.shown_unit, help=column.help, is_number=is_number)
    if not column.sortable:
        return head
    # Whoever sorts by a number or a moment looks for the largest or the newest.
    starts_descending = column.kind in (Kind.NUMBER, Kind.MOMENT)
    order = ByColumn(
        column=columns_of(query.type)[column.field], model=query.type.model, is_descending=starts_descending
    )
    return _sorting(query, head, order)


def _added_head(query: ListQuery, column: ListColumn) -> Head:
    head = Head(label=column.label, unit=column.unit, help=column.help, is_number=True)
    if query.scope.as_of is not None:
        return head
    return _sorting(query, head, ByExtension(column=column, accounts=query.account_ids, is_descending=True))


def _sorting(query: ListQuery, head: Head, order: Order) -> Head:
    """The head with the address that sorts by it, or the other way round if the list is sorted by it already."""
    is_current = query.order.key == order.key
    is_descending = not query.order.is_descending if is_current else order.is_descending
    sorted_now = ("descending" if query.order.is_descending else "ascending") if is_current else ""
    url = query.address(order=replace(order, is_descending=is_descending))
    return replace(head, url=url, sorted=sorted_now)
