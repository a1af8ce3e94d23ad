"""What a resource type that can have a price says about itself, and the list of those we know.

Each is declared in one file of `costs/usage/`. Quotes, list columns, region figures and totals walk this registry.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from costs.price_book import Price, PriceBook, Unpriced
from inventory.history import ResourceRevision, RevisionQuerySet

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
    list that leave what is charged; None where no list shows exactly these. `is_by_month` is for what is billed for a
    calendar month, whatever its length, and not by the hour.

    Of some types only a part is billed under their name: `part` leaves the revisions in question, `words` say what of
    them is paid for, and `rests_on` are the other types whose looks decide it.

    Of some types a part of the usage is `measured` and no column: `each` tells it for everything that some accounts
    held at a moment (None = now), as resource, account and usage. A usage of columns alone is then unpriced.
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
    charged_if: tuple[tuple[str, str], ...] | None = ()
    is_by_month: bool = False
    part: Callable[[RevisionQuerySet], RevisionQuerySet] | None = None
    words: str = ""
    rests_on: tuple[str, ...] = ()
    measured: tuple[str, ...] = ()
    each: Callable[[Collection[int], datetime | None], Iterator[tuple[int, int, Any]]] | None = None

    @property
    def revisions(self) -> RevisionQuerySet:
        """Every revision that can have a price."""
        every = self.model.revisions.all()
        return every if self.part is None else self.part(every)

    @property
    def counted(self) -> tuple[str, ...]:
        """What resources are counted by: columns, and what is measured."""
        return (*self.fields, *self.measured, *self.place)

    def usages(self, accounts: Collection[int], when: datetime | None) -> dict[int, Any]:
        """The usage of each resource by its key, as far as a part of it is measured; else none."""
        return {} if self.each is None else {resource: usage for resource, _, usage in self.each(accounts, when)}

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
