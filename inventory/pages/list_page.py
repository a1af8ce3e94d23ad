"""What a list shows: its rows, how many there are, its filter in words and in forms, and how far it can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from django.db import connection
from django.db.models import Min, QuerySet
from django.urls import reverse

from inventory.history import ResourceRevision
from inventory.models import Account, Freshness
from inventory.pages.arrangement import Choice, choices
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.cells import Cells
from inventory.pages.columns import facet_columns, in_sentence
from inventory.pages.facets import Counted, count
from inventory.pages.formats import FORMATS
from inventory.pages.freshness import ScopeState, summarise
from inventory.pages.list_query import DENSITIES, ListQuery
from inventory.pages.list_table import Head, Row, heads_of, name_head, row_of
from inventory.pages.list_totals import Totals, totals_of
from inventory.pages.new_condition import WORDS, condition_columns
from inventory.pages.paging import Slice, page_of
from inventory.pages.provenance import Provenance, ScopeFilter, provenance
from inventory.pages.query.language import LONGEST
from inventory.pages.records import Record, gather
from inventory.pages.region_names import region_name
from inventory.pages.selection import ASKED, spelled
from inventory.pages.sentence import Clause, clauses, sentence
from inventory.pages.unread import Unread, unread
from inventory.registry import GLOBAL

SIZE = 30
NAME_TAG = "Name"
"""What AWS calls the name: it is a column already."""

MOST_TAGS = 8

SECONDS = 2.0
"""How long the rows of a page may take to be found: they are sorted at a past moment, and a rare one may be far off."""


@dataclass(frozen=True)
class ListPage:
    """What a list shows."""

    query: ListQuery
    size: int = SIZE

    # --- rows -------------------------------------------------------------------------------------------------

    @cached_property
    def slice(self) -> Slice | None:
        """The resources of this page; None if they cannot be found, or not in time."""
        if self.query.problems:
            return None
        is_long = self.counted is not None and (self.counted.total is None or self.counted.is_long)
        walks = is_long and self.query.scope.as_of is None and connection.vendor == "sqlite"
        few = self.counted.resource_ids if self.counted else None
        rows = self.query.rows_to_walk() if walks else self.query.rows(among=few)
        try:
            with time_budget(SECONDS):
                return page_of(rows, self.query.order, self.query.cursor, self.size)
        except OverBudget:
            return None

    @property
    def was_too_slow(self) -> bool:
        """Whether there were too many rows to look through or to sort in time."""
        return self.slice is None and not self.query.problems

    @cached_property
    def _records(self) -> list[Record]:
        return records_of(self.query, self.slice.resource_ids if self.slice else [], with_targets=True)

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of this page."""
        cells = Cells(self.query.scope)
        return [row_of(self.query, cells, record) for record in self._records]

    @property
    def name_head(self) -> Head:
        """The head of the names."""
        return name_head(self.query)

    @property
    def heads(self) -> list[Head]:
        """The heads of the other columns."""
        return heads_of(self.query)

    @property
    def first(self) -> int:
        """The place of the first row among all, from 1."""
        return self.slice.rows_before + 1 if self.slice else 0

    @property
    def last(self) -> int:
        """The place of the last row among all."""
        return self.slice.rows_before + len(self.slice.resource_ids) if self.slice else 0

    @property
    def first_url(self) -> str:
        """The first page, if this is another one."""
        return self.query.address() if self.slice and self.slice.back else ""

    @property
    def kept_pages(self) -> list[tuple[str, str, str]]:
        """The neighbouring pages as buttons that keep what is ticked: the link's `rel`, the cursor and a word.

        A list of nothing but selected rows has none, because its address holds them already.
        """
        if self.slice is None or self.query.selected:
            return []
        first = [("first", "", "First")] if self.slice.back else []
        pages = [("prev", self.slice.back, "Back"), ("next", self.slice.next, f"Next {self.size}")]
        return first + [(rel, str(cursor), word) for rel, cursor, word in pages if cursor is not None]

    @property
    def back_url(self) -> str:
        """The page before this one, if there is one."""
        return self.query.address(cursor=self.slice.back) if self.slice and self.slice.back else ""

    @property
    def next_url(self) -> str:
        """The page after this one, if there is one."""
        return self.query.address(cursor=self.slice.next) if self.slice and self.slice.next else ""

    # --- how many ---------------------------------------------------------------------------------------------

    @cached_property
    def counted(self) -> Counted | None:
        """The total and the facets; None if the address cannot be met."""
        return None if self.query.problems else count(self.query)

    @property
    def total_words(self) -> str:
        """How many rows the list has; empty if nobody knows."""
        return self.counted.words if self.counted else "0"

    @cached_property
    def totals(self) -> Totals:
        """What all rows come to."""
        return totals_of(self.query, self.counted)

    # --- the filter in words and in forms ---------------------------------------------------------------------

    @property
    def clauses(self) -> list[tuple[Clause, str]]:
        """Each condition in words, with the address without it."""
        return [(clause, self.query.without(clause.condition)) for clause in clauses(self.query.every_condition)]

    @property
    def sentence(self) -> str:
        """The filter in words."""
        return sentence(self.query.type.plural, self.query.every_condition)

    @property
    def plural(self) -> str:
        """The type's plural as it stands inside a sentence."""
        return in_sentence(self.query.type.plural)

    @property
    def place_words(self) -> str:
        """The chosen regions in words, after what is in them."""
        regions = " or ".join(region_name(region) for region in self.query.chosen_regions)
        return f" in {regions}" if regions else ""

    @property
    def order_words(self) -> str:
        """The order in words."""
        return f"{in_sentence(self.query.order.label)}, {self.query.order.direction}"

    @property
    def everything_url(self) -> str:
        """The list without conditions, and whatever is selected."""
        return self.query.address(conditions=(), text="", selected=())

    @property
    def is_narrowed(self) -> bool:
        """Whether it is about some of the resources only."""
        return bool(self.query.every_condition or self.query.selected)

    # --- selected rows ----------------------------------------------------------------------------------------

    @property
    def ticked_elsewhere(self) -> list[str]:
        """What was ticked on other pages of this list, as an address names it."""
        shown = {row.selection for row in self.rows}
        ticked = [spelled(self.query.type, resource_id) for resource_id in self.query.ticked]
        return [name for name in ticked if name not in shown]

    @property
    def forget_url(self) -> str:
        """This page with nothing ticked elsewhere."""
        return self.query.address(ticked=(), cursor=self.query.cursor)

    @property
    def unselected_url(self) -> str:
        """The list of all rows, not only the selected ones."""
        return self.query.address(selected=())

    @property
    def selection_parameters(self) -> list[tuple[str, str]]:
        """What the form of the rows must carry beside the ticked ones."""
        return [*self.query.parameters(selected=(), ticked=()), (ASKED, "rows")]

    @property
    def list_url(self) -> str:
        """The list of this type without any parameter."""
        return reverse("resource-list", args=[self.query.type.slug])

    @property
    def facet_parameters(self) -> list[tuple[str, str]]:
        """What the form of the facets must carry beside its own values."""
        return self.query.parameters(but_for=facet_columns(self.query.type), ticked=())

    @property
    def all_facets_url(self) -> str:
        """The list with every facet counted, however many rows there are."""
        return self.query.address(counts_all_facets=True)

    @property
    def column_parameters(self) -> list[tuple[str, str]]:
        """What the form of the columns must carry beside its own values."""
        return self.query.parameters(chosen_columns=())

    @property
    def condition_parameters(self) -> list[tuple[str, str]]:
        """What the form for a new condition must carry beside its own fields."""
        return self.query.parameters(ticked=())

    @property
    def text_parameters(self) -> list[tuple[str, str]]:
        """What the form of the query must carry beside the query."""
        return self.query.parameters(text="", ticked=())

    @property
    def longest_text(self) -> int:
        """How many letters a query may have."""
        return LONGEST

    @property
    def condition_columns(self) -> list[tuple[str, str]]:
        """What a new condition can be about."""
        return condition_columns(self.query.type)

    @property
    def condition_words(self) -> list[tuple[str, str]]:
        """What a new condition can ask."""
        return list(WORDS.items())

    @cached_property
    def choices(self) -> list[Choice]:
        """Every column that can be shown, and the tags that are usual among these rows."""
        keys = Counter(key for record in self._records for key in record.tags if key != NAME_TAG)
        return choices(self.query, [key for key, _ in keys.most_common(MOST_TAGS)])

    @property
    def default_columns_url(self) -> str:
        """The list with the columns that stand there by default, if others were chosen."""
        return self.query.address(chosen_columns=()) if self.query.chosen_columns else ""

    @property
    def densities(self) -> list[tuple[str, str, bool]]:
        """How close the rows can stand: the word, the address, and whether they do."""
        return [(word.title(), self.query.address(density=word), word == self.query.density) for word in DENSITIES]

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        """Every row, by format."""
        return [(name, self.query.address(output_format=name)) for name in FORMATS]

    # --- how far it can be trusted ----------------------------------------------------------------------------

    @cached_property
    def states(self) -> list[ScopeState]:
        """The scopes in which this type is listed, those of other regions than the chosen ones left out."""
        regions = self.query.chosen_regions
        return self.query.scope.states_of([self.query.type.slug], (*regions, GLOBAL) if regions else ())

    @property
    def was_never_read(self) -> bool:
        """Whether nobody had looked by the moment of the page, so that an empty list would be a lie."""
        summary = summarise(self.states)
        return summary is None or summary.was_never_read

    @property
    def is_pruned(self) -> bool:
        """Whether the list is empty because the history of its moment was deleted."""
        return bool(self.query.scope.pruned) and not self.query.scope.chosen

    @cached_property
    def first_look(self) -> datetime | None:
        """When this type was first read completely anywhere."""
        first: datetime | None = self._looks.aggregate(first=Min("first_complete_at"))["first"]
        return first

    @property
    def first_look_url(self) -> str:
        """This list at the first look."""
        return self.query.address(scope=replace(self.query.scope, as_of=self.first_look))

    @cached_property
    def unread(self) -> list[Unread]:
        """Which scopes could not be read, and why."""
        return unread(self.query.scope, self.states)

    @cached_property
    def first_read_later(self) -> list[str]:
        """The regions of which nothing was known yet at the past moment of the page."""
        if self.query.scope.as_of is None:
            return []
        later = self._looks.filter(first_complete_at__gt=self.query.scope.as_of)
        return sorted({region_name(region) for region in later.values_list("scope_region", flat=True)})

    @property
    def _looks(self) -> QuerySet[Freshness]:
        looks = Freshness.objects.filter(account__in=self.query.scope.accounts, type=self.query.type.slug)
        regions = self.query.chosen_regions
        return looks.filter(scope_region__in=(*regions, GLOBAL)) if regions else looks

    @property
    def coverage_url(self) -> str:
        """Where the looks behind the rows are listed."""
        return self._chosen_scopes.url(self.query.scope)

    @property
    def behind(self) -> Provenance:
        """The looks behind the rows, the total and the facets."""
        return provenance(self.query.scope, self.states, self._chosen_scopes)

    @property
    def _chosen_scopes(self) -> ScopeFilter:
        regions = sorted({state.region for state in self.states}) if self.query.chosen_regions else ()
        return ScopeFilter(types=(self.query.type.slug,), regions=tuple(regions))


def records_of(query: ListQuery, resource_ids: Iterable[int], *, with_targets: bool = False) -> list[Record]:
    """The records of these resources at the list's moment, in this order."""
    resource_ids = list(resource_ids)
    revisions = query.type.model.revisions.as_of(query.scope.as_of).filter(resource__in=resource_ids)
    by_resource: dict[int, ResourceRevision] = {
        revision.resource_id: revision for revision in revisions.light().select_related("resource")
    }
    return gather(
        query.type,
        # One that went while we looked is left out.
        [by_resource[resource_id] for resource_id in resource_ids if resource_id in by_resource],
        query.scope.as_of,
        accounts=_accounts(query),
        columns=query.columns,
        added=query.added,
        with_targets=with_targets,
    )


def _accounts(query: ListQuery) -> dict[int, Account]:
    return {account.pk: account for account in query.scope.visible}
