"""The EBS volumes of some accounts: what each type costs, taken apart, and what cheaper types would save.

Volumes are given as how many there are of each usage. A volume without a price is in no sum and is counted by its
reason; one that has a price, while what it would cost as another type is in no list, is counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from costs.price_book import PriceBook, Provenance, Unpriced
from costs.usage.ebs_volume import VolumeUsage, is_charged
from costs.volume_moves import Move, VolumeCost, best_move, cost_of

ZERO = Decimal(0)


class Kept(NamedTuple):
    """What the price of a volume and of its moves depends on."""

    usage: VolumeUsage
    multi_attach: bool | None


@dataclass
class TypeTotal:
    """All volumes of one type."""

    volume_type: str
    priced: int = 0
    unpriced: int = 0
    size_gib: int = 0
    """Of the priced ones."""
    storage_usd: Decimal = ZERO
    iops_usd: Decimal = ZERO
    throughput_usd: Decimal = ZERO
    documents: set[Provenance] = field(default_factory=set)

    @property
    def monthly_usd(self) -> Decimal:
        """All of it a month."""
        return self.storage_usd + self.iops_usd + self.throughput_usd

    @property
    def unpriced_words(self) -> str:
        """How many have no price."""
        return f"{self.unpriced:,} unpriced"

    def add(self, size_gib: int, cost: VolumeCost, number: int) -> None:
        """Count `number` volumes of this cost."""
        self.priced += number
        self.size_gib += size_gib * number
        self.storage_usd += cost.storage_usd * number
        self.iops_usd += cost.iops_usd * number
        self.throughput_usd += cost.throughput_usd * number
        self.documents |= cost.documents


@dataclass
class MoveTotal:
    """All volumes of one type in one region that are cheaper as another one."""

    region: str
    source: str
    target: str
    volumes: int = 0
    size_gib: int = 0
    now_usd: Decimal = ZERO
    then_usd: Decimal = ZERO
    documents: set[Provenance] = field(default_factory=set)

    @property
    def saving_usd(self) -> Decimal:
        """What all of them save a month."""
        return self.now_usd - self.then_usd

    @property
    def is_compared_across_dates(self) -> bool:
        """Whether its prices are of lists of different months."""
        return len({document.month for document in self.documents}) > 1

    def add(self, move: Move, number: int) -> None:
        """Count `number` volumes of this move."""
        self.volumes += number
        self.size_gib += (move.target.size_gib or 0) * number
        self.now_usd += move.now.monthly_usd * number
        self.then_usd += move.then.monthly_usd * number
        self.documents |= move.now.documents | move.then.documents


@dataclass
class Storage:
    """Some volumes: totals, moves and what is unknown."""

    types: dict[str, TypeTotal] = field(default_factory=dict)
    moves: dict[tuple[str, str, str], MoveTotal] = field(default_factory=dict)
    costs: dict[Kept, VolumeCost | Unpriced] = field(default_factory=dict)
    best: dict[Kept, Move] = field(default_factory=dict)
    unpriced: Counter[str] = field(default_factory=Counter)
    """Volumes without a price, by reason."""
    not_compared: Counter[str] = field(default_factory=Counter)
    """Priced volumes whose price as another type is in no list, by reason."""

    @property
    def priced(self) -> int:
        """Volumes with a price."""
        return sum(one.priced for one in self.types.values())

    @property
    def volumes(self) -> int:
        """Every volume that is billed."""
        return self.priced + self.unpriced.total()

    @property
    def monthly_usd(self) -> Decimal:
        """What the priced ones cost a month."""
        return sum((one.monthly_usd for one in self.types.values()), ZERO)

    @property
    def saving_usd(self) -> Decimal:
        """What all moves together save a month."""
        return sum((one.saving_usd for one in self.moves.values()), ZERO)

    @property
    def moved(self) -> int:
        """Volumes that are cheaper as another type."""
        return sum(one.volumes for one in self.moves.values())

    @property
    def documents(self) -> list[Provenance]:
        """Every list that a figure rests on, newest first."""
        used = {one for total in self.types.values() for one in total.documents}
        return sorted(used.union(*(move.documents for move in self.moves.values())), reverse=True)


def storage_of(counts: Mapping[Kept, int], book: PriceBook) -> Storage:
    """The totals and moves of these volumes; what is deleted costs nothing and is left out."""
    storage = Storage()
    for kept, number in counts.items():
        usage = kept.usage
        if not is_charged(usage):
            continue
        cost = storage.costs[kept] = cost_of(usage, book)
        volume_type = usage.volume_type or "unread"
        total = storage.types.setdefault(volume_type, TypeTotal(volume_type))
        if isinstance(cost, Unpriced):
            total.unpriced += number
            storage.unpriced[cost.reason] += number
            continue
        total.add(usage.size_gib or 0, cost, number)
        match best_move(usage, book, multi_attach=kept.multi_attach):
            case Move() as move:
                _add_move(storage, kept, move, number)
            case Unpriced(reason=reason):
                storage.not_compared[reason] += number
    return storage


def _add_move(storage: Storage, kept: Kept, move: Move, number: int) -> None:
    key = (kept.usage.region or "", kept.usage.volume_type or "", move.target.volume_type or "")
    storage.moves.setdefault(key, MoveTotal(*key)).add(move, number)
    storage.best[kept] = move
