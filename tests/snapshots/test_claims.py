"""Who may do a visit, and for how long; a worker that lost it records nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from inventory.models import ATTEMPTS, Account, Outcome, Snapshot, Visit, VisitState
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.snapshots import lease, reconcile, record
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Aws, Take, freshness, history, ids, unreachable, volume

AwsAnswers = Callable[..., Aws]


def planned(account: Account, number: int = 0) -> int:
    """A visit of the account's volumes that waits, in a snapshot that speaks of this day."""
    snapshot = plan_snapshot(account, BEGIN + DAY * number, hint_workers=False)
    pk: int = snapshot.visits.get(type=EBS_VOLUME.slug).pk
    return pk


def claimed(pk: int) -> Visit:
    visit = Visit.objects.claim(pk)
    assert visit is not None
    return visit


def let_lease_pass(pk: int) -> None:
    Visit.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def make_a_mistake(operation: str) -> None:
    raise ZeroDivisionError


def test_a_visit_is_claimed_by_one_worker_only(acme: Account) -> None:
    pk = planned(acme)

    first, second = Visit.objects.claim(pk), Visit.objects.claim(pk)

    assert first is not None
    assert second is None
    assert (first.state, first.attempts, first.fence) == (VisitState.RUNNING, 1, 1)


def test_it_is_claimed_again_when_its_lease_has_passed_and_not_before(acme: Account) -> None:
    pk = planned(acme)
    claimed(pk)
    Visit.objects.filter(pk=pk).update(lease_until=timezone.now() + timedelta(seconds=30))

    assert Visit.objects.claim(pk) is None
    let_lease_pass(pk)

    again = claimed(pk)
    assert (again.attempts, again.fence) == (2, 2)


def test_a_finished_visit_is_never_claimed(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    aws_answers({})
    carry_out(claimed(pk))

    assert Visit.objects.claim(pk) is None


def test_a_late_worker_records_nothing(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    late = claimed(pk)
    let_lease_pass(pk)
    prompt = claimed(pk)
    aws_answers({IRELAND: [volume("vol-new")]})
    carry_out(prompt)

    aws_answers({IRELAND: [volume("vol-old")]})
    carry_out(late)

    assert ids(EBS_VOLUME) == {"vol-new"}
    assert Visit.objects.get(pk=pk).outcome == Outcome.COMPLETE


def test_a_worker_that_is_overtaken_in_the_middle_records_nothing(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    aws = aws_answers({IRELAND: [volume("vol-1"), volume("vol-2")]}, page_size=1)
    late = claimed(pk)

    def take_over(operation: str) -> None:
        let_lease_pass(pk)
        Visit.objects.claim(pk)

    aws.before_page = take_over
    carry_out(late)

    assert ids(EBS_VOLUME) == set()
    assert Visit.objects.get(pk=pk).state == VisitState.RUNNING


def test_the_fence_is_checked_in_the_transaction_that_publishes(
    acme: Account, aws_answers: AwsAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = planned(acme)
    late = claimed(pk)
    aws_answers({IRELAND: [volume("vol-1")]})
    missing = record.Recorder._missing

    def lose_it_at_the_last_moment(recorder: record.Recorder) -> record.Missing:
        let_lease_pass(pk)
        claimed(pk)
        return missing(recorder)

    monkeypatch.setattr(record.Recorder, "_missing", lose_it_at_the_last_moment)
    carry_out(late)

    assert ids(EBS_VOLUME) == set()
    assert Visit.objects.get(pk=pk).outcome is None


def test_a_late_workers_failure_does_not_end_the_visit_of_another(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    late = claimed(pk)
    let_lease_pass(pk)
    claimed(pk)

    aws_answers({IRELAND: [unreachable()]})
    carry_out(late)

    assert Visit.objects.get(pk=pk).state == VisitState.RUNNING


def test_an_error_of_our_own_gives_the_visit_back_and_is_poison_the_third_time(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    pk = planned(acme)
    aws = aws_answers({IRELAND: [volume()]})
    aws.before_page = make_a_mistake

    states = []
    for _ in range(ATTEMPTS):
        carry_out(claimed(pk))
        states.append(Visit.objects.get(pk=pk).state)

    visit = Visit.objects.get(pk=pk)
    assert states == [VisitState.WAITING, VisitState.WAITING, VisitState.FINISHED]
    assert (visit.outcome, visit.error_code) == (Outcome.FAILED, "ZeroDivisionError")
    assert visit.reason.startswith("poison")
    assert Visit.objects.claim(pk) is None


def test_a_visit_that_succeeds_after_an_error_is_complete(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    aws = aws_answers({IRELAND: [volume()]})
    aws.before_page = make_a_mistake
    carry_out(claimed(pk))

    aws_answers({IRELAND: [volume()]})
    carry_out(claimed(pk))

    visit = Visit.objects.get(pk=pk)
    assert (visit.outcome, visit.attempts) == (Outcome.COMPLETE, 2)
    assert ids(EBS_VOLUME) == {"vol-1"}


def test_a_visit_whose_workers_died_three_times_is_poison(acme: Account) -> None:
    pk = planned(acme)
    for _ in range(ATTEMPTS):
        reconcile.bury_poison()
        claimed(pk)
        let_lease_pass(pk)

    assert Visit.objects.claim(pk) is None
    reconcile.bury_poison()

    visit = Visit.objects.get(pk=pk)
    assert (visit.state, visit.outcome) == (VisitState.FINISHED, Outcome.FAILED)
    assert visit.reason.startswith("poison")
    assert freshness(acme, EBS_VOLUME).failing_since == visit.taken_at


def test_a_worker_whose_last_lease_holds_is_not_buried(acme: Account) -> None:
    pk = planned(acme)
    for _ in range(ATTEMPTS - 1):
        claimed(pk)
        let_lease_pass(pk)
    claimed(pk)

    reconcile.bury_poison()

    assert Visit.objects.get(pk=pk).state == VisitState.RUNNING


def test_the_lease_is_renewed_at_every_page(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    visit = claimed(pk)
    leases = []

    def note(operation: str) -> None:
        leases.append(Visit.objects.get(pk=pk).lease_until)
        Visit.objects.filter(pk=pk).update(lease_until=timezone.now() - timedelta(hours=1))

    aws = aws_answers({IRELAND: [volume(f"vol-{number}") for number in range(4)]}, page_size=1)
    aws.before_page = note
    carry_out(visit)

    assert len(leases) == 4
    assert all(held is not None and held > timezone.now() for held in leases)


def test_a_visit_stops_when_its_time_is_up(acme: Account, aws_answers: AwsAnswers, settings: Settings) -> None:
    pk = planned(acme)
    settings.VISIT_TIME_LIMIT = 0
    aws_answers({IRELAND: [volume()]})

    carry_out(claimed(pk))

    visit = Visit.objects.get(pk=pk)
    assert visit.outcome == Outcome.FAILED
    assert "VISIT_TIME_LIMIT" in visit.reason
    assert ids(EBS_VOLUME) == set()


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_aws_keeps_silent(
    acme: Account, aws_answers: AwsAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEATS_PER_LEASE", 45_000)
    pk = planned(acme)
    visit = claimed(pk)
    renewed = threading.Event()

    def keep_silent(operation: str) -> None:
        """Until a lease that had passed holds again, which only another thread can bring about."""
        let_lease_pass(pk)
        deadline = time.monotonic() + 30
        while not renewed.wait(0.01) and time.monotonic() < deadline:
            held = Visit.objects.get(pk=pk).lease_until
            if held is not None and held > timezone.now():
                renewed.set()

    aws = aws_answers({IRELAND: [volume()]})
    aws.before_page = keep_silent
    carry_out(visit)

    assert renewed.is_set()
    assert Visit.objects.get(pk=pk).outcome == Outcome.COMPLETE


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_wins_and_one_publishes(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    aws_answers({IRELAND: [volume("vol-1"), volume("vol-2")]})
    start = threading.Barrier(6)
    winners: list[int] = []

    def work(number: int) -> None:
        try:
            start.wait()
            visit = Visit.objects.claim(pk)
            if visit is not None:
                winners.append(number)
                carry_out(visit)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(winners) == 1
    assert EbsVolume.revisions.count() == 2
    assert Visit.objects.get(pk=pk).attempts == 1


@pytest.mark.django_db(transaction=True)
def test_two_snapshots_that_publish_at_once_leave_one_open_revision_each(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    """Both list at the same time; the one that publishes second sees that it was overtaken and compares again."""
    visits = [claimed(planned(acme, number)) for number in range(2)]
    aws = aws_answers({IRELAND: [volume("vol-1"), volume("vol-2")]})
    together = threading.Barrier(2)

    def meet(operation: str) -> None:
        # Only the first listing of each waits for the other's.
        if aws.asked.count("DescribeVolumes") <= 2:
            together.wait(30)

    aws.before_page = meet

    def work(visit: Visit) -> None:
        try:
            carry_out(visit)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(visit,)) for visit in visits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    outcomes = [Visit.objects.get(pk=visit.pk).outcome for visit in visits]
    assert outcomes in ([Outcome.COMPLETE, Outcome.COMPLETE], [Outcome.EXPIRED, Outcome.COMPLETE])
    assert EbsVolume.revisions.count() == 2
    assert freshness(acme, EBS_VOLUME).last_complete_at == BEGIN + DAY


def test_a_visit_that_another_one_overtook_compares_again(acme: Account, aws_answers: AwsAnswers) -> None:
    early, late = claimed(planned(acme, 0)), claimed(planned(acme, 1))
    aws = aws_answers({IRELAND: [volume(Size=200)]})

    def let_the_early_one_publish(operation: str) -> None:
        aws.before_page = lambda operation: None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "inventory.snapshots.carry_out.clients_for", lambda account: Aws({IRELAND: [volume()]}, "111122223333")
            )
            carry_out(early)

    aws.before_page = let_the_early_one_publish
    carry_out(late)

    assert history(EBS_VOLUME, "vol-1") == [(BEGIN, BEGIN + DAY), (BEGIN + DAY, None)]
    assert Visit.objects.get(pk=late.pk).changed == 1


def test_a_visit_of_an_earlier_moment_than_the_last_is_expired(
    acme: Account, aws_answers: AwsAnswers, take_snapshot: Take
) -> None:
    early = claimed(planned(acme, 0))
    take_snapshot(acme, {IRELAND: [volume("vol-new")]}, at=BEGIN + DAY)

    aws_answers({IRELAND: [volume("vol-old")]})
    carry_out(early)

    visit = Visit.objects.get(pk=early.pk)
    assert visit.outcome == Outcome.EXPIRED
    assert ids(EBS_VOLUME) == {"vol-new"}
    scope = freshness(acme, EBS_VOLUME)
    assert (scope.last_complete_at, scope.failing_since) == (BEGIN + DAY, None)


def test_an_older_visit_that_fails_late_does_not_make_a_fresh_scope_stale(
    acme: Account, aws_answers: AwsAnswers, take_snapshot: Take
) -> None:
    early = claimed(planned(acme, 0))
    late = take_snapshot(acme, {IRELAND: [volume()]}, at=BEGIN + DAY)[IRELAND, EBS_VOLUME.slug]
    Visit.objects.filter(pk=early.pk).update(attempts=ATTEMPTS)
    let_lease_pass(early.pk)

    reconcile.bury_poison()

    scope = freshness(acme, EBS_VOLUME)
    assert Visit.objects.get(pk=early.pk).outcome == Outcome.FAILED
    assert scope.failing_since is None
    assert scope.latest_visit == late


def test_an_older_visit_that_completes_late_does_not_hide_a_later_failure(
    acme: Account, aws_answers: AwsAnswers, take_snapshot: Take
) -> None:
    early = claimed(planned(acme, 0))
    failed = take_snapshot(acme, {IRELAND: [unreachable()]}, at=BEGIN + DAY)[IRELAND, EBS_VOLUME.slug]

    aws_answers({IRELAND: [volume()]})
    carry_out(early)

    scope = freshness(acme, EBS_VOLUME)
    assert ids(EBS_VOLUME) == {"vol-1"}
    assert (scope.last_complete_at, scope.failing_since) == (BEGIN, failed.taken_at)
    assert scope.latest_visit == failed


def test_a_type_that_is_no_more_is_poison_and_not_a_loop(acme: Account, aws_answers: AwsAnswers) -> None:
    pk = planned(acme)
    Visit.objects.filter(pk=pk).update(type="forgotten-type")
    aws_answers({})

    for _ in range(ATTEMPTS):
        carry_out(claimed(pk))

    assert Visit.objects.get(pk=pk).outcome == Outcome.FAILED
    assert Snapshot.objects.count() == 1
