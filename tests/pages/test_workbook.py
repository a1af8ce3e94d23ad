"""Rows as a workbook: typed cells, whole figures, and no text that a spreadsheet would run."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.escape import unescape

from inventory.pages import formats, workbook

NOON = datetime(2026, 4, 1, 12, 0, 59, tzinfo=UTC)


def book(rows: Iterable[Mapping[str, Any]], keys: list[str]) -> Workbook:
    return load_workbook(io.BytesIO(b"".join(formats.xlsx_pieces(rows, keys))))


def cell(value: Any) -> Any:
    """The cell of one value, as a spreadsheet reads it."""
    sheet = book([{"value": value}], ["value"]).worksheets[0]
    return sheet["A2"]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (None, None),
        (True, True),
        (0, 0),
        (8, 8),
        (Decimal("1106.3875"), 1106.3875),
        (Decimal("0.0960"), 0.096),
        (Decimal("-0.00001"), -0.00001),
        (NOON, NOON.replace(tzinfo=None)),
        (NOON.astimezone(timezone(timedelta(hours=2))), NOON.replace(tzinfo=None)),
        (["a", Decimal("1.50")], '["a","1.5"]'),
        ({"owner": "é"}, '{"owner":"é"}'),
        ("  spaces  ", "  spaces  "),
    ],
)
def test_a_cell_has_the_type_of_its_value(value: Any, read: Any):
    found = cell(value)

    assert (type(found.value), found.value) == (type(read), read)


@pytest.mark.parametrize("value", [Decimal("0.1234567890123456"), 2**63 - 1])
def test_a_number_of_more_digits_than_a_spreadsheet_counts_stays_whole(value: Decimal | int):
    found = cell(value)

    assert (found.data_type, found.value) == ("s", str(value))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "#N/A", "=", "TRUE", "2026-04-01"])
def test_a_text_is_a_text_whatever_it_begins_with(text: str):
    found = cell(text)

    assert (found.data_type, found.value) == ("s", text)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_every_text_can_be_read_back(text: str):
    found = cell(text)

    assert unescape(found.value or "") == text


def test_a_text_that_no_cell_holds_is_cut_and_says_so():
    found = cell("x" * 40_000)

    assert len(found.value) == 32_767
    assert found.value.endswith("(cut: a cell holds 32,767 characters)")


def test_an_empty_answer_has_its_heads():
    [sheet] = book([], ["native_id", "name"]).worksheets

    assert [[one.value for one in row] for row in sheet.rows] == [["native_id", "name"]]


def test_rows_that_one_sheet_does_not_hold_stand_on_the_next_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)

    sheets = book(({"n": number} for number in range(4)), ["n"]).worksheets

    assert [[row[0].value for row in sheet.rows] for sheet in sheets] == [["n", 0, 1], ["n", 2, 3]]


def test_memory_does_not_grow_with_the_rows():
    def peak(number: int) -> int:
        tracemalloc.start()
        for _ in formats.xlsx_pieces(({"name": f"vol-{n}", "size": n} for n in range(number)), ["name", "size"]):
            pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    few, many = peak(200), peak(4000)

    assert many < few + 200_000
