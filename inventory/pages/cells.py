"""How a value looks on a page: its words, where it leads, and what is doubtful about it.

A cell is never empty. None is a dash, unknown is a hatched chip that leads to the reason, and a value kept from an
earlier reading is underlined with dots and says since when.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from inventory.models import Link
from inventory.pages.columns import ACCOUNT, REGION
from inventory.pages.extensions import ListColumn
from inventory.pages.frame import address
from inventory.pages.moments import exact_moment_words, full_moment_words, moment_words, zone_words
from inventory.pages.provenance import ScopeFilter
from inventory.pages.records import Doubt, Record
from inventory.pages.region_names import region_name
from inventory.pages.scope import PageScope
from inventory.pages.sentence import measure_words
from inventory.pages.tag_columns import TagColumn
from inventory.registry import Column, CountOf, Kind

SHOWN_ITEMS = 2
NATIVE_ID = re.compile(r"^[a-z]+-[0-9a-f]{8,17}$")
MACHINE_ID = re.compile(r"^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32,})$")
"""A UUID, or the canonical id of an AWS account."""
ON_STATES = frozenset({"running", "in-use", "available", "active", "enabled", "completed"})
OFF_STATES = frozenset({"stopped", "stopping", "terminated", "shutting-down", "deleting", "deleted", "error"})
"""AWS's words for a thing that does its work, and for one that does not."""


ADJECTIVES = frozenset({"is_default", "protected"})
"""What is said of a value by an adjective, which is denied by another word than a noun."""


class Look(StrEnum):
    """What kind of cell it is; the template has a branch for each."""

    VALUE = "value"
    NONE = "none"
    UNKNOWN = "unknown"
    NOT_RECORDED = "not-recorded"
    MANY = "many"
    STATE = "state"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One value of a cell: short words, the whole value, and the page it leads to."""

    words: str
    whole: str = ""
    url: str = ""
    note: str = ""

    @property
    def title(self) -> str:
        """What the words leave out."""
        whole = "" if self.whole == self.words else self.whole
        return ": ".join(filter(None, (whole, self.note)))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of one resource, ready to be shown."""

    look: Look
    items: tuple[Item, ...] = ()
    more: int = 0
    """How many further items there are."""
    word: str = "unknown"
    reason: str = ""
    """Why it is unknown, or since when a kept value could not be read."""
    url: str = ""
    is_kept: bool = False
    is_number: bool = False
    is_code: bool = False
    shows_notes: bool = False
    """Whether what a value's title says stands beside it."""
    state: str = ""
    """`on` or `off` for a state that says so."""

    @property
    def words(self) -> str:
        """All shown items as text, for the line that stands for the row on a phone."""
        return ", ".join(item.words for item in self.items)


@dataclass(frozen=True)
class Cells:
    """Makes cells for one page."""

    scope: PageScope
    shown_items: int | None = SHOWN_ITEMS
    """How many values of a multi-valued column are shown; None: all."""
    shortens: bool = True
    """Whether long ids are cut, as in tables."""

    def cell(self, record: Record, column: Column) -> Cell:
        """The cell of one column of one resource."""
        doubt = record.doubt(column.field)
        is_number = column.kind in (Kind.NUMBER, Kind.COUNT)
        if doubt is Doubt.NEVER_READ:
            return Cell(look=Look.UNKNOWN, reason=_why(column), url=self._looks_url(record), is_number=is_number)
        if doubt is Doubt.NOT_RECORDED:
            return Cell(look=Look.NOT_RECORDED, is_number=is_number)
        items = tuple(self._items(record, column))
        since = record.since(column.field)
        shown = items if self.shown_items is None else items[: self.shown_items]
        return Cell(
            look=self._look(column, items),
            items=shown,
            more=len(items) - len(shown),
            reason=f"unknown since {exact_moment_words(since)}" if since else "",
            url=self._looks_url(record) if since else "",
            is_kept=since is not None,
            is_number=is_number,
            is_code=column.kind is Kind.IDENTIFIER,
            shows_notes=not self.shortens,
            state=_state(items[0].whole) if column.field == "state" and items else "",
        )

    def _looks_url(self, record: Record) -> str:
        """The looks at the place where the resource is listed."""
        place = ScopeFilter(types=(record.type.slug,), regions=(record.resource.scope_region,))
        return place.url(self.scope, record.account.name)

    def figure(self, record: Record, column: ListColumn) -> Cell:
        """The cell of a column that another package added."""
        figure = record.figures[column.key]
        if figure.value is None:
            word = "unpriced" if column.unit.startswith("$") else "unknown"
            return Cell(look=Look.UNKNOWN, word=word, reason=figure.reason, url=figure.url, is_number=True)
        words = f"{figure.value:,.2f}".replace("-", "\N{MINUS SIGN}")
        return Cell(look=Look.VALUE, items=(Item(words=words, whole=figure.note, url=figure.url),), is_number=True)

    def _look(self, column: Column, items: tuple[Item, ...]) -> Look:
        if not items:
            return Look.NONE
        if column.field == "state":
            return Look.STATE
        return Look.MANY if column.kind is Kind.MANY else Look.VALUE

    def _items(self, record: Record, column: Column) -> Iterator[Item]:
        if column.kind is Kind.MANY:
            for link in record.links.get(column.field, ()):
                yield self._link(record, column, link)
            return
        value = record.account.name if column is ACCOUNT else record.value(column)
        if value == "" and isinstance(column, TagColumn):
            yield Item(words="“”", whole="a tag without a value")
        if value is None or value == "":
            return
        if column.counts is not None:
            yield self._count(record, column.counts, int(value))
        elif column.target:
            yield self._target(record, column.target, value)
        else:
            yield self._plain(column, value)

    def _plain(self, column: Column, value: Any) -> Item:
        match value:
            case bool():
                return Item(words="yes" if value else "no")
            case datetime():
                words = moment_words(value) if self.shortens else exact_moment_words(value)
                return Item(words=words, whole=f"{full_moment_words(value)} {zone_words(value)}")
            case int() | Decimal():
                is_said_otherwise = column.shown_unit != column.unit or str(value) in column.words
                exact = f"{value:,} {column.unit}".strip() if is_said_otherwise else ""
                return Item(words=measure_words(column, value), whole=exact)
            case _ if column is REGION:
                url = address(self.scope, "region", value)
                return Item(words=region_name(value), whole=value, url=url)
            case _ if column.kind is Kind.IDENTIFIER:
                return Item(words=self._short(value), whole=value)
            case _:
                return Item(words=column.words.get(value, value), whole=value)

    def _count(self, record: Record, counts: CountOf, number: int) -> Item:
        if not number:
            return Item(words="0")
        rows = {counts.field: record.resource.native_id, **counts.where}
        if counts.by_name:
            # An id leads to its account by itself; the same name means another thing in another account.
            rows |= {counts.field: record.revision.name, "account": record.account.name}
        return Item(words=f"{number:,}", url=address(self.scope, "resource-list", counts.type, **rows))

    def _link(self, record: Record, column: Column, link: Link) -> Item:
        if not link.target:
            return Item(words=self._short(link.value), whole=link.value, note=_details(column, link))
        item = self._target(record, link.target_type or column.target, link.target)
        return Item(words=item.words, whole=item.whole, url=item.url, note=_details(column, link) or item.note)

    def _target(self, record: Record, slug: str, native_id: str) -> Item:
        target = record.targets.get((slug, native_id))
        if target is None:
            return Item(words=self._short(native_id), whole=native_id, note="not collected")
        url = address(self.scope, "resource-detail", slug, target.pk)
        return Item(words=target.current_name or self._short(native_id), whole=native_id, url=url)

    def _short(self, value: str) -> str:
        return shortened(value) if self.shortens else value


def _why(column: Column) -> str:
    return "never read" if column.counts is None else "what it counts was never read here"


def shortened(value: str) -> str:
    """A long id by its last four characters, an ARN or URI by its last part; anything else whole."""
    last = re.split(r"[:/]", value)[-1] if value.startswith(("arn:", "http://", "https://")) else value
    if NATIVE_ID.match(last):
        return f"{last.partition('-')[0]}-…{last[-4:]}"
    return f"…{last[-4:]}" if MACHINE_ID.match(last) else last


def detail_words(key: str, value: Any) -> str:
    """One thing that is said of a value, in words; empty if nothing is."""
    if not isinstance(value, bool):
        return "" if value is None else str(value)
    word = key.removeprefix("is_").replace("_", " ")
    return word if value else f"{'not' if key in ADJECTIVES else 'no'} {word}"


def _details(column: Column, link: Link) -> str:
    return ", ".join(filter(None, (detail_words(key, link.detail.get(key)) for key in column.detail)))


def _state(value: str) -> str:
    return "on" if value in ON_STATES else "off" if value in OFF_STATES else ""
