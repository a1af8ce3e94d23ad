"""Adding up the charges of files in flat memory, and bringing the sums together bill by bill.

Sums are held in memory until there are `HELD` of them, then laid on disk as they stand; reading them back in order
brings those of one key together again. Amounts stay decimals throughout: the disk keeps them as text.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import NamedTuple, Self

from costs.bills.charge import USE, Charge
from costs.sources.document import plain

HELD = 50_000
DIGITS = 60
"""More than any sum of amounts of a bill has: additions never round."""

KEY = "account, month, usage_account, day, service, region, resource, tags, kind, estimated_as, currency"
TABLE = f"CREATE TABLE sum ({KEY}, billed, listed, charges INTEGER, unlisted INTEGER)"
SELECT = f"SELECT * FROM sum WHERE account = ? AND month = ? ORDER BY {KEY}"  # noqa: S608  our own names

Key = tuple[str, ...]
Part = tuple[str, str]
"""A billing account and the first day of a month: one bill."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is kept of each charge: its day or only its month, its resource or none, and the tags of these keys."""

    by_day: bool = True
    resources: bool = False
    tags: tuple[str, ...] = ()


class Origin(NamedTuple):
    """A file: the name of its format, the export that it is a part of, and its own name."""

    format: str
    export: str
    file: str


class Line(NamedTuple):
    """Charges that share everything that is kept, added up."""

    key: Key
    billed: Decimal
    listed: Decimal
    charges: int
    unlisted: int


@dataclass
class Seen:
    """What was met of one bill."""

    formats: set[str] = field(default_factory=set)
    exports: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    begins: str = ""
    ends: str = ""
    charges: int = 0


class _Sum:
    __slots__ = ("billed", "charges", "listed", "unlisted")

    def __init__(self) -> None:
        self.billed = self.listed = Decimal(0)
        self.charges = self.unlisted = 0


class Gatherer:
    """Sums of charges, on disk for the length of a with-block."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.bills: dict[Part, Seen] = {}
        self.skipped: Counter[str] = Counter()
        self._sums: dict[Key, _Sum] = {}
        self._folder = TemporaryDirectory(prefix="bills-")
        self._database = sqlite3.connect(Path(self._folder.name) / "sums", isolation_level=None)
        # Nobody needs this file after a crash.
        self._database.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8192;")
        self._database.execute(f"PRAGMA temp_store_directory = '{self._folder.name}'")
        self._database.execute(TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._database.close()
        self._folder.cleanup()

    def add(self, charges: Iterable[Charge], origin: Origin) -> None:
        """Add the charges of one file. What the reader raises goes through, and leaves the sums of no use."""
        with localcontext(prec=DIGITS):
            for charge in charges:
                self._see(charge, origin)
                one = self._sums.get(key := self._key(charge))
                if one is None:
                    if len(self._sums) >= HELD:
                        self._lay_down()
                    one = self._sums[key] = _Sum()
                one.billed += charge.billed
                one.charges += 1
                if charge.listed is None:
                    one.unlisted += 1
                else:
                    one.listed += charge.listed
        self._lay_down()

    def lines(self, part: Part) -> Iterator[Line]:
        """The sums of one bill, in the order of their keys."""
        rows = self._database.execute(SELECT, part)
        size = len(KEY.split(", "))
        for key, same in groupby(rows, key=lambda row: row[:size]):
            total = _Sum()
            with localcontext(prec=DIGITS):
                for *_, billed, listed, charges, unlisted in same:
                    total.billed += Decimal(billed)
                    total.listed += Decimal(listed)
                    total.charges += charges
                    total.unlisted += unlisted
            yield Line(key, total.billed, total.listed, total.charges, total.unlisted)

    def digest(self, part: Part) -> str:
        """SHA-256 of the sums of one bill, and of what was to be kept: the same charges in any order have the same."""
        digest = hashlib.sha256(repr(self.wanted).encode())
        for line in self.lines(part):
            words = (*line.key, plain(line.billed), plain(line.listed), str(line.charges), str(line.unlisted))
            digest.update("\t".join(words).encode() + b"\n")
        return digest.hexdigest()

    def _see(self, charge: Charge, origin: Origin) -> None:
        part = (charge.billing_account, charge.month)
        seen = self.bills.get(part)
        if seen is None:
            seen = self.bills[part] = Seen()
        seen.formats.add(origin.format)
        seen.exports.add(origin.export)
        if not seen.files or seen.files[-1] != origin.file:
            seen.files.append(origin.file)
        seen.charges += 1
        # Taxes and fees of the whole month end with it, whether it is over or not.
        if charge.kind in USE:
            seen.begins = min(seen.begins or charge.begins, charge.begins)
            seen.ends = max(seen.ends, charge.ends)

    def _key(self, charge: Charge) -> Key:
        wanted = self.wanted
        return (
            charge.billing_account,
            charge.month,
            charge.usage_account,
            charge.day if wanted.by_day else charge.month,
            charge.service,
            charge.region,
            charge.resource_id if wanted.resources else "",
            charge.tags,
            str(charge.kind),
            str(charge.estimated_as),
            charge.currency,
        )

    def _lay_down(self) -> None:
        self._database.execute("BEGIN")
        self._database.executemany(
            f"INSERT INTO sum VALUES ({', '.join('?' * 15)})",  # noqa: S608  our own names
            (
                (*key, plain(one.billed), plain(one.listed), one.charges, one.unlisted)
                for key, one in self._sums.items()
            ),
        )
        self._database.execute("COMMIT")
        self._sums.clear()
