"""What the accounts of the sample organisation committed to, as plain boto3 lists it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.client import Emulator
from tests.demo.listing import EMPTY_REGION, host_client, refused

ACCOUNTS = ("management", "production", "research")


def everywhere(emulator: Emulator, operation: str, items: str) -> Iterator[dict[str, Any]]:
    """The items of a listing in the regions of the accounts, but in the region that is denied."""
    regions = {account.name: account.regions for account in emulator.accounts} | {"management": ("us-east-1",)}
    for name in ACCOUNTS:
        for region in regions[name]:
            if (name, region) != ("production", "eu-west-2"):
                yield from getattr(emulator.client("ec2", name, region), operation)()[items]


def plans(emulator: Emulator, account: str, **asked: Any) -> dict[str, Any]:
    """What the Savings Plans API answers an account."""
    answer: dict[str, Any] = emulator.client("savingsplans", account, "us-east-1").describe_savings_plans(**asked)
    return answer


def test_some_reservations_run_some_run_out_soon_and_one_has_run_out(emulator: Emulator) -> None:
    bought = list(everywhere(emulator, "describe_reserved_instances", "ReservedInstances"))
    left = {one["InstanceType"]: one["End"] - datetime.now(UTC) for one in bought if one["State"] == "active"}

    assert {one["State"] for one in bought} == {"active", "retired"}
    assert {one["Scope"] for one in bought} == {"Region", "Availability Zone"}
    assert {one["OfferingType"] for one in bought} == {"No Upfront", "Partial Upfront", "All Upfront"}
    for days in (30, 60, 90):
        assert any(timedelta(days=days - 30) < rest < timedelta(days=days) for rest in left.values())
    assert all(one["Start"] < one["End"] for one in bought)


def test_every_id_is_another_one_and_stays(emulator: Emulator) -> None:
    first, again = (
        [one["ReservedInstancesId"] for one in everywhere(emulator, "describe_reserved_instances", "ReservedInstances")]
        for _ in range(2)
    )

    assert first == again
    assert len(set(first)) == len(first) >= 8


def test_a_host_names_the_reservation_that_runs_and_not_the_one_that_has_run_out(emulator: Emulator) -> None:
    hosts = {one["HostProperties"]["InstanceFamily"]: one for one in everywhere(emulator, "describe_hosts", "Hosts")}
    reserved = list(everywhere(emulator, "describe_host_reservations", "HostReservationSet"))
    (running,) = [one for one in reserved if one["State"] == "active"]

    assert {one["State"] for one in reserved} == {"active", "expired"}
    assert hosts["m4"]["HostReservationId"] == running["HostReservationId"]
    assert running["HostIdSet"] == [hosts["m4"]["HostId"]]
    assert "HostReservationId" not in hosts["m5"]


def test_hosts_come_page_by_page(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "eu-west-1")
    pages = list(ec2.get_paginator("describe_hosts").paginate(PaginationConfig={"PageSize": 5}))

    assert sum(len(page["Hosts"]) for page in pages) == 2
    assert refused(lambda: ec2.describe_hosts(MaxResults=5, NextToken="x"))[:2] == (400, "InvalidPaginationToken")


def test_nothing_was_bought_where_nothing_was_bought(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", EMPTY_REGION)

    assert ec2.describe_reserved_instances()["ReservedInstances"] == []


def test_plans_come_from_one_endpoint_and_page_by_their_tokens(emulator: Emulator) -> None:
    whole = plans(emulator, "production")["savingsPlans"]
    first = plans(emulator, "production", maxResults=1)
    second = plans(emulator, "production", maxResults=1, nextToken=first["nextToken"])

    assert [*first["savingsPlans"], *second["savingsPlans"]] == whole
    assert "nextToken" not in second
    assert refused(lambda: plans(emulator, "production", nextToken="x"))[:2] == (400, "ValidationException")


@pytest.mark.parametrize(("account", "types"), [("management", {"Compute"}), ("research", {"SageMaker"})])
def test_each_account_lists_its_own_plans(emulator: Emulator, account: str, types: set[str]) -> None:
    assert {one["savingsPlanType"] for one in plans(emulator, account)["savingsPlans"]} == types
    assert plans(emulator, "research", states=["active"])["savingsPlans"] == []


def test_an_operation_of_savings_plans_that_the_emulator_does_not_know_is_refused(emulator: Emulator) -> None:
    client = host_client(emulator, "savingsplans")

    assert refused(client.describe_savings_plans_offerings)[:2] == (400, "UnknownOperationException")
