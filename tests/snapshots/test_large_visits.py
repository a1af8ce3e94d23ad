"""Visits too large for one transaction: their rows wait in the database, hidden, until all are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from inventory.models import Account, Link, Outcome, Resource, ResourceTag, Visit, VisitState
from inventory.registry import Answers
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from inventory.resource_types.ec2_instance import EC2_INSTANCE, Ec2Instance
from inventory.snapshots import draft, plan, reconcile, record
from inventory.snapshots.carry_out import carry_out
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    SWITCHED_OFF,
    Aws,
    Take,
    attached,
    current,
    denied,
    history,
    ids,
    instance,
    volume,
)

HERE = (IRELAND, EBS_VOLUME.slug)
TABLES = (EbsVolume, ResourceTag, Link)

pytestmark = pytest.mark.usefixtures("_spool_early")


@pytest.fixture
def _spool_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "SPOOL_ROWS", 50)
    monkeypatch.setattr(draft, "CHUNK", 20)


def fleet(number: int, size: int = 100) -> list[Answers]:
    return [
        volume(f"vol-{one}", Size=size, tags={"number": str(one)}, Attachments=attached(f"i-{one}"))
        for one in range(number)
    ]


def staged() -> int:
    """Rows that were written and that no reader sees."""
    return sum(table._default_manager.filter(staged_by__isnull=False).count() for table in TABLES)


def seen() -> int:
    """Rows that a reader sees, at any moment."""
    moments = (None, BEGIN + 9 * DAY)
    return sum(
        EbsVolume.revisions.as_of(moment).count()
        + ResourceTag.objects.as_of(moment).count()
        + Link.objects.as_of(moment).count()
        for moment in moments
    )


def test_a_large_visit_is_recorded_like_any_other(acme: Account, take_snapshot: Take) -> None:
    first = take_snapshot(acme, {IRELAND: fleet(250)}, page_size=30)[HERE]
    second = take_snapshot(acme, {IRELAND: fleet(200, size=7)}, page_size=30)[HERE]

    assert (first.added, first.changed, first.gone) == (250, 0, 0)
    assert (second.added, second.changed, second.gone) == (0, 200, 50)
    assert history(EBS_VOLUME, "vol-3") == [(BEGIN, BEGIN + DAY), (BEGIN + DAY, None)]
    assert history(EBS_VOLUME, "vol-249") == [(BEGIN, BEGIN + DAY)]
    assert set(EbsVolume.revisions.current().values_list("size_gib", flat=True)) == {7}
    assert ResourceTag.objects.current().count() == Link.objects.current().count() == 200
    assert ResourceTag.objects.count() == Link.objects.count() == 250
    assert staged() == 0


def test_readers_see_nothing_of_it_before_it_is_published(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: fleet(5)})
    before = seen()
    waiting: list[tuple[int, int]] = []

    def look(operation: str) -> None:
        if operation == "DescribeVolumes":
            waiting.append((staged(), seen()))

    take_snapshot(acme, {IRELAND: fleet(300, size=7)}, page_size=50, before_page=look)

    assert waiting[-1][0] > 300
    assert {now for _, now in waiting} == {before}
    assert len(ids(EBS_VOLUME)) == 300


def test_a_large_visit_that_fails_leaves_nothing(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: fleet(5)})

    visit = take_snapshot(acme, {IRELAND: [*fleet(300, size=7), denied("DescribeVolumes", after=299)]}, page_size=50)[
        HERE
    ]

    assert visit.outcome == Outcome.DENIED
    assert staged() == 0
    assert len(ids(EBS_VOLUME)) == 5
    assert EbsVolume.revisions.count() == 5


def test_rows_of_a_dead_worker_are_never_published_and_swept_when_its_lease_has_passed(
    acme: Account, aws_answers: Callable[..., Aws]
) -> None:
    snapshot = plan.plan_snapshot(acme, BEGIN, hint_workers=False)
    visit = Visit.objects.claim(snapshot.visits.get(type=EBS_VOLUME.slug).pk)
    assert visit is not None
    dies = aws_answers({IRELAND: fleet(300)}, page_size=50)
    pages = iter(range(4))

    def die(operation: str) -> None:
        if next(pages, None) is None:
            # Like kill -9: nothing of ours runs after this.
            raise SystemExit

    dies.before_page = die
    with pytest.MonkeyPatch.context() as nothing_runs:
        nothing_runs.setattr(record.Recorder, "discard", lambda self: None)
        with pytest.raises(SystemExit):
            carry_out(visit)
    left = staged()

    reconcile.sweep_stages()
    while_lease_holds = staged()
    Visit.objects.filter(pk=visit.pk).update(lease_until=BEGIN)
    aws_answers({IRELAND: fleet(3)})
    again = Visit.objects.claim(visit.pk)
    assert again is not None
    reconcile.sweep_stages()

    assert left > 0
    assert while_lease_holds == left
    assert staged() == 0
    carry_out(again)
    assert ids(EBS_VOLUME) == {"vol-0", "vol-1", "vol-2"}


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_was_cut_short_goes_on_later(acme: Account) -> None:
    resource = Resource.objects.create(account=acme, scope_region=IRELAND, type=EBS_VOLUME.slug, native_id="vol-1")
    row = {"account": acme, "resource": resource, "staged_by": 4711}
    EbsVolume.revisions.create(**row, fingerprint=b"", raw=b"")
    ResourceTag.objects.create(**row, key="a", value="b")

    def refuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE") and EbsVolume._meta.db_table in sql:
            raise OperationalError("the database went away")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        draft.delete_staged(EbsVolume, 4711)

    reconcile.sweep_stages()

    assert staged() == 0


def test_the_rows_of_a_visit_at_work_are_not_swept(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(
        acme, {IRELAND: fleet(300)}, page_size=50, before_page=lambda operation: reconcile.sweep_stages()
    )[HERE]

    assert visit.state == VisitState.FINISHED
    assert ResourceTag.objects.current().count() == 300


def test_many_rows_that_become_known_are_written_as_the_listing_goes(
    acme: Account, take_snapshot: Take, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "AMENDED_ROWS", 60)
    # Each instance has a type, and so a row, of its own kind.
    unknown = [instance(f"i-{number}", vcpu=None, InstanceType=f"t{number}.x") for number in range(150)]
    known = [instance(f"i-{number}", vcpu=number, InstanceType=f"t{number}.x") for number in range(150)]
    take_snapshot(acme, {IRELAND: unknown})

    take_snapshot(acme, {IRELAND: known}, page_size=30)

    assert Ec2Instance.revisions.count() == 150
    assert sorted(Ec2Instance.revisions.current().values_list("vcpu", flat=True)) == list(range(150))
    assert set(Ec2Instance.revisions.values_list("valid_from", flat=True)) == {BEGIN}
    assert current(EC2_INSTANCE, "i-77").unknown == SWITCHED_OFF
