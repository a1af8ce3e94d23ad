"""What whole accounts cost: totals by region, with the share that has no price beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from costs.price_book import Unpriced
from costs.priceable import Monthly, Priceable, priceables
from costs.usage_counts import every_usage_count
from inventory.models import Account

TOTAL = "total"


@dataclass
class Total:
    """A sum of list prices a month, and what it leaves out."""

    monthly_usd: Decimal = Decimal(0)
    priced: int = 0
    unpriced: int = 0
    months: set[date] = field(default_factory=set)

    @property
    def has_any(self) -> bool:
        """Whether there is anything, priced or not."""
        return bool(self.priced or self.unpriced)

    @property
    def months_text(self) -> str:
        """`2025-04`, or the first and the last of several."""
        months = sorted({f"{month:%Y-%m}" for month in self.months})
        return " to ".join(months if len(months) < 3 else (months[0], months[-1]))

    def add(self, price: Monthly | Unpriced, number: int) -> None:
        """Count `number` things of this price."""
        if isinstance(price, Unpriced):
            self.unpriced += number
        else:
            self.monthly_usd += price.usd * number
            self.priced += number
            self.months.add(price.month)


def total_of(priceable: Priceable, counts: Mapping[Any, int]) -> Total:
    """The on-demand price of these things; what is not charged in its state adds nothing."""
    total = Total()
    for _, price, number in _priced(priceable, counts):
        total.add(price, number)
    return total


def totals_by_region(accounts: QuerySet[Account], when: datetime | None) -> Mapping[str, Total]:
    """The on-demand price of all that is charged in each region, and under `TOTAL` in all of them together.

    Resources of an unread region are in the total only. At a past moment these are today's prices for what was there.
    """
    totals: dict[str, Total] = defaultdict(Total)
    counts = every_usage_count(priceables(), accounts, when)
    for priceable in priceables():
        for usage, price, number in _priced(priceable, counts[priceable.slug]):
            for key in filter(None, (usage.region, TOTAL)):
                totals[key].add(price, number)
    return totals


def _priced(priceable: Priceable, counts: Mapping[Any, int]) -> Iterator[tuple[Any, Monthly | Unpriced, int]]:
    """Usage, on-demand price and number of everything that is charged."""
    book = priceable.book(counts)
    for usage, number in counts.items():
        if priceable.is_charged(usage):
            yield usage, priceable.quote(usage, book).on_demand, number
