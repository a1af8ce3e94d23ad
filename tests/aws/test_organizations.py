"""Listing an organization: every account, every unit, and every page of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inventory.aws import AwsFailure, Clients, FailureKind
from inventory.aws.organizations import list_organization, organization_id
from tests.aws.scripted import Answer, ScriptedAws, json_answer, json_error

Make = Callable[..., Clients]


def page(items: str, *found: dict[str, Any], token: str = "") -> Answer:
    return json_answer({items: list(found), **({"NextToken": token} if token else {})})


def account(number: int, **details: Any) -> dict[str, Any]:
    return {"Id": f"{number:012}", "Name": f"account {number}", "Status": "ACTIVE", **details}


@pytest.fixture
def small(aws: ScriptedAws) -> None:
    """An organization of a root with one account, and a unit with another."""
    aws.answers("ListAccounts", page("Accounts", account(1), account(2)))
    aws.answers("ListRoots", page("Roots", {"Id": "r-root", "Name": "Root"}))
    aws.answers(
        "ListOrganizationalUnitsForParent",
        page("OrganizationalUnits", {"Id": "ou-root-workload", "Name": "Workloads"}),
        page("OrganizationalUnits"),
    )
    aws.answers("ListAccountsForParent", page("Accounts", account(1)), page("Accounts", account(2)))


def test_the_id_of_the_organization_is_told(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("DescribeOrganization", json_answer({"Organization": {"Id": "o-acme"}}))

    assert organization_id(make_clients()) == "o-acme"


@pytest.mark.usefixtures("small")
def test_every_account_has_its_unit_and_the_units_above_it(aws: ScriptedAws, make_clients: Make) -> None:
    listing = list_organization(make_clients())

    assert sorted(listing.members) == ["000000000001", "000000000002"]
    assert [unit.name for unit in listing.units_above("000000000001") or []] == ["Root"]
    assert [unit.name for unit in listing.units_above("000000000002") or []] == ["Root", "Workloads"]
    assert {asked["ParentId"] for asked in aws.asked if "ParentId" in asked} == {"r-root", "ou-root-workload"}
    assert {one.region for one in aws.signed} == {"us-east-1"}


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("answered", "state"),
    [
        ({"Status": "SUSPENDED"}, "SUSPENDED"),
        ({"Status": "ACTIVE", "State": "PENDING_CLOSURE"}, "PENDING_CLOSURE"),
        ({"Status": "SUSPENDED", "State": "CLOSED"}, "CLOSED"),
    ],
)
def test_the_newer_field_for_the_state_goes_before_the_older(
    aws: ScriptedAws, make_clients: Make, answered: dict[str, str], state: str
) -> None:
    aws.answers("ListAccounts", page("Accounts", {"Id": "000000000001", "Name": "one", **answered}))

    assert list_organization(make_clients()).members["000000000001"].state == state


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("operation", "items", "end"),
    [
        ("ListAccounts", "Accounts", [account(1), account(2)]),
        ("ListRoots", "Roots", [{"Id": "r-root", "Name": "Root"}]),
    ],
)
def test_every_listing_is_read_to_its_end_over_empty_pages_too(
    aws: ScriptedAws, make_clients: Make, operation: str, items: str, end: list[dict[str, Any]]
) -> None:
    aws.answers(operation, page(items, token="two"), page(items, *end[:-1], token="three"), page(items, end[-1]))

    listing = list_organization(make_clients())

    assert sorted(listing.members) == ["000000000001", "000000000002"]
    assert aws.tokens_asked(operation) == ["", "two", "three"]


def test_units_and_their_accounts_are_read_to_their_end(aws: ScriptedAws, make_clients: Make) -> None:
    units = [{"Id": f"ou-root-0000000{number}", "Name": f"unit {number}"} for number in range(3)]
    aws.answers("ListAccounts", page("Accounts", account(1), account(2)))
    aws.answers("ListRoots", page("Roots", {"Id": "r-root", "Name": "Root"}))
    aws.answers(
        "ListOrganizationalUnitsForParent",
        page("OrganizationalUnits", units[0], token="two"),
        page("OrganizationalUnits", units[1], token="three"),
        page("OrganizationalUnits", units[2]),
        page("OrganizationalUnits"),
    )
    aws.answers(
        "ListAccountsForParent",
        page("Accounts", account(1), token="two"),
        page("Accounts", account(2)),
        page("Accounts"),
    )

    listing = list_organization(make_clients())

    assert set(listing.units) == {"r-root", *(unit["Id"] for unit in units)}
    assert listing.unit_of == {"000000000001": "r-root", "000000000002": "r-root"}


@pytest.mark.usefixtures("small")
def test_an_account_that_the_walk_has_missed_has_no_known_unit(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("ListAccountsForParent", page("Accounts", account(1)), page("Accounts"))

    listing = list_organization(make_clients())

    assert "000000000002" in listing.members
    assert listing.units_above("000000000002") is None


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "operation", ["ListAccounts", "ListRoots", "ListOrganizationalUnitsForParent", "ListAccountsForParent"]
)
def test_a_refusal_anywhere_fails_the_whole_listing(aws: ScriptedAws, make_clients: Make, operation: str) -> None:
    aws.answers(operation, json_error("AccessDeniedException"))

    with pytest.raises(AwsFailure) as failure:
        list_organization(make_clients())

    assert (failure.value.kind, failure.value.action) == (FailureKind.DENIED, f"organizations:{operation}")
