"""The values beside a list, with how many rows each would show.

A facet counts the rows that the list would have if none of its values were chosen, so that another one can be. All
facets of which nothing is chosen are counted from one query over the rows of the list. Few rows are searched for once:
whatever else is asked of them is looked up by their ids. A list of more rows than
`COUNTED`, or one whose moment lies too far back to be counted in time, is not counted unless it is asked for; then its
rows are counted, and each facet is one grouped query, within a longer time. What was counted when the time is up is
shown, and what was not is named.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, repeat
from typing import Any

from django.db.models import Count, TextField
from django.db.models.functions import Cast

from inventory.models import Resource
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.cells import shortened
from inventory.pages.columns import facet_columns, path_of
from inventory.pages.conditions import FEW
from inventory.pages.filters import Operator, Special, Value
from inventory.pages.list_query import ListQuery
from inventory.pages.sentence import filter_value_words
from inventory.registry import Column, Kind

COUNTED = 10_000
"""Rows up to which everything is counted at once; beyond, a total is said as "10,000+"."""

SHOWN = 6
MOST_SHOWN = 50
SECONDS = 0.5
SECONDS_ON_DEMAND = 3.0


@dataclass(frozen=True, kw_only=True)
class FacetValue:
    """One value of a facet: what it is called, how it is spelled in an address, and how many rows have it."""

    words: str
    spelled: str
    number: int
    share: float
    """Of the most frequent value, in percent."""
    is_unknown: bool
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One column and its values, the most frequent first. Without values if they could not be counted in time."""

    column: Column
    values: tuple[FacetValue, ...] = ()
    is_counted: bool = True

    @property
    def is_open(self) -> bool:
        """Whether the values stand there at once: those of a column shown by default, or one that was chosen from."""
        return self.column.default or any(value.is_chosen for value in self.values)

    @property
    def shown(self) -> tuple[FacetValue, ...]:
        """The values that stand there at once: the most frequent, and every chosen one."""
        return tuple(value for place, value in enumerate(self.values) if place < SHOWN or value.is_chosen)

    @property
    def more(self) -> tuple[FacetValue, ...]:
        """The values behind "more"."""
        rest = [value for place, value in enumerate(self.values) if place >= SHOWN and not value.is_chosen]
        return tuple(rest[: MOST_SHOWN - SHOWN])

    @property
    def hidden(self) -> int:
        """How many values do not stand there at once."""
        return len(self.values) - len(self.shown)

    @property
    def left_out(self) -> int:
        """How many values are not listed at all."""
        return self.hidden - len(self.more)


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many rows the list has, and its facets."""

    total: int | None
    """None: more than `COUNTED`, or not counted in time."""
    is_long: bool
    """Whether there are more rows than `COUNTED`; also false where nobody knows."""
    facets: tuple[Facet, ...]
    was_on_demand: bool
    """Whether everything was to be counted, however long it is."""
    resource_ids: tuple[int, ...] | None = None
    """The resources of all rows, if they are at most `FEW`: whatever else is asked of them need not search again."""

    @property
    def words(self) -> str:
        """The total in words; empty if it is unknown."""
        if self.total is not None:
            return f"{self.total:,}"
        return f"{COUNTED:,}+" if self.is_long else ""

    @property
    def are_facets_counted(self) -> bool:
        """Whether at least one facet has its figures."""
        return any(facet.is_counted for facet in self.facets)

    @property
    def uncounted(self) -> list[str]:
        """The labels of the facets that were not counted in time, if others were."""
        return [facet.column.label for facet in self.facets if not facet.is_counted] if self.are_facets_counted else []


Tally = Counter[Any]
"""Value, or `Special.UNKNOWN`, to number of rows."""


def count(query: ListQuery) -> Counted:
    """The total and the facets of a list, as far as they can be had in time."""
    columns = facet_columns(query.type)
    found = _Found()
    with suppress(OverBudget), time_budget(SECONDS):
        _count_at_once(query, columns, found)
    if found.total is None and query.counts_all_facets:
        with suppress(OverBudget), time_budget(SECONDS_ON_DEMAND):
            _count_on_demand(query, columns, found)
    names = _names(query, columns, found.tallies)
    return Counted(
        total=found.total,
        is_long=found.is_long,
        facets=tuple(_facet(query, column, found.tallies.get(column.field), names) for column in columns),
        was_on_demand=query.counts_all_facets,
        resource_ids=found.resource_ids,
    )


@dataclass
class _Found:
    """What was counted so far; it stays when the time is up."""

    total: int | None = None
    is_long: bool = False
    resource_ids: tuple[int, ...] | None = None
    tallies: dict[str, Tally] = field(default_factory=dict)


def _count_at_once(query: ListQuery, columns: Sequence[Column], found: _Found) -> None:
    """Everything from one search for the rows, and one more for each column of which something is chosen."""
    if query.has_every_row and query.everything > COUNTED:
        found.is_long = True
        return
    chosen = {one.column.field for one in query.conditions if one.column and one.operator is Operator.IS}
    found.resource_ids = _few(query)
    unchosen = [column for column in columns if column.field not in chosen]
    found.total, found.tallies = _tallies(query, unchosen, found.resource_ids)
    found.is_long = found.total is None
    if found.is_long:
        return
    for column in columns:
        if column.field in chosen:
            found.tallies |= _tallies(query, [column], _few(query, but_for=column), but_for=column)[1]


def _count_on_demand(query: ListQuery, columns: Sequence[Column], found: _Found) -> None:
    found.total = query.rows().count()
    for column in columns:
        found.tallies[column.field] = _grouped(query, column)


def _few(query: ListQuery, but_for: Column | None = None) -> tuple[int, ...] | None:
    """The resources of all rows, searched for once; None: more than `FEW`, of which the first were found soon."""
    most = min(FEW, COUNTED)
    rows = query.rows_to_count(but_for=but_for).order_by()
    resource_ids = tuple(rows.values_list("resource_id", flat=True)[: most + 1])
    return resource_ids if len(resource_ids) <= most else None


def _tallies(
    query: ListQuery, columns: Sequence[Column], few: tuple[int, ...] | None, but_for: Column | None = None
) -> tuple[int | None, dict[str, Tally]]:
    """How many rows there are, and the tallies of some columns; None: too many rows."""
    found = (query.rows_to_count(but_for=but_for) if few is None else query.rows(among=few)).order_by()
    if few is None and found.values("pk")[: COUNTED + 1].count() > COUNTED:
        return None, {}
    # As text, because most rows have nothing unknown, and reading JSON takes longer than counting.
    unknown = Cast("unknown", TextField())
    rows = list(found.values_list(*(path_of(column) for column in columns), unknown)[:COUNTED])
    by_column = zip(*rows, strict=True) if rows else repeat(())
    tallies = {column.field: _tally(values) for column, values in zip(columns, by_column, strict=False)}
    for row in rows:
        if row[-1] != "{}":
            _tell_unknown_apart(row, columns, tallies)
    return len(rows), tallies


def _tally(values: Sequence[Any]) -> Tally:
    tally: Tally = Counter(values)
    if without_value := tally.pop(None, 0):
        tally[Special.NONE] = without_value
    return tally


def _tell_unknown_apart(row: Sequence[Any], columns: Sequence[Column], tallies: Mapping[str, Tally]) -> None:
    """Count what a row does not have because nobody could read it as unknown, and no longer as none."""
    unknown = json.loads(row[-1])
    for value, column in zip(row, columns, strict=False):
        if value is None and unknown.get(column.field, "") is None:
            tally = tallies[column.field]
            tally[Special.UNKNOWN] += 1
            tally -= Counter([Special.NONE])


def _grouped(query: ListQuery, column: Column) -> Tally:
    rows = query.rows(but_for=column)
    path = path_of(column)
    tally: Tally = Counter(
        {
            (Special.NONE if value is None else value): number
            for value, number in rows.order_by().values_list(path).annotate(number=Count("pk"))
        }
    )
    if unread := rows.filter(**{f"{path}__isnull": True, f"unknown__{column.field}": None}).count():
        tally[Special.UNKNOWN] = unread
        tally[Special.NONE] -= unread
    return +tally


Names = Mapping[tuple[str, str], str]
"""Of resources, by their type and id."""


def _names(query: ListQuery, columns: Sequence[Column], tallies: Mapping[str, Tally]) -> Names:
    """What the resources are called that values name, one query for all, with a part of the id where others share it.

    What has several names, in several accounts, is left out.
    """
    accounts = {account.pk for account in query.scope.chosen}
    named = {
        (column.target, value)
        for column in columns
        if column.target
        for value, _ in islice(_sorted(tallies.get(column.field, Counter())), MOST_SHOWN)
        if isinstance(value, str)
    }
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    if named:
        # Without accounts, which SQLite would look through instead of the ids.
        seen = Resource.objects.filter(native_id__in={native_id for _, native_id in named})
        for account, slug, native_id, name in seen.values_list("account_id", "type", "native_id", "current_name"):
            if account in accounts and (slug, native_id) in named:
                found[slug, native_id].add(name)
    names = {key: name for key, (name, *others) in found.items() if name and not others}
    sharing = Counter((slug, name) for (slug, _), name in names.items())
    return {
        (slug, native_id): name if sharing[slug, name] == 1 else f"{name} …{native_id[-4:]}"
        for (slug, native_id), name in names.items()
    }


def _facet(query: ListQuery, column: Column, tally: Tally | None, names: Names) -> Facet:
    chosen = {
        value: text
        for one in query.conditions
        if one.column == column and one.operator is Operator.IS
        for value, text in zip(one.values, one.texts, strict=True)
    }
    if tally is None:
        # What is chosen stays in the form, counted or not.
        values = [_value(column, value, 0, 0, names, is_chosen=True) for value in chosen]
        return Facet(column=column, values=tuple(values), is_counted=False)
    for value in chosen:
        tally.setdefault(value, 0)
    most = max(tally.values(), default=0) or 1
    values = [_value(column, value, number, most, names, is_chosen=value in chosen) for value, number in _sorted(tally)]
    return Facet(column=column, values=tuple(values))


def _sorted(tally: Tally) -> Iterator[tuple[Any, int]]:
    yield from sorted(tally.items(), key=lambda item: (-item[1], isinstance(item[0], Special), str(item[0])))


def _value(column: Column, value: Value, number: int, most: int, names: Names, *, is_chosen: bool) -> FacetValue:
    return FacetValue(
        words=names.get((column.target, value)) or shortened(value)
        if isinstance(value, str) and column.kind is Kind.IDENTIFIER
        else filter_value_words(column, value),
        spelled=_spelled(value),
        number=number,
        share=100 * number / (most or 1),
        is_unknown=value is Special.UNKNOWN,
        is_chosen=is_chosen,
    )


def _spelled(value: Value) -> str:
    match value:
        case Special():
            return value.value
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
