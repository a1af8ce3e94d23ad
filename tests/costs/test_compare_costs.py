"""`manage.py compare_costs`, from the ledger and small price tables."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from costs.pricing_models import WAYS_OF_PAYING
from tests.costs import cast
from tests.costs.cast import by_way, compare

pytestmark = pytest.mark.django_db

KEYS = [
    "account",
    "region",
    "native_id",
    "instance_type",
    "operating_system",
    "tenancy",
    "model",
    "term_years",
    "payment",
    "offering_class",
    "hourly_usd",
    "upfront_usd",
    "monthly_usd",
    "saving_percent",
    "break_even_hours",
    "compared_hourly_usd",
    "compared_date",
    "price_date",
    "source",
    "unpriced_reason",
]


def test_there_is_a_row_for_every_instance_not_terminated_and_every_option(tmp_path):
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    for state in ("running", "stopped", "terminated"):
        cast.instance(owner, state=state, native_id=f"i-{state}")

    rows = compare()

    assert {row["native_id"] for row in rows} == {"i-running", "i-stopped"}
    assert len(rows) == 2 * len(WAYS_OF_PAYING)
    assert all(list(row) == KEYS for row in rows)


def test_a_stopped_instance_is_priced(tmp_path):
    cast.load_m5_large(tmp_path)
    cast.instance(cast.account(), state="stopped")

    assert by_way(compare())["on-demand", None, None, None]["hourly_usd"] == "0.096"


def test_an_instance_that_is_gone_has_no_row(tmp_path):
    cast.load_m5_large(tmp_path)
    instance = cast.instance(cast.account())
    type(instance).revisions.update(valid_to=instance.valid_from.replace(year=2027))

    assert compare() == []


def test_windows_never_has_a_linux_price(tmp_path):
    cast.load_m5_large(tmp_path)
    cast.instance(cast.account(), operating_system="windows", usage_operation="RunInstances:0002")

    assert {row["hourly_usd"] for row in compare()} == {None}


def test_dedicated_and_host_tenancy_never_have_a_shared_price(tmp_path):
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    cast.instance(owner, tenancy="dedicated")
    cast.instance(owner, tenancy="host")

    assert {row["hourly_usd"] for row in compare()} == {None}


def test_without_prices_every_row_says_so_and_the_operator_learns_what_to_do(capsys):
    cast.instance(cast.account())

    assert {row["unpriced_reason"] for row in compare()} == {"no price list is loaded"}
    assert "load_prices" in capsys.readouterr().err


def test_rows_can_be_limited_to_an_account_by_name_or_id_and_to_a_region(tmp_path):
    cast.load_m5_large(tmp_path)
    ours, theirs = cast.account("ours"), cast.account("theirs")
    cast.instance(ours, native_id="i-1")
    cast.instance(ours, native_id="i-2", region="eu-west-1")
    cast.instance(theirs, native_id="i-3")

    assert {row["native_id"] for row in compare("--account=ours")} == {"i-1", "i-2"}
    assert {row["native_id"] for row in compare(f"--account={theirs.account_id}")} == {"i-3"}
    assert {row["native_id"] for row in compare("--region=eu-west-1")} == {"i-2"}


@pytest.mark.parametrize("arguments", ["--account=nobody", "--region=us-est-1"])
def test_an_unknown_account_or_region_is_a_usage_error(arguments):
    with pytest.raises(CommandError) as refusal:
        compare(arguments)

    assert refusal.value.returncode == 2


def test_csv_has_the_same_rows(tmp_path):
    cast.load_m5_large(tmp_path)
    cast.instance(cast.account())
    out = StringIO()

    call_command("compare_costs", "--format=csv", stdout=out)

    rows = list(csv.DictReader(StringIO(out.getvalue())))
    assert list(rows[0]) == KEYS
    assert [row["hourly_usd"] for row in rows] == [row["hourly_usd"] or "" for row in compare()]


def test_an_empty_ledger_is_an_empty_list():
    assert compare() == []
