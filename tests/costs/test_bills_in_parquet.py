"""Bills in Parquet: the same charges as in CSV, in flat memory, and a clear word where they cannot be read."""

from __future__ import annotations

import json
import sys
import tracemalloc
from typing import Any

import pyarrow
import pytest
from django.forms import model_to_dict
from pyarrow import parquet

from costs.bills.gather import Gatherer, Wanted
from costs.bills.read import read
from costs.models import Bill, BillLine
from tests.costs.bill_documents import (
    CUR_COLUMNS,
    FOCUS_COLUMNS,
    cur_charge,
    focus_charge,
    load,
    refused,
    written,
    written_focus,
    written_parquet,
)

pytestmark = pytest.mark.django_db

TAGS = {"user_team": "web", "user_cost_center": "0042"}
CUR_CHARGES = (
    cur_charge("0.096", resource_tags=TAGS, line_item_resource_id="i-0a"),
    cur_charge("0.0000001234", line_item_usage_start_date="2026-10-02T23:00:00.000Z"),
    cur_charge("123456.7890123456"),
    cur_charge("-0.192", line_item_line_item_type="SavingsPlanNegation", pricing_public_on_demand_cost=""),
    cur_charge("", split_line_item_parent_resource_id="i-0a"),
)
FOCUS_CHARGES = (
    focus_charge("0.096", Tags={"user:team": "web"}, ResourceId="i-0a"),
    focus_charge("3.5", ChargeCategory="Tax", SubAccountId="", ListCost=""),
    focus_charge("0", CommitmentDiscountId="arn:aws:savingsplans::plan", CommitmentDiscountCategory="Spend"),
)


def lines() -> list[dict[str, Any]]:
    """Every sum that is kept."""
    kept = [model_to_dict(line, exclude=("id", "bill")) for line in BillLine.objects.order_by("pk")]
    return sorted(kept, key=lambda one: json.dumps(one, default=str))


@pytest.mark.parametrize(
    ("write", "charges", "columns"),
    [(written, CUR_CHARGES, CUR_COLUMNS), (written_focus, FOCUS_CHARGES, FOCUS_COLUMNS)],
    ids=["CUR 2.0", "FOCUS"],
)
def test_the_same_export_in_parquet_is_the_same_bill_to_the_last_digit(tmp_path, write, charges, columns):
    asked = ("--tag", "team", "--tag", "Cost Center", "--resources")
    load(write(tmp_path / "csv" / "bill.csv.gz", charges), *asked)
    in_csv = lines()
    Bill.objects.all().delete()

    load(written_parquet(tmp_path / "parquet" / "bill.snappy.parquet", charges, columns), *asked)

    assert lines() == in_csv != []


def test_parts_in_parquet_are_taken_together(tmp_path):
    written_parquet(tmp_path / "cur-00001.snappy.parquet", [cur_charge("1")])
    second = written_parquet(tmp_path / "cur-00002.snappy.parquet", [cur_charge("2")])

    assert "parts are missing: 00001" in refused(second)

    load(tmp_path)
    assert Bill.objects.get().files == ["cur-00001.snappy.parquet", "cur-00002.snappy.parquet"]


def test_a_broken_file_leaves_the_bill_before_it(tmp_path):
    load(written(tmp_path / "cur.csv", [cur_charge("1")]))
    file = written_parquet(tmp_path / "cur.parquet", CUR_CHARGES)
    file.write_bytes(file.read_bytes()[:-20])

    assert "the Parquet file is cut short or broken" in refused(file)
    file.write_bytes(b"PAR1\x00\x00")
    assert "the Parquet file is cut short or broken" in refused(file)
    assert Bill.objects.get().charges == 1


def test_a_row_that_cannot_be_read_is_named_by_its_number(tmp_path):
    broken = cur_charge("2", line_item_usage_account_id="1234")

    said = refused(written_parquet(tmp_path / "cur.parquet", [cur_charge("1"), broken]))

    assert "line 2: line_item_usage_account_id is no account of 12 digits" in said


def test_missing_columns_are_named(tmp_path):
    columns = [one for one in CUR_COLUMNS if one != "line_item_currency_code"]

    said = refused(written_parquet(tmp_path / "cur.parquet", [cur_charge("1")], columns))

    assert "columns are missing: line_item_currency_code" in said


def test_without_pyarrow_it_is_said_what_to_do(tmp_path, monkeypatch):
    file = written_parquet(tmp_path / "cur.parquet", [cur_charge("1")])
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    said = refused(file)

    assert "pip install pyarrow" in said
    assert "text/csv" in said


def test_a_column_of_another_kind_is_refused_with_its_row(tmp_path):
    file = written_parquet(tmp_path / "cur.parquet", [cur_charge("1")])
    table = parquet.read_table(file)
    place = table.schema.get_field_index("line_item_usage_type")
    nested = pyarrow.array([{"a": 1}], pyarrow.struct([("a", pyarrow.int64())]))
    parquet.write_table(table.set_column(place, "line_item_usage_type", nested), file)

    assert "line 1: the Parquet file is cut short or broken" in refused(file)


@pytest.mark.any_database
def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(number: int) -> int:
        """Of Python and of Arrow together."""
        file = written_parquet(tmp_path / f"{number}.parquet", [cur_charge("0.096")] * number)
        usual, watched = pyarrow.default_memory_pool(), pyarrow.proxy_memory_pool(pyarrow.default_memory_pool())
        pyarrow.set_memory_pool(watched)
        tracemalloc.start()
        try:
            read(file, Gatherer(Wanted()))
            return tracemalloc.get_traced_memory()[1] + int(watched.max_memory())
        finally:
            tracemalloc.stop()
            pyarrow.set_memory_pool(usual)

    peak(100)
    assert peak(40_000) < 2 * peak(10_000)
