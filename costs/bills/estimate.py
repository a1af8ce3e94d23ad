"""What our list prices make of a stretch of the past: instances while they ran, the rest while it was there.

Times are those of the ledger: a thing is taken to have looked as a look saw it until another look saw it otherwise. A
volume counts by the share of the calendar month, because a GB-month is a whole one, everything else by the hour. Prices
are those of today's book. What has no price is counted, and is in no sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Min, Q

from costs.bills.charge import Estimated
from costs.compare import MONTH_HOURS
from costs.price_book import Unpriced
from costs.priceable import Monthly, Priceable, priceable
from costs.running import hours_of
from inventory.models import Account, Freshness, ResourceTag

TYPES = {
    "ec2-instance": Estimated.INSTANCES,
    "ebs-volume": Estimated.VOLUMES,
    "nat-gateway": Estimated.GATEWAYS,
    "load-balancer": Estimated.BALANCERS,
    "classic-load-balancer": Estimated.BALANCERS,
    "elastic-ip": Estimated.ADDRESSES,
    "network-interface": Estimated.ADDRESSES,
}
ZERO = Decimal(0)


def read_types() -> dict[str, Estimated]:
    """Those of `TYPES` that are estimated: what is not read in all of its types cannot be."""
    left_out = {what for slug, what in TYPES.items() if slug in settings.LEFT_OUT_TYPES}
    return {slug: what for slug, what in TYPES.items() if what not in left_out}


@dataclass
class Estimate:
    """A sum in list prices, and what it leaves out: how many things have no price, by the reason."""

    usd: Decimal = ZERO
    priced: int = 0
    unpriced: Counter[str] = field(default_factory=Counter)
    months: set[str] = field(default_factory=set)

    @property
    def left_out(self) -> int:
        """How many things have no price."""
        return self.unpriced.total()

    def add(self, other: Estimate) -> None:
        """Count another one in."""
        self.usd += other.usd
        self.priced += other.priced
        self.unpriced += other.unpriced
        self.months |= other.months


@dataclass(frozen=True)
class Stretch:
    """From one moment to another, within one month."""

    begins: datetime
    ends: datetime

    @property
    def is_whole_month(self) -> bool:
        """Whether it is all of its calendar month."""
        return hours_of(self.ends - self.begins) == self.month_hours

    @property
    def month_hours(self) -> Decimal:
        """The hours of its calendar month."""
        first = self.begins.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return hours_of((first + timedelta(days=32)).replace(day=1) - first)


Cell = tuple[Estimated, str | None]
"""What is estimated, and the value of the tag that is asked for; None: it has none."""


def estimates(accounts: Collection[Account], stretch: Stretch, tag: str = "") -> dict[Cell, Estimate]:
    """What each of them cost in list prices, by the value of a tag where one is named."""
    found: dict[Cell, Estimate] = {}
    if stretch.begins >= stretch.ends:
        return found
    for slug, what in read_types().items():
        for value, one in _of_type(priceable(slug), accounts, stretch, tag):
            found.setdefault((what, value), Estimate()).add(one)
    return found


def seen_since(accounts: Collection[Account]) -> dict[int, datetime]:
    """When each account's things had all been looked at for the first time; without accounts never read."""
    types = read_types()
    first = Freshness.objects.filter(account__in=accounts, type__in=types).values("account", "type")
    moments: dict[int, list[datetime]] = {}
    for account, moment in first.annotate(first=Min("first_complete_at")).values_list("account", "first"):
        if moment is not None:
            moments.setdefault(account, []).append(moment)
    return {account: max(found) for account, found in moments.items() if len(found) == len(types)}


def _of_type(
    kind: Priceable, accounts: Collection[Account], stretch: Stretch, tag: str
) -> Iterator[tuple[str | None, Estimate]]:
    """One estimate for each usage and value, from one walk over the periods."""
    values = _values_of(kind.slug, accounts, stretch, tag) if tag else {}
    lengths: dict[tuple[str | None, Any], timedelta] = {}
    things: dict[tuple[str | None, Any], set[int]] = {}
    for resource, since, until, *fields in _periods(kind, accounts, stretch):
        usage = kind.usage(*fields)
        if not kind.is_charged(usage):
            continue
        key = (values.get(resource), usage)
        begins, ends = max(since, stretch.begins), min(until or stretch.ends, stretch.ends)
        lengths[key] = lengths.get(key, timedelta()) + (ends - begins)
        things.setdefault(key, set()).add(resource)
    book = kind.book({usage for _, usage in lengths})
    whole = stretch.month_hours if kind.is_by_month else MONTH_HOURS
    for (value, usage), length in lengths.items():
        yield value, _estimate(kind.quote(usage, book).on_demand, length, whole, len(things[value, usage]))


def _estimate(price: Monthly | Unpriced, length: timedelta, whole: Decimal, things: int) -> Estimate:
    if isinstance(price, Unpriced):
        return Estimate(unpriced=Counter({price.reason: things}))
    return Estimate(price.usd * hours_of(length) / whole, priced=things, months={f"{price.month:%Y-%m}"})


def _periods(kind: Priceable, accounts: Collection[Account], stretch: Stretch) -> Iterator[tuple[Any, ...]]:
    """Every period that lies in the stretch with some of its length."""
    rows = kind.revisions.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=stretch.begins),
        account__in=accounts,
        valid_from__lt=stretch.ends,
    )
    return iter(rows.order_by().values_list("resource_id", "valid_from", "valid_to", *kind.fields).iterator())


def _values_of(slug: str, accounts: Collection[Account], stretch: Stretch, tag: str) -> Mapping[int, str]:
    """The value of the tag of each thing, as it was last in the stretch."""
    rows = ResourceTag.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=stretch.begins),
        account__in=accounts,
        resource__type=slug,
        key=tag,
        valid_from__lt=stretch.ends,
    )
    return dict(rows.order_by("valid_from").values_list("resource_id", "value").iterator())
