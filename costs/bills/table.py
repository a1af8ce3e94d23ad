"""A bill on disk: a table of charges, and the one that is a CSV file, gzipped or not, walked line by line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from costs.sources.document import UnreadableDocument

GZIP = b"\x1f\x8b"


class NoBill(Exception):
    """A file that is no bill; says what it is, and what to do."""


@dataclass(frozen=True)
class BillTable(ABC):
    """A table of charges and where its columns stand. Every method raises UnreadableDocument where a line is broken."""

    path: Path
    header: tuple[str, ...]

    def places(self, *columns: str) -> list[int]:
        """Where columns that must be there stand in a row."""
        missing = [column for column in columns if column not in self.header]
        if missing:
            raise UnreadableDocument(1, f"columns are missing: {', '.join(missing)}. Export the bill with them.")
        return [self._place(column) for column in columns]

    def place(self, column: str) -> int | None:
        """Where a column stands that may be left out of an export."""
        return self._place(column) if column in self.header else None

    @abstractmethod
    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Each row with the number of its line, once it is known which columns are wanted."""

    @abstractmethod
    def _place(self, column: str) -> int: ...


class CsvTable(BillTable):
    """A table of lines."""

    @classmethod
    def open(cls, path: Path) -> CsvTable:
        """The table of a file. Raises NoBill, UnreadableDocument, and OSError where it cannot be opened."""
        for _, cells in _lines(path):
            return cls(path, tuple(cell.strip() for cell in cells))
        raise NoBill("the file is empty")

    def _place(self, column: str) -> int:
        return self.header.index(column)

    def rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Each line below the header."""
        width = len(self.header)
        lines = _lines(self.path)
        next(lines)
        for line, cells in lines:
            if len(cells) != width:
                raise UnreadableDocument(line, f"{len(cells)} columns instead of {width}")
            yield line, cells


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    with _text(path) as text:
        reader = csv.reader(text, strict=True)
        try:
            for cells in reader:
                if cells:
                    yield reader.line_num, cells
        except csv.Error as error:
            raise UnreadableDocument(reader.line_num, str(error)) from error
        except UnicodeDecodeError as error:
            raise UnreadableDocument(reader.line_num + 1, "this is not UTF-8 text") from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UnreadableDocument(reader.line_num + 1, f"the gzip file is cut short or broken ({error})") from error


@contextmanager
def _text(path: Path) -> Iterator[io.TextIOBase]:
    """The text of a file, unpacked where it is packed."""
    with path.open("rb") as raw:
        begin = raw.read(4)
        raw.seek(0)
        if begin.startswith(b"PK"):
            raise NoBill("zip archives are not read. Unpack it, or export with gzip compression.")
        unpacked = gzip.GzipFile(fileobj=raw) if begin.startswith(GZIP) else raw
        with io.TextIOWrapper(unpacked, encoding="utf-8-sig", newline="") as text:
            yield text
