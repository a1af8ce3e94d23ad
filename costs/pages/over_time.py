"""The page of costs over time: what each day cost, as far as anybody looked, and what this month will come to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.forecast import VARIES_OVER, Forecast, part_of
from costs.models import Budget, PriceDocument
from costs.pages.narrowing import Unseen, unseen
from costs.pages.over_time_chart import DaysChart, MonthChart, days_chart, month_chart
from costs.pages.over_time_query import OverTimeQuery
from costs.past import Day
from costs.priceable import priceables
from costs.rows import written
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.query.saved import open_views
from inventory.pages.scope import PageScope

KEYS = (
    "day",
    "usd",
    "least_usd",
    "most_usd",
    "monthly_usd",
    "unpriced",
    "looked_at",
    "places",
    "not_yet_looked_at",
    "rests_on",
    "price_dates",
    "sources",
)


def over_time(request: HttpRequest) -> HttpResponseBase:
    """The page, or its days as CSV, JSON or XLSX."""
    page = OverTimePage.from_request(request)
    found = file_of(
        request,
        page.records,
        keys=KEYS,
        name="costs-over-time",
        what="Costs over time",
        refused=page.asked.error.message if page.asked.error else "",
    )
    return found or render(request, "costs/over_time.html", {"page": page}, status=400 if page.asked.error else 200)


@dataclass(frozen=True)
class OverTimePage:
    """What the address asks for, and the answer."""

    asked: OverTimeQuery

    @classmethod
    def from_request(cls, request: HttpRequest) -> Self:
        """The page of this address."""
        return cls(OverTimeQuery.from_request(request))

    @property
    def scope(self) -> PageScope:
        """Whose accounts, and at which moment."""
        return self.asked.scope

    @cached_property
    def days(self) -> list[Day]:
        """Every day; none for a query that cannot be read."""
        return self.asked.past.days(self.asked.since.date()) if self.asked.past else []

    @property
    def newest_first(self) -> list[Day]:
        """The same for a table."""
        return self.days[::-1]

    @cached_property
    def chart(self) -> DaysChart | None:
        """The level of each day."""
        return days_chart(self.days)

    @property
    def last(self) -> Day | None:
        """The day that is shown last, if anything is known of it."""
        return self.days[-1] if self.days and self.days[-1].usd is not None else None

    @property
    def first(self) -> Day | None:
        """The first day of which something is known."""
        return next((day for day in self.days if day.usd is not None), None)

    @property
    def carried_days(self) -> int:
        """Days on which nobody looked."""
        return sum(day.is_carried for day in self.days)

    @property
    def unknown_days(self) -> int:
        """Days before anybody looked anywhere."""
        return sum(day.usd is None for day in self.days)

    @property
    def partial_days(self) -> int:
        """Days by which not everything had been looked at that holds something."""
        return sum(day.usd is not None and bool(day.waiting) for day in self.days)

    # --- this month -------------------------------------------------------------------------------------------

    @cached_property
    def forecast(self) -> Forecast | None:
        """The month of the page's moment; None where nothing is known of it."""
        past = self.asked.past
        return Forecast(part=part_of(past)) if past and past.last_looks else None

    @cached_property
    def month_chart(self) -> MonthChart | None:
        """The month adding up."""
        if self.forecast is None or self.asked.past is None:
            return None
        budget_usd = self.budget.monthly_usd if self.budget else None
        return month_chart(self.forecast, self.asked.past.days(self.forecast.month), budget_usd)

    @cached_property
    def budget(self) -> Budget | None:
        """What a view that asks the same may cost, if the user may open it; not of one account, nor of the past."""
        if not self.asked.text or self.scope.account or self.scope.as_of:
            return None
        same = [one.view.pk for one in open_views(self.scope) if one.view.query == self.asked.text]
        return Budget.objects.filter(view__in=same).select_related("view").first()

    @property
    def budget_left_usd(self) -> Decimal | None:
        """What the month leaves of it; negative: what is too much."""
        return self.budget.monthly_usd - self.forecast.usd if self.budget and self.forecast else None

    @property
    def varies_over_days(self) -> int:
        """Over how many days the bounds look back."""
        return VARIES_OVER.days

    @property
    def month_ends(self) -> Any:
        """The last day of the month."""
        if self.forecast is None:
            return None
        following = (self.forecast.month.replace(day=28) + timedelta(days=4)).replace(day=1)
        return following - timedelta(days=1)

    # --- what is not known ------------------------------------------------------------------------------------

    @property
    def types(self) -> tuple[str, ...]:
        """What the figures are made of."""
        return () if self.asked.error else tuple(one.slug for one in self.asked.chosen.kinds)

    @property
    def unpriced(self) -> int:
        """Things without a price that are there now."""
        return self.asked.past.unpriced.total() if self.asked.past else 0

    @property
    def unpriced_words(self) -> str:
        """The same in words."""
        return f"{self.unpriced:,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why, the most frequent reason first."""
        return self.asked.past.unpriced.most_common() if self.asked.past else []

    @cached_property
    def unseen(self) -> list[Unseen]:
        """What was not read lately."""
        return unseen(self.scope, self.types)

    @property
    def left_out(self) -> list[str]:
        """Accounts that were archived in these days: what they cost before is in no sum, unless the page names them."""
        if self.scope.account is not None:
            return []
        return [one.name for one in self.scope.archived if one.archived_at and one.archived_at > self.asked.since]

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
        return list(PriceDocument.objects.filter(pk__in=self.asked.past.documents)) if self.asked.past else []

    @property
    def exports(self) -> list[tuple[str, str]]:
        """The days in other formats."""
        return [(one.upper(), self.asked.address(format=one)) for one in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """The days as data; figures with ten decimals at most, null where nobody had looked."""
        for day in self.days:
            is_known = day.usd is not None
            yield {
                "day": day.day,
                "usd": written(day.usd),
                "least_usd": written(day.least_usd) if is_known else None,
                "most_usd": written(day.most_usd) if is_known else None,
                "monthly_usd": written(day.monthly_usd),
                "unpriced": day.unpriced,
                "looked_at": day.looked,
                "places": day.places,
                "not_yet_looked_at": day.waiting,
                "rests_on": "nothing" if not is_known else "earlier looks" if day.is_carried else "looks",
                "price_dates": sorted({f"{one.month:%Y-%m}" for one in self.documents}),
                "sources": [one.source for one in self.documents],
            }
