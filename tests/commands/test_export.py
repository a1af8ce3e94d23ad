"""`manage.py export`: the resources of one type as JSON or CSV, now and as they were."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from inventory.models import Account
from inventory.registry import resource_type
from tests.pages import ledgers
from tests.support import rows
from tests.support.product import Product

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)
VOLUMES = ("eu-central-1", "ebs-volume")
HOSTILE = "=cmd|' /C calc'!A0<script>\"\n\u202etxt"

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    """Standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("export", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def exported(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(*arguments, "--format", "json")[0])
    return found


@pytest.fixture
def acme() -> Account:
    return ledgers.account()


def test_a_volume_is_one_object_with_every_column(acme: Account):
    attachment = {"InstanceId": "i-1", "Device": "/dev/sda1", "DeleteOnTermination": True}
    tags = [{"Key": "team", "Value": HOSTILE}, {"Key": "Name", "Value": "data"}]
    volume = ledgers.volume(1, Attachments=[attachment], Tags=tags, CreateTime=MARCH)
    ledgers.look(acme, APRIL, {VOLUMES: [volume]})

    [found] = exported("ebs-volume")

    assert found == {
        "native_id": f"vol-{1:017x}",
        "account": "111122223333",
        "name": "data",
        "region": "eu-central-1",
        "tags": {"Name": "data", "team": HOSTILE},
        "state": "available",
        "volume_type": "gp2",
        "size_gib": 100,
        "iops": None,
        "throughput_mibps": None,
        "encrypted": False,
        "kms_key": None,
        "availability_zone": "eu-central-1a",
        "source_snapshot": None,
        "multi_attach": None,
        "attachments": [{"id": "i-1", "device_name": "/dev/sda1", "delete_on_termination": True}],
        "created": "2026-03-01T00:00:00Z",
        "unknown": [],
    }


def test_multi_valued_columns_are_arrays_of_texts_and_counts_are_numbers(acme: Account):
    groups = [{"GroupId": f"sg-{2:017x}"}, {"GroupId": f"sg-{1:017x}"}]
    listings = {
        ("eu-central-1", "ec2-instance"): [ledgers.instance(1, SecurityGroups=groups)],
        ("eu-central-1", "security-group"): [ledgers.group(1)],
        ("eu-central-1", "security-group-rule"): [ledgers.rule(1, 1, 22), ledgers.rule(2, 1, 80)],
    }
    ledgers.look(acme, APRIL, listings)

    [instance], [group] = exported("ec2-instance"), exported("security-group")

    assert instance["security_groups"] == [f"sg-{1:017x}", f"sg-{2:017x}"]
    assert instance["memory_gib"] == "8"
    assert (group["inbound_rules"], group["outbound_rules"]) == (2, 0)


def test_what_was_never_read_is_null_and_what_is_kept_is_a_value_and_both_are_named(acme: Account):
    ledgers.look(acme, MARCH, {("global", "s3-bucket"): [ledgers.bucket("logs", region=None)]})
    sized, unsized = ledgers.instance(1), ledgers.instance(1)
    del unsized["DescribeInstanceTypes"]
    instances = ("eu-central-1", "ec2-instance")
    ledgers.look(acme, APRIL, {instances: [sized]})
    ledgers.look(acme, datetime(2026, 4, 2, tzinfo=UTC), {instances: [unsized]})

    [bucket], [instance] = exported("s3-bucket", "--as-of", "2026-03-02"), exported("ec2-instance")

    assert (bucket["region"], bucket["tags"], bucket["acl_grants"]) == (None, None, None)
    assert {"region", "tags", "acl_grants", "versioning"} <= set(bucket["unknown"])
    assert instance["vcpu"] == 2
    assert {"memory_gib", "user_data_bytes", "vcpu"} <= set(instance["unknown"])


def test_a_count_is_null_where_the_rules_were_refused(acme: Account):
    groups, rules = ("eu-central-1", "security-group"), ("eu-central-1", "security-group-rule")
    ledgers.look(acme, APRIL, {groups: [ledgers.group(1)], rules: ledgers.Refused()})

    [group] = exported("security-group")

    assert group["inbound_rules"] is None
    assert group["unknown"] == ["inbound_rules", "outbound_rules"]


def test_rows_are_ordered_by_native_id_and_chosen_by_account_region_and_filter(acme: Account):
    other = ledgers.account("other", "222233334444")
    ireland = ("eu-west-1", "ebs-volume")
    gp3 = {"VolumeType": "gp3"}
    ledgers.look(acme, APRIL, {VOLUMES: [ledgers.volume(3), ledgers.volume(1, **gp3)]})
    ledgers.look(other, APRIL, {ireland: [ledgers.volume(2)]}, regions=["eu-west-1"])

    def numbers(*arguments: str) -> list[int]:
        return [int(row["native_id"].removeprefix("vol-"), 16) for row in exported("ebs-volume", *arguments)]

    assert numbers() == [1, 2, 3]
    assert numbers("--account", "acme") == numbers("--account", "111122223333") == [1, 3]
    assert numbers("--region", "eu-west-1") == [2]
    assert numbers("--filter", "volume_type=gp2") == [2, 3]
    assert numbers("--filter", "volume_type=gp2", "--filter=-region=eu-west-1") == [3]


def test_a_bucket_is_found_by_its_own_region(acme: Account):
    ledgers.look(acme, APRIL, {("global", "s3-bucket"): [ledgers.bucket("a"), ledgers.bucket("b", "us-east-1")]})

    assert [row["native_id"] for row in exported("s3-bucket", "--region", "us-east-1")] == ["b"]


def test_a_past_moment_shows_things_as_they_were(acme: Account):
    ledgers.look(acme, MARCH, {VOLUMES: [ledgers.volume(1, Size=8, Tags=[{"Key": "a", "Value": "1"}])]})
    ledgers.look(acme, APRIL, {VOLUMES: [ledgers.volume(1, Size=9)]})

    [before], [now] = exported("ebs-volume", "--as-of", "2026-03-15T00:00:00Z"), exported("ebs-volume")

    assert (before["size_gib"], before["tags"]) == (8, {"a": "1"})
    assert (now["size_gib"], now["tags"]) == (9, {})


def test_before_the_first_look_the_answer_is_never_seen_and_not_none(acme: Account):
    ledgers.look(acme, APRIL, {VOLUMES: [ledgers.volume(1)]})

    out, err = run("ebs-volume", "--as-of", "2026-03-01", "--format", "json")

    assert json.loads(out) == []
    assert "never been read" in err


def test_a_region_that_cannot_be_read_keeps_its_rows_and_is_named_on_stderr(acme: Account):
    ledgers.look(acme, MARCH, {VOLUMES: [ledgers.volume(1)]})
    ledgers.look(acme, APRIL, {VOLUMES: ledgers.Refused(action="ec2:DescribeVolumes")})

    out, err = run("ebs-volume", "--format", "json")

    assert len(json.loads(out)) == 1
    assert "eu-central-1" in err
    assert "ec2:DescribeVolumes" in err


def test_csv_has_the_same_cells_and_no_formula(acme: Account):
    ledgers.look(acme, APRIL, {VOLUMES: [ledgers.volume(1, Tags=[{"Key": "Name", "Value": HOSTILE}])]})

    out, _ = run("ebs-volume", "--format", "csv")
    [found] = csv.DictReader(io.StringIO(out, newline=""))

    assert found["name"] == "'" + HOSTILE
    assert json.loads(found["tags"]) == {"Name": HOSTILE}
    assert (found["size_gib"], found["encrypted"], found["iops"], found["unknown"]) == ("100", "false", "", "[]")


def test_more_rows_than_one_batch_come_out_once_each(acme: Account):
    kind = resource_type("ebs-volume")
    rows.add_rows(kind, acme, [{} for _ in range(1203)])

    found = [row["native_id"] for row in exported("ebs-volume")]

    assert found == sorted(set(found))
    assert len(found) == 1203


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["ebs-volumes"], "ebs-volumes"),
        (["ebs-volumes"], r"Did you mean ebs-volume\?"),
        (["ebs-volume", "--filter", "sise_gib=8"], r"Did you mean size_gib\?"),
        (["ebs-volume", "--filter", "size_gib>=8"], "a condition is written size_gib__gte=8"),
        (["ebs-volume", "--region", "eu-moon-1"], "eu-moon-1"),
        (["ebs-volume", "--account", "nobody"], "nobody"),
        (["ebs-volume", "--filter", "colour=red"], "colour"),
        (["ebs-volume", "--filter", "size_gib=big"], "big"),
        (["ebs-volume", "--as-of", "soon"], "soon"),
        (["ebs-volume", "--as-of", "2199-01-01"], "2199-01-01"),
    ],
)
def test_a_word_that_cannot_be_understood_ends_with_2_and_one_line(arguments: list[str], word: str):
    with pytest.raises(CommandError, match=word) as error:
        run(*arguments)

    assert error.value.returncode == 2
    assert "\n" not in str(error.value)


def test_as_a_process_it_keeps_data_and_words_apart(tmp_path: Path):
    with Product(tmp_path / "state", {}) as product:
        product.manage("migrate")

        empty = product.manage("export", "ebs-volume", "--filter", "-state=in-use")
        refused = product.manage("export", "ebs-volume", "--filter", "colour=red", exit_code=2)

    assert json.loads(empty.stdout) == []
    assert "never been read" in empty.stderr
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr


def test_a_workbook_goes_to_the_bytes_beneath_standard_output(acme: Account):
    ledgers.look(acme, APRIL, {VOLUMES: [ledgers.volume(1, Tags=[{"Key": "Name", "Value": "=1+1"}])]})
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")

    call_command("export", "ebs-volume", "--format", "xlsx", stdout=out)

    [heads, cells] = load_workbook(out.buffer).worksheets[0].iter_rows(values_only=True)
    found = dict(zip(heads, cells, strict=True))
    assert (found["native_id"], found["name"], found["size_gib"]) == (f"vol-{1:017x}", "=1+1", 100)
