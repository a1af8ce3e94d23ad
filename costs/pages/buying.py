"""The page of purchases: what to commit to, as a shopping list, and the curve that its optimum lies on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from costs.buying import Line, ShoppingList, Terms, shopping_list
from costs.models import PriceDocument
from costs.pages.buying_chart import Curve, curve_of
from costs.pages.buying_query import BuyingQuery
from costs.pages.ways import spell_months
from costs.rows import terms, written
from costs.running import hours_of
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.scope import BadAddress, PageScope
from inventory.resource_types.ec2_instance import EC2_INSTANCE

SHORT_HOURS = Decimal(24 * 7)
"""A window that is shorter says little about a year."""
KEYS = (
    "region",
    "family",
    "instance_type",
    "usage_operation",
    "tenancy",
    "model",
    "term_years",
    "payment",
    "offering_class",
    "buy",
    "buy_if_all_that_may_have_run_did",
    "commitment_usd_an_hour",
    "covered_already",
    "ran_at_least",
    "ran_at_most",
    "ran_on_average",
    "last_used_percent",
    "next_used_percent",
    "break_even_percent",
    "upfront_usd",
    "committed_monthly_usd",
    "saving_monthly_usd",
    "looked_from",
    "looked_until",
    "price_date",
    "compared_date",
    "source",
    "unpriced_reason",
)


def buying(request: HttpRequest) -> HttpResponseBase:
    """What to buy, as a page or as CSV, JSON or XLSX."""
    page = BuyingPage.from_request(request)
    found = file_of(request, page.records, keys=KEYS, name="what-to-buy", what="What to buy")
    return found or render(request, "costs/buying.html", {"page": page})


@dataclass(frozen=True)
class BuyingPage:
    """What the address asks for, and the answer."""

    asked: BuyingQuery

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address; BadAddress at a past moment, at which nothing can be bought."""
        asked = BuyingQuery.from_request(request)
        if asked.scope.as_of is not None:
            raise BadAddress("Nothing can be bought in the past. Go back to now, or look at the fleet at that moment.")
        return cls(asked)

    @property
    def scope(self) -> PageScope:
        """Whose accounts."""
        return self.asked.scope

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, (EC2_INSTANCE.slug,), [])

    @cached_property
    def shopping(self) -> ShoppingList:
        """What to buy, what not, and what has no price."""
        asked = self.asked
        return shopping_list(
            self.scope.chosen,
            Terms(
                way=asked.way,
                goes_on_percent=asked.goes_on_percent,
                falls_percent=Decimal(asked.falls),
                budget_usd=None if asked.budget_usd is None else Decimal(asked.budget_usd),
            ),
            asked.days,
        )

    @property
    def window_hours(self) -> Decimal | None:
        """How long anybody looked; None where nobody did."""
        window = self.shopping.past.window
        return None if window is None else hours_of(window.length)

    @property
    def hours_words(self) -> str:
        """The same in words; empty where nobody looked."""
        return "" if self.window_hours is None else f"{self.window_hours:,.0f} hours"

    @property
    def is_short(self) -> bool:
        """Whether that is too short to tell much about a year."""
        return self.window_hours is not None and self.window_hours < SHORT_HOURS

    @cached_property
    def shown(self) -> Line | None:
        """The line whose curve is drawn: the one that was asked for, else the one that saves most."""
        lines = [*self.shopping.bought, *self.shopping.left]
        return next((line for line in lines if line.key == self.asked.shown), next(iter(lines), None))

    @cached_property
    def curve(self) -> Curve | None:
        """Cost against commitment of the shown line."""
        return curve_of(self.shown) if self.shown and self.shown.purchase.demand.most else None

    @property
    def bought(self) -> list[tuple[Line, str]]:
        """What is worth buying, each with the address that draws its curve."""
        return [(line, self.asked.address(group=line.key)) for line in self.shopping.bought]

    @property
    def left(self) -> list[tuple[Line, str]]:
        """What is better left on-demand, likewise."""
        return [(line, self.asked.address(group=line.key)) for line in self.shopping.left]

    @property
    def units(self) -> int:
        """How many are bought in all."""
        return sum(line.purchase.units for line in self.shopping.lines)

    @property
    def action(self) -> str:
        """Where the form leads."""
        return reverse("costs-buying")

    @property
    def months(self) -> str:
        """Of which months the prices are."""
        return spell_months(self.shopping.provenances)

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures rest on, newest first."""
        return list(PriceDocument.objects.filter(pk__in=[one.document_id for one in self.shopping.provenances]))

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), self.asked.address(format=one)) for one in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """Every group: what to buy for it, which may be nothing, or why it has no price."""
        window = self.shopping.past.window
        looked = {"looked_from": window.start, "looked_until": window.end} if window else {}
        for line in (*self.shopping.bought, *self.shopping.left):
            yield dict.fromkeys(KEYS) | _group(line.group) | terms(self.asked.way) | looked | _figures(line)
        for group, reason in self.shopping.unpriced.items():
            empty = dict.fromkeys(KEYS) | _group(group) | terms(self.asked.way) | looked
            yield empty | {"unpriced_reason": reason}


def _group(group: Any) -> dict[str, Any]:
    return {
        "region": group.region,
        "family": group.name.partition(".")[0],
        "usage_operation": group.operation,
        "tenancy": group.tenancy,
    }


def _figures(line: Line) -> dict[str, Any]:
    purchase = line.purchase
    return {
        "instance_type": line.unit_type,
        "buy": purchase.units,
        "buy_if_all_that_may_have_run_did": line.possible.units,
        "commitment_usd_an_hour": written(line.hourly_commitment_usd),
        "covered_already": written(line.covered),
        "ran_at_least": written(line.least),
        "ran_at_most": written(line.most),
        "ran_on_average": written(line.mean),
        "last_used_percent": written(purchase.last_used_percent),
        "next_used_percent": written(purchase.next_used_percent),
        "break_even_percent": written(purchase.break_even_percent),
        "upfront_usd": purchase.upfront_usd,
        "committed_monthly_usd": written(purchase.committed_monthly_usd),
        "saving_monthly_usd": written(purchase.saving_monthly_usd),
        "price_date": line.price.provenance.month_text,
        "compared_date": line.compared.provenance.month_text,
        "source": line.price.provenance.source,
    }
