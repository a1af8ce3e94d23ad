"""The page of budgets: what saved views may cost this month, what they have cost, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.budget_rows import KEYS, budget_rows
from costs.budgets import Standing, Verdict, standings
from costs.models import Budget
from costs.priceable import priceables
from inventory.models import Account, SavedView
from inventory.pages.extensions import ViewNote
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.list_query import QUERY
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.query.saved import open_views
from inventory.pages.scope import PageScope

HUNDRED = Decimal(100)
BAD = frozenset({Verdict.OVER, Verdict.WILL_BE_OVER})


def budgets(request: HttpRequest) -> HttpResponseBase:
    """The page, or every budget as CSV, JSON or XLSX."""
    page = BudgetsPage(PageScope.from_request(request))
    found = file_of(request, page.records, keys=KEYS, name="budgets", what="Budgets")
    return found or render(request, "costs/budgets.html", {"page": page})


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """One budget, ready to be shown."""

    standing: Standing
    is_own: bool
    url: str
    """Its month, day by day."""

    @property
    def spent_percent(self) -> str:
        """What was spent of it, for a bar."""
        return self._percent(self.standing.forecast.spent_usd if self.standing.forecast else Decimal(0))

    @property
    def forecast_percent(self) -> str:
        """What the month comes to, for a bar."""
        return self._percent(self.standing.forecast.usd if self.standing.forecast else Decimal(0))

    @property
    def is_bad(self) -> bool:
        """Whether it costs more than it may, as far as is known."""
        return self.standing.verdict in BAD

    @property
    def missing_words(self) -> str:
        """For how many accounts nothing was worked out."""
        number = self.standing.missing
        return f"{number:,} account{'' if number == 1 else 's'} not worked out"

    @property
    def unpriced_words(self) -> str:
        """How much has no price."""
        return f"{self.standing.forecast.part.unpriced:,} unpriced" if self.standing.forecast else ""

    def _percent(self, usd: Decimal) -> str:
        return f"{min(usd * HUNDRED / self.standing.budget.monthly_usd, HUNDRED):.1f}"


@dataclass(frozen=True)
class BudgetsPage:
    """Every budget that the user may see."""

    scope: PageScope

    @cached_property
    def rows(self) -> list[BudgetRow]:
        """One for each; none at a past moment, because budgets are told for now."""
        return budget_lines(self.scope)

    @cached_property
    def own_views(self) -> list[SavedView]:
        """The views that the user can give a budget."""
        return list(SavedView.objects.filter(owner=self.scope.user.pk))

    @property
    def over(self) -> int:
        """How many cost or come to more than they may."""
        return sum(row.is_bad for row in self.rows)

    @property
    def largest_digits(self) -> int:
        """How long an amount may be."""
        return 13

    @property
    def now_url(self) -> str:
        """This page of now."""
        account = self.scope.account
        return address(
            PageScope(user=self.scope.user, visible=self.scope.visible, account=account, as_of=None), "budgets"
        )

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, [one.slug for one in priceables()])

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats."""
        return [(one.upper(), address(self.scope, "budgets", format=one)) for one in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """The rows as data."""
        return budget_rows(row.standing for row in self.rows)


def budget_lines(scope: PageScope) -> list[BudgetRow]:
    """The budgets of the views that the user may open; two queries."""
    if scope.as_of is not None:
        return []
    opened = {one.view.pk: one for one in open_views(scope)}
    found = list(Budget.objects.filter(view__in=list(opened)).select_related("view", "view__owner"))
    return [
        BudgetRow(
            standing=one,
            is_own=opened[one.view.pk].is_own,
            url=address(scope, "costs-over-time", **{QUERY: one.view.query}),
        )
        for one in standings(found, every_account(scope))
    ]


def every_account(scope: PageScope) -> list[Account]:
    """The accounts that a budget is about, whichever one the page is narrowed to: all that the reader may see."""
    return [account for account in scope.visible if account not in scope.archived]


def view_notes(scope: PageScope, views: Sequence[SavedView]) -> Mapping[int, ViewNote]:
    """What home and the page of queries say of views with a budget."""
    if scope.as_of is not None:
        return {}
    budgets = list(Budget.objects.filter(view__in=[view.pk for view in views]).select_related("view"))
    return {one.view.pk: _note(scope, one) for one in standings(budgets, every_account(scope))} if budgets else {}


def _note(scope: PageScope, one: Standing) -> ViewNote:
    known = one.forecast
    spent = f"${known.spent_usd:,.2f} spent, comes to ${known.usd:,.2f}" if known else "not worked out yet"
    return ViewNote(
        words=f"{spent} of ${one.budget.monthly_usd:,.2f} a month: {one.words}",
        url=address(scope, "budgets"),
        is_bad=one.verdict in BAD,
        is_unknown=one.has_unknown or one.verdict is Verdict.UNKNOWN,
    )
