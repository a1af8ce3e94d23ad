"""The lines of costs by something, ready to be shown: words, shares, changes, and the lists behind them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from urllib.parse import quote, urlencode

from django.urls import reverse

from costs.breakdown import By, Change, Dimension, Key, Lack, Line
from costs.commitments.owned import exact
from costs.paid_by import LABELS, Payer
from costs.priceable import priceable
from inventory.pages.filters import TAG, Special
from inventory.pages.list_query import QUERY
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.registry import resource_type

HUNDRED = Decimal(100)
BILLED_ALIKE = frozenset({Payer.ON_DEMAND, Payer.RESERVED, Payer.EC2_PLAN, Payer.COMPUTE_PLAN, Payer.DOUBTFUL})
"""What instances of one list are paid by: no list tells which of them."""
UNREAD = Special.UNKNOWN.value

Filters = list[tuple[str, str | None]]
"""Conditions of a list: left side, and value; None where there is none, not even an empty one."""


@dataclass(frozen=True, kw_only=True)
class Things:
    """So many things of one type in a line, and their list; empty where no list shows exactly these."""

    number: Decimal
    noun: str
    url: str


@dataclass(frozen=True, kw_only=True)
class ByLine:
    """One line of the page."""

    line: Line
    by: By
    total_usd: Decimal
    change: Change | None
    """None where changes cannot be told."""
    scope: PageScope
    text: str

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.line.key

    @property
    def label(self) -> str:
        """The value as people call it."""
        match self.by.dimension:
            case _ if self.key.lack is Lack.NONE:
                return f"Without the tag {self.by.key}"
            case Dimension.TAG if self.key.lack is Lack.UNREAD:
                return "Tags never read"
            case _ if self.key.lack is Lack.UNREAD:
                return "Not read"
            case _ if self.key.slug:
                return priceable(self.key.slug).words or resource_type(self.key.slug).plural
            case Dimension.REGION:
                return region_name(self.key.text)
            case Dimension.PAYMENT:
                return LABELS[Payer(self.key.text)]
            case _:
                return self.key.text or "(empty)"

    @property
    def code(self) -> str:
        """The code of a region, beside its name."""
        return self.key.text if self.by.dimension is Dimension.REGION else ""

    @property
    def share(self) -> Decimal | None:
        """Its part of everything with a price, in percent; None where nothing costs anything."""
        return self.line.usd * HUNDRED / self.total_usd if self.total_usd else None

    @property
    def bar(self) -> str:
        """The same, for a bar."""
        return f"{self.share or 0:.1f}"

    @property
    def is_priced(self) -> bool:
        """Whether anything in it has a price."""
        return bool(self.line.priced)

    @cached_property
    def unpriced(self) -> Decimal:
        """How many things have no price; a share of one where a commitment pays a part."""
        return exact(sum(self.line.unpriced.values(), self.line.priced * 0))

    @property
    def unpriced_words(self) -> str:
        """The same in words."""
        return f"{_number(self.unpriced)} unpriced"

    @property
    def unpriced_reasons(self) -> str:
        """Why, the most frequent reason first."""
        return "; ".join(sorted(self.line.unpriced, key=lambda reason: -self.line.unpriced[reason]))

    @property
    def things(self) -> list[Things]:
        """What it is made of."""
        return [
            Things(number=exact(number), noun=_noun(slug, exact(number)), url=self._list(slug))
            for slug, number in self.line.numbers.items()
        ]

    @property
    def url(self) -> str:
        """The list behind it, where it is one."""
        return self.things[0].url if len(self.things) == 1 else ""

    def _list(self, slug: str) -> str:
        filters, kind = self._filters(slug), priceable(slug)
        if filters is None or kind.charged_if is None:
            return ""
        text = [(QUERY, self.text)] if self.text else []
        sort = [("sort", "-on_demand_monthly_usd")] if kind.variety and self.scope.as_of is None else []
        own = {key for key, _ in filters}
        place = [(key, value) for key, value in self.scope.url_parameters.items() if key not in own]
        pairs = [*kind.charged_if, *filters, *text, *sort, *place]
        # A tag without a value asks whether the tag is there; with an equals sign it would ask for an empty one.
        parts = [quote(key, safe=":") if value is None else urlencode({key: value}) for key, value in pairs]
        return reverse("resource-list", args=[slug]) + (f"?{'&'.join(parts)}" if parts else "")

    def _filters(self, slug: str) -> Filters | None:
        """The conditions of the list that leave what the line is about; None if there are none that do."""
        key, dimension = self.key, self.by.dimension
        if dimension is Dimension.TAG:
            return self._tag_filters()
        if key.slug:
            return []
        value = UNREAD if key.lack else key.text
        match dimension:
            case Dimension.ACCOUNT | Dimension.REGION:
                return [(dimension.value, value)]
            case Dimension.FAMILY if not key.lack:
                return [("instance_type__like", f"{value}.*")]
            case Dimension.PAYMENT:
                return _payment_filters(value)
            case _:
                return [(priceable(slug).variety, value)]

    def _tag_filters(self) -> Filters | None:
        if self.key.lack is Lack.UNREAD:
            return None
        if self.key.lack is Lack.NONE:
            return [(f"-{TAG}{self.by.key}", None)]
        return [(f"{TAG}{self.by.key}", self.key.text)]


def _payment_filters(payer: str) -> Filters | None:
    if payer == UNREAD:
        return [("lifecycle", UNREAD)]
    match Payer(payer):
        case Payer.STORAGE | Payer.NETWORK:
            return []
        case Payer.SPOT:
            return [("lifecycle", "spot")]
        case Payer.HOST:
            return [("tenancy", "host")]
        case one if one in BILLED_ALIKE:
            return [("lifecycle", "on-demand"), ("-tenancy", "host")]
        case _:
            return None


def _noun(slug: str, number: Decimal) -> str:
    kind = resource_type(slug)
    return priceable(slug).words.lower() or (kind.label if number == 1 else kind.plural)


def _number(number: Decimal) -> str:
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,.1f}"


def by_lines(
    lines: list[Line], changes: list[Change | None], *, by: By, total_usd: Decimal, scope: PageScope, text: str
) -> Iterator[ByLine]:
    """The lines of a page, each with its change."""
    for line, change in zip(lines, changes, strict=True):
        yield ByLine(line=line, by=by, total_usd=total_usd, change=change, scope=scope, text=text)
