"""Accounts that commands leave out: archived ones unless they are named, and those whose past was pruned."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from tests.pages.ledgers import account, group, instance, look, rule

pytestmark = pytest.mark.django_db

APRIL, MAY, JUNE = (datetime(2026, month, 1, tzinfo=UTC) for month in (4, 5, 6))
HERE = "eu-central-1"
COMMANDS = {"export": ("ec2-instance",), "open_ports": (), "compare_costs": ()}


@pytest.fixture
def _two():
    """A live account, and one that was archived in May; each holds an instance behind an open port."""
    acme = account()
    gone = account("gone", "444455556666", archived_at=MAY, archived_because="AWS suspended it.")
    for one, number in ((acme, 1), (gone, 2)):
        rows = {"ec2-instance": [instance(number)], "security-group": [group(number)]}
        rows["security-group-rule"] = [rule(number, number, 22)]
        look(one, APRIL, {(HERE, slug): listed for slug, listed in rows.items()})


def run(command, *arguments):
    """The accounts of the rows that were written, and what stood on stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command(command, *COMMANDS[command], *arguments, stdout=out, stderr=err)
    rows = json.loads(out.getvalue())
    return {row.get("account") or row.get("account_id") for row in rows}, err.getvalue()


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize("command", COMMANDS)
def test_an_archived_account_is_left_out_with_a_word(command):
    accounts, words = run(command)

    assert accounts == {"111122223333"}
    assert "gone is archived since 2026-05-01T00:00:00Z: AWS suspended it." in words
    assert "--account gone" in words


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize("command", COMMANDS)
def test_an_archived_account_that_is_named_is_written(command):
    accounts, words = run(command, "--account", "gone")

    assert accounts == {"444455556666"}
    assert "gone is archived since 2026-05-01T00:00:00Z" in words
    assert "never been read" not in words


@pytest.mark.usefixtures("_two")
def test_before_its_archiving_an_account_was_there():
    accounts, words = run("export", "--as-of", "2026-04-15")

    assert accounts == {"111122223333", "444455556666"}
    assert "archived" not in words


def test_a_pruned_moment_is_an_error_and_not_an_empty_answer():
    acme = account(history_from=MAY)
    look(acme, APRIL, {(HERE, "ec2-instance"): [instance(1)]})

    with pytest.raises(CommandError, match="the history was pruned"):
        run("export", "--as-of", "2026-04-15")


def test_an_account_whose_past_was_pruned_is_left_out_with_a_word():
    for name, number in (("acme", "111122223333"), ("kept", "444455556666")):
        one = account(name, number, history_from=MAY if name == "acme" else None)
        look(one, APRIL, {(HERE, "ec2-instance"): [instance(int(number[0]))]})

    accounts, words = run("export", "--as-of", "2026-04-15")

    assert accounts == {"444455556666"}
    assert "acme: pruned. Its history before 2026-05-01T00:00:00Z was deleted." in words
