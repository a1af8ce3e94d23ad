"""What all rows of a list come to: costs, which other packages tell, and the sums of shown columns.

Adding up has the same time as counting, and more of it on demand. A list that was not counted is not added up either,
because a total of some of its rows would be taken for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.columns import label_words
from inventory.pages.extensions import Figure, extensions
from inventory.pages.facets import SECONDS, SECONDS_ON_DEMAND, Counted
from inventory.pages.list_query import ListQuery
from inventory.registry import Column


@dataclass(frozen=True, kw_only=True)
class Cost:
    """A total of another package over all rows of the list, in US dollars."""

    label: str
    figure: Figure

    @property
    def unknown_words(self) -> str:
        """What the total leaves out."""
        return f"{self.figure.unknown_count:,} unpriced"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """The sum of one column over all rows of the list, in the column's unit."""

    label: str
    unit: str
    number: Decimal | None
    """None: it was read of no row."""
    unread: int
    """How many rows it leaves out because their value was never read."""

    @property
    def words(self) -> str:
        """The sum, unrounded and with its thousands set apart; empty if there is none."""
        return "" if self.number is None else f"{self.number.normalize():,f}"

    @property
    def unknown_words(self) -> str:
        """What the sum leaves out."""
        return f"{self.unread:,} unknown"

    @property
    def reason(self) -> str:
        """Why it leaves them out."""
        return f"{self.label} was never read"


@dataclass(frozen=True, kw_only=True)
class Totals:
    """All totals of a list."""

    costs: tuple[Cost, ...] = ()
    measures: tuple[Measure, ...] = ()
    was_too_much: bool = False
    """Whether there is something to add up, but there are too many rows or there was not enough time."""


def totals_of(query: ListQuery, counted: Counted | None) -> Totals:
    """The totals of the rows of a list; none where the address cannot be met."""
    costs = extensions.totals_of(query.type.slug)
    summed = [column for column in query.columns if column.is_summed]
    if counted is None or not (costs or summed):
        return Totals()
    if counted.total is None:
        return Totals(was_too_much=True)
    rows = query.rows(among=counted.resource_ids)
    try:
        with time_budget(SECONDS_ON_DEMAND if counted.was_on_demand else SECONDS):
            return Totals(
                costs=tuple(Cost(label=cost.label, figure=cost.gather(rows, query.scope.as_of)) for cost in costs),
                measures=tuple(_measures(rows, summed)),
            )
    except OverBudget:
        return Totals(was_too_much=True)


def _measures(rows: QuerySet[Any], columns: Sequence[Column]) -> Iterator[Measure]:
    if not columns:
        return
    asked: dict[str, Any] = {}
    for column in columns:
        never_read = Q(**{f"{column.field}__isnull": True, f"unknown__{column.field}": None})
        asked |= {f"{column.field}_sum": Sum(column.field), f"{column.field}_unread": Count("pk", filter=never_read)}
    found = rows.order_by().aggregate(**asked)
    for column in columns:
        number, unread = found[f"{column.field}_sum"], found[f"{column.field}_unread"]
        if number is not None or unread:
            unit = column.unit or label_words(column)
            yield Measure(
                label=column.label, unit=unit, number=None if number is None else Decimal(number), unread=unread
            )
