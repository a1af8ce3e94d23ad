from __future__ import annotations

import csv
import io
import json

import pytest
from django.core.management import CommandError, call_command

from inventory.exposure.ledger import RECORD_KEYS
from inventory.models import OpenPort
from tests.exposure.cast import LATER, Cast

pytestmark = pytest.mark.django_db


def told(capsys, *arguments):
    """What the command writes to stdout, and to stderr."""
    call_command("open_ports", *arguments)
    return capsys.readouterr()


def rows(capsys, *arguments):
    return json.loads(told(capsys, *arguments).out)


@pytest.fixture
def acme():
    return Cast("acme", "eu-west-1", "us-east-1")


def test_json_is_one_array_with_the_agreed_keys_and_types(acme, capsys):
    group = acme.group()
    rule, instance = acme.rule(group, 22), acme.instance(group)

    (row,) = rows(capsys, "--format", "json")

    assert list(row) == list(RECORD_KEYS)
    assert (row["account"], row["region"], row["group_id"]) == (acme.account.account_id, "eu-west-1", group)
    assert (row["from_port"], row["to_port"], row["family"]) == (22, 22, "ipv4")
    assert (row["rule_ids"], row["source"], row["attached"]) == ([rule], ["0.0.0.0/0"], [instance])
    assert (row["severity"], row["service"]) == ("critical", "SSH and SFTP")


def test_what_does_not_apply_is_null(acme, capsys):
    acme.rule(acme.group(), direction="outbound", protocol="-1", referenced_group_id="sg-other")

    (row,) = rows(capsys)

    assert [row[key] for key in ("from_port", "to_port", "family", "severity")] == [None] * 4


def test_no_openings_are_an_empty_array(acme, capsys):
    assert rows(capsys) == []


def test_csv_has_the_same_rows_with_arrays_in_one_cell(acme, capsys):
    group = acme.group()
    acme.rule(group, 443, cidr_ipv4="10.0.0.0/8")
    acme.rule(group, 443, cidr_ipv4="192.168.0.0/16")

    as_json = rows(capsys)
    as_csv = list(csv.DictReader(io.StringIO(told(capsys, "--format", "csv").out)))

    assert list(as_csv[0]) == list(RECORD_KEYS)
    assert json.loads(as_csv[0]["source"]) == as_json[0]["source"] == ["10.0.0.0/8", "192.168.0.0/16"]
    assert as_csv[0]["from_port"] == "443"
    assert as_csv[0]["severity"] == ""


def test_it_works_from_the_ledger_and_not_from_what_is_stored(acme, capsys):
    acme.rule(acme.group(), 22)

    found = rows(capsys)

    assert len(found) == 1
    assert not OpenPort.objects.exists()


def test_account_region_and_moment_limit_the_rows(acme, capsys):
    other = Cast("other")
    group = acme.group()
    gone = acme.rule(group, 22)
    acme.rule(group, 80, valid_from=LATER)
    acme.rule(acme.group(region="us-east-1"), 443, region="us-east-1")
    other.rule(other.group(), 3389)
    acme.gone(gone)

    def ports(*arguments):
        return [row["from_port"] for row in rows(capsys, *arguments)]

    assert ports() == [80, 443, 3389]
    assert ports("--account", "acme") == ports("--account", acme.account.account_id) == [80, 443]
    assert ports("--region", "us-east-1") == [443]
    assert ports("--account", "acme", "--as-of", "2026-01-31") == [22, 443]


def test_what_was_never_read_is_said_beside_an_empty_answer(acme, capsys):
    answer = told(capsys, "--as-of", "2025-01-01")

    assert json.loads(answer.out) == []
    assert "never been read by 2025-01-01" in answer.err


def test_a_refused_region_keeps_its_rows_and_is_named_with_the_action(acme, capsys):
    acme.rule(acme.group(), 22)
    acme.was_refused("security-group-rule")

    answer = told(capsys)

    assert len(json.loads(answer.out)) == 1
    assert "eu-west-1" in answer.err
    assert "ec2:DescribeSecurityGroupRules" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--account", "nobody"),
        ("--region", "atlantis-1"),
        ("--as-of", "last tuesday"),
        ("--as-of", "2999-01-01"),
    ],
)
def test_an_option_that_cannot_be_met_exits_2_and_names_it(acme, arguments):
    with pytest.raises(CommandError, match=arguments[1]) as refused:
        call_command("open_ports", *arguments)

    assert refused.value.returncode == 2
