"""What a resource type that can have a price says about itself, and the list of those we know.

Each is declared in one file of `costs/usage/`. Quotes, list columns, region figures and totals walk this registry.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from costs.price_book import Price, PriceBook, Unpriced
from inventory.history import ResourceRevision

MILLIONTH = Decimal("0.000001")
"""Monthly prices are kept to a millionth of a dollar, which SQLite gives back unchanged up to 999 million."""


@dataclass(frozen=True)
class Monthly:
    """A price for a month of 730 hours, from the list of `month`; `way` is the slug of the way of paying.

    `documents` are the keys of the price lists that it was worked out from; a price that was stored has forgotten them.
    """

    usd: Decimal
    month: date
    way: str = ""
    documents: frozenset[int] = field(default=frozenset(), compare=False)

    @classmethod
    def of(cls, price: Price | Unpriced) -> Monthly | Unpriced:
        """A listed price as dollars a month."""
        if isinstance(price, Unpriced):
            return price
        listed = price.provenance
        usd = price.charge.monthly_usd.quantize(MILLIONTH)
        return cls(usd, listed.month, price.way.slug, frozenset({listed.document_id}))


@dataclass(frozen=True)
class Quoted:
    """The prices that stand beside a resource; None where that way of paying does not exist for its type."""

    on_demand: Monthly | Unpriced
    reserved: Monthly | Unpriced | None = None
    spot: Monthly | Unpriced | None = None


@dataclass(frozen=True, kw_only=True)
class Priceable:
    """A resource type that can have a price.

    `fields` are the columns of a revision that its price depends on, whose values are kept as JSON; `usage` makes a
    hashable value of them. Many resources share a usage, so a fleet is priced once for each usage and not once for each
    resource. `book` loads the prices for some usages and `quote` prices one of them. `is_charged` says whether it costs
    anything in the state that it is in: a stopped instance has a price, and costs nothing. `place` are the columns that
    say where it stands within its region, for what fits together only in one place, like instances on a host.
    `variety` is the one of `fields` that AWS calls its type, if it has one, and `charged_if` the filters of a
    list that leave what is charged. `is_by_month` is for what is billed for a calendar month, whatever its length, and
    not by the hour.
    """

    slug: str
    model: type[ResourceRevision]
    fields: tuple[str, ...]
    usage: Callable[..., Any]
    book: Callable[[Iterable[Any]], PriceBook]
    quote: Callable[[Any, PriceBook], Quoted]
    is_charged: Callable[[Any], bool]
    place: tuple[str, ...] = ()
    variety: str = ""
    charged_if: tuple[tuple[str, str], ...] = ()
    is_by_month: bool = False

    @property
    def counted(self) -> tuple[str, ...]:
        """The columns by which resources are counted."""
        return (*self.fields, *self.place)

    def usage_of(self, revision: ResourceRevision) -> Any:
        """The usage of one revision."""
        return self.usage(*(getattr(revision, field) for field in self.fields))


_priceable: dict[str, Priceable] = {}


def register(priceable: Priceable) -> Priceable:
    """Add a type; one type cannot be priced in two ways."""
    if priceable.slug in _priceable:
        raise ValueError(f"There are two files in costs/usage for {priceable.slug}.")
    _priceable[priceable.slug] = priceable
    return priceable


def discover() -> None:
    """Import every file of `costs/usage/`, which registers its type."""
    package = importlib.import_module("costs.usage")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def priceables() -> Iterator[Priceable]:
    """Every type that can have a price."""
    return iter(_priceable.values())


def priceable(slug: str) -> Priceable:
    """The one of that slug; KeyError if it can have no price."""
    return _priceable[slug]
