"""The scheduler's look and the workers' tasks: whatever is lost, doubled or late, the database moves on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory import tasks
from inventory.aws import AwsFailure, FailureKind
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.signals import snapshot_completed
from inventory.snapshots import access, plan, reconcile
from tests.snapshots.cast import BEGIN, IRELAND, Aws, Take, bucket, denied, freshness, ids, volume
from tests.support.left_out import FEW
from tests.support.rows import enabled

ALL = len(FEW)
"""Visits of an account with one region: one for each type."""

AwsAnswers = Callable[..., Aws]


class Queue:
    """What was put on the queue, to be delivered when a test says so, and as often."""

    def __init__(self) -> None:
        self.hints: list[tuple[Any, int]] = []

    def put(self, task: Any, ids: Iterable[int]) -> None:
        self.hints.extend((task, one) for one in ids)

    def deliver(self, times: int = 1) -> None:
        """Deliver everything, and what comes of it, each hint so often."""
        while self.hints:
            task, one = self.hints.pop(0)
            for _ in range(times):
                task(one)

    def names(self) -> set[str]:
        return {task.name.rpartition(".")[2] for task, _ in self.hints}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue in place of a broker."""
    found = Queue()
    monkeypatch.setattr(tasks, "hint", found.put)
    return found


@pytest.fixture
def heard() -> Iterable[list[int]]:
    """The snapshots that listeners were told of."""
    found: list[int] = []

    def listen(snapshot_id: int, **_: object) -> None:
        found.append(snapshot_id)

    snapshot_completed.connect(listen)
    yield found
    snapshot_completed.disconnect(listen)


def of(account: Account) -> Snapshot:
    """The account's latest snapshot."""
    found: Snapshot = Snapshot.objects.filter(account=account).latest()
    return found


def due_in(account: Account) -> timedelta:
    """How long until the account is due again."""
    due = Account.objects.get(pk=account.pk).next_due_at
    assert due is not None
    return due - timezone.now()


def past(minutes: float) -> datetime:
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def known_regions_are_fresh(acme: Account) -> Account:
    acme.regions_read_at = timezone.now()
    acme.save()
    return acme


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_a_tick_takes_the_snapshot_that_is_due(
    acme: Account, aws_answers: AwsAnswers, queue: Queue, heard: list[int]
) -> None:
    aws_answers({IRELAND: [volume()], "global": [bucket()]})

    tasks.tick()
    queue.deliver()
    plan_hints(queue)
    queue.deliver()

    snapshot = of(acme)
    assert ids(EBS_VOLUME) == {"vol-1"}
    assert snapshot.finished_at is not None
    assert snapshot.announced_at is not None
    assert heard == [snapshot.pk]


def plan_hints(queue: Queue) -> None:
    """Half a minute later, when planned visits have not been heard of."""
    Visit.objects.update(hinted_at=past(1))
    tasks.tick()


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_ticks_and_tasks_that_are_doubled_change_nothing(
    acme: Account, aws_answers: AwsAnswers, queue: Queue, heard: list[int]
) -> None:
    aws_answers({IRELAND: [volume()]})
    for _ in range(3):
        tasks.tick()
    queue.deliver(times=3)
    plan_hints(queue)
    plan_hints(queue)

    queue.deliver(times=3)
    tasks.tick()

    assert Snapshot.objects.count() == 1
    assert Visit.objects.filter(attempts=1, outcome=Outcome.COMPLETE).count() == ALL
    assert heard
    assert set(heard) == {of(acme).pk}


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_no_snapshot_begins_while_one_is_under_way(acme: Account, queue: Queue) -> None:
    plan.plan_snapshot(acme, hint_workers=False)
    Account.objects.update(next_due_at=past(1))

    tasks.tick()

    assert "begin" not in queue.names()


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_an_account_whose_worker_died_before_it_planned_is_soon_due_again(acme: Account, queue: Queue) -> None:
    acme.interval_seconds = 86400
    acme.save()

    taken = reconcile.take_due(acme), reconcile.take_due(acme)

    assert taken == (True, False)
    assert timedelta(0) < due_in(acme) < timedelta(minutes=10)


def test_a_snapshot_is_complete_with_its_last_visit_and_not_before(
    acme: Account, aws_answers: AwsAnswers, queue: Queue, heard: list[int]
) -> None:
    aws_answers({IRELAND: [volume()]})
    snapshot = plan.plan_snapshot(acme, BEGIN, hint_workers=False)
    *first, last = snapshot.visits.order_by("pk").values_list("pk", flat=True)

    for pk in first:
        tasks.visit(pk)
    queue.deliver()
    before = of(acme).finished_at, list(heard)
    tasks.visit(last)
    queue.deliver()

    assert before == (None, [])
    assert of(acme).finished_at is not None
    assert heard == [snapshot.pk]


def test_a_snapshot_of_which_everything_failed_is_complete_too(
    acme: Account, take_snapshot: Take, queue: Queue, heard: list[int]
) -> None:
    take_snapshot(acme, {IRELAND: [denied()], "global": [denied()]})

    tasks.tick()
    queue.deliver()

    assert of(acme).finished_at is not None
    assert heard == [of(acme).pk]


def test_a_listener_that_fails_is_told_again(
    acme: Account, take_snapshot: Take, queue: Queue, heard: list[int]
) -> None:
    falls = [True]

    def stumble(**_: object) -> None:
        if falls:
            raise RuntimeError("not today")

    snapshot_completed.connect(stumble)
    try:
        take_snapshot(acme, {IRELAND: []})
        reconcile.complete()
        reconcile.announce(of(acme).pk)
        before = of(acme).announced_at, list(heard)
        falls.clear()
        tasks.tick()
        queue.deliver()
    finally:
        snapshot_completed.disconnect(stumble)

    assert before == (None, [of(acme).pk])
    assert of(acme).announced_at is not None
    assert heard == [of(acme).pk] * 2
    assert reconcile.unannounced() == []


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_a_visit_that_nobody_began_in_ten_minutes_expires_and_is_planned_anew(
    acme: Account, aws_answers: AwsAnswers, queue: Queue
) -> None:
    old = plan.plan_snapshot(acme, hint_workers=False)
    Visit.objects.update(planned_at=past(11))
    aws_answers({IRELAND: [volume()]})

    tasks.tick()
    assert set(old.visits.values_list("outcome", flat=True)) == {Outcome.EXPIRED}
    queue.deliver()
    plan_hints(queue)
    queue.deliver()

    assert of(acme).pk != old.pk
    assert of(acme).taken_at > old.taken_at
    assert ids(EBS_VOLUME) == {"vol-1"}
    assert freshness(acme, EBS_VOLUME).failing_since is None


def test_nine_minutes_are_not_too_long(acme: Account, queue: Queue) -> None:
    snapshot = plan.plan_snapshot(acme, hint_workers=False)
    Visit.objects.update(planned_at=past(9))

    tasks.tick()

    assert set(snapshot.visits.values_list("state", flat=True)) == {VisitState.WAITING}


def test_a_snapshot_of_a_given_moment_waits_and_keeps_it(acme: Account, aws_answers: AwsAnswers, queue: Queue) -> None:
    snapshot = plan.plan_snapshot(acme, BEGIN, hint_workers=False)
    Visit.objects.update(planned_at=past(600), hinted_at=past(600))
    aws_answers({IRELAND: [volume()]})

    tasks.tick()
    queue.deliver()

    assert of(acme) == snapshot
    assert EBS_VOLUME.model.revisions.current().get().valid_from == BEGIN


def test_a_visit_that_was_begun_does_not_expire(acme: Account, queue: Queue) -> None:
    snapshot = plan.plan_snapshot(acme, hint_workers=False)
    pk = snapshot.visits.earliest("pk").pk
    Visit.objects.claim(pk)
    Visit.objects.update(planned_at=past(11), lease_until=past(1), hinted_at=past(1))

    tasks.tick()

    assert Visit.objects.get(pk=pk).outcome is None
    assert (tasks.visit, pk) in queue.hints


@pytest.mark.usefixtures("known_regions_are_fresh")
def test_a_visit_whose_worker_died_goes_to_another(acme: Account, aws_answers: AwsAnswers, queue: Queue) -> None:
    snapshot = plan.plan_snapshot(acme, BEGIN, hint_workers=False)
    for pk in snapshot.visits.values_list("pk", flat=True):
        Visit.objects.claim(pk)
    Visit.objects.update(lease_until=past(1), hinted_at=past(1))
    aws_answers({IRELAND: [volume()]})

    tasks.tick()
    queue.deliver()

    assert set(snapshot.visits.values_list("outcome", "attempts")) == {(Outcome.COMPLETE, 2)}
    assert ids(EBS_VOLUME) == {"vol-1"}


def test_the_queue_is_reminded_of_a_visit_twice_a_minute_and_not_at_every_tick(acme: Account, queue: Queue) -> None:
    plan.plan_snapshot(acme, BEGIN, hint_workers=False)
    assert reconcile.visits_to_hint() == []

    Visit.objects.update(hinted_at=past(1))

    assert len(reconcile.visits_to_hint()) == ALL
    assert reconcile.visits_to_hint() == []


def test_without_a_broker_nothing_is_lost(
    acme: Account, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        snapshot = plan.plan_snapshot(acme)

    assert "broker cannot be reached" in caplog.text
    assert set(snapshot.visits.values_list("state", flat=True)) == {VisitState.WAITING}
    tasks.tick()
    assert Visit.objects.filter(state=VisitState.WAITING).count() == ALL


def test_a_pending_account_is_confirmed_when_its_role_can_be_assumed(
    db: None, monkeypatch: pytest.MonkeyPatch, queue: Queue
) -> None:
    pending = Account.objects.create(name="later", role_arn="arn:aws:iam::111122223333:role/r", only_regions=[IRELAND])
    aws = Aws({}, "111122223333")
    refusal = AwsFailure(FailureKind.DENIED, "not yet", action="sts:AssumeRole")
    monkeypatch.setattr(access, "clients_for", lambda account: aws)
    monkeypatch.setattr(access, "region_states", lambda clients: enabled(IRELAND))

    def refuse() -> str:
        raise refusal

    with monkeypatch.context() as not_yet:
        not_yet.setattr(aws, "identity", refuse)
        tasks.begin(pending.pk)
    before = Account.objects.get(pk=pending.pk).is_pending, due_in(pending)
    Account.objects.update(next_due_at=past(1))
    tasks.begin(pending.pk)

    assert before[0]
    assert before[1] < timedelta(minutes=2)
    assert Account.objects.get(pk=pending.pk).account_id == "111122223333"
    assert Snapshot.objects.filter(account=pending).count() == 1


@pytest.mark.parametrize(("waited", "expected"), [(5, 1), (100, 5), (60 * 24 * 30, 15)])
def test_a_pending_account_is_tried_the_less_often_the_longer_it_waits(db: None, waited: int, expected: int) -> None:
    pending = Account.objects.create(name="later", role_arn="arn:aws:iam::111122223333:role/r")
    Account.objects.update(added_at=past(waited))
    pending.refresh_from_db()

    assert reconcile.take_due(pending)

    assert timedelta(minutes=expected - 0.5) < due_in(pending) < timedelta(minutes=expected + 0.5)


def test_a_pending_account_that_turns_out_to_be_another_one_stays_pending(
    acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = Account.objects.create(name="again", role_arn="arn:aws:iam::111122223333:role/r")
    monkeypatch.setattr(access, "clients_for", lambda account: Aws({}, str(acme.account_id)))

    reason = access.prepare_or_warn(pending)

    assert "acme" in reason
    assert pending.is_pending
    assert Account.objects.get(pk=pending.pk).is_pending


def test_the_regions_of_an_account_stay_when_they_cannot_be_read_anew(
    acme: Account, monkeypatch: pytest.MonkeyPatch, aws_answers: AwsAnswers, queue: Queue
) -> None:
    """Fault matrix row 22."""
    acme.only_regions, acme.region_states = [], enabled(IRELAND, "eu-west-2")
    acme.regions_read_at = past(60 * 24)
    acme.save()
    aws_answers({})

    def refuse(clients: object) -> dict[str, str]:
        raise AwsFailure(FailureKind.DENIED, "no", action="ec2:DescribeRegions")

    monkeypatch.setattr(access, "region_states", refuse)
    tasks.begin(acme.pk)

    assert set(of(acme).visits.values_list("scope_region", flat=True)) == {IRELAND, "eu-west-2", "global"}


def test_the_regions_of_an_account_are_read_anew_when_they_are_old(
    acme: Account, monkeypatch: pytest.MonkeyPatch, aws_answers: AwsAnswers
) -> None:
    aws_answers({})
    read: list[int] = []

    def regions(clients: object) -> dict[str, str]:
        read.append(1)
        return enabled("eu-south-1")

    monkeypatch.setattr(access, "region_states", regions)
    access.prepare(acme)
    access.prepare(Account.objects.get(pk=acme.pk))
    assert len(read) == 1
    Account.objects.update(regions_read_at=past(60 * 7))
    access.prepare(Account.objects.get(pk=acme.pk))

    assert len(read) == 2
    assert Account.objects.get(pk=acme.pk).enabled_regions == ["eu-south-1"]


def test_regions_are_not_read_with_credentials_of_another_account(
    acme: Account, monkeypatch: pytest.MonkeyPatch, aws_answers: AwsAnswers
) -> None:
    aws_answers({}, account_id="999988887777")
    monkeypatch.setattr(access, "region_states", lambda clients: enabled("us-gov-west-1"))

    reason = access.prepare_or_warn(acme)

    assert "999988887777" in reason
    assert Account.objects.get(pk=acme.pk).enabled_regions == []


def test_a_visit_that_does_not_exist_any_more_is_no_error(db: None) -> None:
    tasks.visit(4711)

    assert not Visit.objects.exists()
