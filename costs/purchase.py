"""What to buy: the commitment that makes the cost of some running things least. Pure, and exact.

A commitment of k units pays for k units in every hour of its term, and covers whatever runs up to k. The k-th unit
covers the time in which at least k ran, and part of the time in which a larger thing took only part of it. Each further
unit covers no more than the one before, so the optimum is simple: the k-th unit is worth buying if, and only if, it is
used for more than its break-even share, and everything before it is worth buying then too.

How long demand goes on (`horizon`) and by how much it may fall (`risk`) weigh the same way: both lower the share of the
term in which a unit is used, and neither lowers what it costs.

Time and units are exact numbers (`Fraction`), so that no comparison depends on rounding; money leaves as `Decimal`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from math import ceil, floor
from typing import NamedTuple

from costs.compare import HUNDRED, MONTH_HOURS, Charge

MONTH = Fraction(MONTH_HOURS)


class Step(NamedTuple):
    """Units on end that are used for the same share of the time."""

    number: int
    used: Fraction
    """From 0 to 1."""


@dataclass(frozen=True)
class Demand:
    """How much ran at once, and for how long: microseconds by level. A level is in units of what is bought."""

    levels: Mapping[Fraction, int]

    @cached_property
    def time(self) -> int:
        """All of the time."""
        return sum(self.levels.values())

    @property
    def most(self) -> Fraction:
        """The highest level."""
        return max(self.levels, default=Fraction(0))

    @property
    def least(self) -> Fraction:
        """The lowest level: what ran all the time."""
        return min(self.levels, default=Fraction(0))

    @property
    def mean(self) -> Fraction:
        """The level on average over the time."""
        return self.covered(ceil(self.most))

    def covered(self, units: int) -> Fraction:
        """What so many units cover on average."""
        if not self.time:
            return Fraction(0)
        below = bisect_right(self._sorted, units)
        return (self._amounts[below] + units * (self.time - self._spans[below])) / self.time

    @cached_property
    def _sorted(self) -> list[Fraction]:
        return sorted(self.levels)

    @cached_property
    def _spans(self) -> list[int]:
        """The time of the lowest levels, by how many they are."""
        return list(accumulate((self.levels[level] for level in self._sorted), initial=0))

    @cached_property
    def _amounts(self) -> list[Fraction]:
        """Level by time of the lowest levels, by how many they are."""
        return list(accumulate((level * self.levels[level] for level in self._sorted), initial=Fraction(0)))

    @cached_property
    def steps(self) -> list[Step]:
        """The units from the first to the last that is used at all, with the share of the time each is used for."""
        bounds = sorted({0, *(floor(level) for level in self.levels), *(ceil(level) for level in self.levels)})
        return [
            Step(high - low, (self.covered(high) - self.covered(low)) / (high - low)) for low, high in pairwise(bounds)
        ]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What one unit costs, committed and on-demand, and how sure the demand is.

    `goes_on_percent` is the share of the term for which demand goes on as it was, `falls_percent` by how much it falls.
    """

    charge: Charge
    on_demand_hourly_usd: Decimal
    goes_on_percent: Decimal = HUNDRED
    falls_percent: Decimal = Decimal(0)

    @property
    def certainty(self) -> Fraction:
        """The share of the seen demand that is counted on over the term."""
        return Fraction(self.goes_on_percent) * Fraction(HUNDRED - self.falls_percent) / 10_000

    @property
    def hourly(self) -> Fraction:
        """What an hour of one unit costs when it is committed, its share of the upfront payment included."""
        return Fraction(self.charge.term_total_usd) / Fraction(self.charge.term_hours or 1)

    @property
    def break_even(self) -> Fraction:
        """The share of the time for which a unit must be used, as it was seen, before it is worth buying."""
        return self.hourly / (Fraction(self.on_demand_hourly_usd) * self.certainty)

    def saving(self, used: Fraction) -> Fraction:
        """What one unit saves an hour of the term if it is used for that share of the time."""
        return Fraction(self.on_demand_hourly_usd) * self.certainty * used - self.hourly


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """So many units of one offer against one demand. Figures are for a month of 730 hours, over the term."""

    demand: Demand
    offer: Offer
    units: int

    @property
    def cost_monthly_usd(self) -> Decimal:
        """Everything: what is committed, and what is left on-demand."""
        return decimal((self._committed + self._on_demand(self.units)) * MONTH)

    @property
    def committed_monthly_usd(self) -> Decimal:
        """What is committed, used or not."""
        return decimal(self._committed * MONTH)

    @property
    def saving_monthly_usd(self) -> Decimal:
        """What is saved against buying nothing."""
        return decimal((self._on_demand(0) - self._on_demand(self.units) - self._committed) * MONTH)

    @property
    def upfront_usd(self) -> Decimal:
        """What is paid at signing."""
        return self.offer.charge.upfront_usd * self.units

    @property
    def last_used_percent(self) -> Decimal | None:
        """The share of the time for which the last unit that is bought was used; None if nothing is."""
        return decimal(self._used(self.units) * 100) if self.units else None

    @property
    def next_used_percent(self) -> Decimal:
        """The share of the time for which the next one would have been used."""
        return decimal(self._used(self.units + 1) * 100)

    @property
    def break_even_percent(self) -> Decimal:
        """The share of the time for which a unit must be used."""
        return decimal(self.offer.break_even * 100)

    def _used(self, unit: int) -> Fraction:
        return self.demand.covered(unit) - self.demand.covered(unit - 1)

    @property
    def _committed(self) -> Fraction:
        return self.offer.hourly * self.units

    def _on_demand(self, units: int) -> Fraction:
        left = self.demand.mean - self.demand.covered(units)
        return Fraction(self.offer.on_demand_hourly_usd) * self.offer.certainty * left


def best_purchase(demand: Demand, offer: Offer) -> Purchase:
    """As many units as make the cost least; none where it is the same with and without a unit."""
    units = sum(step.number for step in demand.steps if offer.saving(step.used) > 0)
    return Purchase(demand=demand, offer=offer, units=units)


@dataclass(frozen=True, kw_only=True)
class Budgeted:
    """Purchases that keep within a budget for upfront payments."""

    purchases: Sequence[Purchase]
    is_limited: bool
    """Whether the budget kept anything from being bought."""
    more_at_most_monthly_usd: Decimal
    """What no other choice within the budget could save beyond this one."""


def within_budget(wanted: Sequence[tuple[Demand, Offer]], budget_usd: Decimal | None) -> Budgeted:
    """The best purchases for an upfront budget (None: any), those first that save most for each dollar paid upfront.

    What is paid upfront comes in whole units, so the last of the money may be better spent otherwise; by how much at
    most is told.
    """
    if budget_usd is None:
        free = [best_purchase(demand, offer) for demand, offer in wanted]
        return Budgeted(purchases=free, is_limited=False, more_at_most_monthly_usd=Decimal(0))
    left = Fraction(budget_usd)
    units = [0] * len(wanted)
    bound: Fraction | None = None
    for _, place, number, saving in sorted(_worthwhile(wanted), key=lambda one: (one[0] is not None, -(one[0] or 0))):
        upfront = Fraction(wanted[place][1].charge.upfront_usd)
        bought = min(number, floor(left / upfront)) if upfront else number
        units[place] += bought
        left -= bought * upfront
        if bought < number and bound is None:
            bound = saving / upfront * left
    purchases = [Purchase(demand=one[0], offer=one[1], units=k) for one, k in zip(wanted, units, strict=True)]
    return Budgeted(
        purchases=purchases,
        is_limited=bound is not None,
        more_at_most_monthly_usd=decimal((bound or Fraction(0)) * MONTH),
    )


def _worthwhile(
    wanted: Iterable[tuple[Demand, Offer]],
) -> Iterator[tuple[Fraction | None, int, int, Fraction]]:
    """Every step that saves: saving for each upfront dollar (None: nothing is paid upfront), place, number, saving."""
    for place, (demand, offer) in enumerate(wanted):
        upfront = Fraction(offer.charge.upfront_usd)
        for step in demand.steps:
            saving = offer.saving(step.used)
            if saving > 0:
                yield (saving / upfront if upfront else None), place, step.number, saving


def decimal(exact: Fraction) -> Decimal:
    """A fraction as a decimal number: divided once, right to 27 digits."""
    return Decimal(exact.numerator) / Decimal(exact.denominator)
