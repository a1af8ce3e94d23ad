"""What a change costs: the list price of a resource before and after it, at today's prices."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from costs.price_book import Unpriced
from costs.priceable import Priceable, priceables
from inventory.pages.extensions import Figure, RevisionCost

NOT_CHARGED = Figure(value=Decimal(0), note="not charged in its state")


def revision_costs() -> Iterator[RevisionCost]:
    """One for each type that can have a price, where the fields of a revision tell whether it has."""
    for kind in priceables():
        if kind.part is None:
            yield RevisionCost(type=kind.slug, fields=kind.fields, gather=ListPrices(kind))


@dataclass(frozen=True)
class ListPrices:
    """The list prices of one type's revisions."""

    kind: Priceable

    def __call__(self, values: Collection[tuple[Any, ...]]) -> Mapping[tuple[Any, ...], Figure]:
        """By the values that the price depends on; one look into the price book for all of them."""
        usages = {one: self.kind.usage(*one) for one in values}
        charged = {usage for usage in usages.values() if self.kind.is_charged(usage)}
        book = self.kind.book(charged)
        figures = {usage: self._figure(self.kind.quote(usage, book).on_demand) for usage in charged}
        return {one: figures.get(usage, NOT_CHARGED) for one, usage in usages.items()}

    def _figure(self, price: Any) -> Figure:
        if isinstance(price, Unpriced):
            return Figure(value=None, reason=price.reason)
        return Figure(value=price.usd, note=f"list of {price.month:%Y-%m}")
