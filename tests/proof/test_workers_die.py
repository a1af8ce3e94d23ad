"""Real worker processes that are killed, ended, doubled: nothing is torn, lost or written twice."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import psutil
import pytest

from config.processes import beat_command
from tests.proof.installation import RUNNING, UNFINISHED, Installation, installed
from tests.support.product import Product

KILLS = int(os.environ.get("PROOF_KILLS", "10"))
"""How many worker processes are killed; `make soak` kills 100."""


@pytest.fixture
def there(make_product: Callable[..., Product]) -> Iterator[Installation]:
    with installed(make_product) as installation:
        installation.product.start_broker()
        yield installation


def take_a_snapshot_of(there: Installation, size: int) -> None:
    """Change every volume, let the account be due, and wait until a visit of the snapshot is under way."""
    there.fill(size)
    there.be_due()
    there.product.wait_for(lambda: there.count(RUNNING) > 0, "a snapshot that is under way")


def test_workers_that_are_killed_at_random_tear_lose_and_double_nothing(there: Installation) -> None:
    """Fault matrix row 26: whoever looks meanwhile sees a region whole, as before or as after; invariant 7."""
    chance = random.Random(26)
    there.product.start_worker(concurrency=3)
    there.product.start_beat()
    there.product.wait_for(lambda: there.has_recorded(8), "the first snapshot")
    sizes = [8]

    for kill in range(KILLS):
        if there.count(UNFINISHED) == 0:
            sizes.append(sizes[-1] + 1)
            take_a_snapshot_of(there, sizes[-1])
        time.sleep(chance.uniform(0, 0.3))
        for region, seen in there.sizes().items():
            assert len(set(seen)) == 1, f"a part of a recording can be seen in {region}: {seen}"
        if kill % 5 == 4:
            kill_the_whole_worker(there)
        else:
            with suppress(psutil.NoSuchProcess, IndexError):
                chance.choice(there.pool()).kill()

    recovers(there, sizes[-1])
    there.assert_that_nothing_is_torn_lost_or_doubled()


def kill_the_whole_worker(there: Installation) -> None:
    """As when a machine is lost: the worker and all of its processes end at once, and it is started again."""
    pool = there.pool()
    there.product.kill("worker")
    for process in pool:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    there.product.start_worker(concurrency=3)


def recovers(there: Installation, size: int) -> None:
    """Once nobody kills any more, the ledger is as AWS is, with no human act but the passing of an interval."""
    there.product.wait_for(lambda: there.count(UNFINISHED) == 0, "a snapshot that ends")
    there.be_due()  # a visit that was killed three times counts as poison until the next snapshot
    there.product.wait_for(lambda: there.has_recorded(size), "a ledger as AWS is")


def test_a_worker_that_is_asked_to_end_finishes_what_it_does(there: Installation) -> None:
    """Fault matrix row 27."""
    there.product.start_worker()
    there.product.start_beat()
    there.product.wait_for(lambda: there.has_recorded(8), "the first snapshot")
    take_a_snapshot_of(there, 9)

    code = there.product.end("worker", signal.SIGTERM)

    assert code == 0
    assert there.count(RUNNING) == 0
    there.product.start_worker()
    recovers(there, 9)
    there.assert_that_nothing_is_torn_lost_or_doubled()


def test_ten_copies_of_every_message_at_once_are_one_visit(there: Installation) -> None:
    """Fault matrix row 29."""
    there.product.start_worker(concurrency=4)
    send_ten_times = (
        "from inventory import tasks; from inventory.models import *; from inventory.snapshots import plan; "
        "plan.plan_snapshot(Account.objects.get()); "
        "[tasks.visit.delay(one) for one in Visit.objects.values_list('pk', flat=True) for _ in range(10)]"
    )

    there.product.manage("shell", "-c", send_ten_times)
    there.product.wait_for(lambda: there.has_recorded(8), "the snapshot")

    assert there.ask("SELECT DISTINCT attempts, outcome FROM inventory_visit") == [(1, "complete")]
    assert there.count("SELECT COUNT(*) FROM inventory_ebsvolume") == sum(map(len, there.sizes().values()))
    there.assert_that_nothing_is_torn_lost_or_doubled()


def test_three_schedulers_begin_one_snapshot_and_none_loses_none(there: Installation) -> None:
    """Fault matrix row 34: without a scheduler nothing begins; what was missed is caught up with once."""
    there.product.start_worker()
    assert there.count("SELECT COUNT(*) FROM inventory_snapshot") == 0

    for number in range(3):
        there.product.start(replace(beat_command({}), name=f"beat-{number}"))
    there.product.wait_for(lambda: there.has_recorded(8), "the snapshot")

    assert there.count("SELECT COUNT(*) FROM inventory_snapshot") == 1
    there.be_due()
    there.product.wait_for(lambda: there.count("SELECT COUNT(*) FROM inventory_snapshot") > 1, "the next one")
    there.product.wait_for(lambda: there.has_recorded(8), "its end")
    assert there.count("SELECT COUNT(*) FROM inventory_snapshot") == 2
