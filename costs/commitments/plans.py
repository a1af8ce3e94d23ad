"""Savings Plans laid on what Reserved Instances have left, as AWS's bill does it hour by hour.

Savings Plans User Guide, "Understanding how Savings Plans apply to your AWS usage": plans of one type are applied
together, EC2 Instance plans before Compute plans; first to usage of the account that owns them, then to that of the
other accounts of the organization; the usage that saves the largest share of its on-demand price first, and of equal
shares the lowest rate. What is left of a commitment at the end of the hour is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product

from costs.commitments.owned import Cover, SavingsPlan, Usage
from costs.commitments.reservations import Remaining
from costs.price_book import Sku, Unpriced
from costs.pricing_models import PlanType


@dataclass(frozen=True)
class Rate:
    """What an hour costs at a plan's rate, and the on-demand price that the plan's saving is measured against."""

    usd: Fraction
    on_demand_usd: Fraction

    @property
    def saving(self) -> Fraction:
        """The share of the on-demand price that is saved; nothing of what is free of charge."""
        return (self.on_demand_usd - self.usd) / self.on_demand_usd if self.on_demand_usd else Fraction(0)


Rates = Mapping[tuple[str, Sku], Rate | Unpriced]
"""By way of paying and SKU. What is missing has no rate."""
NARROW_FIRST = (PlanType.EC2_INSTANCE, PlanType.COMPUTE)
NO_RATE = Unpriced("no loaded list has the plan's rate for it")


@dataclass
class PlanRound:
    """One application of all plans to what runs in an hour."""

    rates: Rates
    remaining: Remaining
    unspent: dict[str, Fraction] = field(default_factory=dict)
    unrated: dict[str, dict[Usage, str]] = field(default_factory=dict)
    """By plan, what it applies to and has no rate for, with the reason: it may be used there, nobody knows."""

    def apply(self, plans: Iterable[SavingsPlan]) -> Iterator[Cover]:
        """Cover what runs, and take it from `remaining`."""
        known = {one: one.size for one in plans}
        self.unspent = {one.id: size for one, size in known.items() if size is not None}
        usable = [one for one, size in known.items() if size is not None]
        for kind, is_own in product(NARROW_FIRST, (True, False)):
            yield from self._stage([one for one in usable if one.type is kind], is_own)

    def _stage(self, plans: list[SavingsPlan], is_own: bool) -> Iterator[Cover]:
        candidates = []
        for plan in plans:
            for usage, amount in self.remaining.items():
                is_in_reach = usage.billing_family == plan.billing_family and (usage.account == plan.account) is is_own
                if not amount or not is_in_reach or not plan.covers(usage):
                    continue
                rate = self.rates.get((plan.way, usage.sku), NO_RATE)
                if isinstance(rate, Unpriced):
                    self.unrated.setdefault(plan.id, {})[usage] = rate.reason
                else:
                    candidates.append((-rate.saving, rate.usd, plan.start, plan.id, usage, plan))
        for _, rate_usd, _, _, usage, plan in sorted(candidates, key=lambda one: one[:5]):
            affordable = self.unspent[plan.id] / rate_usd if rate_usd else self.remaining[usage]
            amount = min(self.remaining[usage], affordable)
            if amount:
                self.remaining[usage] -= amount
                self.unspent[plan.id] -= amount * rate_usd
                yield Cover(commitment=plan, usage=usage, amount=amount, spent=amount * rate_usd)
