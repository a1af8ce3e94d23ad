"""A place on disk for the facts of a large document while it is read, so that memory stays flat.

Readers put facts in as they meet them, in any order. `documents` gives them back in order, one document for each kind,
day and currency. The same price may come twice; two prices for one thing make the whole file unreadable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from costs.sources.document import Document, FactsInOrder, InstanceFact, Kind, UnitFact, UnreadableDocument, plain

BATCH = 2_000
CACHE_KIB = 8_192

TABLES = """
CREATE TABLE instance
(kind, day, currency, region, instance_type, usage_operation, tenancy, way, upfront, hourly, sku, valid_from);
CREATE TABLE unit (kind, day, currency, service, region, item, dimension, unit, usd, rate_code, valid_from);
"""
PART = "kind, day, currency"
INSTANCE_THING = "region, instance_type, usage_operation, tenancy, way"
UNIT_THING = "service, region, item, dimension, unit"
PRICED = (("instance", INSTANCE_THING, "upfront || '+' || hourly"), ("unit", UNIT_THING, "usd"))
"""The tables, what has a price in them, and the price."""

SpooledFact = TypeVar("SpooledFact", InstanceFact, UnitFact)


class Part(NamedTuple):
    """Which of a file's documents a fact belongs to."""

    kind: Kind
    day: date
    currency: str = "USD"


class Spool:
    """Facts on disk, for the length of a with-block."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="prices-")
        self.database = sqlite3.connect(Path(self._folder.name) / "facts", isolation_level=None)
        # Nobody needs this file after a crash.
        self.database.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{CACHE_KIB};")
        self.database.execute(f"PRAGMA temp_store_directory = '{self._folder.name}'")
        self.database.executescript(TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.database.close()
        self._folder.cleanup()

    def write(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Append rows to a table, a batch at a time."""
        remaining = iter(rows)
        while batch := list(islice(remaining, BATCH)):
            places = ", ".join("?" * len(batch[0]))
            self.database.execute("BEGIN")
            self.database.executemany(f"INSERT INTO {table} VALUES ({places})", batch)  # noqa: S608  our own names
            self.database.execute("COMMIT")

    def add(self, facts: Iterable[tuple[Part, InstanceFact | UnitFact]]) -> None:
        """Keep facts of both shapes, in any order."""
        remaining = iter(facts)
        while batch := list(islice(remaining, BATCH)):
            for table, shape in (("instance", InstanceFact), ("unit", UnitFact)):
                self.write(table, ((*_part(part), *_cells(fact)) for part, fact in batch if isinstance(fact, shape)))

    def drop_two_prices(self) -> int:
        """Forget everything that has two prices; answers how many things that were."""
        return sum(self._drop(*one) for one in PRICED)

    def documents(self, *, source: str) -> list[Document]:
        """What was put in, as documents; UnreadableDocument where one thing has two prices."""
        for table, thing, price in PRICED:
            # An index sorts on disk.
            self.database.execute(f"CREATE INDEX {table}_in_order ON {table} ({PART}, {thing})")
            self._refuse_two_prices(table, thing, price)
        parts = self.database.execute(f"SELECT {PART} FROM instance UNION SELECT {PART} FROM unit ORDER BY 1, 2, 3")  # noqa: S608
        return [
            Document(
                kind=Kind(kind),
                month=date.fromisoformat(day).replace(day=1),
                published_on=date.fromisoformat(day),
                source=source,
                currency=currency,
                instance_facts=_Facts(self.database, _INSTANCES, (kind, day, currency)),
                unit_facts=_Facts(self.database, _UNITS, (kind, day, currency)),
            )
            for kind, day, currency in parts.fetchall()
        ]

    def _refuse_two_prices(self, table: str, thing: str, price: str) -> None:
        contradiction = self.database.execute(
            f"SELECT {thing}, min({price}), max({price}) FROM {table} GROUP BY {PART}, {thing}"  # noqa: S608
            f" HAVING min({price}) <> max({price}) LIMIT 1"
        ).fetchone()
        if contradiction:
            *words, one, other = contradiction
            raise UnreadableDocument(" ".join(filter(None, words)), f"two prices stand there for it: {one} and {other}")

    def _drop(self, table: str, thing: str, price: str) -> int:
        twice = f"SELECT {PART}, {thing} FROM {table} GROUP BY {PART}, {thing} HAVING min({price}) <> max({price})"  # noqa: S608
        (number,) = self.database.execute(f"SELECT count(*) FROM ({twice})").fetchone()  # noqa: S608
        if number:
            self.database.execute(f"DELETE FROM {table} WHERE ({PART}, {thing}) IN ({twice})")  # noqa: S608
        return int(number)


@dataclass(frozen=True)
class _Shape(Generic[SpooledFact]):
    """How one table gives its facts back."""

    select: str
    count: str
    fact: type[SpooledFact]
    amounts: tuple[int, ...]


def _shape(table: str, thing: str, rest: str, fact: type[SpooledFact], amounts: tuple[int, ...]) -> _Shape[SpooledFact]:
    where = "kind = ? AND day = ? AND currency = ?"
    # Rows of one thing agree in their price; which of several SKUs is named does not depend on the order of the file.
    first = ", ".join(f"min({column})" for column in rest.split(", "))
    return _Shape(
        select=f"SELECT {thing}, {first} FROM {table} WHERE {where} GROUP BY {thing} ORDER BY {thing}",  # noqa: S608
        count=f"SELECT count(*) FROM (SELECT DISTINCT {thing} FROM {table} WHERE {where})",  # noqa: S608
        fact=fact,
        amounts=amounts,
    )


_INSTANCES = _shape("instance", INSTANCE_THING, "upfront, hourly, sku, valid_from", InstanceFact, (5, 6))
_UNITS = _shape("unit", UNIT_THING, "usd, rate_code, valid_from", UnitFact, (5,))


class _Facts(FactsInOrder, Collection[SpooledFact]):
    """The facts of one document, read from disk each time that they are walked."""

    def __init__(self, database: sqlite3.Connection, shape: _Shape[SpooledFact], part: tuple[str, str, str]) -> None:
        self._database = database
        self._shape: _Shape[SpooledFact] = shape
        self._part = part
        (self._length,) = database.execute(shape.count, part).fetchone()

    def __iter__(self) -> Iterator[SpooledFact]:
        for row in self._database.execute(self._shape.select, self._part):
            cells = list(row)
            for place in self._shape.amounts:
                cells[place] = Decimal(cells[place])
            cells[-1] = date.fromisoformat(cells[-1]) if cells[-1] else None
            yield self._shape.fact(*cells)

    def __len__(self) -> int:
        return int(self._length)

    def __contains__(self, fact: object) -> bool:
        return any(fact == one for one in self)


def _part(part: Part) -> tuple[str, str, str]:
    return (str(part.kind), part.day.isoformat(), part.currency)


def _cells(fact: InstanceFact | UnitFact) -> tuple[str, ...]:
    return tuple(map(_cell, fact))


def _cell(value: str | Decimal | date | None) -> str:
    match value:
        case Decimal():
            return plain(value)
        case date():
            return value.isoformat()
        case _:
            return value or ""
