"""Ways of paying as rows of a table: one shape for a fleet and for one instance."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from costs.compare import MONTH_HOURS
from costs.comparison import Option
from costs.fleet import Fleet, WayTotal
from costs.price_book import Provenance
from costs.pricing_models import DEDICATED_INSTANCE, ON_DEMAND, WayOfPaying

HUNDRED = Decimal(100)
TENTH = Decimal("0.1")
BARS = {
    "on-demand": "p-od",
    "reserved": "p-ri",
    "spot": "p-spot",
    "savings-plan-compute": "p-sp",
    "savings-plan-ec2-instance": "p-sp",
    "dedicated-instance": "p-host",
    "dedicated-host": "p-host",
}
NOTHING_FITS = "no loaded list has it for any of these instances"
IN_NO_LIST = "in no loaded list"


@dataclass(frozen=True, kw_only=True)
class WayRow:
    """One way of paying, ready to be shown; None where a figure does not apply, `reason` where there is no price."""

    way: WayOfPaying
    hourly_usd: Decimal | None = None
    monthly_usd: Decimal | None = None
    share_percent: Decimal | None = None
    """Of the on-demand price, at most 100: the length of the bar."""
    saving_percent: Decimal | None = None
    saving_percent_if_used: Decimal | None = None
    """The same if use falls by the page's share."""
    regret_monthly_usd: Decimal | None = None
    """What is then paid beyond on-demand."""
    recurring_monthly_usd: Decimal | None = None
    """730 hours without any share of the upfront payment, as AWS's calculator shows reserved instances."""
    term_total_usd: Decimal | None = None
    """Everything paid over the term; None without one."""
    upfront_usd: Decimal | None = None
    payback_months: Decimal | None = None
    break_even_hours: Decimal | None = None
    break_even_percent: Decimal | None = None
    hosts: int | None = None
    """Dedicated hosts that are needed."""
    fits: int | None = None
    documents: Sequence[Provenance] = ()
    compared: Sequence[Provenance] = ()
    """The documents of the on-demand prices it is measured against."""
    reason: str = ""
    is_only_this_way_missing: bool = False
    """Whether other ways have a price, so that the table need not say at length what is missing."""

    @property
    def short_reason(self) -> str:
        """Why there is no price, as short as the rest of the table allows."""
        return IN_NO_LIST if self.is_only_this_way_missing else self.reason

    @property
    def label(self) -> str:
        """Its name below the heading of its group, with the number of hosts it takes."""
        return f"{self.way.label}: {self.hosts:,} needed" if self.hosts else self.way.label

    @property
    def is_baseline(self) -> bool:
        """Whether the others are compared with it."""
        return self.way == ON_DEMAND

    @property
    def bar(self) -> str:
        """The class that gives its bar the colour of the way of paying."""
        return BARS[self.way.model]

    @property
    def months(self) -> str:
        """Of which months the prices are."""
        return spell_months(self.documents)

    @property
    def oldest(self) -> date | None:
        """When the oldest of its prices stood."""
        return min((document.month for document in self.documents), default=None)

    @property
    def compared_months(self) -> str:
        """Of which months the on-demand prices are, where those are others; empty if they are the same."""
        months = spell_months(self.compared)
        return "" if months == self.months else months


@dataclass(frozen=True)
class Missing:
    """Ways of one group that have no price, for one reason."""

    ways: Sequence[WayOfPaying]
    reason: str
    are_all: bool
    """Whether no other way of the group has a price."""

    @property
    def words(self) -> str:
        """Which ways; their number where there are many."""
        if len(self.ways) == 1:
            return self.ways[0].label
        return f"{'all' if self.are_all else 'the other'} {len(self.ways)}"

    @property
    def names(self) -> str:
        """All of them."""
        return "; ".join(way.label for way in self.ways)


@dataclass(frozen=True)
class Group:
    """The ways below one heading: those that have a price, and in a quiet line those that have none."""

    label: str
    rows: Sequence[WayRow]
    missing: Sequence[Missing]


def grouped(rows: Iterable[WayRow]) -> list[Group]:
    """The rows below the headings of their groups, in their order."""
    return [_group(label, list(members)) for label, members in groupby(rows, key=lambda row: row.way.group)]


def _group(label: str, rows: Sequence[WayRow]) -> Group:
    priced = [row for row in rows if not row.reason]
    by_reason: dict[str, list[WayOfPaying]] = {}
    for row in rows:
        if row.reason:
            by_reason.setdefault(row.short_reason, []).append(row.way)
    return Group(label, priced, [Missing(ways, reason, not priced) for reason, ways in by_reason.items()])


def fleet_rows(fleet: Fleet, used_percent: Decimal) -> list[WayRow]:
    """The totals of a fleet, and what they would be if use fell to so many per cent."""
    return [_fleet_row(total, fleet.on_demand.monthly_usd, used_percent) for total in fleet.ways]


def option_rows(options: Sequence[Option], used_percent: Decimal) -> list[WayRow]:
    """The ways of paying for one thing, and what they would be if its use fell to so many per cent."""
    on_demand = options[0].monthly_usd
    priced = {option.way.model for option in options if option.listed}
    return [_option_row(option, on_demand, used_percent, priced) for option in options]


def spell_months(documents: Iterable[Provenance]) -> str:
    """`2025-04`; the first and the last of several."""
    months = sorted({document.month_text for document in documents})
    return " to ".join(months if len(months) < 3 else (months[0], months[-1]))


def _fleet_row(total: WayTotal, on_demand_monthly_usd: Decimal, used_percent: Decimal) -> WayRow:
    if not total.fits:
        return WayRow(way=total.way, fits=0, reason=NOTHING_FITS, is_only_this_way_missing=True)
    return WayRow(
        way=total.way,
        hourly_usd=total.effective_hourly_usd,
        monthly_usd=total.monthly_usd,
        share_percent=_share(total.monthly_usd, on_demand_monthly_usd),
        saving_percent=total.saving_percent,
        saving_percent_if_used=total.saving_percent_if_used(used_percent),
        regret_monthly_usd=total.regret_monthly_usd(used_percent),
        recurring_monthly_usd=(total.hourly_usd + total.rest_hourly_usd) * MONTH_HOURS,
        term_total_usd=None if total.way.term_hours is None else total.charge.term_total_usd,
        upfront_usd=total.upfront_usd,
        payback_months=total.payback_months,
        break_even_hours=total.break_even_hours,
        break_even_percent=total.break_even_percent,
        hosts=total.hosts or None,
        fits=total.fits,
        documents=sorted(total.documents),
        compared=sorted(total.compared_documents),
    )


def _option_row(
    option: Option, on_demand_monthly_usd: Decimal | None, used_percent: Decimal, priced_models: Collection[str]
) -> WayRow:
    if option.listed is None:
        # Dedicated hardware may lack a price for reasons of its own, unless some other way of paying for it has one.
        is_hardware = option.way.group == DEDICATED_INSTANCE.group
        is_usual = option.way.model in priced_models if is_hardware else on_demand_monthly_usd is not None
        return WayRow(way=option.way, reason=option.unpriced_reason, is_only_this_way_missing=is_usual)
    charge = option.listed.charge
    return WayRow(
        way=option.way,
        hourly_usd=option.effective_hourly_usd,
        monthly_usd=option.monthly_usd,
        share_percent=_share(charge.monthly_usd, on_demand_monthly_usd),
        saving_percent=option.saving_percent,
        saving_percent_if_used=option.saving_percent_if_used(used_percent),
        regret_monthly_usd=option.regret_monthly_usd(used_percent),
        recurring_monthly_usd=charge.hourly_usd * MONTH_HOURS,
        term_total_usd=None if option.way.term_hours is None else charge.term_total_usd,
        upfront_usd=charge.upfront_usd,
        payback_months=option.payback_months,
        break_even_hours=option.break_even_hours,
        break_even_percent=option.break_even_percent,
        documents=(option.listed.provenance,),
        compared=(option.compared.provenance,) if option.compared else (option.listed.provenance,),
    )


def _share(monthly_usd: Decimal, on_demand_monthly_usd: Decimal | None) -> Decimal | None:
    if not on_demand_monthly_usd:
        return None
    return min(monthly_usd * HUNDRED / on_demand_monthly_usd, HUNDRED).quantize(TENTH)
