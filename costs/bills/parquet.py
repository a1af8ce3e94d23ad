"""A bill on disk in Parquet, as AWS Data Exports writes it for Athena: the same columns, and the same cells as in CSV.

It takes pyarrow, which is as large as all else that the product stands on, and is therefore installed by those who want
it. Numbers that Parquet keeps in binary (CUR 2.0 has its money so) are written in the fewest digits that mean the same
number, which are those of the bill.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from costs.bills.table import BillTable
from costs.sources.document import UnreadableDocument

AT_ONCE = 10_000
"""Rows that are in memory at once; of a row group only the columns that somebody asked for."""

BROKEN = "the Parquet file is cut short or broken"


class NoReader(Exception):
    """Parquet cannot be read on this machine."""


@dataclass(frozen=True)
class ParquetTable(BillTable):
    """A table of which those columns are read whose places were asked for."""

    asked: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, path: Path) -> ParquetTable:
        """The table of a file. Raises NoReader, UnreadableDocument, and OSError where it cannot be opened."""
        with _opened(path) as file:
            return cls(path, tuple(file.schema_arrow.names))

    def _place(self, column: str) -> int:
        if column not in self.asked:
            self.asked.append(column)
        return self.asked.index(column)

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Each row; the first one is line 1."""
        from pyarrow import ArrowException  # noqa: PLC0415 - it need not be installed

        number = 0
        with _opened(self.path) as file:
            try:
                for batch in file.iter_batches(batch_size=AT_ONCE, columns=self.asked):
                    for cells in zip(*(_texts(batch.column(column)) for column in self.asked), strict=True):
                        number += 1
                        yield number, cells
            except (ArrowException, OSError, UnicodeDecodeError) as error:
                raise UnreadableDocument(number + 1, f"{BROKEN} ({error})") from error


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        from pyarrow import ArrowException  # noqa: PLC0415 - it need not be installed
        from pyarrow.parquet import ParquetFile  # noqa: PLC0415
    except ImportError:
        raise NoReader from None
    try:
        file = ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise UnreadableDocument(1, f"{BROKEN} ({error})") from error
    with file:
        yield file


def _texts(column: Any) -> Iterator[str]:
    """The cells as an export in CSV holds them; nothing for NULL."""
    from pyarrow import compute, string, types  # noqa: PLC0415 - it need not be installed

    if types.is_map(column.type):
        return ("" if pairs is None else json.dumps(dict(pairs)) for pairs in column.to_pylist())
    return ("" if cell is None else cell for cell in compute.cast(column, string()).to_pylist())
