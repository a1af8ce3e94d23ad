"""Changes between any two moments: what came, what went, what is another now, and what that costs a month.

A change is dated by the look that saw it. It was made between the complete look before that one and this moment, and
the page says both. What could not be read in the stretch is named, because nobody knows what changed there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from inventory.pages import formats
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.change_costs import MOST_SUMMED, CostOfChanges, cost_of_all
from inventory.pages.change_limits import Limits
from inventory.pages.change_rows import ChangeRow, Group, Place, count, every_place, page_of, rows_of
from inventory.pages.changes_query import UNKNOWN, ChangesQuery
from inventory.pages.export_progress import followed_export
from inventory.pages.extensions import extensions
from inventory.pages.last_visit import end_of_last_visit
from inventory.pages.records import BATCH
from inventory.pages.region_names import region_name
from inventory.pages.stretch import Kind
from inventory.registry import GLOBAL, ResourceType, resource_type, resource_types

SIZE = 50
SECONDS = 2.0
"""How long counting and finding the changes may take, each."""
EXPORTED = (
    "seen_at",
    "looked_before",
    "change",
    "type",
    "account",
    "region",
    "native_id",
    "name",
    "differences",
    "monthly_usd_before",
    "monthly_usd_after",
    "monthly_usd_difference",
    "unpriced_reason",
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One choice of a select: its value, its words, and how many changes it would show among those shown now."""

    value: str
    label: str
    number: int | None
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Changes of one type that were seen at one moment."""

    at: datetime
    type: ResourceType
    rows: Sequence[ChangeRow]
    total: int
    """How many there are, also on other pages."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """Changes that were seen on one day of the reader, the newest first."""

    date: date
    groups: Sequence[Seen]


def changes(request: HttpRequest) -> HttpResponseBase:
    """The changes as a page, or all of them as JSON, CSV or XLSX."""
    is_export = request.GET.get("format") in formats.FORMATS
    query = ChangesQuery.from_request(request, None if is_export else end_of_last_visit(request))
    if query.output_format in formats.FORMATS:
        return followed_export(
            request,
            lambda: exported(query),
            keys=EXPORTED,
            output_format=query.output_format,
            name="changes",
            what=f"Changes after {_in_utc(query.since)}, until {_in_utc(query.until)}",
            count=lambda: sum(group.number for group in count(query.stretches, query.asked_kinds)),
        )
    return render(request, "inventory/changes.html", {"page": ChangesPage(query)})


def exported(query: ChangesQuery) -> Iterator[Mapping[str, Any]]:
    """Every change of the query in the order of the page, as exported objects."""
    asked, kinds = query.stretches, query.asked_kinds
    accounts = {account.pk: account for account in query.scope.chosen}
    for places in every_place(asked, kinds, count(asked, kinds), BATCH):
        for row in rows_of(places, accounts):
            yield _record(row)


@dataclass(frozen=True)
class ChangesPage:
    """What the page shows."""

    query: ChangesQuery
    size: int = SIZE
    """How many changes a page shows."""

    @cached_property
    def groups(self) -> list[Group] | None:
        """How many changes there are, by kind, type, region and moment; None if they could not be counted in time."""
        try:
            with time_budget(SECONDS):
                return count(self.query.stretches, self.query.asked_kinds)
        except OverBudget:
            return None

    @cached_property
    def places(self) -> list[Place] | None:
        """The changes of this page and the one after them; None if they could not be found in time."""
        if self.groups is None:
            return None
        try:
            with time_budget(SECONDS):
                return page_of(
                    self.query.stretches, self.query.asked_kinds, self.groups, self.query.place, self.size + 1
                )
        except OverBudget:
            return None

    @property
    def was_too_slow(self) -> bool:
        """Whether there are too many changes to look through in time."""
        return self.places is None

    @cached_property
    def total(self) -> int:
        """All changes that meet the conditions."""
        return sum(group.number for group in self.groups or ())

    @cached_property
    def numbers(self) -> list[tuple[str, int, str]]:
        """How many there are of each kind: the kind, the number and the page of them alone."""
        found: Counter[Kind] = Counter()
        for group in self.groups or ():
            found[group.kind] += group.number
        return [(kind.value, found[kind], self.query.address(kinds=(kind,))) for kind in Kind if found[kind]]

    @cached_property
    def cost(self) -> CostOfChanges | None:
        """What all of them cost together; None if they are too many to add up."""
        if self.groups is None or sum(group.number for group in self._with_costs) > MOST_SUMMED:
            return None
        try:
            with time_budget(SECONDS):
                return cost_of_all(self._stretches_with_costs, self.query.asked_kinds)
        except OverBudget:
            return None

    @property
    def has_costs(self) -> bool:
        """Whether any of the changes is of a type that can have a price."""
        return bool(self._with_costs)

    @property
    def _with_costs(self) -> list[Group]:
        return [group for group in self.groups or () if extensions.cost_of(group.type)]

    @property
    def _stretches_with_costs(self) -> list[Any]:
        slugs = {group.type for group in self._with_costs}
        return [stretch for stretch in self.query.stretches if stretch.type.slug in slugs]

    # --- rows -------------------------------------------------------------------------------------------------

    @cached_property
    def days(self) -> list[Day]:
        """The changes of this page by the day, the moment and the type with which they were seen."""
        accounts = {account.pk: account for account in self.query.scope.chosen}
        rows = rows_of((self.places or [])[: self.size], accounts)
        totals: Counter[tuple[datetime, str]] = Counter()
        for group in self.groups or ():
            totals[group.at, group.type] += group.number
        return [
            Day(
                date=day,
                groups=[
                    Seen(at=at, type=resource_type(slug), rows=list(some), total=totals[at, slug])
                    for (at, slug), some in groupby(of_day, key=lambda row: (row.at, row.type.slug))
                ],
            )
            for day, of_day in groupby(rows, key=lambda row: timezone.localdate(row.at))
        ]

    @property
    def next_url(self) -> str:
        """The page after this one, if there is one."""
        if not self.places or len(self.places) <= self.size:
            return ""
        return self.query.address(place=self.places[self.size - 1])

    @property
    def first_url(self) -> str:
        """The first page, if this is another one."""
        return self.query.address() if self.query.place else ""

    @property
    def everything_url(self) -> str:
        """All changes of the stretch."""
        return self.query.address(kinds=(), types=(), regions=(), tags=())

    @property
    def exports(self) -> list[tuple[str, str]]:
        """The formats in which every change can be had."""
        return [(name.upper(), self.query.address(output_format=name)) for name in formats.FORMATS]

    @property
    def names_accounts(self) -> bool:
        """Whether each change says whose it is."""
        return len(self.query.scope.chosen) > 1

    # --- the form ---------------------------------------------------------------------------------------------

    @property
    def choices(self) -> list[tuple[str, str, list[Choice]]]:
        """The selects of the form: parameter, label and choices."""
        regions = self.query.scope.standings.regions | set(self.query.regions)
        kinds = {Kind.ADDED: "added", Kind.CHANGED: "altered", Kind.GONE: "gone"}
        return [
            (
                "kind",
                "Change",
                self._choices("kind", {one.value: word for one, word in kinds.items()}, self.query.kinds),
            ),
            (
                "type",
                "Type",
                self._choices(
                    "type", {one.slug: one.plural for one in resource_types()}, [one.slug for one in self.query.types]
                ),
            ),
            (
                "region",
                "Region",
                self._choices(
                    "region",
                    dict(sorted(((one, _region_words(one)) for one in regions - {GLOBAL}), key=lambda pair: pair[1])),
                    self.query.regions,
                ),
            ),
        ]

    def _choices(self, name: str, labels: Mapping[str, str], chosen: Sequence[str]) -> list[Choice]:
        numbers: Counter[str] = Counter()
        for group in self.groups or ():
            value = group.region or UNKNOWN if name == "region" else getattr(group, name)
            numbers[value] += group.number
        return [
            Choice(
                value=value,
                label=label,
                # What another choice would show is only known while none is made.
                number=numbers[value] if self.groups is not None and not chosen else None,
                is_chosen=value in chosen,
            )
            for value, label in labels.items()
        ]

    @cached_property
    def limits(self) -> Limits:
        """How far all of this can be trusted."""
        return Limits(self.query)


def _in_utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _region_words(region: str) -> str:
    return region_name(None) if region == UNKNOWN else f"{region_name(region)} ({region})"


def _record(row: ChangeRow) -> dict[str, Any]:
    cost = row.cost
    return {
        "seen_at": row.at,
        "looked_before": row.looked_before,
        "change": row.kind.value,
        "type": row.type.slug,
        "account": row.account.account_id,
        "region": row.region,
        "native_id": row.resource.native_id,
        "name": row.name,
        "differences": [{"what": one.label, "before": one.before, "after": one.after} for one in row.differences],
        "monthly_usd_before": cost.before if cost else None,
        "monthly_usd_after": cost.after if cost else None,
        "monthly_usd_difference": cost.difference if cost else None,
        "unpriced_reason": cost.reason if cost else "",
    }
