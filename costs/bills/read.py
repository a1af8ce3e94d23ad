"""Files of bills: what each of them is, told by its columns, and which of them are parts of one export.

AWS cuts a large export into `NAME-00001.csv.gz`, `NAME-00002.csv.gz` and so on. One part alone would pass for the whole
bill, so parts are read together or not at all.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from costs.bills import cur, focus
from costs.bills.charge import Charge, plain_key
from costs.bills.gather import Gatherer, Origin
from costs.bills.parquet import NoReader, ParquetTable
from costs.bills.table import BillTable, CsvTable, NoBill

PART = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})\.(?:snappy\.)?(?:csv(?:\.gz)?|parquet)", re.IGNORECASE)
PARQUET = b"PAR1"
Reader = Callable[[BillTable, Mapping[str, str], Counter[str]], Iterator[Charge]]


@dataclass(frozen=True)
class Format:
    """One format of bills: the columns by which it is known, and what reads it."""

    name: str
    marks: Collection[str]
    charges: Reader


FORMATS = (Format("cur-2.0", cur.MARKS, cur.charges), Format("focus-1.0", focus.MARKS, focus.charges))


def recognise(path: Path) -> tuple[BillTable, Format]:
    """The table of a file and its format. Raises NoBill, UnreadableDocument and OSError."""
    if path.name.lower().endswith(".json"):
        raise NoBill("it is JSON: a manifest, and no charges")
    table = _opened(path)
    for one in FORMATS:
        if set(one.marks) <= set(table.header):
            return table, one
    if any(column.startswith("lineItem/") for column in table.header):
        raise NoBill(
            "it is a legacy Cost and Usage Report. Create an export of CUR 2.0 in AWS Data Exports, in text/csv."
        )
    raise NoBill("its columns are neither those of CUR 2.0 nor those of FOCUS 1.0")


def _opened(path: Path) -> BillTable:
    with path.open("rb") as file:
        is_parquet = file.read(len(PARQUET)) == PARQUET
    if not is_parquet:
        return CsvTable.open(path)
    try:
        return ParquetTable.open(path)
    except NoReader:
        raise NoBill(
            "it is Parquet, which takes pyarrow. Run: .venv/bin/python -m pip install pyarrow. "
            "Or have AWS export the bill as text/csv with gzip compression."
        ) from None


def read(path: Path, gatherer: Gatherer) -> str:
    """Add the charges of a file; the name of its format. Raises NoBill, UnreadableDocument and OSError."""
    table, one = recognise(path)
    wanted = {plain_key(key): key for key in gatherer.wanted.tags}
    gatherer.add(one.charges(table, wanted, gatherer.skipped), Origin(one.name, export_of(path), path.name))
    return one.name


def export_of(path: Path) -> str:
    """The export that a file is, or is a part of."""
    found = PART.fullmatch(path.name)
    return str(path.parent / (found["stem"] if found else path.name))


def missing_parts(paths: Collection[Path]) -> dict[str, list[int]]:
    """Exports of which parts are missing between the first and the last that are there, by name."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for path in paths:
        if found := PART.fullmatch(path.name):
            numbers[export_of(path)].add(int(found["number"]))
    gaps = {name: sorted(set(range(1, max(there) + 1)) - there) for name, there in numbers.items()}
    return {name: gap for name, gap in gaps.items() if gap}
