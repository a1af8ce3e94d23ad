"""Newer instance types that cost less than an older one and are at least as large.

A type is older if AWS calls it previous, or if its series has a later generation (m4 beside m5 and m7i). What may take
its place has as many vCPU, as much memory and the same architecture, is current, and is of a later generation of the
series; AWS's previous types may become of any series. It has at least the instance store that is given up, keeps what
the name promises besides (`n` for network, `b` for EBS, `z` for frequency), and takes nothing back: no burstable or
flex type in place of one that is neither, no virtual machine in place of bare metal or the other way round. Graphics
cards and the like are not in the facts, so types that have them are never compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from costs.compare import MONTH_HOURS
from costs.instance_types import InstanceType, TypeFacts
from costs.price_book import Price, PriceBook, Sku, Unpriced
from costs.pricing_models import ON_DEMAND
from costs.usage.ec2_instance import InstanceUsage, sku_of

MOST_TIMES = 4
"""A type more than so many times as large is never the cheaper one, and is not weighed."""
MEASURED = frozenset("agide")
"""Letters for the processor, the disks and their size, which the facts know by themselves."""


@dataclass(frozen=True, kw_only=True)
class InstanceMove:
    """A newer type that costs less, with both on-demand prices of one and the same list."""

    target: InstanceType
    now: Price
    then: Price

    @property
    def saving_usd(self) -> Decimal:
        """What it saves in a month of 730 hours."""
        return (self.now.charge.hourly_usd - self.then.charge.hourly_usd) * MONTH_HOURS


@lru_cache(maxsize=4096)
def successors(name: str, architecture: str | None, facts: TypeFacts) -> tuple[InstanceType, ...]:
    """Every type that may take the place of this one, whatever it costs."""
    old = facts.types.get(name)
    if old is None or old.is_accelerated or architecture != old.architecture:
        return ()
    return tuple(
        new
        for new in facts.types.values()
        if (old.is_previous or (new.series == old.series and new.generation > old.generation))
        and _is_at_least(new, old)
    )


def book_with_successors(usages: Iterable[tuple[InstanceUsage, str | None]], facts: TypeFacts) -> PriceBook:
    """The on-demand prices of these instances and of all that may take their place."""
    skus = set()
    for usage, architecture in usages:
        sku = sku_of(usage)
        if isinstance(sku, Sku):
            skus.add(sku)
            new = successors(sku.instance_type, architecture, facts)
            skus.update(sku._replace(instance_type=one.name) for one in new)
    return PriceBook.load(skus=skus)


def best_successor(
    usage: InstanceUsage, architecture: str | None, facts: TypeFacts, book: PriceBook
) -> InstanceMove | Unpriced | None:
    """The cheapest type that may take its place; None if nothing may, or nothing is cheaper.

    Only prices of the list that has the instance's own are compared: an old price beside a new one would show a saving
    that is none. Unpriced if the instance's own price is in no list, or that list has none of the others.
    """
    possible = successors(usage.instance_type or "", architecture, facts)
    if not possible:
        return None
    sku = sku_of(usage)
    if isinstance(sku, Unpriced):
        return sku
    now = book.price(sku, ON_DEMAND)
    if isinstance(now, Unpriced):
        return now
    offers = [(one, book.compared_with(sku._replace(instance_type=one.name), now)) for one in possible]
    moves = [
        InstanceMove(target=one, now=now, then=then)
        for one, then in offers
        if then is not None and then.provenance == now.provenance
    ]
    if not moves:
        return Unpriced(f"the list that has {sku.instance_type} has none of the types that could take its place")
    best = max(moves, key=lambda move: (move.saving_usd, move.target.generation, move.target.name))
    return best if best.saving_usd > 0 else None


def _is_at_least(new: InstanceType, old: InstanceType) -> bool:
    return (
        not new.is_previous
        and not new.is_accelerated
        and new.architecture == old.architecture
        and old.vcpu <= new.vcpu <= old.vcpu * MOST_TIMES
        and old.memory_gib <= new.memory_gib <= old.memory_gib * MOST_TIMES
        and new.store_gb >= old.store_gb
        and new.is_metal == old.is_metal
        and (old.is_burstable or not new.is_burstable)
        and new.kind in ("", old.kind)
        and old.attributes - MEASURED <= new.attributes
    )
