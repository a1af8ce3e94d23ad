"""Every way of paying for one thing, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from costs.hosts import split_type
from costs.operations import LICENSED_BY_AWS, label_of
from costs.price_book import DEDICATED, Price, PriceBook, Sku, Unit, Unpriced, host_sku
from costs.pricing_models import (
    DEDICATED_HOST,
    DEDICATED_INSTANCE,
    ON_DEMAND,
    WAYS_OF_PAYING,
    DedicatedHost,
    HostReservation,
    WayOfPaying,
)


@dataclass(frozen=True)
class Option:
    """One way of paying: its price or why there is none, and the on-demand price that it is compared with.

    `compared` is None for on-demand itself, and where no list has an on-demand price. Figures are None where they do
    not apply or cannot be known.
    """

    way: WayOfPaying
    price: Price | Unpriced
    compared: Price | None = None
    beside_hourly_usd: Decimal = Decimal(0)
    """What is paid on-demand in any case, as part of both prices: the rest of a fleet that the way does not fit."""

    @property
    def listed(self) -> Price | None:
        """The price, if there is one."""
        return self.price if isinstance(self.price, Price) else None

    @property
    def unpriced_reason(self) -> str:
        """Why there is no price; empty if there is one."""
        return self.price.reason if isinstance(self.price, Unpriced) else ""

    @property
    def effective_hourly_usd(self) -> Decimal | None:
        """An hour with its share of the upfront payment."""
        return self.listed.charge.effective_hourly_usd if self.listed else None

    @property
    def monthly_usd(self) -> Decimal | None:
        """730 such hours."""
        return self.listed.charge.monthly_usd if self.listed else None

    @property
    def saving_percent(self) -> Decimal | None:
        """What it saves against the compared on-demand price if every hour is used."""
        if self.listed is None or self.compared is None:
            return None
        return self.listed.charge.saving_percent(self.compared.charge.hourly_usd)

    def saving_percent_if_used(self, used_percent: Decimal) -> Decimal | None:
        """The same if only so many per cent of the hours run."""
        if self.listed is None or self.compared is None:
            return None
        return self.listed.charge.saving_percent_if_used(
            self.compared.charge.hourly_usd,
            used_percent=used_percent,
            paid_percent=self.way.paid_percent(used_percent),
        )

    def regret_monthly_usd(self, used_percent: Decimal) -> Decimal | None:
        """What it then costs a month beyond on-demand; 0 if it still saves."""
        if self.listed is None or self.compared is None:
            return None
        return self.listed.charge.regret_monthly_usd(
            self.compared.charge.hourly_usd,
            used_percent=used_percent,
            paid_percent=self.way.paid_percent(used_percent),
        )

    @property
    def break_even_percent(self) -> Decimal | None:
        """The share of the hours from which a commitment is cheaper; None without a commitment."""
        if self.listed is None or self.compared is None or self.way.term_hours is None:
            return None
        return self.listed.charge.break_even_percent(self.compared.charge.hourly_usd)

    @property
    def break_even_hours(self) -> Decimal | None:
        """The hours a month from which a commitment is cheaper; None without a commitment."""
        if self.listed is None or self.compared is None or self.way.term_hours is None:
            return None
        return self.listed.charge.break_even_hours(self.compared.charge.hourly_usd)

    @property
    def payback_months(self) -> Decimal | None:
        """The months until the upfront payment has come back; None without a commitment, or if it never does."""
        if self.listed is None or self.compared is None or self.way.term_hours is None:
            return None
        return self.listed.charge.payback_months(self.compared.charge.hourly_usd)

    @property
    def is_compared_across_dates(self) -> bool:
        """Whether the on-demand price it is measured against is of another month than its own."""
        return (
            self.listed is not None
            and self.compared is not None
            and self.listed.provenance.month != self.compared.provenance.month
        )


def compare_ways(sku: Sku | Unpriced, book: PriceBook) -> tuple[Option, ...]:
    """One option for each way of paying, priced or with the reason why not, in the order of `WAYS_OF_PAYING`."""
    return tuple(_option(sku, way, book) for way in WAYS_OF_PAYING)


def cheapest(options: Iterable[Option]) -> Option | None:
    """The one of the lowest effective price in the newest list that has any of them; None if none has a price."""
    offers = [(one, one.listed) for one in options if one.listed]
    newest = max((price.provenance for _, price in offers), default=None)
    current = [(price.charge.effective_hourly_usd, one) for one, price in offers if price.provenance == newest]
    return min(current, key=lambda pair: pair[0])[1] if current else None


def skus_compared(sku: Sku) -> Iterator[Sku]:
    """Every SKU whose prices are laid side by side for this one: itself, and dedicated hardware for it."""
    yield sku
    yield sku._replace(tenancy=DEDICATED)
    yield host_sku(sku.region, split_type(sku.instance_type)[0])


def dedicated_fee(region: str) -> Unit:
    """What AWS takes by the hour for a region in which dedicated instances run, however many."""
    return Unit("ec2", region, "dedicated-fee", "hour")


def _option(sku: Sku | Unpriced, way: WayOfPaying, book: PriceBook) -> Option:
    if isinstance(sku, Unpriced):
        return Option(way, sku)
    price = _price(sku, way, book)
    if isinstance(price, Unpriced) or way == ON_DEMAND:
        return Option(way, price)
    return Option(way, price, book.compared_with(sku, price))


def _price(sku: Sku, way: WayOfPaying, book: PriceBook) -> Price | Unpriced:
    if isinstance(way, DedicatedHost | HostReservation):
        return _price_of_host(sku, way, book)
    if way == DEDICATED_INSTANCE:
        price = _of_way(book.price(sku._replace(tenancy=DEDICATED), ON_DEMAND), way)
        if isinstance(price, Price) and isinstance(book.per_unit(dedicated_fee(sku.region)), Unpriced):
            return Unpriced(f"no loaded list has the fee of dedicated instances in {sku.region}")
        return price
    return book.price(sku, way)


def _price_of_host(sku: Sku, way: DedicatedHost | HostReservation, book: PriceBook) -> Price | Unpriced:
    """A whole host of the type's family. Software that AWS licenses is paid beside the host."""
    if sku.usage_operation in LICENSED_BY_AWS:
        return Unpriced(f"what {label_of(sku.usage_operation)} costs on a dedicated host is in no loaded list")
    host = host_sku(sku.region, split_type(sku.instance_type)[0])
    return _of_way(book.price(host, ON_DEMAND if way == DEDICATED_HOST else way), way)


def _of_way(price: Price | Unpriced, way: WayOfPaying) -> Price | Unpriced:
    return price if isinstance(price, Unpriced) else replace(price, way=way)
