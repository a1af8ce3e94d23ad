"""The page of costs by something: who, where and what the money goes to, and how that changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.breakdown import UNTAGGED, Breakdown, Change, Line, Places, breakdown, change_of, lines_together
from costs.models import PriceDocument
from costs.pages.by_lines import ByLine, by_lines
from costs.pages.by_query import ByQuery
from costs.pages.narrowing import Unseen, unseen
from costs.priceable import priceables
from costs.rows import written
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.freshness import scope_states
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.query.language import QueryError
from inventory.pages.scope import PageScope, is_pruned
from inventory.registry import GLOBAL, Reach, resource_type

LINES_SHOWN = 50
KEYS = (
    "by",
    "value",
    "without",
    "things",
    "monthly_usd",
    "share_percent",
    "changed_since",
    "change_monthly_usd",
    "first_looked_at_monthly_usd",
    "priced",
    "unpriced",
    "unpriced_reasons",
    "price_dates",
    "sources",
    "read_at",
)


def costs_by(request: HttpRequest) -> HttpResponseBase:
    """The page, or every line of it as CSV, JSON or XLSX."""
    page = ByPage.from_request(request)
    found = file_of(
        request,
        page.records,
        keys=KEYS,
        name="costs-by",
        what=f"Costs by {page.asked.by_words.lower()}",
        refused=page.asked.error.message if page.asked.error else "",
    )
    return found or render(request, "costs/by.html", {"page": page}, status=400 if page.asked.error else 200)


@dataclass(frozen=True)
class ByPage:
    """What the address asks for, and the answer."""

    asked: ByQuery

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address."""
        return cls(ByQuery.from_request(request))

    @property
    def scope(self) -> PageScope:
        """Whose accounts, and at which moment."""
        return self.asked.scope

    @property
    def found(self) -> Breakdown:
        """The lines of the moment."""
        return self.asked.found

    @property
    def total(self) -> Line:
        """Everything together."""
        return self.found.total

    @property
    def types(self) -> tuple[str, ...]:
        """What the figures are made of: everything that can have a price, or what the query is about."""
        if self.asked.error:
            return ()
        return tuple(one.slug for one in self.asked.chosen(self.scope.as_of).kinds)

    # --- how it changed ---------------------------------------------------------------------------------------

    @cached_property
    def _before(self) -> Breakdown | str:
        """The lines of the earlier moment, or why there are none."""
        try:
            return breakdown(self.asked.chosen(self.asked.since), self.asked.by)
        except QueryError as error:
            return error.message

    @property
    def no_changes_because(self) -> str:
        """Why changes cannot be told; empty if they can."""
        return self._before if isinstance(self._before, str) else ""

    @cached_property
    def _looked_at(self) -> Places:
        """What had been read by the earlier moment."""
        kept = [one for one in self.scope.chosen if not is_pruned(one, self.asked.since)]
        states = scope_states(kept, self.asked.since)
        read = {(one.account_id, one.type, one.region) for one in states if one.read_at}
        now = {(one.account_id, one.type, one.region) for one in self.scope.states}
        global_types = [one.slug for one in priceables() if resource_type(one.slug).reach is Reach.GLOBAL]
        return Places(read=read, unread=now - read, global_types=global_types, global_region=GLOBAL)

    def _change(self, line: Line) -> Change | None:
        if isinstance(self._before, str):
            return None
        return change_of(line, self._before.line(line.key), self._looked_at)

    @cached_property
    def change(self) -> Change | None:
        """How the whole changed."""
        if isinstance(self._before, str):
            return None
        return change_of(self.total, self._before.total, self._looked_at)

    @cached_property
    def gone(self) -> list[ByLine]:
        """Values that things had then, and that nothing has any more."""
        if isinstance(self._before, str):
            return []
        lines = [Line(line.key) for line in self._before.lines if self.found.line(line.key) is None and line.usd]
        return self._lines(lines)

    # --- lines ------------------------------------------------------------------------------------------------

    @cached_property
    def lines(self) -> list[ByLine]:
        """Every line."""
        return self._lines(self.found.lines)

    def _lines(self, lines: list[Line]) -> list[ByLine]:
        changes = [self._change(line) for line in lines]
        total_usd = self.total.usd
        asked = self.asked
        return list(by_lines(lines, changes, by=asked.by, total_usd=total_usd, scope=self.scope, text=asked.text))

    @property
    def shown(self) -> list[ByLine]:
        """The dearest, and those without a value."""
        return [*self._valued[:LINES_SHOWN], *(one for one in self.lines if one.key.lack)]

    @property
    def rest(self) -> ByLine | None:
        """The others together; None if there are none."""
        others = [one.line for one in self._valued[LINES_SHOWN:]]
        return self._lines([lines_together(others)])[0] if others else None

    @property
    def rest_number(self) -> int:
        """How many lines those are."""
        return len(self._valued) - LINES_SHOWN

    @property
    def _valued(self) -> list[ByLine]:
        return [one for one in self.lines if not one.key.lack]

    @property
    def dearest(self) -> ByLine | None:
        """The line that costs most; None if nothing has a price."""
        return next((one for one in self._valued if one.line.usd), None)

    @property
    def untagged(self) -> ByLine | None:
        """What has no such tag; None if everything has it, or the page is not by a tag."""
        return next((one for one in self.lines if one.key == UNTAGGED), None)

    # --- what is not known ------------------------------------------------------------------------------------

    @property
    def unpriced_words(self) -> str:
        """How many things have no price."""
        return f"{self.found.unpriced.total():,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why, the most frequent reason first."""
        return self.found.unpriced.most_common()

    @cached_property
    def unseen(self) -> list[Unseen]:
        """What was not read lately."""
        return unseen(self.scope, self.types)

    @property
    def was_read(self) -> bool:
        """Whether anybody has ever looked."""
        return self.scope.standings.was_read(self.types)

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, self.types or [one.slug for one in priceables()])

    @cached_property
    def documents(self) -> Sequence[PriceDocument]:
        """The price lists behind them, newest first."""
        return list(PriceDocument.objects.filter(pk__in=self.total.documents))

    # --- exports ----------------------------------------------------------------------------------------------

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), self.asked.address(format=one)) for one in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """The lines as data; figures with ten decimals at most."""
        documents = {one.pk: one for one in self.documents}
        for one in (*self.lines, *self.gone):
            own = [documents[pk] for pk in sorted(one.line.documents) if pk in documents]
            change = one.change or Change(usd=None, new_usd=Decimal(0))
            yield {
                "by": str(self.asked.by),
                "value": None if one.key.lack else one.key.text or one.key.slug,
                "without": one.key.lack.value if one.key.lack else None,
                "things": {
                    slug: _whole(things.number) for slug, things in zip(one.line.numbers, one.things, strict=True)
                },
                "monthly_usd": written(one.line.usd) if one.is_priced else None,
                "share_percent": written(one.share),
                "changed_since": self.asked.since if one.change else None,
                "change_monthly_usd": written(change.usd),
                "first_looked_at_monthly_usd": written(change.new_usd) if one.change else None,
                "priced": _whole(written(Decimal(one.line.priced.numerator) / one.line.priced.denominator)),
                "unpriced": _whole(one.unpriced),
                "unpriced_reasons": list(one.line.unpriced),
                "price_dates": sorted({f"{document.month:%Y-%m}" for document in own}),
                "sources": [document.source for document in own],
                "read_at": self.behind.oldest,
            }


def _whole(number: Decimal | None) -> int | Decimal | None:
    """A number without decimals where it has none."""
    return int(number) if number is not None and number == number.to_integral_value() else written(number)
