"""How much of what runs is covered, and how much of what is reserved is used: for each pool, in normalized units.

`coverage = covered units / running units`, `utilisation = used units / reserved units`. A pool is what reservations
are counted within: family, region, operation and tenancy. Dedicated Hosts are counted one each.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from costs.commitments.apply import Application
from costs.commitments.owned import Commitment, Pool, ReservedInstances, SavingsPlan, Usage, exact
from costs.commitments.sizes import units_of

HUNDRED = Fraction(100)


@dataclass
class PoolCoverage:
    """One pool, in normalized units; `unsized` are types for which AWS tells no units, and which are left out."""

    pool: Pool
    running: Fraction = Fraction(0)
    covered_by_reservations: Fraction = Fraction(0)
    covered_by_plans: Fraction = Fraction(0)
    reserved: Fraction = Fraction(0)
    used: Fraction = Fraction(0)
    instances: int = 0
    unsized: set[str] = field(default_factory=set)
    unrated: Fraction = Fraction(0)
    """Units that a plan may cover, and has no rate for."""

    @property
    def covered(self) -> Fraction:
        """By whatever."""
        return self.covered_by_reservations + self.covered_by_plans

    @property
    def uncovered(self) -> Fraction:
        """What is paid on-demand."""
        return self.running - self.covered

    @property
    def coverage_percent(self) -> Decimal | None:
        """The share of what runs that is covered; None where nothing runs, or a rate that would tell is missing."""
        return exact(self.covered * HUNDRED / self.running) if self.running and not self.unrated else None

    @property
    def utilisation_percent(self) -> Decimal | None:
        """The share of what is reserved that is used, by whatever account; None where nothing is reserved."""
        return exact(self.used * HUNDRED / self.reserved) if self.reserved else None


def coverage(application: Application, accounts: Collection[str] | None = None) -> list[PoolCoverage]:
    """The pools of what these accounts run and reserve (None: every account), in their order."""
    pools: dict[Pool, PoolCoverage] = {}

    def pool_of(pool: Pool) -> PoolCoverage:
        return pools.setdefault(pool, PoolCoverage(pool))

    def is_meant(one: Usage | Commitment) -> bool:
        return accounts is None or one.account in accounts

    for usage, number in application.running.items():
        if is_meant(usage):
            _count_usage(pool_of(usage.pool), usage, number, application)
    for one in application.commitments:
        if isinstance(one, ReservedInstances) and is_meant(one):
            pool, units = pool_of(one.pool), _units(one)
            pool.reserved += units * one.size
            pool.used += units * sum((cover.spent for cover in application.covers_of.get(one.id, ())), Fraction(0))
            if not units:
                pool.unsized.add(one.instance_type)
    return [pools[pool] for pool in sorted(pools)]


def _count_usage(pool: PoolCoverage, usage: Usage, number: int, application: Application) -> None:
    units = _units(usage)
    pool.instances += number
    if not units:
        pool.unsized.add(usage.instance_type)
    pool.running += units * number
    for cover in application.covers_on.get(usage, ()):
        if isinstance(cover.commitment, SavingsPlan):
            pool.covered_by_plans += units * cover.amount
        else:
            pool.covered_by_reservations += units * cover.amount
    if usage in application.unrated:
        pool.unrated += units * application.remaining[usage]


def _units(one: Usage | ReservedInstances) -> Fraction:
    """The units of one of it; 0 where AWS tells none."""
    if isinstance(one, Usage) and one.is_host:
        return Fraction(1)
    return units_of(one.instance_type) or Fraction(0)
