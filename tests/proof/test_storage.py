"""A disk that is full, a power cut, a database that many want at once, and one that was restored from a backup."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from inventory.models import Account, Outcome, Resource, Snapshot, Visit
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.snapshots import access, carry_out, plan
from tests.proof.cloud import Cloud, Door, volume
from tests.proof.course import ACCOUNTS, PLACES, Course
from tests.proof.installation import Installation, installed
from tests.support.environment import ROOT
from tests.support.product import Product

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
CUTS = 15
PUBLISHERS = 16


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """AWS in place of boto3."""
    cloud = Cloud(volumes={}, buckets={}, opted_in={})
    for module in (access, carry_out):
        monkeypatch.setattr(module, "clients_for", lambda account: Door(cloud, str(account.account_id)))
    return cloud


@pytest.fixture
def on_sqlite(make_product: Callable[..., Product]) -> Iterator[Installation]:
    """An installation whose ledger is a file."""
    # Every type is read: a few would not fill the journal.
    with installed(make_product, LEFT_OUT_TYPES="") as there:
        yield there


@pytest.mark.any_database
def test_a_full_disk_loses_nothing_and_the_next_snapshot_is_whole(on_sqlite: Installation) -> None:
    """Fault matrix row 38: no file may grow, as RLIMIT_FSIZE makes it; then there is room again."""
    on_sqlite.product.manage("take_snapshot", "--inline")
    on_sqlite.fill(16)
    largest = max(file.stat().st_size for file in on_sqlite.product.state.glob("ledger.sqlite3*"))
    no_room = (
        f"import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest})); "
        "sys.argv[:] = ['manage.py', 'take_snapshot', '--inline']; runpy.run_path('manage.py', run_name='__main__')"
    )

    refused = subprocess.run(
        [sys.executable, "-c", no_room],
        cwd=ROOT,
        env=on_sqlite.product.variables,
        capture_output=True,
        timeout=240,
        check=False,
    )

    assert refused.returncode != 0
    assert on_sqlite.ask("PRAGMA integrity_check") == [("ok",)]
    on_sqlite.assert_that_every_region_is_whole()
    on_sqlite.product.manage("take_snapshot", "--inline")
    assert set(map(tuple, on_sqlite.sizes().values())) == {(16,) * 6}
    on_sqlite.assert_that_nothing_is_torn_lost_or_doubled()


@pytest.mark.any_database
def test_a_database_without_a_free_page_refuses_a_visit_whole(on_sqlite: Installation) -> None:
    """Fault matrix row 38: `PRAGMA max_page_count`, set inside the process that records."""
    on_sqlite.product.manage("take_snapshot", "--inline")
    on_sqlite.fill(16)
    no_page = (
        "from django.core.management import call_command; from django.db import connection; "
        "cursor = connection.cursor(); cursor.execute('PRAGMA page_count'); pages = cursor.fetchone()[0]; "
        "cursor.execute(f'PRAGMA max_page_count = {pages}'); call_command('take_snapshot', '--inline')"
    )

    refused = subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", no_page],
        cwd=ROOT,
        env=on_sqlite.product.variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert "full" in refused.stdout + refused.stderr
    assert on_sqlite.ask("PRAGMA integrity_check") == [("ok",)]
    on_sqlite.assert_that_every_region_is_whole()
    on_sqlite.product.manage("take_snapshot", "--inline")
    assert set(map(tuple, on_sqlite.sizes().values())) == {(16,) * 6}


@pytest.mark.any_database
def test_a_power_cut_leaves_the_last_commit_or_the_one_before(on_sqlite: Installation, tmp_path: Path) -> None:
    """Fault matrix row 39: the files as they are at random moments while a snapshot is recorded."""
    chance = random.Random(39)
    on_sqlite.product.manage("take_snapshot", "--inline")
    on_sqlite.fill(16)
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "take_snapshot", "--inline"],
        cwd=ROOT,
        env=on_sqlite.product.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ledger = on_sqlite.product.state / "ledger.sqlite3"
    cuts: list[Path] = []

    while writer.poll() is None:
        time.sleep(chance.uniform(0.02, 0.2))
        writer.send_signal(signal.SIGSTOP)
        try:
            cuts.append(_copied(ledger, tmp_path / f"cut-{len(cuts)}"))
        finally:
            writer.send_signal(signal.SIGCONT)

    assert len(cuts) > CUTS
    for copy in cuts:
        file = sqlite3.connect(copy)
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        sizes = file.execute(
            "SELECT r.scope_region, COUNT(DISTINCT v.size_gib), COUNT(*) FROM inventory_ebsvolume v "
            "JOIN inventory_resource r ON r.id = v.resource_id WHERE v.valid_to IS NULL GROUP BY 1"
        ).fetchall()
        file.close()
        assert {(looks, number) for _, looks, number in sizes} == {(1, 6)}


def _copied(ledger: Path, folder: Path) -> Path:
    """The database's files as they lie on the disk; the index of its journal is memory only and is not among them."""
    folder.mkdir()
    for file in (ledger, ledger.with_name(f"{ledger.name}-wal")):
        if file.exists():
            shutil.copy(file, folder)
    return folder / ledger.name


@pytest.mark.django_db(transaction=True)
def test_readers_writers_and_a_visit_at_once_meet_no_locked_database(cloud: Cloud) -> None:
    """Fault matrix row 37: one visit after the other, eight readers, and somebody who edits an account."""
    account = _account(cloud, ACCOUNTS[0])
    over = threading.Event()
    errors: list[Exception] = []
    readers = [_until(over, errors, _read) for _ in range(8)]
    editor = _until(over, errors, lambda: Account.objects.filter(pk=account.pk).update(name=f"acme {time.monotonic()}"))

    for day in range(12):
        things = {f"vol-{one:03}": volume(8 + day) for one in range(150)}
        cloud.volumes[ACCOUNTS[0], PLACES[0]] = things
        _record(_planned(account, BEGIN + DAY * day))
    over.set()
    for thread in (*readers, editor):
        thread.join()

    assert errors == []
    assert set(Visit.objects.filter(type="ebs-volume").values_list("outcome", flat=True)) == {Outcome.COMPLETE}


@pytest.mark.django_db(transaction=True)
def test_sixteen_publishers_at_once_all_record(cloud: Cloud) -> None:
    """Fault matrix row 36: eight scopes, each with two visits of different moments, all published at the same time."""
    accounts = [_account(cloud, f"{one:012}") for one in range(PUBLISHERS // 2)]
    for account in accounts:
        cloud.volumes[str(account.account_id), PLACES[0]] = {f"vol-{one:03}": volume() for one in range(60)}
    visits = [_planned(account, BEGIN + DAY * day) for day in range(2) for account in accounts]
    together = threading.Barrier(PUBLISHERS)
    errors: list[Exception] = []

    def publish(pk: int) -> Callable[[], None]:
        def work() -> None:
            together.wait(60)
            _record(pk)

        return work

    for thread in [_once(errors, publish(pk)) for pk in visits]:
        thread.join()

    assert errors == []
    outcomes = set(Visit.objects.filter(pk__in=visits).values_list("outcome", flat=True))
    assert outcomes <= {Outcome.COMPLETE, Outcome.EXPIRED}
    assert EbsVolume.revisions.current().count() == EbsVolume.revisions.count() == 8 * 60
    assert Resource.objects.count() == 8 * 60


@pytest.mark.django_db
def test_after_a_restored_backup_what_is_overdue_is_done_once() -> None:
    """Fault matrix row 41: the backup was taken in the middle of a snapshot, and is a month old."""
    course = Course()
    course.begin()
    try:
        for account in ACCOUNTS:
            course.put_volume(account, PLACES[0], "vol-1", 8, "", ())
        course.tick()
        course.work(3)
        course.deliver(0, 1, (6, None))
        course.lose_queue()
        course.pass_time(30 * 24 * 3600)
        restored = course.clock.now

        course.recover()

        planned = Snapshot.objects.filter(planned_at__gt=restored, planned_at__lt=restored + timedelta(minutes=50))
        assert sorted(planned.values_list("account__account_id", flat=True)) == sorted(ACCOUNTS)
        course.check_every_moment()
    finally:
        course.end()


def _account(cloud: Cloud, account_id: str) -> Account:
    """An account with one region."""
    cloud.opted_in[account_id] = [PLACES[0]]
    return Account.objects.create(name=account_id, account_id=account_id, only_regions=[PLACES[0]])


def _planned(account: Account, moment: datetime) -> int:
    pk: int = plan.plan_snapshot(account, moment, hint_workers=False).visits.get(type="ebs-volume").pk
    return pk


def _record(pk: int) -> None:
    claimed = Visit.objects.claim(pk)
    assert claimed is not None
    carry_out.carry_out(claimed)


def _read() -> None:
    sizes = list(EbsVolume.revisions.current().values_list("size_gib", flat=True))
    assert len(set(sizes)) <= 1, "a part of a recording can be seen"


def _once(errors: list[Exception], work: Callable[[], object]) -> threading.Thread:
    """Do something in a thread with a database connection of its own; what it raises is kept."""

    def run() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whoever started the thread looks at it
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _until(over: threading.Event, errors: list[Exception], work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        while not over.is_set():
            work()

    return _once(errors, run)
