"""Which regions there are, and which an account can use."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.client import Emulator
from inventory.aws import Access, Clients, known_regions, region_states
from tests.aws.scripted import Answer, ScriptedAws


def test_the_names_of_regions_are_known_offline() -> None:
    names = known_regions()

    assert {"us-east-1", "eu-west-1", "eu-south-1", "cn-north-1", "us-gov-west-1"} <= names
    assert names.isdisjoint({"eu-wset-1", "global", "aws-global", ""})


def test_they_are_known_even_with_a_profile_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    known_regions.cache_clear()

    assert "us-east-1" in known_regions()


def test_every_region_has_its_opt_in_state(aws: ScriptedAws, make_clients: Callable[..., Clients]) -> None:
    statuses = {"us-east-1": "opt-in-not-required", "af-south-1": "not-opted-in", "eu-south-1": "opted-in"}
    items = "".join(
        f"<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>"
        for name, status in statuses.items()
    )
    aws.answers(
        "DescribeRegions",
        Answer(body=f"<DescribeRegionsResponse><regionInfo>{items}</regionInfo></DescribeRegionsResponse>"),
    )

    assert region_states(make_clients()) == statuses
    assert aws.asked[0]["AllRegions"] == "true"


def test_each_account_has_regions_of_its_own(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)

    states = {
        account.name: region_states(Clients(Access(role_arn=account.role_arn, external_id=account.external_id)))
        for account in emulator.accounts
    }

    assert states["research"]["eu-south-1"] == "opted-in"
    assert states["production"]["eu-south-1"] == "not-opted-in"
    assert states["production"]["eu-west-2"] == "opt-in-not-required"
