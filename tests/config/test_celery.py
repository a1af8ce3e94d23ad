"""Messages between processes: what is enqueued reaches a worker, and comes back when that worker dies."""

from __future__ import annotations

from collections.abc import Callable

from config.celery import app
from tests.support.product import Product


def test_the_scheduler_asks_for_a_task_that_exists() -> None:
    app.loader.import_default_modules()

    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert asked <= app.tasks.keys()


def test_ticks_reach_a_worker_before_and_after_it_is_killed(make_product: Callable[..., Product]) -> None:
    product = make_product(TICK="1")
    product.start_broker()
    product.start_beat()
    product.start_worker()
    product.wait_for(lambda: "inventory.tasks.tick" in ticks(product), "a tick")

    product.kill("worker")
    product.start_worker()

    product.wait_for(lambda: "inventory.tasks.tick" in ticks(product), "a tick after the kill")


def ticks(product: Product) -> str:
    """What the worker that runs now printed after it was ready."""
    return product.log("worker").partition("ready.")[2]
