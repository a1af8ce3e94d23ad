"""What things cost by something that they have in common: account, region, type, family, way of paying, or a tag.

Whatever the dimension, the lines come to the same total: the on-demand list price of everything that is charged, for a
month of 730 hours. What has no price is in no sum, and is counted by its reason. A thing that has no value in the
dimension has a line of its own, and one whose value was never read another one, so that nothing is left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, OuterRef, Subquery, Value, When

from costs.chosen import Chosen
from costs.commitments.owned import exact
from costs.commitments.sizes import family_of
from costs.paid_by import Payer, covers_of
from costs.price_book import Unpriced
from costs.priceable import Monthly, Priceable
from costs.usage_counts import account_counts
from inventory.models import ResourceTag
from inventory.pages.conditions import never_read

ZERO = Decimal(0)


class Dimension(StrEnum):
    """By what costs are told apart."""

    ACCOUNT = "account"
    REGION = "region"
    TYPE = "type"
    INSTANCE_TYPE = "instance_type"
    FAMILY = "family"
    PAYMENT = "payment"
    TAG = "tag"


@dataclass(frozen=True)
class By:
    """A dimension; `key` is the tag's where it is one."""

    dimension: Dimension
    key: str = ""

    def __str__(self) -> str:
        return f"tag:{self.key}" if self.dimension is Dimension.TAG else self.dimension.value


class Lack(StrEnum):
    """Why a thing has no value."""

    NONE = "none"
    UNREAD = "unread"


class Key(NamedTuple):
    """The value that a line is about: a text, a whole type of resources (`slug`), or that there is none."""

    text: str = ""
    slug: str = ""
    lack: Lack | None = None


UNTAGGED, UNREAD = Key(lack=Lack.NONE), Key(lack=Lack.UNREAD)


class Place(NamedTuple):
    """What was looked at together: an account's things of one type in one region (None: unread)."""

    account: int
    slug: str
    region: str | None


@dataclass
class Line:
    """Everything of one value; sums are US dollars for a month."""

    key: Key
    usd_in: dict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    priced: Fraction = Fraction(0)
    unpriced: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    """Things without a price, by reason."""
    numbers: dict[str, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    """Things by type, priced or not."""
    months: set[date] = field(default_factory=set)
    documents: set[int] = field(default_factory=set)
    """Months and keys of the price lists."""

    @property
    def usd(self) -> Decimal:
        """What those with a price cost."""
        return sum(self.usd_in.values(), ZERO)

    def add(self, place: Place, price: Monthly | Unpriced, number: Fraction) -> None:
        """Count so many things of one price."""
        self.numbers[place.slug] += number
        if isinstance(price, Unpriced):
            self.unpriced[price.reason] += number
            self.usd_in[place] += ZERO
            return
        self.usd_in[place] += exact(Fraction(price.usd) * number)
        self.priced += number
        self.months.add(price.month)
        self.documents |= price.documents


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """The lines of one moment, the dearest first, those without a value last."""

    by: By
    lines: list[Line]

    @cached_property
    def total(self) -> Line:
        """Everything together."""
        return lines_together(self.lines)

    @property
    def unpriced(self) -> Counter[str]:
        """Things without a price, by reason."""
        return Counter({reason: int(number) for reason, number in self.total.unpriced.items()})

    def line(self, key: Key) -> Line | None:
        """The line of a value; None if nothing has it."""
        return next((line for line in self.lines if line.key == key), None)


def breakdown(chosen: Chosen, by: By) -> Breakdown:
    """What the chosen things cost by a dimension, at today's prices; QueryError for a query that cannot be answered."""
    lines: dict[Key, Line] = {}
    for kind in chosen.kinds:
        counted = list(_counted(chosen, kind, by))
        charged = {usage for _, usage, _, _ in counted if kind.is_charged(usage)}
        book = kind.book(charged)
        prices = {usage: kind.quote(usage, book).on_demand for usage in charged}
        for key, usage, account, number in counted:
            if usage in charged:
                line = lines.setdefault(key, Line(key))
                line.add(Place(account, kind.slug, usage.region), prices[usage], number)
    return Breakdown(by=by, lines=sorted(lines.values(), key=_rank))


@dataclass(frozen=True, kw_only=True)
class Change:
    """How a line differs from the same one at an earlier moment, at the same prices.

    `usd` covers the places that were looked at by both moments; None: there are none. `new_usd` stands in places that
    nobody had looked at by the earlier one, so that nobody knows whether it is new.
    """

    usd: Decimal | None
    new_usd: Decimal


def change_of(now: Line | None, then: Line | None, places: Places) -> Change:
    """The difference of two lines; `places` are those that had been looked at by the earlier moment."""
    has, had = (line.usd_in if line else {} for line in (now, then))
    known = [place for place in {*has, *had} if place in places]
    new = sum((usd for place, usd in has.items() if place not in places), ZERO)
    if not known:
        return Change(usd=None, new_usd=new)
    return Change(usd=sum((has.get(one, ZERO) - had.get(one, ZERO) for one in known), ZERO), new_usd=new)


@dataclass(frozen=True)
class Places:
    """Scopes that had been read by a moment, and those that had not: account, type, and the region of the listing."""

    read: Collection[tuple[int, str, str]]
    unread: Collection[tuple[int, str, str]]
    global_types: Collection[str]
    global_region: str

    def __contains__(self, place: Place) -> bool:
        if place.slug in self.global_types:
            return (place.account, place.slug, self.global_region) in self.read
        if place.region is not None:
            return (place.account, place.slug, place.region) in self.read
        # Its region is not known: each of them has to be.
        own = (place.account, place.slug)
        return any(one[:2] == own for one in self.read) and not any(one[:2] == own for one in self.unread)


Counted = tuple[Key, Any, int, Fraction]
"""A value, a usage, an account's key, and how many of them there are."""


def _counted(chosen: Chosen, kind: Priceable, by: By) -> Iterator[Counted]:
    if by.dimension is Dimension.TAG:
        return _by_tag(chosen, kind, by.key)
    if by.dimension is Dimension.PAYMENT:
        return _by_payment(chosen, kind)
    return _by_usage(chosen, kind, by.dimension, {one.pk: one.name for one in chosen.accounts})


def _by_usage(chosen: Chosen, kind: Priceable, dimension: Dimension, names: Mapping[int, str]) -> Iterator[Counted]:
    """Whatever the usage and the account tell."""
    counts: Mapping[tuple[int, Any], int]
    if chosen.text:
        counts = {(account, usage): number for account, usage, (), number in _grouped(chosen, kind)}
    else:
        counts = account_counts(kind, chosen.accounts, chosen.when)
    for (account, usage), number in counts.items():
        yield _key(kind, dimension, usage, names[account]), usage, account, Fraction(number)


def _key(kind: Priceable, dimension: Dimension, usage: Any, account: str) -> Key:
    match dimension:
        case Dimension.ACCOUNT:
            return Key(account)
        case Dimension.REGION:
            return Key(usage.region) if usage.region else UNREAD
        case Dimension.INSTANCE_TYPE if kind.variety:
            return _text(getattr(usage, kind.variety))
        case Dimension.FAMILY if kind.variety == "instance_type":
            return _text(family_of(usage.instance_type) if usage.instance_type else None)
        case _:
            return Key(slug=kind.slug)


def _text(value: str | None) -> Key:
    return Key(value) if value else UNREAD


def _by_tag(chosen: Chosen, kind: Priceable, tag: str) -> Iterator[Counted]:
    """The value of a tag, that there is none, or that the tags were never read."""
    tags = ResourceTag.objects.as_of(chosen.when).filter(resource=OuterRef("resource"), key=tag)
    unread = Case(When(never_read("tags"), then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = _grouped(chosen, kind, tag_value=Subquery(tags.values("value")[:1]), tags_are_unread=unread)
    for account, usage, (value, is_unread), number in rows:
        without = UNREAD if is_unread else UNTAGGED
        yield (without if value is None else Key(value)), usage, account, Fraction(number)


def _by_payment(chosen: Chosen, kind: Priceable) -> Iterator[Counted]:
    """Who pays: commitments, by the share of what each of them covers of things alike; else on-demand or spot."""
    if kind.variety != "instance_type":
        for account, usage, _, number in _grouped(chosen, kind):
            yield Key(Payer.STORAGE if kind.is_by_month else Payer.NETWORK), usage, account, Fraction(number)
        return
    digits = {one.pk: one.account_id or "" for one in chosen.accounts}
    covers = covers_of(chosen.accounts, chosen.when)
    for account, usage, (zone, lifecycle), number in _grouped(chosen, kind, "availability_zone", "lifecycle"):
        for payer, share in covers.payers(usage, zone, lifecycle, digits[account]).items():
            yield (UNREAD if payer is Payer.UNREAD else Key(payer)), usage, account, Fraction(number) * share


def _grouped(
    chosen: Chosen, kind: Priceable, *fields: str, **annotated: Any
) -> Iterator[tuple[int, Any, tuple[Any, ...], int]]:
    """Account, usage, the values of further fields and the number of what is alike, counted by the database."""
    if kind.each is not None:
        yield from _one_by_one(chosen, kind, *fields, **annotated)
        return
    names = ("account_id", *kind.fields, *fields, *annotated)
    rows = chosen.rows(kind).order_by().annotate(**annotated).values(*names).annotate(number=Count("pk"))
    size = 1 + len(kind.fields)
    for *values, number in rows.values_list(*names, "number"):
        yield values[0], kind.usage(*values[1:size]), tuple(values[size:]), number


def _one_by_one(
    chosen: Chosen, kind: Priceable, *fields: str, **annotated: Any
) -> Iterator[tuple[int, Any, tuple[Any, ...], int]]:
    """The same of what is measured, which is alike in nothing."""
    usages = kind.usages([account.pk for account in chosen.accounts], chosen.when)
    names = ("account_id", "resource_id", *fields, *annotated)
    rows = chosen.rows(kind).order_by().annotate(**annotated).values_list(*names).distinct()
    for account, resource, *values in rows:
        if resource in usages:
            yield account, usages[resource], tuple(values), 1


def _rank(line: Line) -> tuple[bool, Decimal, Fraction | int, str]:
    return line.key.lack is not None, -line.usd, -sum(line.unpriced.values()), line.key.text or line.key.slug


def lines_together(lines: Iterable[Line]) -> Line:
    """Several lines as one."""
    together = Line(Key())
    for line in lines:
        for place, usd in line.usd_in.items():
            together.usd_in[place] += usd
        for slug, number in line.numbers.items():
            together.numbers[slug] += number
        together.priced += line.priced
        for reason, number in line.unpriced.items():
            together.unpriced[reason] += number
        together.months |= line.months
        together.documents |= line.documents
    return together
