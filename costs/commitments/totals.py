"""What commitments come to together, and of how many of them a figure is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from costs.commitments.outcome import Outcome

ZERO = Decimal(0)


@dataclass
class Sum:
    """A sum of what is known, and of how many it is not."""

    usd: Decimal = ZERO
    known: int = 0
    unknown: int = 0

    @property
    def unknown_words(self) -> str:
        """Of how many it is not known: `2 unknown`."""
        return f"{self.unknown} unknown"

    def add(self, usd: Decimal | None) -> None:
        """Count one."""
        if usd is None:
            self.unknown += 1
        else:
            self.usd += usd
            self.known += 1


@dataclass(frozen=True, kw_only=True)
class Totals:
    """Some commitments in a month of 730 hours."""

    cost: Sum
    waste: Sum
    net_saving: Sum


def totals_of(outcomes: Iterable[Outcome]) -> Totals:
    """The sums over these commitments."""
    totals = Totals(cost=Sum(), waste=Sum(), net_saving=Sum())
    for one in outcomes:
        totals.cost.add(one.cost_monthly_usd)
        totals.waste.add(one.waste_monthly_usd)
        totals.net_saving.add(one.net_saving_monthly_usd)
    return totals
