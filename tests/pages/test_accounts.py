from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.registry import resource_types
from inventory.signals import check_wanted, visits_planned
from inventory.snapshots.plan import plan_snapshot
from tests.pages.ledgers import NOW, account, instance, look, operator, reader
from tests.pages.reading import Reading
from tests.support.rows import enabled

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

LIST = "/settings/accounts/"
HERE, THERE = "eu-central-1", "us-east-1"
JUST_NOW = NOW - timedelta(minutes=4)
ROLE = "arn:aws:iam::111122223333:role/Skyledger"
EXTERNAL_ID = "k9Xo1ZfQw3uB7tRyLmNc2A"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    for signal in (visits_planned, check_wanted):
        monkeypatch.setattr(signal, "receivers", [])
        signal.sender_receivers_cache.clear()


@pytest.fixture
def client():
    """Somebody who operates the product."""
    client = Client()
    client.force_login(operator())
    return client


def page_of(one):
    return f"{LIST}{one.pk}/"


def send(client, one, act, **fields):
    """Press a button of an account's page, and read the page that follows."""
    return Reading(client.post(f"{page_of(one)}{act}/", fields, follow=True))


def test_the_list_says_how_each_account_is_reached_and_whether_it_is_read(client):
    acme = account(region_states={**enabled(HERE), "me-central-1": "not-opted-in"}, role_arn=ROLE, interval_seconds=900)
    look(acme, JUST_NOW, {})
    account("beta", "444455556666", paused_at=NOW - timedelta(days=1), profile="beta")
    account("gone", "777788889999", archived_at=NOW - timedelta(days=2), archived_because="AWS suspended it.")
    account("new", None, role_arn=ROLE, pending_because="It trusts nobody.")

    page = Reading(client.get(LIST))

    live, archived = page.tables["Accounts"], page.tables["Archived accounts"]
    assert [row[0] for row in live[1:]] == ["acme 111122223333", "beta 444455556666", "new id not confirmed"]
    assert live[1][1:] == ["collecting", "role Skyledger", "\N{EN DASH}", "07:38", "now", "15 min", "1 region of 2"]
    assert live[2][1] == "paused since yesterday 07:42 By choice."
    assert live[2][2] == "the profile beta"
    assert live[3][1] == "pending It trusts nobody."
    assert archived[1][1] == "archived since 18 Nov 07:42 AWS suspended it."


def test_only_operators_know_of_it():
    acme = account()
    client = Client()
    client.force_login(reader(acme))

    answers = [client.get(LIST), client.get(page_of(acme)), client.post(f"{page_of(acme)}pause/")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Accounts" not in Reading(client.get("/coverage/")).links


def test_what_makes_the_role_can_be_copied(client):
    acme = account(
        role_arn=ROLE,
        external_id=EXTERNAL_ID,
        checked_at=JUST_NOW,
        check_result={"principal": "arn:aws:iam::9:role/We", "results": []},
    )

    page = Reading(client.get(page_of(acme)))

    assert '"sts:ExternalId": "k9Xo1ZfQw3uB7tRyLmNc2A"' in page.words
    assert '"AWS": "arn:aws:iam::9:role/We"' in page.words
    assert "AWSTemplateFormatVersion" in page.words
    assert 'resource "aws_iam_role" "skyledger"' in page.words
    assert "ec2:DescribeInstances" in page.words


def test_an_account_without_a_role_shows_what_its_credentials_must_allow(client):
    page = Reading(client.get(page_of(account())))

    assert "ec2:DescribeInstances" in page.words
    assert "sts:ExternalId" not in page.words


def test_the_last_test_says_which_actions_fail_and_where(client):
    failed = {"action": "ec2:DescribeVolumes", "result": "failed", "reason": "Allow ec2:DescribeVolumes."}
    results = [
        {"action": "ec2:DescribeInstances", "region": HERE, "result": "ok", "reason": ""},
        {**failed, "region": HERE},
        {**failed, "region": THERE},
        {"action": "s3:GetBucketAcl", "region": HERE, "result": "not tried", "reason": "There is no bucket."},
    ]
    acme = account(
        role_arn=ROLE, checked_at=JUST_NOW, check_result={"results": results, "accepts_wrong_external_id": True}
    )

    page = Reading(client.get(page_of(acme)))

    assert "1 action allowed, 1 failed, 1 not tried" in page.words
    assert f"ec2:DescribeVolumes failed {HERE}, {THERE} Allow ec2:DescribeVolumes." in page.words
    assert "The role accepts a wrong external id" in page.words


def test_the_test_button_leaves_the_asking_to_a_worker(client):
    acme, heard = account(), []

    def listen(account_id, **_):
        heard.append(account_id)

    check_wanted.connect(listen)

    page = send(client, acme, "check")

    assert heard == [acme.pk]
    assert "A test of acme is planned" in page.words


def test_an_account_is_paused_and_resumed(client):
    acme = account(region_states=enabled(HERE))

    paused = send(client, acme, "pause", next="/coverage/?account=acme")
    acme.refresh_from_db()
    was_paused_at = acme.paused_at
    resumed = send(client, acme, "resume")
    acme.refresh_from_db()

    assert "acme is paused since 20 Nov 2026, 07:42 UTC, by choice" in paused.words
    assert "Take a snapshot of acme" not in paused.words
    assert (was_paused_at, acme.paused_at) == (timezone.now(), None)
    assert "its next snapshot is due now" in resumed.words


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_form_never_leads_to_another_site(client, elsewhere):
    acme = account()

    answer = client.post(f"{page_of(acme)}pause/", {"next": elsewhere})

    assert answer["Location"] == page_of(acme)


def test_settings_are_stored(client):
    acme = account(region_states=enabled(HERE, THERE))

    page = send(
        client,
        acme,
        "settings",
        interval_seconds="900",
        only_regions=[THERE],
        collects_user_data="on",
        asks_cost_explorer="on",
    )
    acme.refresh_from_db()

    assert (acme.interval_seconds, acme.only_regions) == (900, [THERE])
    assert (acme.collects_user_data, acme.asks_cost_explorer) == (True, True)
    told = "The interval, the regions, whether boot scripts are read, whether Cost Explorer is asked changed."
    assert told in page.words


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"interval_seconds": "59"}, "60 seconds apart at least"),
        ({"interval_seconds": "2592001"}, "30 days"),
        ({"interval_seconds": "soon"}, "whole number, such as 3600"),
        ({"only_regions": ["me-central-1"]}, "me-central-1 is no region that this account can use"),
    ],
)
def test_settings_that_cannot_be_met_are_refused_and_nothing_is_stored(client, fields, complaint):
    acme = account(region_states={**enabled(HERE), "me-central-1": "not-opted-in"})

    answer = client.post(f"{page_of(acme)}settings/", {"collects_user_data": "on", **fields})
    acme.refresh_from_db()

    assert answer.status_code == 400
    assert complaint in Reading(answer).words
    assert (acme.interval_seconds, acme.only_regions, acme.collects_user_data) == (None, [], False)


def test_an_archived_account_leaves_every_page_of_now_until_it_is_named(client):
    acme, beta = account(), account("beta", "444455556666")
    for one, number in ((acme, 1), (beta, 2)):
        look(one, JUST_NOW, {(HERE, "ec2-instance"): [instance(number, name=f"thing-of-{one.name}")]})

    send(client, beta, "archive", because="Its team is gone.")
    listed, named = (Reading(client.get("/types/ec2-instance/", query)) for query in ({}, {"account": "beta"}))

    assert "thing-of-acme" in listed.words
    assert "thing-of-beta" not in listed.words
    assert listed.links["beta"] == "/types/ec2-instance/?account=beta"
    assert "thing-of-beta" in named.words
    assert "beta is archived since 20 Nov 2026, 07:42 UTC: Its team is gone." in named.words
    assert "last read, 20 Nov 2026, 07:38 UTC" in named.words


def test_before_its_archiving_an_account_was_there(client):
    beta = account("beta", archived_at=NOW - timedelta(hours=1))
    look(beta, NOW - timedelta(hours=3), {(HERE, "ec2-instance"): [instance(1, name="web-of-beta")]})

    then, later = (
        Reading(client.get("/types/ec2-instance/", {"as_of": moment}))
        for moment in ("2026-11-20T05:00", "2026-11-20T07:00")
    )

    assert "web-of-beta" in then.words
    assert "archived since" not in then.words
    assert "web-of-beta" not in later.words


def test_a_thing_of_an_archived_account_stands_on_a_page_that_names_the_account(client):
    beta = account("beta", archived_at=NOW)
    look(beta, JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]})
    address = f"/types/ec2-instance/{beta_resource(beta)}/"

    answer = client.get(address)

    assert answer["Location"] == f"{address}?account=beta"
    assert "beta is archived since" in Reading(client.get(answer["Location"])).words


def beta_resource(one: Account) -> int:
    from inventory.models import Resource

    return Resource.objects.get(account=one, type="ec2-instance").pk


def test_archiving_wants_a_reason_and_is_taken_back(client):
    acme = account()

    refused = send(client, acme, "archive", because="  ")
    acme.refresh_from_db()
    was_archived = acme.is_archived
    send(client, acme, "archive", because="Moved.")
    back = send(client, acme, "unarchive")
    acme.refresh_from_db()

    assert "Say why" in refused.words
    assert (was_archived, acme.is_archived) == (False, False)
    assert "acme is not archived any more" in back.words


def test_a_running_snapshot_is_cancelled_and_says_so(client):
    acme = account(region_states=enabled(HERE))
    look(acme, JUST_NOW, {})
    snapshot = plan_snapshot(acme)
    Visit.objects.filter(snapshot=snapshot, type="s3-bucket").update(
        state=VisitState.FINISHED, outcome=Outcome.COMPLETE, attempts=1
    )

    page = Reading(client.post(f"/coverage/snapshots/{snapshot.pk}/cancel/", follow=True))

    left = sum(one.interval is None for one in resource_types()) - 1
    assert f"{left} visits were cancelled" in page.words
    assert "Running now" not in page.words
    assert f"Cancelled {left} visits" in page.words
    assert Snapshot.objects.get(pk=snapshot.pk).cancelled_at is not None
    assert "a later one cancelled" in page.words
