"""What a commitment is worth in an hour: how much of it is used, what the rest wastes, what it saves on the whole.

`net saving = on-demand cost of what it covers - its own cost, the unused part included`. Each figure that rests on a
price or a rate that nobody has is None, and `unknown` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from costs.commitments.apply import Application
from costs.commitments.owned import Commitment, Cover, exact
from costs.compare import MONTH_HOURS
from costs.price_book import Sku, Unpriced

HUNDRED = Fraction(100)
OnDemand = Mapping[Sku, Decimal | Unpriced]
"""The on-demand price of an hour by SKU. What is missing has no price."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One commitment and what becomes of it in an hour; amounts in instances, hosts, or US dollars at plan rates."""

    commitment: Commitment
    covers: Sequence[Cover]
    used: Fraction | None
    unused: Fraction | None
    covered_on_demand_usd: Fraction | None
    unknown: Sequence[str] = ()
    """Why some of it is not known."""

    @property
    def utilisation_percent(self) -> Decimal | None:
        """The share of it that is used."""
        size = self.commitment.size
        return exact(self.used * HUNDRED / size) if self.used is not None and size else None

    @property
    def cost_hourly_usd(self) -> Decimal | None:
        """What it costs an hour, used or not."""
        hourly = self.commitment.hourly_usd
        return None if isinstance(hourly, Unpriced) else exact(hourly)

    @property
    def cost_monthly_usd(self) -> Decimal | None:
        """What it costs in a month of 730 hours, used or not."""
        return _monthly(self.cost_hourly_usd)

    @property
    def waste_hourly_usd(self) -> Decimal | None:
        """What the unused part costs an hour."""
        hourly, size = self.commitment.hourly_usd, self.commitment.size
        if isinstance(hourly, Unpriced) or self.unused is None or not size:
            return None
        return exact(self.unused / size * hourly)

    @property
    def waste_monthly_usd(self) -> Decimal | None:
        """What the unused part costs in a month of 730 hours."""
        return _monthly(self.waste_hourly_usd)

    @property
    def net_saving_hourly_usd(self) -> Decimal | None:
        """What it saves an hour against on-demand; negative where the unused part costs more than the rest saves."""
        hourly = self.commitment.hourly_usd
        if isinstance(hourly, Unpriced) or self.covered_on_demand_usd is None:
            return None
        return exact(self.covered_on_demand_usd - hourly)

    @property
    def net_saving_monthly_usd(self) -> Decimal | None:
        """What it saves in a month of 730 hours."""
        return _monthly(self.net_saving_hourly_usd)


def outcomes(application: Application, on_demand: OnDemand) -> list[Outcome]:
    """One for each commitment in force, in their order."""
    return [_outcome(one, application, on_demand) for one in application.commitments]


def _outcome(one: Commitment, application: Application, on_demand: OnDemand) -> Outcome:
    covers = application.covers_of.get(one.id, ())
    reasons = list(_reasons(one, application, covers, on_demand))
    is_doubtful = one.id in application.doubts or one.size is None or bool(one.problem)
    used = None if is_doubtful else sum((cover.spent for cover in covers), Fraction(0))
    priced = [(cover.amount, on_demand.get(cover.usage.sku)) for cover in covers]
    costs = [amount * Fraction(price) for amount, price in priced if isinstance(price, Decimal)]
    return Outcome(
        commitment=one,
        covers=covers,
        used=used,
        unused=None if used is None or one.size is None else one.size - used,
        covered_on_demand_usd=None if is_doubtful or len(costs) < len(priced) else sum(costs, Fraction(0)),
        unknown=reasons,
    )


def _reasons(one: Commitment, application: Application, covers: Iterable[Cover], on_demand: OnDemand) -> Iterable[str]:
    """Why some of it is not known, each reason once."""
    found: dict[str, None] = {}
    if isinstance(one.hourly_usd, Unpriced):
        found[one.hourly_usd.reason] = None
    if one.problem:
        found[one.problem] = None
    if one.id in application.doubts:
        found[application.doubts[one.id]] = None
    for cover in covers:
        price = on_demand.get(cover.usage.sku)
        if not isinstance(price, Decimal):
            found[price.reason if price else "what it covers has no on-demand price"] = None
    return found


def _monthly(hourly_usd: Decimal | None) -> Decimal | None:
    return None if hourly_usd is None else hourly_usd * MONTH_HOURS
