"""What a whole run asks of AWS is what the resource types declare: neither more nor less."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.accounts import MANAGEMENT, ROLE_NAME
from demo.client import Emulator
from inventory.snapshots import iam_policy
from tests.journeys.old_s3 import old_s3
from tests.support.product import Product

# What is asked of AWS, and said of it, is the same on either database.
pytestmark = pytest.mark.any_database

MARK = ("iam", "ListAccountAliases")
"""A call that the product never makes: what the log has after the last one of these is the product's."""


def test_a_whole_run_asks_what_is_declared_and_nothing_else(
    make_product: Callable[..., Product], emulator: Emulator
) -> None:
    emulator.client("iam", MANAGEMENT.name, "us-east-1").list_account_aliases()
    with old_s3(emulator.endpoint_url) as s3:
        product = make_product(**emulator.environment, AWS_ENDPOINT_URL_S3=s3)
        product.manage("add_account", MANAGEMENT.name, "--regions", "us-east-1")
        for account in emulator.accounts:
            given = ("--role-arn", account.role_arn, "--external-id", account.external_id, "--collect-user-data")
            product.manage("add_account", account.name, *given, "--regions", "us-east-1,eu-west-1")
        product.manage("take_snapshot", "--inline")
        of_snapshots = calls_since_the_mark(emulator)
        product.manage("add_organization", MANAGEMENT.name, "--member-role", ROLE_NAME)
        of_everything = calls_since_the_mark(emulator)

    assert of_snapshots == iam_policy.declared_calls() | iam_policy.operations(iam_policy.BASE_CALLS)
    assert of_everything - of_snapshots == iam_policy.operations(iam_policy.ORGANIZATION_CALLS)


def calls_since_the_mark(emulator: Emulator) -> set[iam_policy.Operation]:
    """The operations that the emulator was asked for."""
    log = [(entry["service"], entry["operation"]) for entry in emulator.log()]
    return set(log[len(log) - log[::-1].index(MARK) :])
