"""What ran at once in the past, by what commitments can be bought for: read from the ledger, within bounds.

A group is what one purchase covers: family, region, software and tenancy where reservations cover any size, else one
type. Only what AWS bills on-demand counts: nothing stopped, no spot, nothing on a Dedicated Host. What is covered by
commitments already is taken off every level, so that nothing is bought twice.

Decisions rest on what looks saw (`seen`). What may have run besides, between two looks, is told beside it (`possible`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from costs.commitments.apply import Application
from costs.commitments.owned import ReservedInstances
from costs.commitments.sizes import family_of, is_flexible, units_of
from costs.looks import looks_at_instances
from costs.price_book import HOST, Sku
from costs.purchase import Demand
from costs.running import MICROSECOND, Seen, stretches
from costs.usage.ec2_instance import CHARGED_STATES, InstanceUsage, sku_of
from inventory.models import Account
from inventory.resource_types.ec2_instance import Ec2Instance


class Group(NamedTuple):
    """What one purchase covers; `name` is a family, or a type where sizes are not exchanged."""

    name: str
    region: str
    operation: str
    tenancy: str

    @classmethod
    def of(cls, sku: Sku) -> Group:
        """The group of an instance."""
        flexible = is_flexible(sku.instance_type, sku.usage_operation, sku.tenancy)
        name = family_of(sku.instance_type) if flexible else sku.instance_type
        return cls(name, sku.region, sku.usage_operation, sku.tenancy)

    @property
    def is_flexible(self) -> bool:
        """Whether sizes are exchanged for each other."""
        return "." not in self.name

    def size(self, instance_type: str) -> Fraction:
        """How much of the group one instance of a type is: normalized units, or one."""
        return (units_of(instance_type) or Fraction(1)) if self.is_flexible else Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Window:
    """The time that was looked at."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


@dataclass
class Changes:
    """How many instances of one type more, or less, ran from each moment on."""

    seen: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))
    possible: dict[datetime, int] = field(default_factory=lambda: defaultdict(int))


@dataclass
class Usage:
    """What ran of one group: by type, and by which instances."""

    types: dict[str, Changes] = field(default_factory=lambda: defaultdict(Changes))
    instances: set[int] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Past:
    """Everything that ran in a window, by group. `window` is None where nobody looked."""

    window: Window | None
    usage: Mapping[Group, Usage]

    def demand(self, group: Group, unit: Fraction, covered: Fraction, *, is_possible: bool = False) -> Demand:
        """How much of a group ran at once, in units of what is bought, less what is covered already."""
        if self.window is None:
            return Demand({})
        changes: dict[datetime, Fraction] = defaultdict(Fraction)
        for instance_type, of_type in self.usage[group].types.items():
            size = group.size(instance_type)
            for moment, number in (of_type.possible if is_possible else of_type.seen).items():
                changes[moment] += number * size
        levels: dict[Fraction, int] = defaultdict(int)
        level, since = Fraction(0), self.window.start
        for moment, change in sorted(changes.items()):
            levels[max(level - covered, Fraction(0)) / unit] += (moment - since) // MICROSECOND
            level, since = level + change, moment
        levels[max(level - covered, Fraction(0)) / unit] += (self.window.end - since) // MICROSECOND
        return Demand({one: time for one, time in levels.items() if time})


def past_of(accounts: Collection[Account], days: int, when: datetime | None) -> Past:
    """What these accounts ran in so many days before a moment (None = now), as far as anybody looked."""
    end = when or timezone.now()
    looks = looks_at_instances(accounts, end - timedelta(days=days), end)
    moments = [moment for times in looks.values() for moment in times]
    if len(set(moments)) < 2:
        return Past(window=None, usage={})
    window = Window(start=min(moments), end=max(moments))
    usage: dict[Group, Usage] = defaultdict(Usage)
    for (resource_id, account_id, region, group, instance_type), periods in _periods(accounts, window):
        one = usage[group]
        one.instances.add(resource_id)
        changes = one.types[instance_type]
        for stretch in stretches(periods, looks.get((account_id, region), ()), window.end):
            _count(changes.seen, stretch.seen_from, stretch.seen_until, window)
            _count(changes.possible, stretch.earliest, stretch.latest, window)
    return Past(window=window, usage=usage)


def covered_by_commitments(application: Application, accounts: Collection[str]) -> Mapping[Group, Fraction]:
    """How much of each group these accounts have covered, or have reserved and do not use, in sizes of the group."""
    covered: dict[Group, Fraction] = defaultdict(Fraction)
    for usage in application.running:
        if usage.account in accounts and not usage.is_host:
            group = Group.of(usage.sku)
            amount = sum((cover.amount for cover in application.covers_on.get(usage, ())), Fraction(0))
            covered[group] += amount * group.size(usage.instance_type)
    for one in application.commitments:
        if isinstance(one, ReservedInstances) and one.account in accounts:
            group = Group.of(Sku(one.region, one.instance_type, one.operation, one.tenancy))
            used = sum((cover.spent for cover in application.covers_of.get(one.id, ())), Fraction(0))
            covered[group] += (one.size - used) * group.size(one.instance_type)
    return covered


Key = tuple[int, int, str, Group, str]


def _periods(accounts: Collection[Account], window: Window) -> Iterator[tuple[Key, list[Seen]]]:
    """By instance and what it was billed as, the periods in which it ran on-demand."""
    for key, rows in groupby(_rows(_revisions(accounts, window)), key=lambda row: row[0]):
        yield key, [period for _, period in rows]


def _rows(revisions: QuerySet[Any]) -> Iterator[tuple[Key, Seen]]:
    fields = ("resource_id", "account_id", "valid_from", "valid_to", "launch_time", *InstanceUsage._fields)
    # Many instances are alike, and each kind is told once what it is.
    kinds: dict[tuple[Any, ...], tuple[str, Group, str] | None] = {}
    for resource_id, account_id, since, until, launched, *values in revisions.values_list(*fields):
        usage = tuple(values)
        if usage not in kinds:
            sku = sku_of(InstanceUsage(*usage))
            kinds[usage] = (sku.region, Group.of(sku), sku.instance_type) if isinstance(sku, Sku) else None
        if kind := kinds[usage]:
            yield (resource_id, account_id, *kind), Seen(since, until, launched, runs=True)


def _revisions(accounts: Collection[Account], window: Window) -> QuerySet[Any]:
    return (
        Ec2Instance.revisions.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gt=window.start),
            account__in=accounts,
            valid_from__lt=window.end,
            state__in=CHARGED_STATES,
            lifecycle="on-demand",
        )
        .exclude(tenancy=HOST)
        .order_by("resource_id", "valid_from")
    )


def _count(changes: dict[datetime, int], since: datetime, until: datetime, window: Window) -> None:
    """One instance from one moment to another, as far as that lies in the window."""
    begin, end = max(since, window.start), min(until, window.end)
    if begin < end:
        changes[begin] += 1
        changes[end] -= 1


def types_by_size(group: Group, types: Iterable[str]) -> Sequence[str]:
    """The types that ran, the smallest first: the one to buy, if it has a price."""
    return sorted(types, key=lambda one: (group.size(one), one))
