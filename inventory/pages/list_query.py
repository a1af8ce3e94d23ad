"""What the address of a list asks for: whose rows, at which moment, which of them, in which order and columns.

Everything that a list shows is in its address. Where a part of it cannot be met, the list shows no rows, because any
rows would be wrong ones; it names the part, keeps the others and offers the address without it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote, unquote_plus

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from inventory.history import RevisionQuerySet
from inventory.history.period import PUBLISHED_AND_OPEN
from inventory.models import Resource
from inventory.pages.columns import ACCOUNT, NAME, NATIVE_ID, REGION, columns_of, path_of
from inventory.pages.conditions import predicate
from inventory.pages.extensions import ListColumn, extensions
from inventory.pages.filters import Condition, Operator, Special
from inventory.pages.orders import Order
from inventory.pages.paging import Cursor
from inventory.pages.query.language import Term, spell
from inventory.pages.scope import PageScope
from inventory.pages.selection import ASKED, KEEP, OF, TICKED, spelled
from inventory.pages.tag_columns import read_tag_column
from inventory.registry import Column, ResourceType

COMPACT, COMFORTABLE = "compact", "comfortable"
DENSITIES = (COMPACT, COMFORTABLE)
"""How close the rows stand; the first one unless the address says otherwise."""

ADD_COLUMN, ADD_OPERATOR, ADD_VALUE = "add", "how", "what"
"""The fields of the form that adds a condition."""

EARLIER, LATER = "earlier", "later"
"""The buttons of the form that arranges columns; the value is a column."""

TAG_COLUMN = "tag_column"
"""The field of the same form that names a tag, which becomes a column too."""

QUERY = "q"

RESERVED = frozenset(
    {
        *("as_of", "account", "sort", "columns", "cursor", "limit", "format", "facets", "density", QUERY),
        *(ADD_COLUMN, ADD_OPERATOR, ADD_VALUE, EARLIER, LATER, TAG_COLUMN, OF, ASKED, TICKED, KEEP),
    }
)
"""Parameters that are no conditions; no column may be called so."""

ROWS = frozenset({"conditions", "text", "asked", "selected", "scope"})
"""The parts of a list that say which rows it has."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A part of the address that cannot be met, why, and the addresses without it and with what was probably meant."""

    part: str
    message: str
    url: str
    pieces: tuple[str, str, str] = ("", "", "")
    """What stands before, at and after the word that is wrong; nothing where it is all of the part."""
    corrected: str = ""
    """The part with what was probably meant; empty if nothing is near."""
    corrected_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ListQuery:
    """A list that was asked for."""

    type: ResourceType
    scope: PageScope
    conditions: tuple[Condition, ...] = ()
    text: str = ""
    """The query that its rows meet too, as it was written."""
    asked: tuple[tuple[Term, Condition], ...] = ()
    """What the query means, term by term."""
    order: Order
    chosen_columns: tuple[str, ...] = ()
    """In their order. Empty: the columns that stand there by default."""
    selected: tuple[int, ...] = ()
    """The ids of the resources that it is about. Empty: all."""
    ticked: tuple[int, ...] = ()
    """The ids of those that were ticked on this page of the list or on another one."""
    density: str = COMPACT
    cursor: Cursor | None = None
    output_format: str = "html"
    counts_all_facets: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def every_condition(self) -> tuple[Condition, ...]:
        """The conditions of the address, and those of the query."""
        return (*self.conditions, *(condition for _, condition in self.asked))

    @property
    def has_every_row(self) -> bool:
        """Whether it is about all that there is now, so that its length is known already."""
        return not self.every_condition and not self.selected and self.scope.as_of is None

    @cached_property
    def everything(self) -> int:
        """How many there are of this type, whatever the conditions."""
        return sum(number for place, number in self.scope.counts.items() if place.type == self.type.slug)

    @property
    def account_ids(self) -> list[int] | None:
        """The accounts to look into; None: whichever there are, so that an index without accounts serves the list."""
        sees_everything = getattr(self.scope.user, "is_superuser", False) and not self.scope.archived
        if sees_everything and self.scope.account is None and self.scope.as_of is None:
            return None
        return [account.pk for account in self.scope.chosen]

    @property
    def chosen_regions(self) -> tuple[str, ...]:
        """The regions that the conditions name; none: every region, and whatever has an unread one."""
        chosen = (one for one in self.every_condition if one.column is REGION and one.operator is Operator.IS)
        return next((one.texts for one in chosen if not any(isinstance(value, Special) for value in one.values)), ())

    def rows(self, *, but_for: Column | None = None, among: Collection[int] | None = None) -> RevisionQuerySet:
        """The revisions that the list is about.

        `but_for` leaves out which values of a column were chosen. `among` are the ids of their resources, if those are
        known already: no condition is then asked again.
        """
        rows = self.type.model.revisions.as_of(self.scope.as_of)
        if among is not None:
            return rows.filter(resource__in=among)
        if self.account_ids is not None:
            rows = rows.filter(account__in=self.account_ids)
        if self.selected:
            rows = rows.filter(resource__in=self.selected)
        kept = self._without_choices_in(() if but_for is None else (but_for,))
        for condition in (*kept, *(condition for _, condition in self.asked)):
            rows = rows.filter(self._predicates[condition.expressions])
        return rows

    def rows_to_walk(self) -> RevisionQuerySet:
        """The same rows of now, found one after the other along the index of the order.

        SQLite has no statistics: it would collect and sort all rows that meet a condition, however many they are.
        """
        walked: RevisionQuerySet = self.type.model.revisions.current()
        return walked.filter(Exists(self.rows().filter(resource=OuterRef("resource"))))

    def rows_to_count(self, *, but_for: Column | None = None) -> RevisionQuerySet:
        """The same rows, found along the indexes of all conditions together where each has one.

        SQLite takes one index: it would look each row up that meets the first condition, to see whether it meets the
        others.
        """
        conditions = (*self._without_choices_in(() if but_for is None else (but_for,)), *(one for _, one in self.asked))
        if connection.vendor != "sqlite" or self.scope.as_of is not None or len(conditions) < 2:
            return self.rows(but_for=but_for)
        if not all(self._has_index(one) for one in conditions):
            return self.rows(but_for=but_for)
        open_rows: RevisionQuerySet = self.type.model.revisions.current()
        first, *others = (self._predicates[one.expressions] for one in conditions)
        rows = open_rows.filter(first)
        for other in others:
            rows = rows.filter(Exists(open_rows.filter(other, resource=OuterRef("resource"))))
        if self.account_ids is not None:
            rows = rows.filter(Exists(Resource.objects.filter(pk=OuterRef("resource"), account__in=self.account_ids)))
        return rows.filter(resource__in=self.selected) if self.selected else rows

    def _has_index(self, condition: Condition) -> bool:
        """Whether the rows of now that meet it stand together in an index, and in that of their resources."""
        if condition.column is None or condition.operator is not Operator.IS:
            return False
        if any(isinstance(value, Special) for value in condition.values):
            return False
        indexed = {tuple(one.fields) for one in self.type.model._meta.indexes if one.condition == PUBLISHED_AND_OPEN}
        return (path_of(condition.column), "resource") in indexed

    @cached_property
    def _predicates(self) -> dict[tuple[str, ...], Q]:
        return {one.expressions: predicate(one, self.scope.as_of) for one in self.every_condition}

    # --- columns ----------------------------------------------------------------------------------------------

    @cached_property
    def shown(self) -> tuple[Column | ListColumn, ...]:
        """The columns after the name, in the order of the address."""
        possible = {key_of(column): column for column in every_column(self.type)}
        if self.chosen_columns:
            chosen = (possible.get(key) or read_tag_column(key) for key in self.chosen_columns)
            return tuple(column for column in chosen if column is not None)
        return tuple(one for one in possible.values() if isinstance(one, ListColumn) or self._is_shown_by_default(one))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The type's own among the shown columns."""
        return tuple(column for column in self.shown if isinstance(column, Column))

    @property
    def added(self) -> tuple[ListColumn, ...]:
        """Those of other packages among them."""
        return tuple(column for column in self.shown if isinstance(column, ListColumn))

    def _is_shown_by_default(self, column: Column) -> bool:
        if any(
            one.column == column and one.operator is Operator.IS and len(one.values) == 1
            for one in self.every_condition
        ):
            return False  # It would hold the same value in every row, and the sentence says it.
        if column is ACCOUNT:
            return len(self.scope.chosen) > 1
        if column is REGION:
            return self.type.column("availability_zone") is None  # A zone names its region.
        return column.default

    # --- addresses --------------------------------------------------------------------------------------------

    def address(self, **changes: Any) -> str:
        """The address of this list with some parts changed; its first page, unless `cursor` is given.

        What was ticked stays so while the rows are the same.
        """
        ticked = () if ROWS & changes.keys() else self.ticked
        first = {"cursor": None, "output_format": "html", "problems": (), "ticked": ticked}
        query = replace(self, **{**first, **changes})
        return f"{reverse('resource-list', args=[query.type.slug])}{query._spelled()}"

    def parameters(self, *, but_for: Sequence[Column] = (), **changes: Any) -> list[tuple[str, str]]:
        """The parameters of `address`, for hidden fields of a form that has the values of some columns itself."""
        conditions = self._without_choices_in(but_for)
        query = replace(self, **{"cursor": None, "output_format": "html", "conditions": conditions, **changes})
        pairs = (part.partition("=") for part in query._parts())
        return [(unquote_plus(key), unquote_plus(value)) for key, _, value in pairs]

    def without(self, condition: Condition) -> str:
        """The address without one condition, be it of the query or not."""
        left = [term for term, one in self.asked if one is not condition]
        if len(left) < len(self.asked):
            return self.address(text=spell(left))
        return self.address(conditions=tuple(one for one in self.conditions if one is not condition))

    def _without_choices_in(self, columns: Sequence[Column]) -> tuple[Condition, ...]:
        return tuple(one for one in self.conditions if one.operator is not Operator.IS or one.column not in columns)

    def _spelled(self) -> str:
        parts = self._parts()
        return f"?{'&'.join(parts)}" if parts else ""

    def _parts(self) -> list[str]:
        own = {
            QUERY: self.text,
            "sort": "" if str(self.order) == NAME.field else str(self.order),
            "columns": ",".join(self.chosen_columns),
            "density": "" if self.density == COMPACT else self.density,
            "facets": "all" if self.counts_all_facets else "",
            "cursor": str(self.cursor or ""),
            "format": "" if self.output_format == "html" else self.output_format,
        }
        return [
            *(expression for condition in self.conditions for expression in condition.expressions),
            *(f"{OF}={spelled(self.type, resource_id)}" for resource_id in self.selected),
            *([f"{TICKED}={','.join(map(str, self.ticked))}"] if self.ticked else ()),
            *(f"{key}={quote(value, safe=',:')}" for key, value in (self.scope.url_parameters | own).items() if value),
        ]


def choosable(kind: ResourceType) -> tuple[Column, ...]:
    """The columns that can stand after the name."""
    return tuple(column for column in columns_of(kind).values() if column not in (NAME, NATIVE_ID))


def every_column(kind: ResourceType) -> tuple[Column | ListColumn, ...]:
    """The same, and after them those of other packages."""
    return (*choosable(kind), *extensions.columns_of(kind.slug))


def key_of(column: Column | ListColumn) -> str:
    """How the address calls a column."""
    return column.field if isinstance(column, Column) else column.key
