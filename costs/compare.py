"""Arithmetic that lays ways of paying side by side: pure, in Decimal, in US dollars and hours.

A month is 730 hours (8,760 / 12), as AWS counts it. A commitment pays for every hour of its term, so its price for an
hour is `upfront / term hours + hourly`, and it beats on-demand only from a certain number of hours a month on.

Each function divides once and last. Decimal rounds a quotient at 28 digits, so a result that has an end is exact and
any other is right to 27 digits or more; nothing is rounded to cents here, that is the work of whoever shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

MONTH_HOURS = Decimal(730)
HUNDRED = Decimal(100)
ONE = Decimal(1)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What is paid for one thing: `upfront_usd` once for a term, and `hourly_usd`, the recurring charge as listed.

    `term_hours` is None without a commitment; there can be no upfront payment then (ValueError).
    """

    hourly_usd: Decimal
    upfront_usd: Decimal = Decimal(0)
    term_hours: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse what would make every figure below meaningless."""
        if self.term_hours is None and self.upfront_usd:
            raise ValueError("An upfront payment needs the term that it is for.")
        if self.term_hours is not None and self.term_hours <= 0:
            raise ValueError("A term has at least one hour.")

    @property
    def _span_hours(self) -> Decimal:
        """Hours over which the upfront payment spreads; any number serves where there is none."""
        return ONE if self.term_hours is None else self.term_hours

    @property
    def term_total_usd(self) -> Decimal:
        """Everything paid over the term; for one hour where there is no term."""
        return self.upfront_usd + self.hourly_usd * self._span_hours

    def paid_usd(self, hours: Decimal) -> Decimal:
        """Everything paid after so many hours on end, from the signing on; a term that is over is signed again.

        `upfront x terms begun + hourly x hours`; the next term is signed for the hour after the last one.
        """
        terms = max((hours / self._span_hours).to_integral_value(ROUND_CEILING), ONE)
        return self.upfront_usd * terms + self.hourly_usd * hours

    @property
    def effective_hourly_usd(self) -> Decimal:
        """`upfront / term hours + hourly`: one hour, with its share of the upfront payment."""
        return self.term_total_usd / self._span_hours

    @property
    def monthly_usd(self) -> Decimal:
        """730 hours at the effective price."""
        return self.term_total_usd * MONTH_HOURS / self._span_hours

    def saving_percent(self, on_demand_hourly_usd: Decimal) -> Decimal:
        """How much cheaper than on-demand each hour is, if every hour is used; negative if it is dearer."""
        on_demand_total = on_demand_hourly_usd * self._span_hours
        return (on_demand_total - self.term_total_usd) * HUNDRED / on_demand_total

    def saving_percent_if_used(
        self, on_demand_hourly_usd: Decimal, *, used_percent: Decimal, paid_percent: Decimal
    ) -> Decimal:
        """The same if only so many per cent of the hours run, for which so many per cent of the price are paid.

        A commitment is paid at 100 per cent whatever runs, and on-demand is paid as it runs.
        """
        on_demand_total = on_demand_hourly_usd * self._span_hours * used_percent
        return (on_demand_total - self.term_total_usd * paid_percent) * HUNDRED / on_demand_total

    def regret_monthly_usd(
        self, on_demand_hourly_usd: Decimal, *, used_percent: Decimal, paid_percent: Decimal
    ) -> Decimal:
        """What is then paid a month beyond on-demand; 0 if it still saves."""
        on_demand_total = on_demand_hourly_usd * self._span_hours * used_percent
        lost = (self.term_total_usd * paid_percent - on_demand_total) * MONTH_HOURS / (self._span_hours * HUNDRED)
        return max(lost, Decimal(0))

    def break_even_percent(self, on_demand_hourly_usd: Decimal) -> Decimal:
        """The share of hours that must run before the commitment is cheaper; over 100 means never."""
        return self.term_total_usd * HUNDRED / (on_demand_hourly_usd * self._span_hours)

    def break_even_hours(self, on_demand_hourly_usd: Decimal) -> Decimal:
        """The hours a month from which the commitment is cheaper; over 730 means never."""
        return self.term_total_usd * MONTH_HOURS / (on_demand_hourly_usd * self._span_hours)

    def payback_months(self, on_demand_hourly_usd: Decimal) -> Decimal | None:
        """The months until what is saved each month has returned the upfront payment; None if it never does.

        `upfront / ((on-demand - hourly) x 730)`: cash that left, against cash that no longer leaves.
        """
        if not self.upfront_usd:
            return Decimal(0)
        saved_monthly_usd = (on_demand_hourly_usd - self.hourly_usd) * MONTH_HOURS
        return self.upfront_usd / saved_monthly_usd if saved_monthly_usd > 0 else None
