"""The rows that a query finds: of each type its number and the first ones, and all of them for a command."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from inventory.history import ResourceRevision
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.cells import Cell, Cells, Look
from inventory.pages.columns import ACCOUNT, NAME, NATIVE_ID, REGION, WORD
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.facets import COUNTED
from inventory.pages.frame import address
from inventory.pages.list_query import ListQuery
from inventory.pages.list_table import Head
from inventory.pages.orders import read_order
from inventory.pages.paging import every_resource, page_of
from inventory.pages.query.meaning import Part
from inventory.pages.records import BATCH, Record, gather
from inventory.pages.records import row as exported
from inventory.pages.scope import PageScope
from inventory.pages.sentence import sentence
from inventory.registry import Column, Kind

SHOWN, SHOWN_OF_ONE_TYPE = 8, 30
SECONDS = 3.0
"""How long all types together may take: a list has 2.0 for its rows and 0.5 for its count."""
SECONDS_TO_COUNT = 0.5
ALWAYS = ("type", "native_id", "account", "name", "region", "tags")
"""The keys that every exported row has; those that the query asks about stand after them."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One resource that meets the query."""

    name: str
    native_id: str
    url: str
    cells: list[Cell]
    summary: str
    """Where it is, for a row on a phone."""
    main: Cell | None


class Clock:
    """What is left of the time for one page."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def left(self, most: float = SECONDS) -> float:
        """Seconds that the next question may take; a moment at least, so that quick ones are always answered."""
        return min(max(self._until - time.monotonic(), 0.05), most)


@dataclass(frozen=True, kw_only=True)
class Group:
    """What a query finds of one type."""

    part: Part
    scope: PageScope
    clock: Clock
    size: int

    @cached_property
    def list_query(self) -> ListQuery:
        """The list of the type with the same conditions."""
        order = read_order(self.part.kind, NAME.field, self.scope.as_of, None)
        return ListQuery(type=self.part.kind, scope=self.scope, conditions=self.part.conditions, order=order)

    @property
    def url(self) -> str:
        """Where all of its rows are."""
        return self.list_query.address()

    @property
    def sentence(self) -> str:
        """What is asked of the type, in words."""
        return sentence(self.part.kind.plural, self.part.conditions)

    @cached_property
    def number(self) -> int | None:
        """How many there are, `COUNTED` + 1 for more than that; None: not counted in time."""
        try:
            with time_budget(self.clock.left(SECONDS_TO_COUNT)):
                return self.list_query.rows().order_by().values("pk")[: COUNTED + 1].count()
        except OverBudget:
            return None

    @property
    def number_words(self) -> str:
        """How many there are, in words."""
        if self.number is None:
            return "not counted in time"
        return f"{COUNTED:,}+" if self.number > COUNTED else f"{self.number:,}"

    @cached_property
    def resource_ids(self) -> list[int] | None:
        """The first resources; None: not found in time."""
        if self.number == 0:
            return []
        is_long = self.number is None or self.number > COUNTED
        rows = self.list_query.rows_to_walk() if is_long and self.scope.as_of is None else self.list_query.rows()
        try:
            with time_budget(self.clock.left()):
                return page_of(rows, self.list_query.order, None, self.size).resource_ids
        except OverBudget:
            return None

    @property
    def was_too_slow(self) -> bool:
        """Whether its rows could not be found in time."""
        return self.resource_ids is None

    @property
    def more(self) -> bool:
        """Whether the list has rows that do not stand here."""
        return self.number is None or self.number > len(self.resource_ids or ())

    # --- columns ----------------------------------------------------------------------------------------------

    @property
    def asked(self) -> list[Column]:
        """The type's columns that the query asks about, but for those that every row has."""
        columns = [one.column for one in self.part.conditions if one.column is not None and one.figure is None]
        return [one for one in _once(columns) if one not in (NAME, NATIVE_ID, WORD, ACCOUNT, REGION)]

    @property
    def columns(self) -> list[Column]:
        """The columns that stand after the name."""
        state = self.part.kind.column("state")
        first = [*([ACCOUNT] if len(self.scope.chosen) > 1 else []), REGION, *([state] if state else [])]
        return _once([*first, *self.asked])

    @property
    def figures(self) -> list[ListColumn]:
        """The figures that the query asks about, else the first one of the type."""
        return self.asked_figures or extensions.columns_of(self.part.kind.slug)[:1]

    @property
    def asked_figures(self) -> list[ListColumn]:
        """The figures that the query asks about."""
        return _once([one.figure for one in self.part.conditions if one.figure is not None])

    @property
    def name_head(self) -> Head:
        """The head of the names."""
        return Head(label=NAME.label)

    @property
    def heads(self) -> list[Head]:
        """The heads of the columns after the name."""
        own = [
            Head(label=one.label, unit=one.shown_unit, help=one.help, is_number=one.kind in (Kind.NUMBER, Kind.COUNT))
            for one in self.columns
        ]
        return own + [Head(label=one.label, unit=one.unit, help=one.help, is_number=True) for one in self.figures]

    @cached_property
    def rows(self) -> list[Row]:
        """The first rows."""
        cells = Cells(self.scope)
        return [
            self._row(cells, record) for record in self._records(self.resource_ids or [], self.columns, self.figures)
        ]

    @property
    def records(self) -> list[Record]:
        """The same with nothing but what the query asks about, for programs."""
        return self._records(self.resource_ids or [], self.asked, self.asked_figures)

    def _row(self, cells: Cells, record: Record) -> Row:
        own = [(column, cells.cell(record, column)) for column in self.columns]
        figures = [cells.figure(record, column) for column in self.figures]
        others = [cell for column, cell in own if column not in (ACCOUNT, REGION) and cell.look is not Look.NONE]
        where = [cell.words for column, cell in own if column in (ACCOUNT, REGION) and cell.words]
        return Row(
            name=record.revision.name or record.resource.native_id,
            native_id=record.resource.native_id,
            url=address(self.scope, "resource-detail", self.part.kind.slug, record.resource.pk),
            cells=[*(cell for _, cell in own), *figures],
            summary=" · ".join(where),
            main=next(iter([*figures, *others]), None),
        )

    # --- for commands -----------------------------------------------------------------------------------------

    def exported(self) -> Iterator[Mapping[str, Any]]:
        """Every row by name, as an object with the keys of `exported_keys`; None for what the type does not have."""
        resources = every_resource(self.list_query.rows(), self.list_query.order, BATCH)
        while batch := list(islice(resources, BATCH)):
            for record in self._records(batch, self.asked, self.asked_figures):
                yield {"type": self.part.kind.slug, **exported(record, self.asked, self.asked_figures)}

    def _records(self, ids: list[int], columns: list[Column], figures: list[ListColumn]) -> list[Record]:
        found = self.part.kind.model.revisions.as_of(self.scope.as_of).filter(resource__in=ids)
        by_resource: dict[int, ResourceRevision] = {
            one.resource_id: one for one in found.light().select_related("resource")
        }
        return gather(
            self.part.kind,
            # One that went while we looked is left out.
            [by_resource[one] for one in ids if one in by_resource],
            self.scope.as_of,
            accounts={account.pk: account for account in self.scope.visible},
            columns=columns,
            added=figures,
            with_targets=True,
        )


def groups_of(parts: tuple[Part, ...], scope: PageScope, size: int | None = None) -> list[Group]:
    """What a query finds of each type, all within one limit of time; `size` rows of each, as many as fit without it."""
    clock = Clock(SECONDS)
    usual = SHOWN_OF_ONE_TYPE if len(parts) == 1 else SHOWN
    return [Group(part=part, scope=scope, clock=clock, size=size or usual) for part in parts]


def exported_keys(groups: list[Group]) -> list[str]:
    """The keys of exported rows: those of every row, then what the query asks about, then `unknown`."""
    asked = [column.field for group in groups for column in group.asked]
    figures = [one.figure.key for group in groups for one in group.part.conditions if one.figure]
    return list(dict.fromkeys([*ALWAYS, *asked, *figures, "unknown"]))


def exported_rows(groups: list[Group]) -> Iterator[Mapping[str, Any]]:
    """Every row of every type."""
    keys = exported_keys(groups)
    for group in groups:
        for one in group.exported():
            yield {key: one.get(key) for key in keys}


def _once(items: list[Any]) -> list[Any]:
    """Each item once, in order; columns cannot be keys of a dictionary."""
    return [one for place, one in enumerate(items) if one not in items[:place]]
