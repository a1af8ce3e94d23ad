"""What ways of paying cost month after month: which of them are drawn, and their figures.

On-demand, the cheapest reservation of each term, the cheapest Savings Plan of the longest term and spot are drawn
unless others are chosen, each as if everything ran every hour. A commitment is measured against the on-demand price of
its own list, so that price has a line of its own where the headline is another one. A commitment that ends before the
others is signed again. What has no price is not drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from costs.compare import MONTH_HOURS, Charge
from costs.comparison import Option, cheapest
from costs.price_book import Price
from costs.pricing_models import ON_DEMAND, SPOT, TERM_YEARS, Reserved, SavingsPlan, WayOfPaying

YEAR_MONTHS = 12
FIGURES_A_TERM = 6
"""How many times after the first day the table of figures tells what was paid."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """One way of paying over the months."""

    price: Price
    name: str
    months: int
    """Over how many it is told."""
    compared: Price | None = None
    """The on-demand price that a commitment is measured against."""
    beside_hourly_usd: Decimal = Decimal(0)
    """What is paid on-demand in any case, as part of both."""

    @property
    def way(self) -> WayOfPaying:
        """The way of paying."""
        return self.price.way

    @property
    def charge(self) -> Charge:
        """What is paid, and when."""
        return self.price.charge

    @property
    def term_months(self) -> int | None:
        """The months of one term; None without a commitment."""
        return None if self.way.term_years is None else self.way.term_years * YEAR_MONTHS

    @property
    def times(self) -> int:
        """How often it is signed."""
        return 1 if self.term_months is None else -(-self.months // self.term_months)

    @property
    def label(self) -> str:
        """Its name, and how often it is signed."""
        return f"{self.name}, {self.times} times" if self.times > 1 else self.name

    def paid_usd(self, months: int | Decimal) -> Decimal:
        """Everything paid after so many months of 730 hours."""
        return self.charge.paid_usd(months * MONTH_HOURS)

    @property
    def total_usd(self) -> Decimal:
        """Everything paid at the end."""
        return self.paid_usd(self.months)

    @property
    def break_even_hours(self) -> Decimal | None:
        """The hours a month from which it is cheaper than on-demand; None without a commitment."""
        if self.compared is None or self.term_months is None:
            return None
        own = replace(self.charge, hourly_usd=self.charge.hourly_usd - self.beside_hourly_usd)
        return own.break_even_hours(self.compared.charge.hourly_usd - self.beside_hourly_usd)

    @property
    def break_even_months(self) -> Decimal | None:
        """The months after which it has cost less than on-demand, within its term; None if it never does."""
        if self.compared is None or self.term_months is None:
            return None
        months = self.charge.payback_months(self.compared.charge.hourly_usd)
        pays_off = self.charge.effective_hourly_usd < self.compared.charge.hourly_usd
        return months if months is not None and pays_off else None


@dataclass(frozen=True)
class Courses:
    """What is drawn, what its figures are, and what has no price."""

    options: Sequence[Option]
    chosen: Sequence[str] = ()
    """The slugs of the ways to draw beside on-demand; none: the usual ones."""

    @cached_property
    def drawn(self) -> list[Option]:
        """What is drawn beside on-demand, of what has a price."""
        if self.chosen:
            return [one for one in self.options if one.way.slug in self.chosen and self._can_be_drawn(one)]
        usual = (*self._best_reserved(), self._best_plan(), self._option(SPOT))
        return [option for option in usual if option and option.listed]

    @cached_property
    def lines(self) -> list[Course]:
        """What is drawn: on-demand first, then the commitments, then spot."""
        commitments = [one for one in self.drawn if one.way.term_years is not None]
        return [*self._on_demand(commitments), *map(self._course, self.drawn)]

    @property
    def choices(self) -> list[tuple[WayOfPaying, bool]]:
        """Every way that can be drawn beside on-demand, and whether it is."""
        drawn = {one.way for one in self.drawn}
        return [(one.way, one.way in drawn) for one in self.options if self._can_be_drawn(one)]

    @property
    def commitments(self) -> list[Course]:
        """Those of the lines that are signed for a term."""
        return [line for line in self.lines if line.term_months is not None]

    @cached_property
    def months(self) -> int:
        """The longest term that is drawn, else a year."""
        return YEAR_MONTHS * max((option.way.term_years or 1 for option in self.drawn), default=1)

    @property
    def figure_months(self) -> list[int]:
        """The months of the table of figures."""
        return list(range(0, self.months + 1, self.months // FIGURES_A_TERM))

    @property
    def figures(self) -> list[tuple[Course, list[Decimal]]]:
        """Each line with what it has cost by those months."""
        return [(line, [line.paid_usd(month) for month in self.figure_months]) for line in self.lines]

    @property
    def is_of_several_dates(self) -> bool:
        """Whether the prices are of lists of different months."""
        return len({line.price.provenance.month for line in self.lines}) > 1

    def _can_be_drawn(self, option: Option) -> bool:
        return option.listed is not None and option.way != ON_DEMAND

    def _best_reserved(self) -> Iterator[Option | None]:
        """The cheapest reservation of each term."""
        reserved = [one for one in self.options if isinstance(one.way, Reserved)]
        for years in TERM_YEARS:
            yield cheapest(one for one in reserved if one.way.term_years == years)

    def _best_plan(self) -> Option | None:
        """The cheapest Savings Plan of the longest term."""
        plans = [one for one in self.options if isinstance(one.way, SavingsPlan) and one.listed]
        longest = max((one.way.term_years or 0 for one in plans), default=0)
        return cheapest(one for one in plans if one.way.term_years == longest)

    def _on_demand(self, commitments: Sequence[Option]) -> Iterator[Course]:
        """One line for each on-demand price: the headline, and those that commitments are measured against."""
        headline = self._option(ON_DEMAND)
        prices = [headline.listed if headline else None, *(option.compared for option in commitments)]
        by_amount: dict[Decimal, Price] = {}
        for price in prices:
            if price is not None:
                by_amount.setdefault(price.charge.hourly_usd, price)
        for price in by_amount.values():
            name = f"On-demand of {price.provenance.month_text}" if len(by_amount) > 1 else "On-demand"
            yield Course(price=price, name=name, months=self.months)

    def _course(self, option: Option) -> Course:
        if option.listed is None:
            raise ValueError(f"{option.way.full_label} has no price to draw.")
        return Course(
            price=option.listed,
            name=option.way.short_label,
            months=self.months,
            compared=option.compared,
            beside_hourly_usd=option.beside_hourly_usd,
        )

    def _option(self, way: WayOfPaying) -> Option | None:
        return next((option for option in self.options if option.way == way), None)
