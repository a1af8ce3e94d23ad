"""AWS Organizations: who is in the organization, where, and who may ask."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from demo.accounts import ATELIER, HOST_ACCOUNT, PRODUCTION
from demo.client import Emulator
from demo.layer.credentials import Session
from tests.demo.listing import ONCE, host_client, refused

LISTS = {
    "list_accounts": {},
    "list_roots": {},
    "list_accounts_for_parent": {"ParentId": "r-7k2m"},
    "list_organizational_units_for_parent": {"ParentId": "r-7k2m"},
    "list_children": {"ParentId": "r-7k2m", "ChildType": "ACCOUNT"},
    "list_parents": {"ChildId": PRODUCTION.account_id},
}


@pytest.fixture
def organizations(emulator: Emulator) -> Any:
    """The management account's client."""
    return host_client(emulator, "organizations")


def test_the_organization_names_its_management_account(organizations: Any) -> None:
    organization = organizations.describe_organization()["Organization"]

    assert organization["Id"].startswith("o-")
    assert (organization["MasterAccountId"], organization["FeatureSet"]) == (HOST_ACCOUNT, "ALL")


def test_every_account_stands_in_its_unit(organizations: Any) -> None:
    (root,) = organizations.list_roots()["Roots"]

    assert _tree(organizations, root["Id"]) == {
        "management": "",
        "production": "/Workloads/Production",
        "research": "/Workloads/Research",
        "atelier": "/Former",
    }


def test_accounts_say_since_when_they_are_there_and_how_they_came(emulator: Emulator, organizations: Any) -> None:
    zero = datetime.fromisoformat(emulator.status()["zero"])

    accounts = {account["Name"]: account for account in organizations.list_accounts()["Accounts"]}

    production, atelier = accounts["production"], accounts["atelier"]
    assert zero - production["JoinedTimestamp"] == timedelta(days=884)
    assert (production["JoinedMethod"], atelier["JoinedMethod"]) == ("CREATED", "INVITED")
    assert (atelier["Status"], atelier["State"]) == ("SUSPENDED", "SUSPENDED")
    assert production["Email"] == "aws+production@example.com"


def test_a_parent_and_a_child_lead_to_each_other(organizations: Any) -> None:
    (parent,) = organizations.list_parents(ChildId=ATELIER.account_id)["Parents"]

    children = organizations.list_children(ParentId=parent["Id"], ChildType="ACCOUNT")["Children"]
    unit = organizations.describe_organizational_unit(OrganizationalUnitId=parent["Id"])["OrganizationalUnit"]

    assert parent["Type"] == "ORGANIZATIONAL_UNIT"
    assert [child["Id"] for child in children] == [ATELIER.account_id]
    assert unit["Name"] == "Former"
    assert unit["Path"].endswith(f"/{parent['Id']}/")


@pytest.mark.parametrize("operation", LISTS)
def test_every_list_comes_in_pages(organizations: Any, operation: str) -> None:
    whole = getattr(organizations, operation)(**LISTS[operation])
    (name,) = set(whole) - {"ResponseMetadata"}

    pages = list(organizations.get_paginator(operation).paginate(**LISTS[operation], PaginationConfig={"PageSize": 1}))

    assert [item for page in pages for item in page[name]] == whole[name]
    assert [len(page[name]) for page in pages] == [1] * len(whole[name])


def test_what_cannot_be_meant_is_refused_as_aws_does(organizations: Any) -> None:
    nowhere = "ou-7k2m-00000000"
    token = organizations.list_accounts(MaxResults=1)["NextToken"]

    assert (
        refused(lambda: organizations.list_children(ParentId=nowhere, ChildType="ACCOUNT"))[1]
        == "ParentNotFoundException"
    )
    assert refused(lambda: organizations.list_parents(ChildId="111122223333"))[1] == "ChildNotFoundException"
    assert refused(lambda: organizations.describe_account(AccountId="111122223333"))[1] == "AccountNotFoundException"
    assert refused(lambda: organizations.list_roots(NextToken=token))[1] == "InvalidInputException"
    assert refused(lambda: organizations.list_accounts(NextToken="made up"))[1] == "InvalidInputException"


def test_only_the_management_account_may_list_but_every_member_knows_its_organization(emulator: Emulator) -> None:
    member = emulator.client("organizations", "production", "us-east-1")

    known = member.describe_organization()["Organization"]

    assert known["MasterAccountId"] == HOST_ACCOUNT
    for operation, arguments in LISTS.items():
        assert refused(lambda: getattr(member, operation)(**arguments))[:2] == (400, "AccessDeniedException")  # noqa: B023


def test_an_account_of_no_organization_is_told_so(emulator: Emulator) -> None:
    stranger = Session.begin(account="111122223333", role="r", role_id="AROASTRANGER", name="stranger", seconds=900)
    session: Any = boto3.Session(stranger.access_key_id, "never-verified", stranger.token, region_name="us-east-1")

    organizations = session.client("organizations", endpoint_url=emulator.endpoint_url, config=ONCE)

    assert refused(organizations.describe_organization)[1] == "AWSOrganizationsNotInUseException"


def test_a_call_may_be_denied(emulator: Emulator, organizations: Any) -> None:
    emulator.deny("global", "organizations:ListAccounts")

    assert refused(organizations.list_accounts)[:2] == (400, "AccessDeniedException")


def _tree(organizations: Any, parent: str, path: str = "") -> dict[str, str]:
    """The path of units to each account below a parent, by the account's name."""
    found = {each["Name"]: path for each in organizations.list_accounts_for_parent(ParentId=parent)["Accounts"]}
    for unit in organizations.list_organizational_units_for_parent(ParentId=parent)["OrganizationalUnits"]:
        found |= _tree(organizations, unit["Id"], f"{path}/{unit['Name']}")
    return found
