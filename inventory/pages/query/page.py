"""The page of queries: a question over all types, its rows by type, and the views that people saved.

`/query/?q=TEXT` has everything in its address. A query that cannot be read shows no rows, because any would be wrong
ones; the page points at the word and says what could stand there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.pages.columns import columns_of
from inventory.pages.extensions import extensions
from inventory.pages.frame import address
from inventory.pages.freshness import ScopeState
from inventory.pages.provenance import Provenance, ScopeFilter, provenance
from inventory.pages.query.language import LONGEST, QueryError, parse, spell
from inventory.pages.query.meaning import Part, read_query
from inventory.pages.query.rows import Group, groups_of
from inventory.pages.query.saved import OpenView, open_views
from inventory.pages.scope import PageScope
from inventory.pages.unread import Unread, unread
from inventory.registry import Kind, ResourceType, resource_types

EXAMPLES = (
    ("type:ec2-instance state:running -tag:owner", "running instances without an owner"),
    ("type:ebs-volume state:available cost>1", "volumes that are attached to nothing and cost something"),
    ("encrypted:false region:eu-*", "what is not encrypted in Europe"),
    ("vcpu>=8 launch_time<2026-01-01", "large instances that were launched before 2026"),
    ("cidr_ipv4:0.0.0.0/0 direction:inbound", "rules that let everybody in"),
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field as the page explains it."""

    name: str
    label: str
    kind: str


def query(request: HttpRequest) -> HttpResponse:
    """The page; 400 with the form kept for a query that cannot be read."""
    page = QueryPage(
        scope=PageScope.from_request(request), text=request.GET.get("q", "").replace("\0", "").strip()[: LONGEST + 1]
    )
    return render(request, "inventory/query.html", {"page": page}, status=400 if page.error else 200)


@dataclass(frozen=True, kw_only=True)
class QueryPage:
    """What was asked, and what was found."""

    scope: PageScope
    text: str

    @cached_property
    def _reading(self) -> tuple[Part, ...] | QueryError:
        try:
            return read_query(self.text, self.scope.visible, self.scope.as_of) if self.text else ()
        except QueryError as error:
            return error

    @property
    def longest(self) -> int:
        """How many letters a query may have."""
        return LONGEST

    # --- what is wrong ----------------------------------------------------------------------------------------

    @property
    def error(self) -> QueryError | None:
        """Why the query cannot be read."""
        return self._reading if isinstance(self._reading, QueryError) else None

    @property
    def pieces(self) -> tuple[str, str, str]:
        """The query before, at and after the word that is wrong."""
        return self.error.pieces(self.text) if self.error else (self.text, "", "")

    @property
    def corrected(self) -> str:
        """The query with what was probably meant; empty if nothing is near."""
        return self.error.corrected(self.text) if self.error else ""

    @property
    def corrected_url(self) -> str:
        """The page of the corrected query."""
        return address(self.scope, "query", q=self.corrected)

    # --- what was found ---------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> list[Group]:
        """What was found of each type that can be asked."""
        return [] if isinstance(self._reading, QueryError) else groups_of(self._reading, self.scope)

    @property
    def found(self) -> list[Group]:
        """The types with rows, or whose rows could not be found in time."""
        return [group for group in self.groups if group.rows or group.was_too_slow]

    @property
    def without(self) -> list[str]:
        """The types of which nothing meets the query, those never read left out."""
        never = self.never_read
        kinds = [group.part.kind for group in self.groups if group not in self.found]
        return [kind.plural for kind in kinds if kind.plural not in never]

    @cached_property
    def never_read(self) -> list[str]:
        """The types that nobody had looked at by the moment, so that having no rows says nothing."""
        kinds = [group.part.kind for group in self.groups]
        summaries = [(kind, self.scope.standings.of_type(kind.slug)) for kind in kinds]
        return [kind.plural for kind, summary in summaries if summary is None or summary.was_never_read]

    @property
    def total_words(self) -> str:
        """How many there are in all types together."""
        numbers = [group.number for group in self.groups]
        known = sum(number for number in numbers if number is not None)
        is_exact = all(group.number is not None and "+" not in group.number_words for group in self.groups)
        return f"{known:,}" if is_exact else f"at least {known:,}"

    @property
    def is_one(self) -> bool:
        """Whether exactly one resource was found."""
        return self.total_words == "1"

    # --- how far it can be trusted ----------------------------------------------------------------------------

    @cached_property
    def unread(self) -> list[Unread]:
        """Which scopes of the types in question could not be read, and why."""
        return unread(self.scope, self._states)

    @property
    def behind(self) -> Provenance:
        """The looks behind the rows."""
        return provenance(self.scope, self._states, self._scopes)

    @property
    def coverage_url(self) -> str:
        """Where these looks are listed."""
        return self._scopes.url(self.scope)

    @property
    def _scopes(self) -> ScopeFilter:
        return ScopeFilter(types=tuple(group.part.kind.slug for group in self.groups))

    @cached_property
    def _states(self) -> list[ScopeState]:
        slugs = [group.part.kind.slug for group in self.groups]
        return self.scope.states_of(slugs) if slugs else []

    # --- views ------------------------------------------------------------------------------------------------

    @cached_property
    def views(self) -> list[OpenView]:
        """Every saved view that the user may open."""
        return open_views(self.scope)

    @property
    def own_views(self) -> list[OpenView]:
        """The same as a list; empty if it was not saved."""
        return [self.own_view] if self.own_view else []

    @property
    def own_view(self) -> OpenView | None:
        """The own view that asks this query; None if it was not saved."""
        same = [
            one for one in self.views if one.is_own and self.text and _spelled(one.view.query) == _spelled(self.text)
        ]
        return same[0] if same else None

    # --- help -------------------------------------------------------------------------------------------------

    @property
    def examples(self) -> Sequence[tuple[str, str]]:
        """Queries that show what can be asked, with what they mean."""
        return EXAMPLES

    @property
    def fields(self) -> list[tuple[ResourceType, list[Field]]]:
        """Every type and what a query can ask about it."""
        return [(kind, _fields(kind)) for kind in resource_types()]


def _spelled(text: str) -> str:
    """The query in one spelling, so that blanks and quotes make no difference."""
    try:
        return spell(parse(text))
    except QueryError:
        return text


WORDS_OF_KINDS = {
    Kind.NUMBER: "number",
    Kind.COUNT: "number",
    Kind.BOOLEAN: "true or false",
    Kind.MOMENT: "date or moment",
    Kind.MANY: "several texts",
}


def _fields(kind: ResourceType) -> list[Field]:
    own = [
        Field(
            name=one.field,
            label=one.label,
            kind=" ".join(filter(None, (WORDS_OF_KINDS.get(one.kind, "text"), one.unit))),
        )
        for one in columns_of(kind).values()
    ]
    added = extensions.columns_of(kind.slug)
    return own + [Field(name=one.short_name or one.key, label=one.label, kind=f"number {one.unit}") for one in added]
