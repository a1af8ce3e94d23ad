"""`manage.py findings`."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from inventory.models import Judgement
from inventory.pages.finding_rows import RECORD_KEYS
from inventory.pages.moments import spell_moment
from tests.findings.cast import DAY, FIRST, IRELAND, Ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Ledger:
    ledger = Ledger()
    with ledger.look("ebs-volume", "ec2-instance"):
        ledger.volume = ledger.add("ebs-volume", native_id="vol-1", name="data", encrypted=False)
        ledger.add("ebs-volume", native_id="vol-2", unknown={"encrypted": None})
    return ledger


def told(capsys, *arguments):
    call_command("findings", *arguments)
    return capsys.readouterr()


def rows(capsys, *arguments):
    return json.loads(told(capsys, *arguments).out)


def test_json_has_the_agreed_keys_and_what_the_ledger_says(acme, capsys):
    first, second = rows(capsys, "--rule", "volume-unencrypted", "--format", "json")

    assert list(first) == list(RECORD_KEYS)
    by_state = {one["state"]: one for one in (first, second)}
    assert by_state.keys() == {"open", "unsure"}
    found = by_state["open"]
    assert (found["account"], found["region"], found["native_id"], found["name"]) == (
        acme.account.account_id,
        IRELAND,
        "vol-1",
        "data",
    )
    assert (found["severity"], found["rule"]) == ("medium", "volume-unencrypted")
    assert found["first_seen"] == found["last_seen"] == spell_moment(FIRST + DAY)
    assert (found["closed"], found["muted_until"]) == (None, None)


def test_csv_has_the_same_rows_with_a_header(acme, capsys):
    read = list(csv.DictReader(io.StringIO(told(capsys, "--format", "csv").out)))

    assert {one["native_id"] for one in read} == {"vol-1", "vol-2"}


def test_closed_ones_are_written_where_they_are_asked_for(acme, capsys):
    with acme.look("ebs-volume"):
        acme.change(acme.volume, encrypted=True)

    (closed,) = rows(capsys, "--state", "closed")

    assert (closed["native_id"], closed["closed"]) == ("vol-1", spell_moment(FIRST + 2 * DAY))
    assert [one["native_id"] for one in rows(capsys, "--state", "open")] == []
    assert [one["native_id"] for one in rows(capsys, "--state", "open", "--as-of", spell_moment(FIRST + DAY))] == [
        "vol-1"
    ]


def test_an_account_that_no_rule_has_judged_is_named_on_stderr(acme, capsys):
    Judgement.objects.all().delete()

    assert "acme: no rule had judged it yet" in told(capsys).err


def test_a_rule_or_a_severity_that_does_not_exist_is_refused(acme):
    for arguments in (("--rule", "nonsense"), ("--severity", "awful"), ("--region", "nowhere")):
        with pytest.raises(CommandError):
            call_command("findings", *arguments)
