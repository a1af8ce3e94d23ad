"""The sample organisation's 90 days, read by real workers over HTTP and compared with what AWS says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from demo.accounts import ACCOUNTS, ATELIER, MANAGEMENT, MEMBERS, PRODUCTION, RESEARCH, ROLE_NAME, DemoAccount
from demo.client import Emulator
from demo.emulator import running
from tests.journeys.exported import exported_rows
from tests.journeys.truth import SLUGS, Row, true_rows
from tests.support.product import Product

DENIED = (PRODUCTION.account_id, "eu-west-2")
CHOOSE_REGIONS = """
from inventory.models import Account
for name, regions in {chosen}.items():
    Account.objects.filter(name=name).update(only_regions=regions)
"""
FOLLOW = """
from datetime import datetime
from inventory.models import Organization
from inventory.snapshots.organizations import read_organization
read_organization(Organization.objects.get(), at=datetime.fromisoformat("{moment}"))
"""
HELD = ("--account", RESEARCH.name, "--region", "us-east-2")
LOOKED_AT = (
    "the organisation as it stood",
    "the clean-up",
    "a region is denied",
    "quiet weeks",
    "this morning",
)
"""The moments of which a snapshot is taken; what happens between two of them is seen all at once."""
COMPARED = (LOOKED_AT[0], LOOKED_AT[1], LOOKED_AT[-1])
WITH_ATELIER = LOOKED_AT[1]
"""The last of these moments before the studio's account is suspended."""

Truths = dict[str, list[Row]]

# The other journeys, which also compare with what AWS says, are made on both databases.
pytestmark = pytest.mark.any_database


@dataclass
class Told:
    """By the name of a moment: when it was, the accounts that were live, what the snapshot printed, what AWS said."""

    times: dict[str, str] = field(default_factory=dict)
    live: dict[str, list[DemoAccount]] = field(default_factory=dict)
    printed: dict[str, str] = field(default_factory=dict)
    truths: dict[str, Truths] = field(default_factory=dict)


def test_moments_of_the_story_are_recorded_as_they_were(make_product: Callable[..., Product], tmp_path: Path) -> None:
    with running(tmp_path) as emulator:
        product = _product_for(emulator, make_product)
        told = _play_and_snapshot(emulator, product)

        for moment, truth in told.truths.items():
            live = told.live[moment]
            exported = exported_rows(product, truth, "--as-of", told.times[moment])
            for slug in SLUGS:
                assert _comparable(exported[slug], live) == _comparable(truth[slug], live), (moment, slug)
        last = {slug: _comparable(rows, [ATELIER]) for slug, rows in told.truths[WITH_ATELIER].items()}
        assert exported_rows(product, last, "--account", ATELIER.name) == last
        _a_denied_region_keeps_what_was_known(product, told)
        _a_fleet_that_ended_at_once_is_held_until_it_is_confirmed(product, told)


def _product_for(emulator: Emulator, make_product: Callable[..., Product]) -> Product:
    product = make_product(**emulator.environment)
    product.start_broker()
    product.start_worker()
    product.manage("add_account", MANAGEMENT.name, "--regions", ",".join(MANAGEMENT.regions))
    product.manage("add_organization", MANAGEMENT.name, "--member-role", ROLE_NAME)
    for account in MEMBERS:
        emulator.trust(account.name, product.manage("trust_policy", account.name).stdout)
    chosen = {account.name: account.regions for account in MEMBERS}
    product.manage("shell", "-c", CHOOSE_REGIONS.format(chosen=chosen))
    return product


def _play_and_snapshot(emulator: Emulator, product: Product) -> Told:
    """Play every moment; of some take a snapshot, and of some of these keep what AWS said."""
    told = Told()
    followed: dict[str, str] = {}
    for _ in emulator.status()["moments"]:
        moment = emulator.play()
        name, at = moment["name"], moment["at"]
        if name not in LOOKED_AT:
            continue
        states = {account["name"]: account["state"] for account in emulator.status()["accounts"]}
        if states != followed:
            product.manage("shell", "-c", FOLLOW.format(moment=at))
            followed = states
        told.times[name] = at
        told.live[name] = [account for account in ACCOUNTS if states[account.name] == "ACTIVE"]
        told.printed[name] = product.manage("take_snapshot", "--taken-at", at, exit_code=_expected(emulator)).stderr
        if name in COMPARED:
            regions = {account: account.regions for account in told.live[name]}
            told.truths[name] = {slug: true_rows(emulator, slug, regions) for slug in SLUGS}
    return told


def _expected(emulator: Emulator) -> int:
    """A snapshot with a denied visit exits with 1."""
    return 1 if emulator.status()["orders"] else 0


def _comparable(rows: list[Row], live: Iterable[DemoAccount]) -> list[Row]:
    """The rows of live accounts outside the region that the story denies in its end, where nothing can be compared."""
    accounts = {account.account_id for account in live}
    return [row for row in rows if row["account"] in accounts and (row["account"], row["region"]) != DENIED]


def _a_denied_region_keeps_what_was_known(product: Product, told: Told) -> None:
    there = ["--account", DENIED[0], "--region", DENIED[1]]

    kept = product.rows("export", "ec2-instance", *there)

    before = product.rows("export", "ec2-instance", *there, "--as-of", told.times[WITH_ATELIER])
    assert kept
    assert {row["native_id"] for row in kept} >= {row["native_id"] for row in before if row["state"] == "running"}


def _a_fleet_that_ended_at_once_is_held_until_it_is_confirmed(product: Product, told: Told) -> None:
    held = _fleet(product.rows("export", "ec2-instance", *HELD, "--as-of", told.times["quiet weeks"]))
    confirmed = _fleet(product.rows("export", "ec2-instance", *HELD, "--as-of", told.times["this morning"]))

    assert [moment for moment in told.times if "unconfirmed" in told.printed[moment]] == ["quiet weeks"]
    assert len(held) == 26
    assert not confirmed


def _fleet(rows: list[dict[str, Any]]) -> list[str]:
    return [row["native_id"] for row in rows if row["tags"].get("run") == "sweep 7"]
