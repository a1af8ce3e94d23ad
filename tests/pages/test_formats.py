"""Rows as JSON and CSV: one spelling for each value, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.pages import formats
from tests.support.environment import ROOT

HOSTILE = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="'=+-@\t\r\n\",;1.", max_size=12),
)


def written(rows: Iterable[Mapping[str, Any]], keys: list[str], output_format: str) -> str:
    stream = io.StringIO()
    formats.write(rows, keys=keys, output_format=output_format, to=stream)
    return stream.getvalue()


def csv_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d+)?", text) is not None


def original(cell: str) -> str:
    """The text behind a cell: one apostrophe less where a formula would follow the apostrophes."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r\n]", cell) else cell


def test_json_is_one_array_with_the_keys_in_the_given_order():
    text = written([{"b": 1, "a": None}, {"b": 2, "a": "x"}], ["a", "b"], "json")

    assert json.loads(text) == [{"a": None, "b": 1}, {"a": "x", "b": 2}]
    assert text.index('"a"') < text.index('"b"')


def test_an_empty_answer_is_an_empty_array_or_a_header():
    assert json.loads(written([], ["a", "b"], "json")) == []
    assert csv_rows(written([], ["a", "b"], "csv")) == [["a", "b"]]


@pytest.mark.parametrize(
    ("value", "in_json", "in_csv"),
    [
        (None, None, ""),
        (True, True, "true"),
        (0, 0, "0"),
        (Decimal("0.0960"), "0.096", "0.096"),
        (Decimal(100), "100", "100"),
        (Decimal("-0.5"), "-0.5", "-0.5"),
        (datetime(2026, 4, 1, 6, tzinfo=UTC), "2026-04-01T06:00:00Z", "2026-04-01T06:00:00Z"),
        (datetime(2026, 4, 1, 6, tzinfo=timezone(timedelta(hours=2))), "2026-04-01T04:00:00Z", "2026-04-01T04:00:00Z"),
        (["a", Decimal("1.50")], ["a", "1.5"], '["a","1.5"]'),
        ({"id": "vol-1", "kept": None}, {"id": "vol-1", "kept": None}, '{"id":"vol-1","kept":null}'),
        ([], [], "[]"),
        ("-1", "-1", "-1"),
    ],
)
def test_a_value_has_one_spelling(value: Any, in_json: Any, in_csv: str):
    rows = [{"value": value}]

    assert json.loads(written(rows, ["value"], "json")) == [{"value": in_json}]
    assert csv_rows(written(rows, ["value"], "csv"))[1:] == [[in_csv]]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "'=1"])
def test_a_formula_becomes_text(text: str):
    [[cell]] = csv_rows(written([{"tag": text}], ["tag"], "csv"))[1:]

    assert cell == "'" + text


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_csv_keeps_every_text_and_lets_none_begin_a_formula(texts: list[str]):
    keys = [str(number) for number in range(len(texts))]

    [cells] = csv_rows(written([dict(zip(keys, texts, strict=True))], keys, "csv"))[1:]

    assert [original(cell) for cell in cells] == texts
    assert not any(re.match(r"[=+\-@\t\r\n]", cell) and not is_number(cell) for cell in cells)


def test_a_float_is_refused_because_money_must_not_pass_through_one():
    with pytest.raises(TypeError, match="float"):
        written([{"price": 0.1}], ["price"], "json")


def test_a_page_is_streamed_and_csv_is_offered_as_a_file():
    answer = formats.respond(iter([{"a": 1}]), keys=["a"], output_format="csv", name="ebs-volume")

    assert answer.getvalue() == b"a\r\n1\r\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="ebs-volume.csv"'


def test_json_is_shown_under_a_name_of_its_own():
    answer = formats.respond([], keys=["a"], output_format="json", name="ebs-volume")

    assert answer["Content-Disposition"] == 'inline; filename="ebs-volume.json"'


def test_a_reader_that_has_seen_enough_ends_a_command_quietly():
    script = """if True:
        import sys
        from inventory.pages import formats
        rows = ({"a": number} for number in range(1_000_000))
        formats.write(rows, keys=["a"], output_format="csv", to=sys.stdout)
    """

    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        complaints = process.stderr.read()

    assert (process.returncode, complaints) == (1, b"")
