"""A worker that dies in the middle of a snapshot loses nothing, and nobody has to do anything about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.client import Emulator
from tests.journeys.exported import exported_rows
from tests.journeys.truth import SLUGS, enabled_regions, true_rows
from tests.support import left_out
from tests.support.product import Product

QUICK = {"VISIT_LEASE": "10", "TICK": "1"}

# Workers that die on PostgreSQL are told of in tests/proof/test_workers_die.py.
pytestmark = pytest.mark.any_database


def test_a_snapshot_survives_the_death_of_its_worker(make_product: Callable[..., Product], emulator: Emulator) -> None:
    product = make_product(**emulator.environment, **left_out.VARIABLES, **QUICK)
    product.start_broker()
    for account in emulator.accounts:
        product.manage(
            *("add_account", account.name, "--role-arn", account.role_arn, "--external-id", account.external_id)
        )
    emulator.delay("*", "ec2:DescribeVolumes", 0.2)
    product.start_worker()
    product.start_beat()
    product.wait_for(lambda: _asked(emulator, "DescribeVolumes") > 3, "a snapshot that is under way")

    product.kill("worker")
    emulator.clear()
    product.start_worker()

    everywhere = {account: enabled_regions(emulator, account) for account in emulator.accounts}
    truth = {slug: true_rows(emulator, slug, everywhere) for slug in SLUGS if slug in left_out.FEW}
    product.wait_for(lambda: exported_rows(product, truth) == truth, "exports that equal the truth")


def _asked(emulator: Emulator, operation: str) -> int:
    return sum(call["operation"] == operation for call in emulator.log())
