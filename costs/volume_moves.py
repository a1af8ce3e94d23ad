"""What a volume would cost as another type that performs at least as well.

Only moves that AWS carries out on the volume in place, that keep its size, and that lower neither IOPS nor throughput
are weighed: gp2 to gp3, and io1 to io2 or gp3. What each type delivers follows AWS, "Amazon EBS volume types" (read
2026-11):

- gp2: 3 IOPS for each GiB, at least 100 and at most 16,000, with bursts to 3,000; 128 MiB/s up to 170 GiB and 250 MiB/s
  above, of which volumes below 334 GiB reach the last part in bursts only.
- gp3: 3,000 IOPS and 125 MiB/s whatever the size, more of both for money. AWS raised its limits in 2025; what is
  proposed here stays within the former ones (16,000 IOPS, 1,000 MiB/s), which hold everywhere.
- io1: the IOPS that are set; up to 32,000 of them move at most 256 KiB each and 500 MiB/s together, above that the
  volume reaches 1,000 MiB/s.
- io2: the IOPS that are set, each of which moves 256 KiB, up to 4,000 MiB/s.

A gp2 volume that bursts is therefore given what it bursts to, for ever. gp3 cannot be attached to several instances at
once, so that a volume for which this is on, or not known to be off, stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from costs.price_book import PriceBook, Provenance, Unit, Unpriced
from costs.usage.ebs_volume import (
    GP3_FREE_IOPS,
    GP3_FREE_MIBPS,
    IOPS,
    STORAGE,
    THROUGHPUT,
    VolumeUsage,
    line_prices,
    lines_of,
)

GP2_IOPS_A_GIB = 3
GP2_LEAST_IOPS = 100
GP2_MOST_IOPS = 16_000
GP2_SMALL_GIB = 170
GP2_SMALL_MIBPS = 128
GP2_MIBPS = 250
GP3_MOST_IOPS = 16_000
IO1_FAST_IOPS = 32_000
IO1_MIBPS = 500
IO1_FAST_MIBPS = 1_000
IO1_IOPS_A_MIBPS = 4
"""An I/O of io1 moves at most 256 KiB: four of them a MiB."""

ZERO = Decimal(0)


class Performance(NamedTuple):
    """What a volume delivers at most."""

    iops: int
    mibps: int


@dataclass(frozen=True, kw_only=True)
class VolumeCost:
    """What a volume costs a month in US dollars, taken apart."""

    storage_usd: Decimal
    iops_usd: Decimal
    throughput_usd: Decimal
    documents: frozenset[Provenance]

    @property
    def monthly_usd(self) -> Decimal:
        """All of it."""
        return self.storage_usd + self.iops_usd + self.throughput_usd

    @property
    def months(self) -> frozenset[str]:
        """The months of the lists: `2024-07`."""
        return frozenset(document.month_text for document in self.documents)


@dataclass(frozen=True, kw_only=True)
class Move:
    """A cheaper type that performs at least as well, with both prices."""

    target: VolumeUsage
    now: VolumeCost
    then: VolumeCost

    @property
    def saving_usd(self) -> Decimal:
        """What it saves a month."""
        return self.now.monthly_usd - self.then.monthly_usd

    @property
    def is_compared_across_dates(self) -> bool:
        """Whether the two prices are of lists of different months."""
        return self.now.months != self.then.months


def cost_of(usage: VolumeUsage, book: PriceBook) -> VolumeCost | Unpriced:
    """The list price of a volume, or why there is none."""
    priced = line_prices(usage, book)
    if isinstance(priced, Unpriced):
        return priced
    parts = {STORAGE: ZERO, IOPS: ZERO, THROUGHPUT: ZERO}
    for line, price in priced:
        # The IOPS of io2 are billed in steps, each under a name of its own.
        part = line.unit.dimension if line.unit.dimension in parts else IOPS
        parts[part] += line.quantity * price.usd
    return VolumeCost(
        storage_usd=parts[STORAGE],
        iops_usd=parts[IOPS],
        throughput_usd=parts[THROUGHPUT],
        documents=frozenset(price.provenance for _, price in priced),
    )


def performance_of(usage: VolumeUsage) -> Performance | None:
    """What a gp2 or io1 volume delivers at most; None for other types, and where its size or IOPS were not read."""
    match usage.volume_type:
        case "gp2" if usage.size_gib is not None:
            iops = min(max(usage.size_gib * GP2_IOPS_A_GIB, GP2_LEAST_IOPS), GP2_MOST_IOPS)
            mibps = GP2_SMALL_MIBPS if usage.size_gib <= GP2_SMALL_GIB else GP2_MIBPS
            return Performance(iops, mibps)
        case "io1" if usage.iops is not None:
            if usage.iops > IO1_FAST_IOPS:
                return Performance(usage.iops, IO1_FAST_MIBPS)
            return Performance(usage.iops, min(-(-usage.iops // IO1_IOPS_A_MIBPS), IO1_MIBPS))
    return None


def candidates(usage: VolumeUsage, *, multi_attach: bool | None) -> Iterator[VolumeUsage]:
    """The volume as each other type that performs at least as well."""
    performance = performance_of(usage)
    if performance is None:
        return
    if usage.volume_type == "io1":
        yield usage._replace(volume_type="io2", throughput_mibps=None)
    may_be_gp3 = usage.volume_type == "gp2" or multi_attach is False
    if may_be_gp3 and performance.iops <= GP3_MOST_IOPS:
        yield usage._replace(
            volume_type="gp3",
            iops=max(performance.iops, GP3_FREE_IOPS),
            throughput_mibps=max(performance.mibps, GP3_FREE_MIBPS),
        )


def book_with_moves(usages: Iterable[tuple[VolumeUsage, bool | None]]) -> PriceBook:
    """The prices of these volumes and of what they could become."""
    wanted: set[Unit] = set()
    for usage, multi_attach in usages:
        for one in (usage, *candidates(usage, multi_attach=multi_attach)):
            lines = lines_of(one)
            if not isinstance(lines, Unpriced):
                wanted.update(line.unit for line in lines)
    return PriceBook.load(units=wanted)


def best_move(usage: VolumeUsage, book: PriceBook, *, multi_attach: bool | None) -> Move | Unpriced | None:
    """The cheapest type that performs at least as well; None if nothing is cheaper.

    Unpriced if there is something to compare with and its price, or the volume's own, is in no list.
    """
    others = list(candidates(usage, multi_attach=multi_attach))
    if not others:
        return None
    now = cost_of(usage, book)
    if isinstance(now, Unpriced):
        return now
    costs = [(other, cost_of(other, book)) for other in others]
    moves = [Move(target=other, now=now, then=then) for other, then in costs if isinstance(then, VolumeCost)]
    cheaper = [move for move in moves if move.saving_usd > 0]
    if cheaper:
        return max(cheaper, key=lambda move: move.saving_usd)
    return next((then for _, then in costs if isinstance(then, Unpriced)), None)
