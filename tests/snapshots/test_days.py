"""The sums of each snapshot and each day, as they are kept for the ruler."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from inventory.models import LedgerDay, Snapshot
from inventory.signals import snapshot_completed
from inventory.snapshots.prune import prune_history
from tests.pages.ledgers import Refused, account, instance, look, volume

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def days(of):
    columns = ("day", "snapshots", "incomplete", "unread", "added", "changed", "gone")
    return list(LedgerDay.objects.filter(account=of).order_by("day").values_list(*columns))


def test_a_first_look_is_no_change_and_later_ones_are_summed_up():
    acme = account()
    look(acme, NOON, {(HERE, "ec2-instance"): [instance(1), instance(2)]})
    look(acme, NOON + HOUR, {(HERE, "ec2-instance"): [instance(1, InstanceType="m5.xlarge"), instance(3)]})
    look(acme, NOON + 24 * HOUR, {(HERE, "ec2-instance"): [instance(1, InstanceType="m5.xlarge"), instance(3)]})

    assert days(acme) == [
        (date(2026, 11, 20), 2, 0, 0, 1, 1, 1),
        (date(2026, 11, 21), 1, 0, 0, 0, 0, 0),
    ]


def test_a_snapshot_that_could_not_read_a_place_is_incomplete_and_one_that_read_none_is_unread():
    acme = account()
    places = [(HERE, slug) for slug in ("ec2-instance", "ebs-volume")]
    partly = look(acme, NOON, {places[0]: Refused(), places[1]: [volume(1)]})
    partly.refresh_from_db()
    assert partly.complete_visits
    assert partly.incomplete_visits == 1

    Snapshot.objects.all().delete()
    nothing = look(acme, NOON, {})
    nothing.visits.update(outcome="denied")
    snapshot_completed.send(sender=Snapshot, snapshot_id=nothing.pk, account_id=acme.pk)

    assert days(acme) == [(date(2026, 11, 20), 1, 1, 1, 0, 0, 0)]


def test_hearing_of_a_snapshot_twice_changes_nothing():
    acme = account()
    look(acme, NOON, {(HERE, "ec2-instance"): [instance(1)]})
    last = look(acme, NOON + HOUR, {})
    once = days(acme)

    snapshot_completed.send(sender=Snapshot, snapshot_id=last.pk, account_id=acme.pk)

    assert days(acme) == once == [(date(2026, 11, 20), 2, 0, 0, 0, 0, 1)]


def test_the_day_is_that_of_utc_and_of_one_account():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, datetime.fromisoformat("2026-11-21T00:30:00+02:00"), {})
    look(zephyr, NOON, {})

    assert [day for day, *_ in days(acme)] == [date(2026, 11, 20)]
    assert len(days(zephyr)) == 1


def test_pruning_forgets_the_days_before():
    acme = account()
    for number in range(3):
        look(acme, NOON + number * 24 * HOUR, {})

    prune_history(acme, NOON + 24 * HOUR)

    assert [day for day, *_ in days(acme)] == [date(2026, 11, 21), date(2026, 11, 22)]
