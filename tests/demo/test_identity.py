"""Who may come in: roles, external ids, credentials and regions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from demo.accounts import ATELIER
from demo.client import Emulator, EmulatorError
from demo.emulator import running
from tests.demo.listing import host_client, refused


def test_a_role_is_assumed_with_its_external_id_and_says_who_it_is(emulator: Emulator) -> None:
    production = emulator.accounts[0]
    given = _assume(host_client(emulator, "sts"), production.role_arn, production.external_id)["Credentials"]
    session: Any = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])

    sts = session.client("sts", region_name="eu-west-1", endpoint_url=emulator.endpoint_url)

    identity = sts.get_caller_identity()
    assert identity["Account"] == production.account_id
    assert identity["Arn"] == f"arn:aws:sts::{production.account_id}:assumed-role/SkyledgerReadOnly/test"
    assert identity["UserId"].startswith("AROA")


def test_the_management_account_administers_every_member(emulator: Emulator) -> None:
    for account in emulator.accounts:
        identity = emulator.client("sts", account.name, "us-east-1").get_caller_identity()

        assert identity["Account"] == account.account_id
        assert "assumed-role/OrganizationAccountAccessRole/" in identity["Arn"]


def test_without_a_role_the_caller_is_the_hosts_own_user(emulator: Emulator) -> None:
    identity = host_client(emulator, "sts").get_caller_identity()

    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:user/skyledger"
    assert identity["Account"] not in {account.account_id for account in emulator.accounts}


def test_a_role_is_refused_when_it_does_not_exist_or_its_external_id_is_wrong(emulator: Emulator) -> None:
    sts = host_client(emulator, "sts")
    known, other = (account.role_arn for account in emulator.accounts)
    absent = known.replace("SkyledgerReadOnly", "Nobody")
    web = known.replace("SkyledgerReadOnly", "storefront-web")
    research_id = emulator.accounts[1].external_id

    for arn, external_id in ((known, "wrong"), (known, None), (known, research_id), (absent, "any"), (web, "any")):
        status, code, message = refused(lambda: _assume(sts, arn, external_id))  # noqa: B023 - called at once

        assert (status, code) == (403, "AccessDenied")
        assert f"is not authorized to perform: sts:AssumeRole on resource: {arn}" in message
    assert _assume(sts, other, research_id)["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_a_role_demands_the_external_id_of_the_trust_policy_that_it_was_given(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        sts, production = host_client(emulator, "sts"), emulator.accounts[0]
        host = sts.get_caller_identity()["Arn"]
        given = {
            "Effect": "Allow",
            "Principal": {"AWS": [host]},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "made-up-by-the-ledger"}},
        }

        emulator.trust("production", json.dumps({"Version": "2012-10-17", "Statement": [given]}))

        shown = {account["name"]: account["external_id"] for account in emulator.status()["accounts"]}
        assert _assume(sts, production.role_arn, "made-up-by-the-ledger")["Credentials"]
        assert refused(lambda: _assume(sts, production.role_arn, production.external_id))[1] == "AccessDenied"
        assert shown["production"] == "made-up-by-the-ledger"
        with pytest.raises(EmulatorError, match="no member account 'management'"):
            emulator.trust("management", "{}")


def test_a_suspended_account_lets_nobody_in(emulator: Emulator) -> None:
    sts = host_client(emulator, "sts")

    by_role = refused(lambda: _assume(sts, ATELIER.role_arn, ATELIER.external_id))
    by_administrator = refused(lambda: _assume(sts, ATELIER.administrator_role_arn, None))

    assert by_role[:2] == by_administrator[:2] == (403, "AccessDenied")


def test_credentials_from_before_the_suspension_are_worth_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        clients = [emulator.client(service, "atelier", "eu-west-3") for service in ("ec2", "s3", "sts")]
        asks = [clients[0].describe_instances, clients[1].list_buckets, clients[2].get_caller_identity]
        before = [ask()["ResponseMetadata"]["HTTPStatusCode"] for ask in asks]

        emulator.play_all()

        assert before == [200, 200, 200]
        assert [refused(ask)[1] for ask in asks] == ["AuthFailure", "InvalidToken", "InvalidClientTokenId"]


def test_credentials_that_the_emulator_never_gave_are_refused(emulator: Emulator) -> None:
    session: Any = boto3.Session("ASIAMADEUP", "made-up", "made-up", region_name="us-east-1")
    ec2, sts = (session.client(name, endpoint_url=emulator.endpoint_url) for name in ("ec2", "sts"))

    assert refused(ec2.describe_instances)[:2] == (401, "AuthFailure")
    assert refused(sts.get_caller_identity)[:2] == (403, "InvalidClientTokenId")


def test_each_account_lists_the_regions_that_it_enabled(emulator: Emulator) -> None:
    production = _regions(emulator, "production")
    research = _regions(emulator, "research")
    everything = _regions(emulator, "production", AllRegions=True)

    assert len(production) == 17
    assert set(production.values()) == {"opt-in-not-required"}
    assert {name: status for name, status in research.items() if name not in production} == {"eu-south-1": "opted-in"}
    assert everything["eu-south-1"] == everything["af-south-1"] == "not-opted-in"


def test_regions_may_be_asked_for_by_name_and_by_filter(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", "us-east-1")
    opted_in = [{"Name": "opt-in-status", "Values": ["opted-in"]}]

    assert set(_regions(emulator, "research", RegionNames=["eu-west-1", "us-east-1"])) == {"eu-west-1", "us-east-1"}
    assert set(_regions(emulator, "research", Filters=opted_in)) == {"eu-south-1"}
    assert refused(lambda: ec2.describe_regions(RegionNames=["eu-west-9"]))[1] == "InvalidParameterValue"


def test_a_region_that_was_not_opted_in_to_refuses_every_call(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "eu-south-1")

    assert refused(ec2.describe_instances)[:2] == (401, "AuthFailure")
    assert emulator.client("ec2", "research", "eu-south-1").describe_instances()["Reservations"]


def _assume(sts: Any, arn: str, external_id: str | None) -> Any:
    given = {"ExternalId": external_id} if external_id else {}
    return sts.assume_role(RoleArn=arn, RoleSessionName="test", **given)


def _regions(emulator: Emulator, account: str, **arguments: Any) -> dict[str, str]:
    found = emulator.client("ec2", account, "us-east-1").describe_regions(**arguments)["Regions"]
    return {region["RegionName"]: region["OptInStatus"] for region in found}
