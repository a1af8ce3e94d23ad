"""The waste page: what is paid for and does nothing, or would cost less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.instance_types import TypeFacts, type_facts
from costs.models import PriceDocument
from costs.pages.narrowing import RegionalPage, Unseen, unseen
from costs.waste import LOOKED_AT, Kind, KindTotal, Line, Waste
from costs.waste_rows import KEYS, waste_rows
from costs.waste_search import find_waste
from inventory.pages.files import file_of
from inventory.pages.provenance import Provenance, behind_types

LINES_SHOWN = 25


def waste(request: HttpRequest) -> HttpResponseBase:
    """The waste page, or every line of it as CSV, JSON or XLSX."""
    page = WastePage.from_request(request)
    found = file_of(request, lambda: waste_rows(page.every_line), keys=KEYS, name="waste", what="Waste")
    return found or render(request, "costs/waste.html", {"page": page})


@dataclass(frozen=True)
class Group:
    """One kind of waste: its lines, or as many of them as are shown."""

    total: KindTotal

    @property
    def kind(self) -> Kind:
        """The kind."""
        return self.total.kind

    @property
    def lines(self) -> list[Line]:
        """Those that save most."""
        return self.total.lines[:LINES_SHOWN]

    @property
    def has_more(self) -> bool:
        """Whether there are others."""
        return self.total.number > LINES_SHOWN

    @property
    def is_cheaper_as_another(self) -> bool:
        """Whether its things would be something else, instead of nothing."""
        return self.kind in (Kind.OLDER_TYPE, Kind.DEARER_VOLUME_TYPE)

    @property
    def unpriced_words(self) -> str:
        """How many lines have no price."""
        return f"{self.total.unpriced:,} unpriced"


@dataclass(frozen=True)
class WastePage(RegionalPage):
    """What the address asks for, and the answer."""

    url_name = "waste"

    @cached_property
    def waste(self) -> Waste:
        """The lines that are shown, and what the others come to."""
        return find_waste(self.scope.chosen, self.scope.as_of, self.region, LINES_SHOWN)

    @property
    def every_line(self) -> Waste:
        """The same with all lines, for files."""
        return find_waste(self.scope.chosen, self.scope.as_of, self.region)

    @cached_property
    def groups(self) -> list[Group]:
        """The lines by kind."""
        return [Group(total) for total in self.waste.kinds]

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.waste.documents]))

    @cached_property
    def unseen(self) -> list[Unseen]:
        """What was not read lately: there may be more waste there."""
        return unseen(self.scope, LOOKED_AT, self.region)

    @property
    def was_read(self) -> bool:
        """Whether anybody has ever looked here."""
        return self.scope.standings.was_read(LOOKED_AT, self.region)

    @property
    def behind(self) -> Provenance:
        """The looks behind the lines."""
        return behind_types(self.scope, LOOKED_AT, filter(None, [self.region]))

    @property
    def facts(self) -> TypeFacts:
        """Where the facts about instance types come from."""
        return type_facts()

    @property
    def unpriced(self) -> int:
        """Lines without a price."""
        return self.waste.unpriced.total()

    @property
    def unpriced_words(self) -> str:
        """How many lines have no price."""
        return f"{self.unpriced:,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why lines have no price, and how many."""
        return self.waste.unpriced.most_common()

    @property
    def not_compared_reasons(self) -> list[tuple[str, int]]:
        """Why things could not be compared with something cheaper, and how many."""
        return self.waste.not_compared.most_common()

    @property
    def not_judged_reasons(self) -> list[tuple[str, int]]:
        """Why nobody knows whether things serve anything, and how many."""
        return self.waste.not_judged.most_common()

    @property
    def found_in(self) -> Iterable[str]:
        """The regions that hold any of it."""
        return (place.region for place in self.scope.counts if place.type in LOOKED_AT and place.region)
