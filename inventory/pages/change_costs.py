"""What changes cost: the price of a resource after a change less the one before it, at today's prices.

A side that is not there costs nothing, and is known to. Where one side has no price the difference is unknown: the
other side alone would look like a rise or a fall that nobody saw.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from inventory.history import ResourceRevision
from inventory.pages.extensions import Figure, RevisionCost, extensions
from inventory.pages.stretch import BEGAN, ENDED, Kind, Stretch
from inventory.registry import ResourceType

Key = TypeVar("Key")
Values = tuple[Any, ...]
Sides = tuple[ResourceType, ResourceRevision | None, ResourceRevision | None]
"""A type, what was there before a change and what is there after it."""

NOTHING = Figure(value=Decimal(0))
MOST_SUMMED = 10_000
"""Changes up to which their costs are added up, as lists count up to which."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one change costs a month, in dollars."""

    before: Decimal | None
    after: Decimal | None
    reason: str = ""
    """Why one of them is unknown."""

    @property
    def difference(self) -> Decimal | None:
        """How much more it is; None if unknown."""
        return None if self.before is None or self.after is None else self.after - self.before


@dataclass(frozen=True, kw_only=True)
class CostOfChanges:
    """What many changes cost a month together, in dollars, and how many of them are left out."""

    difference: Decimal
    priced: int
    unpriced: int

    @property
    def saved(self) -> Decimal:
        """How much less they cost, where they cost less."""
        return -self.difference


def costs_of(changes: Mapping[Key, Sides]) -> dict[Key, Cost]:
    """The cost of each change of a type that can have one."""
    wanted: dict[str, set[Values]] = defaultdict(set)
    sides: dict[Key, tuple[RevisionCost, Values | None, Values | None]] = {}
    for key, (kind, before, after) in changes.items():
        if cost := extensions.cost_of(kind.slug):
            sides[key] = (cost, _values(cost, before), _values(cost, after))
            wanted[kind.slug].update(one for one in sides[key][1:] if one is not None)
    figures = {
        cost.type: cost.gather(wanted[cost.type]) for cost in {one.type: one for one, *_ in sides.values()}.values()
    }
    return {key: _cost(figures[cost.type], before, after) for key, (cost, before, after) in sides.items()}


def cost_of_all(stretches: Sequence[Stretch], kinds: Sequence[Kind]) -> CostOfChanges:
    """What all changes of these kinds cost together; at most four queries for each type that can have a price."""
    difference, priced, unpriced = Decimal(0), 0, 0
    for stretch in stretches:
        cost = extensions.cost_of(stretch.type.slug)
        if cost is None:
            continue
        pairs = _pairs(stretch, cost, kinds)
        figures = cost.gather({one for pair in pairs for one in pair if one is not None})
        for (before, after), number in pairs.items():
            one = _cost(figures, before, after).difference
            if one is None:
                unpriced += number
            else:
                difference, priced = difference + one * number, priced + number
    return CostOfChanges(difference=difference, priced=priced, unpriced=unpriced)


def _pairs(stretch: Stretch, cost: RevisionCost, kinds: Sequence[Kind]) -> Counter[tuple[Values | None, Values | None]]:
    """How often what a price depends on changed from the one to the other (None: not there)."""
    pairs: Counter[tuple[Values | None, Values | None]] = Counter()
    if Kind.ADDED in kinds:
        pairs.update((None, after) for after in _plain(stretch.changes(Kind.ADDED), cost))
    if Kind.GONE in kinds:
        pairs.update((before, None) for before in _plain(stretch.changes(Kind.GONE), cost))
    if Kind.CHANGED in kinds:
        before = _by_moment(stretch.replaced(), ENDED, cost)
        after = _by_moment(stretch.changes(Kind.CHANGED), BEGAN, cost)
        pairs.update((before.get(key), values) for key, values in after.items())
    return pairs


def _plain(rows: Any, cost: RevisionCost) -> Iterable[Values]:
    found: Iterable[Values] = rows.order_by().values_list(*cost.fields)
    return found


def _by_moment(rows: Any, moment: str, cost: RevisionCost) -> dict[Values, Values]:
    found = rows.order_by().values_list("resource_id", "incarnation", moment, *cost.fields)
    return {tuple(row[:3]): tuple(row[3:]) for row in found}


def _values(cost: RevisionCost, revision: ResourceRevision | None) -> Values | None:
    return None if revision is None else tuple(getattr(revision, field) for field in cost.fields)


def _cost(figures: Mapping[Values, Figure], before: Values | None, after: Values | None) -> Cost:
    was, is_now = (NOTHING if one is None else figures[one] for one in (before, after))
    reason = next((one.reason for one in (was, is_now) if one.value is None), "")
    return Cost(before=was.value, after=is_now.value, reason=reason)
