"""What an operator decides: to pause, to resume, to cancel, to archive. Nothing that is known is touched by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from inventory import registry
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.snapshots import control, reconcile
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import NotCollected, plan_snapshot
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Aws, Take, freshness, ids, volume

AwsAnswers = Callable[..., Aws]


def again(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


def visited_types(snapshot: Snapshot) -> set[str]:
    return set(snapshot.visits.values_list("type", flat=True))


def test_a_paused_account_is_not_due_until_it_is_resumed(acme: Account) -> None:
    control.pause(acme, "ada")
    paused = reconcile.due_accounts(), reconcile.take_due(acme)

    control.resume(acme, "ada")

    assert paused == ([], False)
    assert reconcile.due_accounts() == [acme.pk]


def test_pausing_twice_keeps_the_first_moment(acme: Account) -> None:
    control.pause(acme, "ada")
    since = again(acme).paused_at

    control.pause(acme, "grace")

    assert again(acme).paused_at == since


def test_no_snapshot_of_a_paused_account_is_planned(acme: Account) -> None:
    control.pause(acme, "ada")

    with pytest.raises(NotCollected, match="paused"):
        plan_snapshot(acme)

    assert not Snapshot.objects.exists()


def test_a_cancelled_snapshot_ends_with_what_was_recorded_until_then(
    acme: Account, take_snapshot: Take, aws_answers: AwsAnswers
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})
    snapshot = plan_snapshot(acme, BEGIN + DAY, hint_workers=False)
    aws_answers({IRELAND: [volume("vol-1"), volume("vol-2")]})
    done = Visit.objects.claim(snapshot.visits.get(type=EBS_VOLUME.slug).pk)
    assert done is not None
    carry_out(done)

    cancelled = control.cancel(snapshot, "ada")

    others = snapshot.visits.exclude(pk=done.pk)
    assert cancelled == others.count() > 0
    assert set(others.values_list("state", "outcome", "reason")) == {
        (VisitState.FINISHED, Outcome.CANCELLED, "Cancelled by ada.")
    }
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}
    assert Snapshot.objects.get(pk=snapshot.pk).finished_at is not None


def test_a_worker_whose_visit_is_cancelled_records_nothing(
    acme: Account, take_snapshot: Take, aws_answers: AwsAnswers
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})
    snapshot = plan_snapshot(acme, BEGIN + DAY, hint_workers=False)
    visit = Visit.objects.claim(snapshot.visits.get(type=EBS_VOLUME.slug).pk)
    assert visit is not None

    aws_answers({IRELAND: [volume("vol-2")]}, before_page=lambda operation: control.cancel(snapshot, "ada"))
    carry_out(visit)

    assert Visit.objects.get(pk=visit.pk).outcome == Outcome.CANCELLED
    assert ids(EBS_VOLUME) == {"vol-1"}


def test_a_cancelled_visit_is_no_failure_of_its_scope(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    control.cancel(plan_snapshot(acme, BEGIN + DAY, hint_workers=False), "ada")

    found = freshness(acme, EBS_VOLUME)

    assert found.failing_since is None
    assert found.last_complete_at == BEGIN


def test_cancelling_what_is_finished_changes_nothing(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    snapshot = Snapshot.objects.get()

    cancelled = control.cancel(snapshot, "ada")

    assert cancelled == 0
    assert Snapshot.objects.get().cancelled_at is None
    assert set(snapshot.visits.values_list("outcome", flat=True)) == {Outcome.COMPLETE}


def test_an_archived_account_keeps_its_rows_and_is_not_collected(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})
    running = plan_snapshot(acme, BEGIN + DAY, hint_workers=False)

    control.archive(acme, "The organization suspended it", "ada", at=BEGIN + DAY)

    archived = again(acme)
    assert (archived.archived_at, archived.archived_because) == (BEGIN + DAY, "The organization suspended it.")
    assert set(running.visits.values_list("outcome", flat=True)) == {Outcome.CANCELLED}
    assert ids(EBS_VOLUME) == {"vol-1"}
    assert reconcile.due_accounts() == []
    with pytest.raises(NotCollected, match="archived"):
        plan_snapshot(acme)


def test_an_account_that_comes_back_is_collected_again(acme: Account) -> None:
    control.archive(acme, "It left.", "ada")

    control.unarchive(acme, "ada")

    assert not again(acme).is_archived
    assert reconcile.due_accounts() == [acme.pk]


def test_a_type_with_an_interval_of_its_own_is_visited_before_it_would_be_late(
    acme: Account, take_snapshot: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = dataclasses.replace(EBS_VOLUME, interval=timedelta(hours=6))
    monkeypatch.setitem(registry._types, EBS_VOLUME.slug, slow)
    begin = timezone.now() - timedelta(days=1)
    take_snapshot(acme, {IRELAND: [volume()]}, at=begin)

    visited = {
        hours: EBS_VOLUME.slug in visited_types(plan_snapshot(acme, begin + timedelta(hours=hours), hint_workers=False))
        for hours in (1, 4, 5.5, 7)
    }

    assert visited == {1: False, 4: False, 5.5: True, 7: True}
