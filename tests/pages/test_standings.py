"""How fresh everything is, summed up over accounts by the database, and scope by scope: both say the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from inventory.models import Account, Outcome
from inventory.pages.freshness import Standings, grouped, scope_states, standings, summarise, troubled_states
from inventory.registry import GLOBAL, resource_types
from tests.pages.ledgers import NOW, Refused, account, look

pytestmark = pytest.mark.django_db

REGIONS = ("eu-central-1", "us-east-1")
LONG_AGO = NOW - timedelta(days=200)
SLUGS = [one.slug for one in resource_types()]


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def accounts() -> list[Account]:
    """Fresh, refused, failed before it was ever read, and not looked at for long; with two intervals."""
    fresh = account("fresh", "111111111111")
    refused = account("refused", "222222222222")
    failed = account("failed", "333333333333")
    late = account("late", "444444444444", interval_seconds=24 * 3600)
    look(fresh, NOW - timedelta(minutes=5), {}, REGIONS)
    look(refused, NOW - timedelta(minutes=70), {}, REGIONS)
    look(refused, NOW - timedelta(minutes=10), {("eu-central-1", "ec2-instance"): Refused()}, REGIONS)
    unreachable = Refused(outcome=Outcome.UNREACHABLE, reason="AWS sent nothing.", action="")
    look(failed, NOW - timedelta(minutes=10), {("us-east-1", "ebs-volume"): unreachable}, REGIONS)
    look(late, NOW - timedelta(days=3), {}, REGIONS)
    return [fresh, refused, failed, late]


def summaries(of: Standings) -> dict[object, object]:
    """All that it says."""
    places = [(slug, region) for slug in SLUGS for region in (*REGIONS, GLOBAL, None)]
    return {
        "share": of.share,
        "everything": of.of_everything,
        "regions": {region: of.of_region(region) for region in of.regions},
        "types": {slug: (of.of_type(slug), of.regions_of(slug), of.was_read([slug])) for slug in SLUGS},
        "places": {place: (of.of_place(*place), of.was_read([place[0]], place[1] or "")) for place in places},
    }


def test_the_database_sums_up_as_the_scopes_do(accounts: list[Account]) -> None:
    states = scope_states(accounts, None)

    assert summaries(standings(accounts)) == summaries(Standings(grouped(states)))
    assert standings(accounts).of_everything == summarise(states)


def test_every_mark_is_met(accounts: list[Account]) -> None:
    found = standings(accounts)

    denied, late, fresh = (
        found.of_place(*place)
        for place in (("ec2-instance", REGIONS[0]), ("ebs-volume", REGIONS[1]), ("region", GLOBAL))
    )
    assert denied is not None
    assert (denied.mark, denied.is_partial, denied.total) == ("denied", True, 4)
    assert late is not None
    assert (late.mark, late.never_read, late.read_at) == ("late", 1, None)
    assert fresh is not None
    assert fresh.read_at == NOW - timedelta(days=3)


def test_without_accounts_there_is_nothing() -> None:
    assert standings([]).is_empty
    assert (standings([]).of_everything, standings([]).share) == (None, "")


def test_what_is_troubled_is_all_that_is_not_fresh_and_whatever_was_not_understood(accounts: list[Account]) -> None:
    look(accounts[0], NOW - timedelta(minutes=1), {}, REGIONS, quarantined=1)

    troubled = set(troubled_states(accounts))

    everything = scope_states(accounts, None)
    assert troubled >= {one for one in everything if one.mark != "fresh"}
    assert troubled >= {one for one in everything if one.account_id == accounts[0].pk}
    assert not [one for one in troubled if one.account_id == accounts[1].pk and one.mark == "fresh"]
