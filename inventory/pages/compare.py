"""Up to four resources of one type, or moments of one of them, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from inventory.pages.compare_query import Comparison, compare_url
from inventory.pages.compare_rows import Mark, Section, sections_of
from inventory.pages.compare_sides import Side, moments_of, sides_of
from inventory.pages.scope import PageScope


def compare(request: HttpRequest) -> HttpResponse:
    """The comparison that the address asks for; 404 if one of its resources is not there for this user."""
    scope = PageScope.from_request(request)
    comparison = Comparison.from_request(request)
    page = ComparePage(scope=scope, comparison=comparison, sides=sides_of(scope, comparison))
    return render(request, "inventory/compare.html", {"page": page})


@dataclass(frozen=True, kw_only=True)
class ComparePage:
    """What the page shows."""

    scope: PageScope
    comparison: Comparison
    sides: Sequence[Side]

    @cached_property
    def sections(self) -> list[Section]:
        """Every row, under its heading."""
        return sections_of(self.comparison.type, self.sides)

    @property
    def shown(self) -> list[Section]:
        """The rows that were asked for; a heading without any is left out."""
        if not self.comparison.only_differences:
            return self.sections
        kept = (
            replace(section, rows=[row for row in section.rows if row.mark is not Mark.SAME])
            for section in self.sections
        )
        return [section for section in kept if section.rows]

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(len(section.rows) for section in self.sections)

    @property
    def differing(self) -> int:
        """In how many of them the sides differ."""
        return self._number(Mark.DIFFERS)

    @property
    def unsure(self) -> int:
        """Of how many nobody can tell, because a side was not read."""
        return self._number(Mark.UNSURE)

    @property
    def left(self) -> int:
        """How many rows are left when those that are the same are not shown."""
        return self.differing + self.unsure

    @property
    def is_one_resource(self) -> bool:
        """Whether it is about moments of one resource."""
        return len({side.resource.pk for side in self.sides}) == 1

    @property
    def is_one_moment(self) -> bool:
        """Whether it is about one moment of several resources."""
        return len(moments_of(self.sides)) == 1

    @property
    def all_url(self) -> str:
        """The same with every row."""
        return compare_url(self.scope, self.comparison.chosen)

    @property
    def differences_url(self) -> str:
        """The same without the rows on which all agree."""
        return compare_url(self.scope, self.comparison.chosen, only_differences=True)

    def _number(self, mark: Mark) -> int:
        return sum(row.mark is mark for section in self.sections for row in section.rows)
