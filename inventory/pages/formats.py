"""Rows as JSON, CSV or XLSX, for pages and commands alike.

A row is a mapping of plain Python values, and every writer is given the keys in their order, so that an empty answer
has its header too. JSON and CSV spell a value the same way: a Decimal as text without trailing zeros (never as a
float), a moment as ISO 8601 in UTC with Z, None as `null` or as an empty cell. XLSX has typed cells
(`inventory/pages/workbook.py`). In CSV and XLSX an array or object is compact JSON in one cell.

A spreadsheet takes a cell that begins with = + - @, a tab or a line break for a formula. Such a text gets one
apostrophe in front, which spreadsheets hide; so does a text with apostrophes before such a character, so that taking
one away always gives back the original. Numbers (-1, +2.5) are harmless and stay as they are. XLSX says of each cell
that it is text, and leaves the text as it is.

An answer whose rows break off ends like any other, because our web server cannot end it otherwise. So a CSV says in its
last line that it is not whole, and JSON and XLSX are left such that nothing can read them.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, date, datetime
from decimal import Decimal
from io import TextIOBase
from typing import Any, TextIO, cast

from django.http import StreamingHttpResponse

logger = logging.getLogger(__name__)

Row = Mapping[str, Any]

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMATS = tuple(CONTENT_TYPES)

BROKEN_OFF = "This export broke off here: it is not whole."

_FORMULA = re.compile(r"^'*[=+\-@\t\r\n]")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


class Cancelled(Exception):
    """Somebody wants no more of the rows."""


def plain(value: Any) -> Any:
    """The value as JSON knows it: text, number, boolean, None, list or dict."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return format(value.normalize(), "f")
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            raise TypeError(f"{type(value).__name__} has no spelling in JSON or CSV")


def json_pieces(rows: Iterable[Row], keys: Sequence[str]) -> Iterator[str]:
    """One JSON array, a row on each line."""
    yield "[\n"
    waiting = ""
    for row in rows:
        if waiting:
            yield waiting + ",\n"
        waiting = json.dumps({key: plain(row[key]) for key in keys})
    if waiting:
        yield waiting + "\n"
    yield "]\n"


def csv_pieces(rows: Iterable[Row], keys: Sequence[str]) -> Iterator[str]:
    """CSV as RFC 4180 has it, the keys in the first line."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(keys)
    yield line.getvalue()
    for row in rows:
        line.seek(0)
        line.truncate()
        writer.writerow([csv_cell(row[key]) for key in keys])
        yield line.getvalue()


def csv_cell(value: Any) -> str:
    """The value as the text of one cell, harmless in a spreadsheet."""
    match plain(value):
        case None:
            return ""
        case bool(known):
            return "true" if known else "false"
        case str(text):
            return "'" + text if _FORMULA.match(text) and not _NUMBER.match(text) else text
        case int(number):
            return str(number)
        case several:
            return _compact(several)


def xlsx_pieces(rows: Iterable[Row], keys: Sequence[str]) -> Iterator[bytes]:
    """A workbook with one sheet, or more if there are more rows than a sheet holds; the keys in the first line."""
    # openpyxl takes a third of a second to load, which only those should wait for who want a workbook.
    from inventory.pages import workbook  # noqa: PLC0415

    return workbook.pieces(keys, ([_xlsx_value(row[key]) for key in keys] for row in rows))


def _xlsx_value(value: Any) -> Any:
    match value:
        case Mapping() | list() | tuple():
            return _compact(plain(value))
        case _:
            return value


def _compact(several: Any) -> str:
    return json.dumps(several, separators=(",", ":"), ensure_ascii=False)


PIECES: Mapping[str, Callable[[Iterable[Row], Sequence[str]], Iterator[str] | Iterator[bytes]]] = {
    "json": json_pieces,
    "csv": csv_pieces,
    "xlsx": xlsx_pieces,
}


def write(rows: Iterable[Row], *, keys: Sequence[str], output_format: str, to: TextIO | TextIOBase) -> None:
    """Write the rows to a stream, for commands; a reader that closes the pipe early ends the command quietly.

    A workbook is no text: it goes to the bytes beneath the stream.
    """
    stream: Any = cast(TextIO, to).buffer if output_format == "xlsx" else to
    with ExitStack() as stack:
        if isinstance(rows, Generator):
            stack.enter_context(closing(rows))  # Its queries end before the connection does, come what may.
        try:
            stream.writelines(PIECES[output_format](rows, keys))
            stream.flush()
        except BrokenPipeError:
            # Python would flush stdout once more on its way out and complain again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None


def respond(
    rows: Iterable[Row],
    *,
    keys: Sequence[str],
    output_format: str,
    name: str,
    followed: Callable[[Iterator[Any]], Iterator[Any]] = iter,
) -> StreamingHttpResponse:
    """The rows as a streamed answer, called `name`.csv; JSON is shown, the others are offered as a file.

    `followed` goes around the pieces that are sent.
    """
    pieces = followed(PIECES[output_format](rows, keys))
    answer = StreamingHttpResponse(
        _until_they_break_off(pieces, output_format), content_type=CONTENT_TYPES[output_format]
    )
    disposition = "inline" if output_format == "json" else "attachment"
    answer["Content-Disposition"] = f'{disposition}; filename="{name}.{output_format}"'
    return answer


def _until_they_break_off(pieces: Iterator[Any], output_format: str) -> Iterator[Any]:
    try:
        yield from pieces
    except Exception as error:
        if not isinstance(error, Cancelled):
            logger.exception("An export as %s broke off.", output_format)
        if output_format == "csv":
            yield f"{BROKEN_OFF}\r\n"
