"""Costs by something, day by day, and the budgets of saved views, as their pages export them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.models import Scope
from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, Parameter
from api.values import Answer, DecimalText, Moment
from costs.pages.budgets import BudgetsPage
from costs.pages.by import ByPage
from costs.pages.over_time import OverTimePage
from inventory.pages.formats import plain
from inventory.pages.query.language import QueryError
from inventory.pages.scope import BadAddress, PageScope

PRICE_DATES = Field(description="The months of the price lists that the figures rest on.")
SOURCES = Field(description="Where these lists come from.")


class ByItem(Answer):
    """Everything of one value: an account, a region, a type, a family, a way of paying, or the value of a tag."""

    by: str
    value: str | None = Field(description="Null for what has none, or whose value was never read.")
    without: str | None = Field(description="none: it has no value; unread: nobody ever read it; null: it has one.")
    things: dict[str, int | DecimalText] = Field(description="How many there are of each resource type.")
    monthly_usd: DecimalText | None = Field(
        description="On-demand US dollars for 730 hours; null: nothing has a price."
    )
    share_percent: DecimalText | None
    changed_since: Moment | None = Field(description="From when the change counts; null: it cannot be told.")
    change_monthly_usd: DecimalText | None = Field(description="At the same prices, where somebody looked by then.")
    first_looked_at_monthly_usd: DecimalText | None = Field(description="What stands where nobody had looked by then.")
    priced: int | DecimalText
    unpriced: int | DecimalText = Field(description="Things without a price, which are in no sum.")
    unpriced_reasons: list[str]
    price_dates: list[str] = PRICE_DATES
    sources: list[str] = SOURCES
    read_at: Moment | None = Field(description="The oldest look behind the figures.")


class ByList(Answer):
    """The lines of a dimension, the dearest first; together they are everything that costs money."""

    currency: str
    items: list[ByItem]


class DayItem(Answer):
    """One day in UTC; null where nobody had looked by then."""

    day: str
    usd: DecimalText | None = Field(description="What it cost, in US dollars at today's on-demand list prices.")
    least_usd: DecimalText | None = Field(description="Without what may have gone before the look that missed it.")
    most_usd: DecimalText | None = Field(description="With what may have come before the look that saw it first.")
    monthly_usd: DecimalText | None = Field(description="What was there at its end, for 730 hours.")
    unpriced: int = Field(description="Things without a price, which are in no sum.")
    looked_at: int = Field(description="Places that were looked at on that day.")
    places: int = Field(description="Places of which something was known by then.")
    not_yet_looked_at: int = Field(description="Places that hold something and were looked at later only.")
    rests_on: str = Field(description="looks, earlier looks, or nothing.")
    price_dates: list[str] = PRICE_DATES
    sources: list[str] = SOURCES


class Month(Answer):
    """The calendar month of the moment, in US dollars at today's on-demand list prices."""

    month: str
    spent_usd: DecimalText = Field(description="Until the last looks.")
    spent_least_usd: DecimalText
    spent_most_usd: DecimalText
    forecast_usd: DecimalText = Field(description="If everything stays as it was last seen.")
    forecast_least_usd: DecimalText | None = Field(description="Null: too few days are known.")
    forecast_most_usd: DecimalText | None
    unpriced: int
    unseen_percent: DecimalText = Field(description="How much of the month so far nobody had looked at.")
    seen_until: Moment | None = Field(description="The oldest of the last looks.")


class Days(Answer):
    """Every day of a stretch, the oldest first, and the month that it ends in; null where nobody looked."""

    currency: str
    month: Month | None
    items: list[DayItem]


class BudgetItem(Answer):
    """What a saved view may cost in this calendar month; null where something is not known."""

    view: str
    owner: str
    query: str
    budget_usd: DecimalText
    month: str | None
    spent_usd: DecimalText | None
    spent_least_usd: DecimalText | None
    spent_most_usd: DecimalText | None
    forecast_usd: DecimalText | None
    forecast_least_usd: DecimalText | None
    forecast_most_usd: DecimalText | None
    left_usd: DecimalText | None = Field(description="Negative: what the month comes to beyond the budget.")
    verdict: str = Field(description="over, will-be-over, may-be-over, within or unknown.")
    unpriced: int | None
    unseen_percent: DecimalText | None
    accounts_not_worked_out: int
    problem: str | None
    worked_out_at: Moment | None
    seen_until: Moment | None
    set_by: str
    set_at: Moment


class Budgets(Answer):
    """The budgets of the views that may be opened, for the accounts that may be seen."""

    currency: str
    items: list[BudgetItem]


BY = Parameter(
    name="by", about="account, region, type, instance_type, family, payment or tag:KEY; by account without it."
)
QUERY = Parameter(name="q", about="Only what this query finds.")
SINCE = Parameter(name="from", about="A past moment in ISO 8601; thirty days before without it.")


def add_to(router: Router) -> None:
    """The operations of this module."""
    for path, name, summary, answer, parameters, view in (
        ("by", "list_costs_by", "Costs by something", ByList, (ACCOUNT, AS_OF, BY, QUERY, SINCE), costs_by),
        ("days", "list_costs_of_days", "Costs over time", Days, (ACCOUNT, AS_OF, QUERY, SINCE), days),
        ("budgets", "list_budgets", "Budgets of saved views", Budgets, (), budgets),
    ):
        Operation(
            path=f"/costs/{path}",
            name=name,
            summary=summary,
            answer=answer,
            tag="Costs",
            scope=Scope.COSTS,
            parameters=parameters,
        ).add_to(router, view)


def costs_by(request: HttpRequest) -> ByList:
    """What things cost by an account, a region, a type, a family, a way of paying or a tag, and what has no value."""
    page = ByPage.from_request(request)
    _refuse(page.asked.error)
    return ByList(currency="USD", items=[ByItem(**plain(row)) for row in page.records()])


def days(request: HttpRequest) -> Days:
    """What each day cost as far as anybody looked, and what the month comes to, between bounds."""
    page = OverTimePage.from_request(request)
    _refuse(page.asked.error)
    month = None
    if known := page.forecast:
        figures: dict[str, Any] = {
            "month": known.month,
            "spent_usd": known.spent_usd,
            "spent_least_usd": known.spent_least_usd,
            "spent_most_usd": known.spent_most_usd,
            "forecast_usd": known.usd,
            "forecast_least_usd": known.least_usd,
            "forecast_most_usd": known.most_usd,
            "unpriced": known.part.unpriced,
            "unseen_percent": known.unseen_percent,
            "seen_until": known.part.seen_until,
        }
        month = Month(**plain(figures))
    return Days(currency="USD", month=month, items=[DayItem(**plain(row)) for row in page.records()])


def budgets(request: HttpRequest) -> Budgets:
    """What saved views may cost this month, what they have cost, and what they come to, with what is not known."""
    page = BudgetsPage(PageScope.from_request(request))
    return Budgets(currency="USD", items=[BudgetItem(**plain(row)) for row in page.records()])


def _refuse(error: QueryError | None) -> None:
    if error is not None:
        raise BadAddress(error.message)
