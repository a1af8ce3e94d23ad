"""The orders in which a list can stand: by a column of the type, or by one that another package added.

`sort=size_gib` is ascending, `sort=-size_gib` descending. Only declared columns sort, because each has an index that
serves it. A blank name is no name, so that what has none stands last.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value

from inventory.pages.columns import NAME, columns_of
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.filter_faults import FilterError
from inventory.pages.nearest import hint, nearest
from inventory.registry import Column, Kind, ResourceType

NOTHING = Value(None, output_field=models.CharField())


@dataclass(frozen=True, kw_only=True)
class Order(ABC):
    """One column and a direction; splits rows into those with and those without a value."""

    is_descending: bool

    def __str__(self) -> str:
        return f"-{self.key}" if self.is_descending else self.key

    @property
    @abstractmethod
    def key(self) -> str:
        """How the address calls the column."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What the page calls it."""

    @property
    @abstractmethod
    def field(self) -> models.Field[Any, Any]:
        """The model field that holds the values."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Where rows of `with_value` hold the value."""

    @property
    @abstractmethod
    def direction(self) -> str:
        """The direction in words that fit the column's kind."""

    @abstractmethod
    def with_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of these revisions that have a value, as rows with `place` and `resource_id`."""

    @abstractmethod
    def without_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """All others, in the same form."""


@dataclass(frozen=True, kw_only=True)
class ByColumn(Order):
    """By a column that the revisions hold."""

    column: Column
    model: type[models.Model]

    @property
    def key(self) -> str:
        return self.column.field

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def field(self) -> models.Field[Any, Any]:
        return self.model._meta.get_field(self.column.field)  # type: ignore[return-value]

    @property
    def path(self) -> str:
        return self.column.field

    @property
    def direction(self) -> str:
        match self.column.kind:
            case Kind.NUMBER:
                return "largest first" if self.is_descending else "smallest first"
            case Kind.MOMENT:
                return "newest first" if self.is_descending else "oldest first"
            case Kind.BOOLEAN:
                return "yes first" if self.is_descending else "no first"
            case _:
                first, last = ("Z", "A") if self.is_descending else ("A", "Z")
                return f"{first}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{last}"

    def with_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        has_value = Q(name__gt="") if self.column is NAME else Q(**{f"{self.column.field}__isnull": False})
        found: QuerySet[Any] = rows.filter(has_value).annotate(place=F(self.column.field))
        return found

    def without_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        has_none = Q(name="") if self.column is NAME else Q(**{f"{self.column.field}__isnull": True})
        found: QuerySet[Any] = rows.filter(has_none).annotate(place=NOTHING)
        return found


@dataclass(frozen=True, kw_only=True)
class ByExtension(Order):
    """By a figure that another package keeps in a table of its own, with one row for each resource.

    Walks that table's index. Revisions without a row there, such as a resource recorded a moment ago, have no value.
    """

    column: ListColumn
    accounts: Sequence[int] | None

    @property
    def key(self) -> str:
        return self.column.key

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def field(self) -> models.Field[Any, Any]:
        field: models.Field[Any, Any] = self.column.table._meta.get_field(self.column.sort_field)  # type: ignore[assignment]
        return field

    @property
    def path(self) -> str:
        return self.column.sort_field

    @property
    def direction(self) -> str:
        return "highest first" if self.is_descending else "lowest first"

    def with_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        figures = self._figures().annotate(place=F(self.column.sort_field))
        if self.accounts is not None:
            figures = figures.filter(account__in=self.accounts)
        found: QuerySet[Any] = figures.filter(Exists(rows.filter(resource=OuterRef("resource"))))
        return found

    def without_value(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        figures = self._figures().filter(resource=OuterRef("resource"))
        found: QuerySet[Any] = rows.filter(~Exists(figures)).annotate(place=NOTHING)
        return found

    def _figures(self) -> QuerySet[Any]:
        figures: QuerySet[Any] = self.column.table._default_manager.filter(
            **{"type": self.column.type, "is_open": True, f"{self.column.sort_field}__isnull": False}
        )
        return figures


def read_order(resource_type: ResourceType, text: str, as_of: datetime | None, accounts: Sequence[int] | None) -> Order:
    """The order that `sort=` names; FilterError if it is none, or one that cannot be had at a past moment."""
    key, is_descending = text.removeprefix("-"), text.startswith("-")
    added = {column.key: column for column in extensions.columns_of(resource_type.slug)}
    if key in added:
        if as_of is not None:
            raise FilterError(added[key].past_refusal)
        return ByExtension(column=added[key], is_descending=is_descending, accounts=accounts)
    sortable = {field: column for field, column in columns_of(resource_type).items() if column.sortable}
    if key not in sortable:
        near = nearest(key, [*sortable, *added])
        possible = f"Possible are {', '.join([*sortable, *added])}, with - in front for descending."
        raise FilterError(f"“{key}” cannot be sorted by.{hint(near)} {possible}", wrong=key, suggestion=near)
    return ByColumn(column=sortable[key], is_descending=is_descending, model=resource_type.model)
