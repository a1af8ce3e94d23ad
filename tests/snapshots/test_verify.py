"""verify_history finds a ledger that was damaged, names the place, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from inventory.history.revision import pack_raw
from inventory.models import Account, Freshness, Link, ResourceTag, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.snapshots.verify import verify_history
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Take, attached, bucket, denied, instance, volume


def overlapping() -> None:
    first = EbsVolume.revisions.exclude(valid_to=None).get()
    EbsVolume.revisions.filter(pk=first.pk).update(valid_to=BEGIN + 5 * DAY)


def turned_round() -> None:
    EbsVolume.revisions.exclude(valid_to=None).update(valid_to=BEGIN - DAY)


def another_size() -> None:
    EbsVolume.revisions.filter(valid_to=None).update(size_gib=1234)


def a_lost_tag() -> None:
    lost = ResourceTag.objects.current().order_by("pk")[0]
    lost.delete()


def an_unreadable_document() -> None:
    EbsVolume.revisions.filter(valid_to=None).update(raw=b"torn")


def a_tag_that_outlived() -> None:
    closed = EbsVolume.revisions.filter(valid_to=None).order_by("pk")[0]
    EbsVolume.revisions.filter(pk=closed.pk).update(valid_to=BEGIN + DAY, valid_from=BEGIN)


def an_edge_that_no_visit_saw() -> None:
    EbsVolume.revisions.filter(valid_to=None).update(valid_from=BEGIN + DAY / 2)


def another_account() -> None:
    other = Account.objects.create(name="zephyr", account_id="444455556666")
    Link.objects.update(account=other)


def too_fresh() -> None:
    Freshness.objects.filter(type="ebs-volume").update(last_complete_at=BEGIN + 9 * DAY)


def a_wrong_count() -> None:
    Freshness.objects.filter(type="s3-bucket").update(counts={"eu-west-1": 7})


def a_visit_that_nobody_does() -> None:
    an_hour_ago = timezone.now() - DAY / 24
    Visit.objects.filter(type="ebs-volume").update(state=VisitState.RUNNING, lease_until=an_hour_ago)


def a_snapshot_that_never_ended() -> None:
    Snapshot.objects.update(finished_at=None, planned_at=timezone.now() - DAY)


DAMAGES = {
    overlapping: "do not overlap",
    turned_round: "begins before it ends",
    another_size: "fingerprint",
    a_lost_tag: "fingerprint",
    an_unreadable_document: "document",
    a_tag_that_outlived: "end with their resource",
    an_edge_that_no_visit_saw: "edges of complete visits",
    another_account: "belongs to its account",
    too_fresh: "as fresh as",
    a_wrong_count: "how many of its resources",
    a_visit_that_nobody_does: "live lease",
    a_snapshot_that_never_ended: "ends with its last visit",
}


@pytest.fixture
def ledger(acme: Account, take_snapshot: Take) -> Account:
    """A ledger with every kind of row: changed, gone, kept unknown, tags and links."""
    both = [{"Grantee": {"ID": "a"}, "Permission": permission} for permission in ("READ", "WRITE")]
    settings = bucket(GetBucketAcl={"Grants": both}, GetBucketTagging=denied())
    take_snapshot(acme, {IRELAND: [volume("vol-1"), instance(vcpu=None)], GLOBAL: [settings]})
    changed = volume("vol-1", Size=7, tags={"a": "1"}, Attachments=attached("i-1"))
    take_snapshot(acme, {IRELAND: [changed, instance()], GLOBAL: [settings]})
    take_snapshot(acme, {IRELAND: [denied()], GLOBAL: [denied()]})
    Snapshot.objects.update(finished_at=timezone.now())
    return acme


def test_a_sound_ledger_keeps_its_rules(ledger: Account) -> None:
    assert list(verify_history()) == []


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_is_found(ledger: Account, damage: Callable[[], None]) -> None:
    damage()

    rules = {breach.rule for breach in verify_history()}

    assert any(DAMAGES[damage] in rule for rule in rules), rules


def test_the_command_names_the_place_and_fails(ledger: Account, capsys: pytest.CaptureFixture[str]) -> None:
    another_size()
    volume_pk = EbsVolume.revisions.current().get().resource_id

    with pytest.raises(SystemExit) as ending:
        call_command("verify_history")

    said = capsys.readouterr()
    assert ending.value.code == 1
    assert f"ebs-volume {volume_pk}" in said.out
    assert "1 x not so: a fingerprint is that of the content" in said.err


@pytest.mark.django_db(transaction=True)
def test_it_reads_one_moment_and_leaves_the_connection_as_it_was() -> None:
    acme = Account.objects.create(name="acme", account_id="111122223333")

    found = list(verify_history())
    acme.delete()

    assert found == []
    assert not connection.in_atomic_block
    assert not Account.objects.exists()


def test_a_document_of_an_older_reader_is_no_breach(ledger: Account) -> None:
    EbsVolume.revisions.current().update(reading_version=0, fingerprint=b"old", raw=pack_raw({}))

    assert list(verify_history()) == []
