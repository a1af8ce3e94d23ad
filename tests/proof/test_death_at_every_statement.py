"""kill -9 before every statement and every commit of a recording: all of it is there or nothing, and never twice.

In each round a worker carries a visit out and kills itself one statement later than the one before; then the lease
passes and another worker does the visit again. Each visit has new, changed and deleted things, tags and links,
parts that become known, and more rows than fit one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from inventory.models import Account, Outcome, Resource, Visit
from inventory.registry import GLOBAL
from inventory.snapshots import access, carry_out, draft, plan, reconcile
from tests.proof.cloud import Cloud, Door, bucket, volume
from tests.proof.course import PLACES
from tests.proof.ledger import read_as_of, read_history
from tests.proof.mortal import World, carry, dies_at
from tests.proof.witness import SETTING_PARTS

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ACCOUNT = "111111111111"
HERE = PLACES[0]
VOLUMES = (ACCOUNT, HERE, "ebs-volume")
BUCKETS = (ACCOUNT, GLOBAL, "s3-bucket")

Things = dict[str, dict[str, Any]]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """AWS in place of boto3, and visits that count as large soon."""
    cloud = Cloud(volumes={}, buckets={ACCOUNT: {}}, opted_in={ACCOUNT: [HERE]})
    for module in (access, carry_out):
        monkeypatch.setattr(module, "clients_for", lambda account: Door(cloud, ACCOUNT))
    monkeypatch.setattr(draft, "CHUNK", 4)
    return cloud


@pytest.fixture
def acme() -> Account:
    return Account.objects.create(name="acme", account_id=ACCOUNT, only_regions=[HERE])


def fleet(number: int, size: int) -> Things:
    return {f"vol-{one:02}": volume(size, {"size": str(size)}, (f"i-{size}",)) for one in range(number)}


def planned(account: Account, moment: datetime, slug: str) -> int:
    snapshot = plan.plan_snapshot(account, moment, hint_workers=False)
    pk: int = snapshot.visits.get(type=slug).pk
    return pk


def look_until_whole(pk: int, boundary: int, cloud: Cloud, before: Any, after: Any, read: Callable[[], Any]) -> bool:
    """Let a worker die at a boundary and another one take over; whether the first one got through."""
    died = dies_at(boundary, pk, World(cloud, ACCOUNT, draft.CHUNK, draft.SPOOL_ROWS))
    assert read() in (before, after), "a part of a recording can be seen"
    Visit.objects.filter(pk=pk, lease_until__isnull=False).update(lease_until=timezone.now() - DAY)
    reconcile.sweep_stages()
    carry(pk)
    assert read() == after, "what a dead worker left is not what it would have recorded"
    assert Visit.objects.get(pk=pk).outcome == Outcome.COMPLETE
    return not died


@pytest.mark.parametrize("spool_rows", [1000, 8], ids=["in one transaction", "spooled"])
def test_a_worker_killed_before_any_statement_leaves_all_or_nothing(
    acme: Account, cloud: Cloud, monkeypatch: pytest.MonkeyPatch, spool_rows: int
) -> None:
    """Fault matrix row 26."""
    monkeypatch.setattr(draft, "SPOOL_ROWS", spool_rows)
    one, other = fleet(6, 8), {**fleet(4, 16), "vol-new": volume()}
    cloud.volumes[ACCOUNT, HERE] = dict(one)
    carry(planned(acme, BEGIN, "ebs-volume"))
    boundary, is_through, worlds = 0, False, [one]

    while not is_through:
        worlds.append(other if worlds[-1] == one else one)
        cloud.volumes[ACCOUNT, HERE] = dict(worlds[-1])
        pk = planned(acme, BEGIN + DAY * (len(worlds) - 1), "ebs-volume")
        is_through = look_until_whole(pk, boundary, cloud, told(worlds[-2]), told(worlds[-1]), volumes_now)
        boundary += 1

    assert boundary > 25
    for number, world in enumerate(worlds):
        assert read_as_of("ebs-volume", BEGIN + DAY * number) == {VOLUMES: told(world)}
    assert_that_nothing_is_doubled(worlds)


def test_a_worker_killed_while_a_second_look_confirms_leaves_all_or_nothing(acme: Account, cloud: Cloud) -> None:
    """Fault matrix rows 26 and 44: the brake held the first look, and the second one closes a whole fleet."""
    whole = fleet(25, 8)
    boundary, day, is_through = 0, 0, False

    while not is_through:
        for world in (whole, {}):
            cloud.volumes[ACCOUNT, HERE] = dict(world)
            carry(planned(acme, BEGIN + DAY * day, "ebs-volume"))
            day += 1
        assert volumes_now() == told(whole)
        pk = planned(acme, BEGIN + DAY * day, "ebs-volume")
        day += 1
        is_through = look_until_whole(pk, boundary, cloud, told(whole), {}, volumes_now)
        boundary += 1

    assert boundary > 15
    assert Resource.objects.filter(type="ebs-volume").count() == len(whole)


def test_a_worker_killed_while_parts_become_known_leaves_all_or_nothing(acme: Account, cloud: Cloud) -> None:
    """Fault matrix rows 17 and 26: what becomes known is written into the open revision in place."""
    cloud.buckets[ACCOUNT] = {name: bucket(BEGIN, tags={"owner": "ops"}, versioning="Enabled") for name in ("a", "b")}
    closed = {(ACCOUNT, name, operation) for name in ("a", "b") for operation in SETTING_PARTS}
    boundary, day, is_through = 0, 0, False

    while not is_through:
        cloud.closed_settings = set(closed)
        carry(planned(acme, BEGIN + DAY * day, "s3-bucket"))
        before, day = buckets_now(), day + 1
        cloud.closed_settings = set()
        pk = planned(acme, BEGIN + DAY * day, "s3-bucket")
        day += 1
        is_through = look_until_whole(pk, boundary, cloud, before, {name: {} for name in ("a", "b")}, buckets_now)
        boundary += 1

    assert boundary > 15
    assert {name: len(periods) for name, periods in read_history()[BUCKETS].items()} == {"a": 1, "b": 1}


def told(world: Things) -> Things:
    """The volumes as the ledger would say them."""
    return {name: {**one, "attached": sorted(one["attached"])} for name, one in world.items()}


def volumes_now() -> Things:
    return read_as_of("ebs-volume", None).get(VOLUMES, {})


def buckets_now() -> dict[str, dict[str, Any]]:
    """What is unknown of each bucket."""
    return {name: periods[-1].unknown for name, periods in read_history().get(BUCKETS, {}).items()}


def assert_that_nothing_is_doubled(worlds: list[Things]) -> None:
    """Each change of each volume has one period, and each volume one identity."""
    for name, periods in read_history()[VOLUMES].items():
        looks = [world.get(name) for world in worlds]
        changes = sum(
            1 for before, now in zip([None, *looks], looks, strict=False) if now is not None and now != before
        )
        assert len(periods) == changes
    assert Resource.objects.filter(type="ebs-volume").count() == 7
