"""Rows as a workbook (Office Open XML, `.xlsx`), written to a temporary file and read from there piece by piece.

Numbers, booleans and moments are typed cells, None is no cell. Every text is stored as a string, whatever it begins
with, so that no spreadsheet takes it for a formula. A moment is UTC, because a cell knows no zone. A spreadsheet counts
with 15 significant digits: a number of more stays whole as text. What XML cannot hold is escaped as ECMA-376 has it,
`_x0001_` (part 1, 22.9.2.19, ST_Xstring).

The limits are those of Excel: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

MOST_ROWS = 1_048_576
"""Rows of one sheet, the one of the heads among them; the next ones stand on another sheet."""

MOST_CHARACTERS = 32_767
"""Of one cell. A longer text is cut, and says so."""

MOST_DIGITS = 15
CUT = " (cut: a cell holds 32,767 characters)"
PIECE = 65_536
"""Bytes that are read from the temporary file at a time."""

WIDTH = 20
"""Of a column, in characters: a moment fits."""

_NOT_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def pieces(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The bytes of a workbook with these heads and rows; values are None, bool, int, Decimal, str, datetime or date."""
    with tempfile.TemporaryFile() as file:
        book = Workbook(write_only=True)
        try:
            _fill(book, heads, iter(rows))
        except BaseException:
            _forget(book)
            raise
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _fill(book: Any, heads: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    while True:
        sheet = book.create_sheet()
        sheet.freeze_panes = "A2"
        sheet.sheet_format.defaultColWidth = WIDTH
        sheet.append([_head(sheet, head) for head in heads])
        for row in islice(rows, MOST_ROWS - 1):
            sheet.append([_cell(sheet, value) for value in row])
        following = next(rows, None)
        if following is None:
            return
        rows = chain([following], rows)


def _forget(book: Any) -> None:
    """Remove what openpyxl wrote of each sheet so far, which it does by itself only when the book is saved."""
    for sheet in book.worksheets:
        sheet.close()
        sheet._writer.cleanup()


def _head(sheet: Any, text: str) -> Any:
    cell = _text(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    match value:
        case bool() | None:
            return value
        case int() | Decimal():
            return value if _fits(Decimal(value)) else _text(sheet, str(value))
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case date():
            return value
        case str():
            return _text(sheet, value)
        case _:
            raise TypeError(f"{type(value).__name__} has no cell in a workbook")


def _fits(number: Decimal) -> bool:
    return len(number.normalize().as_tuple().digits) <= MOST_DIGITS


def _text(sheet: Any, text: str) -> Any:
    text = _NOT_XML.sub(_escaped, text)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - len(CUT)] + CUT
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # openpyxl would take =1+1 for a formula, and #N/A for an error.
    return cell


def _escaped(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"
