"""Many instances under every way of paying.

The total of a way of paying covers exactly the instances that have an on-demand price, so that all totals speak of the
same things: an instance that the way does not fit (no price for its type, system, tenancy or region) stays on-demand
inside that total. Instances without an on-demand price are in no total, and are counted by their reason.

What a way saves is measured for each instance against the on-demand price that the price book compares it with, which
may be of an older list than the headline.

Two ways are not bought for each instance: AWS's fee for dedicated instances is taken once for each region, and
dedicated hosts are counted by how many are needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from costs.compare import MONTH_HOURS, Charge
from costs.comparison import Option, compare_ways, dedicated_fee
from costs.hosts import Packing, Unpackable, hosts_needed, split_type
from costs.price_book import DEDICATED, Price, PriceBook, Provenance, Unpriced
from costs.pricing_models import DEDICATED_INSTANCE, HOST_WAYS, ON_DEMAND, WAYS_OF_PAYING, WayOfPaying
from costs.usage.ec2_instance import InstanceUsage, sku_of

ZERO = Decimal(0)
HUNDRED = Decimal(100)


@dataclass
class WayTotal:
    """All priced instances, those that fit paid in one way and the rest on-demand."""

    way: WayOfPaying
    fits: int = 0
    hourly_usd: Decimal = ZERO
    upfront_usd: Decimal = ZERO
    compared_hourly_usd: Decimal = ZERO
    """The on-demand price that those which fit are measured against."""
    rest_hourly_usd: Decimal = ZERO
    """The on-demand price of those which do not fit."""
    hosts: int = 0
    """Dedicated hosts that hold those which fit."""
    documents: set[Provenance] = field(default_factory=set)
    compared_documents: set[Provenance] = field(default_factory=set)

    @property
    def charge(self) -> Charge:
        """What is paid for those that fit."""
        return Charge(upfront_usd=self.upfront_usd, hourly_usd=self.hourly_usd, term_hours=self.way.term_hours)

    @property
    def effective_hourly_usd(self) -> Decimal:
        """An hour of everything, upfront share included."""
        return self.charge.effective_hourly_usd + self.rest_hourly_usd

    @property
    def monthly_usd(self) -> Decimal:
        """730 hours of everything."""
        return self.charge.monthly_usd + self.rest_hourly_usd * MONTH_HOURS

    @property
    def saving_percent(self) -> Decimal | None:
        """What the whole saves against on-demand; None for on-demand itself, and where nothing fits."""
        if not self.fits or self.way == ON_DEMAND:
            return None
        on_demand = self.compared_hourly_usd + self.rest_hourly_usd
        saved = self.compared_hourly_usd - self.charge.effective_hourly_usd
        return saved * HUNDRED / on_demand

    def saving_percent_if_used(self, used_percent: Decimal) -> Decimal | None:
        """The same if only so many per cent of the hours run; None where nothing is saved in any case."""
        if not self.fits or self.way == ON_DEMAND:
            return None
        on_demand = (self.compared_hourly_usd + self.rest_hourly_usd) * used_percent
        paid = self.charge.effective_hourly_usd * self.way.paid_percent(used_percent)
        return (self.compared_hourly_usd * used_percent - paid) * HUNDRED / on_demand

    def regret_monthly_usd(self, used_percent: Decimal) -> Decimal | None:
        """What is then paid a month beyond on-demand; 0 if it still saves."""
        if not self.fits or self.way == ON_DEMAND:
            return None
        return self.charge.regret_monthly_usd(
            self.compared_hourly_usd, used_percent=used_percent, paid_percent=self.way.paid_percent(used_percent)
        )

    @property
    def break_even_percent(self) -> Decimal | None:
        """The share of the hours that those which fit must run before the commitment is cheaper."""
        if not self.fits or self.way.term_hours is None:
            return None
        return self.charge.break_even_percent(self.compared_hourly_usd)

    @property
    def break_even_hours(self) -> Decimal | None:
        """The hours a month that those which fit must run, each of them, before the commitment is cheaper."""
        if not self.fits or self.way.term_hours is None:
            return None
        return self.charge.break_even_hours(self.compared_hourly_usd)

    @property
    def payback_months(self) -> Decimal | None:
        """The months until the upfront payment has come back."""
        if not self.fits or self.way.term_hours is None:
            return None
        return self.charge.payback_months(self.compared_hourly_usd)

    def as_option(self) -> Option | None:
        """The whole as if it were one thing, paid in this way; None where nothing fits.

        What does not fit is part of both prices. Of several lists the newest stands for all.
        """
        if not self.fits:
            return None
        charge = replace(self.charge, hourly_usd=self.hourly_usd + self.rest_hourly_usd)
        compared = Charge(hourly_usd=self.compared_hourly_usd + self.rest_hourly_usd)
        return Option(
            self.way,
            Price(self.way, charge, max(self.documents)),
            None if self.way == ON_DEMAND else Price(ON_DEMAND, compared, max(self.compared_documents)),
            self.rest_hourly_usd,
        )

    def add(self, option: Option, on_demand_hourly_usd: Decimal, number: int) -> None:
        """Count `number` instances."""
        compared = option.compared or (option.listed if option.way == ON_DEMAND else None)
        if option.listed is None or compared is None:
            self.rest_hourly_usd += on_demand_hourly_usd * number
            return
        self.fits += number
        self.hourly_usd += option.listed.charge.hourly_usd * number
        self.upfront_usd += option.listed.charge.upfront_usd * number
        self.compared_hourly_usd += compared.charge.hourly_usd * number
        self.documents.add(option.listed.provenance)
        self.compared_documents.add(compared.provenance)

    def add_hosts(self, options: Iterable[tuple[Option, Option, int]], packing: Packing | Unpackable) -> None:
        """Count instances that stand on hosts together: of each its on-demand price, its host's price and its number.

        All of them are of one family and region, so that those which have the price of a host have the same one.
        """
        host: Price | None = None
        for on_demand, option, number in options:
            if option.listed and option.compared and isinstance(packing, Packing):
                host = option.listed
                self.fits += number
                self.compared_hourly_usd += option.compared.charge.hourly_usd * number
                self.compared_documents.add(option.compared.provenance)
            elif on_demand.listed:
                self.rest_hourly_usd += on_demand.listed.charge.hourly_usd * number
        if host and isinstance(packing, Packing):
            self.hosts += packing.hosts
            self.hourly_usd += host.charge.hourly_usd * packing.hosts
            self.upfront_usd += host.charge.upfront_usd * packing.hosts
            self.documents.add(host.provenance)


@dataclass(frozen=True, kw_only=True)
class HostNeed:
    """The dedicated hosts of one family in one zone, or why their number is not known."""

    region: str
    zone: str
    """Empty where the zone was not read; such instances are taken to stand in one zone."""
    family: str
    instances: int
    packing: Packing | Unpackable


@dataclass
class Fleet:
    """Some instances under every way of paying, and what is in no total."""

    ways: tuple[WayTotal, ...]
    priced: int = 0
    unpriced: Counter[str] = field(default_factory=Counter)
    """Instances without an on-demand price, by reason."""
    dedicated: int = 0
    """Priced instances of dedicated tenancy."""
    fees: dict[str, Decimal] = field(default_factory=dict)
    """By region, what AWS takes by the hour as soon as a dedicated instance runs there."""
    hosts: list[HostNeed] = field(default_factory=list)

    @property
    def instances(self) -> int:
        """Every instance, priced or not."""
        return self.priced + self.unpriced.total()

    @property
    def on_demand(self) -> WayTotal:
        """The baseline."""
        return self.ways[0]

    @property
    def documents(self) -> list[Provenance]:
        """Every document that a figure rests on, newest first."""
        used = {one for way in self.ways for one in way.documents | way.compared_documents}
        return sorted(used, reverse=True)

    @property
    def hosts_needed(self) -> list[Packing]:
        """The packings that are known."""
        return [need.packing for need in self.hosts if isinstance(need.packing, Packing)]


Placed = Mapping[tuple[InstanceUsage, str], int]
"""How many instances of each usage stand in each zone."""


def fleet_of(counts: Mapping[InstanceUsage, int], book: PriceBook, placed: Placed | None = None) -> Fleet:
    """The comparison of these instances, given as how many there are of each usage, as if each ran all the time.

    `placed` says in which zones they stand, because a host stands in one; without it all of a region share one.
    """
    fleet = Fleet(tuple(WayTotal(way) for way in WAYS_OF_PAYING))
    priced: dict[InstanceUsage, tuple[Option, ...]] = {}
    for usage, number in counts.items():
        options = compare_ways(sku_of(usage), book)
        on_demand = options[0]
        if on_demand.listed is None:
            fleet.unpriced[on_demand.unpriced_reason] += number
            continue
        priced[usage] = options
        fleet.priced += number
        fleet.dedicated += number if usage.tenancy == DEDICATED else 0
        for total, option in zip(fleet.ways, options, strict=True):
            if option.way not in HOST_WAYS:
                total.add(option, on_demand.listed.charge.hourly_usd, number)
            if option.way == DEDICATED_INSTANCE and option.listed:
                _add_fee(fleet, total, usage, book)
    _add_hosts(fleet, priced, placed or {(usage, ""): number for usage, number in counts.items()})
    return fleet


def _add_fee(fleet: Fleet, total: WayTotal, usage: InstanceUsage, book: PriceBook) -> None:
    """AWS's fee for the region of a dedicated instance, once."""
    fee = book.per_unit(dedicated_fee(usage.region or ""))
    if usage.region not in fleet.fees and not isinstance(fee, Unpriced):
        fleet.fees[usage.region or ""] = fee.usd
        total.hourly_usd += fee.usd
        total.documents.add(fee.provenance)


def _add_hosts(fleet: Fleet, priced: Mapping[InstanceUsage, tuple[Option, ...]], placed: Placed) -> None:
    """The totals of dedicated hosts: as many as are needed in each zone for each family."""
    groups: dict[tuple[str, str, str], dict[InstanceUsage, int]] = {}
    for (usage, zone), number in placed.items():
        if usage in priced:
            family, _ = split_type(usage.instance_type or "")
            groups.setdefault((usage.region or "", zone, family), {})[usage] = number
    for (region, zone, family), members in sorted(groups.items()):
        packed = {one: number for one, number in members.items() if any(map(_is_priced_host, priced[one]))}
        packing = hosts_needed(family, _sizes(packed))
        if packed:
            instances = sum(packed.values())
            fleet.hosts.append(HostNeed(region=region, zone=zone, family=family, instances=instances, packing=packing))
        for place, total in enumerate(fleet.ways):
            if total.way in HOST_WAYS:
                options = [(priced[one][0], priced[one][place], number) for one, number in members.items()]
                total.add_hosts(options, packing)


def _is_priced_host(option: Option) -> bool:
    return option.way in HOST_WAYS and option.listed is not None


def _sizes(members: Mapping[InstanceUsage, int]) -> Counter[str]:
    sizes: Counter[str] = Counter()
    for usage, number in members.items():
        sizes[split_type(usage.instance_type or "")[1]] += number
    return sizes
