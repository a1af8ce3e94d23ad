"""`manage.py take_snapshot`: by the workers or in this process, with an exit code that tells whether all is well."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from demo.client import Emulator
from inventory import tasks
from inventory.management.commands import take_snapshot as command
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL, Reach, resource_type
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.signals import snapshot_completed
from inventory.snapshots.plan import plan_snapshot
from tests.commands.running import Run, runner
from tests.support import left_out
from tests.support.product import Product, free_port

# Requests are counted in threads of their own, which see no transaction of a test.
# What is asked of AWS, and said of it, is the same on either database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_emulator"), pytest.mark.any_database]
TYPES = [resource_type(slug) for slug in left_out.FEW]
ALL = len(TYPES)
"""Visits of an account with one region: one for each type that is read."""
KEYS = ["account", "region", "type", "outcome", "reason", "resources", "api_calls", "seconds"]
APRIL = "2026-04-01T06:00:00Z"


@pytest.fixture(autouse=True)
def _few_types(settings: Settings) -> None:
    settings.LEFT_OUT_TYPES = left_out.LEFT_OUT


@pytest.fixture
def take_snapshot(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("take_snapshot", capsys)


def account(emulator: Emulator, name: str = "research", region: str = "us-east-2") -> Account:
    """An account of the emulator, with one region."""
    known = next(one for one in emulator.accounts if one.name == name)
    return Account.objects.create(
        name=name,
        account_id=known.account_id,
        role_arn=known.role_arn,
        external_id=known.external_id,
        only_regions=[region],
        regions_read_at=timezone.now(),
    )


@pytest.fixture
def research(emulator: Emulator) -> Account:
    return account(emulator)


def test_inline_everything_is_done_in_this_process(research: Account, take_snapshot: Run, emulator: Emulator) -> None:
    ran = take_snapshot("--inline")

    snapshot = Snapshot.objects.get()
    there = emulator.client("ec2", "research", "us-east-2").describe_volumes()["Volumes"]
    assert ran.code == 0
    assert ran.out == ""
    assert f"{ALL} of {ALL} visits complete" in ran.err
    assert EbsVolume.revisions.current().count() == len(there) > 0
    assert snapshot.finished_at is not None
    assert snapshot.announced_at is not None


def test_json_lists_every_visit_and_nothing_else_is_on_stdout(research: Account, take_snapshot: Run) -> None:
    ran = take_snapshot("research", "--inline", "--json")

    assert ran.code == 0
    assert [list(row) for row in ran.rows] == [KEYS] * ALL
    places = {(row["region"], row["type"]) for row in ran.rows}
    assert places == {(GLOBAL if one.reach is Reach.GLOBAL else "us-east-2", one.slug) for one in TYPES}
    for row in ran.rows:
        assert (row["account"], row["outcome"], row["reason"]) == (research.account_id, "complete", "")
        assert isinstance(row["resources"], int)
        assert row["api_calls"] >= 1
        assert float(row["seconds"]) >= 0
        assert isinstance(row["seconds"], str)


def test_a_given_moment_is_the_one_that_the_ledger_speaks_of(research: Account, take_snapshot: Run) -> None:
    ran = take_snapshot("--inline", "--taken-at", "2026-04-01T08:00:00+02:00")

    assert ran.code == 0
    assert set(EbsVolume.revisions.values_list("valid_from", flat=True)) == {datetime(2026, 4, 1, 6, tzinfo=UTC)}


def test_a_moment_without_a_zone_is_utc(research: Account, take_snapshot: Run) -> None:
    take_snapshot("--inline", "--taken-at", "2026-04-01T06:00:00")

    assert Snapshot.objects.get().taken_at == datetime(2026, 4, 1, 6, tzinfo=UTC)


def test_a_moment_in_the_future_is_refused(research: Account, take_snapshot: Run) -> None:
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()

    ran = take_snapshot("--inline", "--taken-at", tomorrow)

    assert ran.code == 2
    assert "future" in ran.err
    assert not Snapshot.objects.exists()


@pytest.mark.parametrize("moment", [APRIL, "2026-03-31T23:59:59Z"])
def test_a_moment_not_later_than_the_last_is_refused(research: Account, take_snapshot: Run, moment: str) -> None:
    take_snapshot("--inline", "--taken-at", APRIL)

    ran = take_snapshot("--inline", "--taken-at", moment)

    assert ran.code == 1
    assert APRIL in ran.err
    assert Snapshot.objects.count() == 1


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-04", "2026-13-01T00:00:00Z", "2026-04-31T00:00:00Z", "", "0001-01-01T00:00:00+23:00"]
)
def test_a_text_that_is_no_moment_is_a_mistake_of_usage(research: Account, take_snapshot: Run, text: str) -> None:
    ran = take_snapshot("--inline", "--taken-at", text)

    assert ran.code == 2
    assert APRIL.partition("T")[0] in ran.err
    assert not Snapshot.objects.exists()


def test_an_account_that_nobody_knows_is_a_mistake_of_usage(research: Account, take_snapshot: Run) -> None:
    ran = take_snapshot("--inline", "research", "reserch")

    assert ran.code == 2
    assert "reserch" in ran.err
    assert "known: research" in ran.err
    assert not Snapshot.objects.exists()


def test_without_any_account_it_says_how_to_add_one(take_snapshot: Run) -> None:
    ran = take_snapshot("--inline")

    assert ran.code == 1
    assert "add_account" in ran.err


def test_an_account_is_named_by_its_name_or_by_its_digits_and_taken_once(
    research: Account, take_snapshot: Run, emulator: Emulator
) -> None:
    account(emulator, "production", "us-east-1")

    take_snapshot("--inline", str(research.account_id), "research")

    assert Snapshot.objects.get().account == research


def test_one_denied_visit_is_enough_for_exit_code_one(
    research: Account, take_snapshot: Run, emulator: Emulator
) -> None:
    emulator.deny("us-east-2", "ec2:DescribeVolumes", account="research")

    ran = take_snapshot("--inline", "--json")

    outcomes = {row["type"]: (row["outcome"], row["resources"]) for row in ran.rows}
    assert ran.code == 1
    assert outcomes["ebs-volume"] == ("denied", None)
    assert [outcome for outcome, _ in outcomes.values()].count("complete") == ALL - 1
    assert "ec2:DescribeVolumes" in ran.err
    assert f"{ALL - 1} of {ALL} visits complete" in ran.err


def test_a_region_whose_instances_are_denied_keeps_them(
    research: Account, take_snapshot: Run, emulator: Emulator
) -> None:
    take_snapshot("--inline")
    before = set(EbsVolume.revisions.current().values_list("resource__native_id", flat=True))

    emulator.deny("us-east-2", "ec2:*", account="research")
    ran = take_snapshot("--inline")

    assert ran.code == 1
    assert set(EbsVolume.revisions.current().values_list("resource__native_id", flat=True)) == before


@pytest.mark.parametrize(("order", "outcome"), [("throttle", "throttled"), ("truncate", "failed")])
def test_troubles_of_the_network_are_told_apart(
    research: Account, take_snapshot: Run, emulator: Emulator, order: str, outcome: str
) -> None:
    emulator.order(order, "us-east-2", "ec2:DescribeVolumes", account="research")

    ran = take_snapshot("--inline", "--json")

    assert {row["outcome"] for row in ran.rows if row["type"] == "ebs-volume"} == {outcome}
    assert ran.code == 1


def test_an_answer_that_is_cut_short_once_is_asked_for_again(
    research: Account, take_snapshot: Run, emulator: Emulator
) -> None:
    emulator.truncate("us-east-2", "ec2:DescribeVolumes", account="research", times=2)

    assert take_snapshot("--inline").code == 0


@pytest.mark.usefixtures("environment_changes")
def test_when_everything_is_unreachable_everything_says_so(
    research: Account, take_snapshot: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")

    ran = take_snapshot("--inline", "--json")

    assert ran.code == 1
    assert {row["outcome"] for row in ran.rows} == {"unreachable"}
    assert f"0 of {ALL} visits complete" in ran.err


def test_a_wrong_role_is_denied_and_says_what_to_check(research: Account, take_snapshot: Run) -> None:
    Account.objects.update(external_id="guessed")

    ran = take_snapshot("--inline", "--json")

    assert ran.code == 1
    assert {row["outcome"] for row in ran.rows} == {"denied"}
    assert "trust policy" in ran.rows[0]["reason"]


def test_a_pending_account_is_confirmed_by_the_way(research: Account, take_snapshot: Run) -> None:
    account_id = research.account_id
    Account.objects.update(account_id=None)

    ran = take_snapshot("--inline")

    assert ran.code == 0
    assert Account.objects.get().account_id == account_id


def test_a_pending_account_that_cannot_be_confirmed_is_left_out(research: Account, take_snapshot: Run) -> None:
    Account.objects.update(account_id=None, external_id="guessed")

    ran = take_snapshot("--inline", "--json")

    assert ran.code == 1
    assert ran.rows == []
    assert "pending" in ran.err


def test_an_account_without_known_regions_is_not_all_well(
    research: Account, take_snapshot: Run, emulator: Emulator
) -> None:
    Account.objects.update(only_regions=[], regions_read_at=None)
    emulator.deny("us-east-1", "ec2:DescribeRegions", account="research")

    ran = take_snapshot("--inline", "--json")

    assert {row["region"] for row in ran.rows} == {GLOBAL}
    assert ran.code == 1
    assert "ec2:DescribeRegions" in ran.err
    assert "no region was visited" in ran.err


def test_it_is_told_when_what_follows_a_snapshot_failed(research: Account, take_snapshot: Run) -> None:
    def stumble(**_: object) -> None:
        raise RuntimeError("not today")

    snapshot_completed.connect(stumble)
    try:
        ran = take_snapshot("--inline")
    finally:
        snapshot_completed.disconnect(stumble)

    assert ran.code == 1
    assert "could not follow" in ran.err
    assert EbsVolume.revisions.current().exists()


def test_without_a_worker_it_says_how_to_start_one_and_leaves_the_visits_waiting(
    research: Account, take_snapshot: Run, settings: Settings
) -> None:
    settings.CLAIM_WAIT = 0

    ran = take_snapshot()

    assert ran.code == 1
    assert "--inline" in ran.err
    assert "worker" in ran.err
    assert set(Visit.objects.values_list("state", flat=True)) == {VisitState.WAITING}


def test_inline_takes_what_an_earlier_run_left_to_its_own_account_alone(research: Account, take_snapshot: Run) -> None:
    left = plan_snapshot(research, hint_workers=False)

    ran = take_snapshot("--inline")

    assert ran.code == 0
    assert set(left.visits.values_list("state", flat=True)) == {VisitState.WAITING}


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_the_workers_and_reminds_them(
    research: Account, take_snapshot: Run, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue loses every first hint; a thread stands for the worker that hears the reminder."""
    monkeypatch.setattr(command, "HINT_SECONDS", 0.1)
    monkeypatch.setattr(command, "POLL_SECONDS", 0.05)
    settings.CLAIM_WAIT = 60
    heard: list[tuple[str, int]] = []
    over = threading.Event()

    def hear(task: object, ids: list[int]) -> None:
        heard.extend((getattr(task, "name", ""), one) for one in ids)

    def work() -> None:
        try:
            while not over.wait(0.02):
                while heard:
                    name, one = heard.pop(0)
                    {tasks.visit.name: tasks.visit, tasks.announce.name: tasks.announce}[name](one)
                # Time passes: the queue has not heard of these visits for long.
                Visit.objects.filter(attempts=0).update(hinted_at=timezone.now() - timedelta(minutes=1))
        finally:
            connection.close()

    monkeypatch.setattr(tasks, "hint", hear)
    worker = threading.Thread(target=work)
    worker.start()
    try:
        ran = take_snapshot("--json")
    finally:
        over.set()
        worker.join()

    assert ran.code == 0
    assert {row["outcome"] for row in ran.rows} == {Outcome.COMPLETE}
    assert Snapshot.objects.get().announced_at is not None


def test_from_a_terminal_data_is_on_stdout_and_messages_on_stderr(
    make_product: Callable[..., Product], emulator: Emulator
) -> None:
    known = emulator.accounts[1]
    product = make_product(**emulator.environment, **left_out.VARIABLES, CLAIM_WAIT="1")
    product.manage(
        *("add_account", known.name, "--role-arn", known.role_arn, "--external-id", known.external_id),
        *("--regions", "us-east-2"),
    )

    taken = product.manage("take_snapshot", "--inline", "--json")
    emulator.deny("us-east-2", "ec2:DescribeVolumes", account="research")
    denied = product.manage("take_snapshot", "--inline", "--json", exit_code=1)
    alone = product.manage("take_snapshot", exit_code=1)
    misspelt = product.manage("take_snapshot", "--taken-at", "soon", exit_code=2)

    assert [row["outcome"] for row in json.loads(taken.stdout)] == ["complete"] * ALL
    assert sorted(row["outcome"] for row in json.loads(denied.stdout)) == ["complete"] * (ALL - 1) + ["denied"]
    assert f"{ALL} of {ALL} visits complete" in taken.stderr
    assert "--inline" in alone.stderr
    for ran in (taken, denied, alone, misspelt):
        assert "Traceback" not in ran.stderr
    assert alone.stdout == misspelt.stdout == ""
