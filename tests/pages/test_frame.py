from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from inventory.models import Outcome
from inventory.registry import Reach, resource_types
from tests.pages.ledgers import NOW, Refused, account, bucket, instance, look, operator, reader, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
JUST_NOW = NOW - timedelta(minutes=4)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def open_home(user, **parameters):
    client = Client()
    client.force_login(user)
    return client.get("/", parameters)


def test_nobody_sees_anything_without_signing_in():
    answer = Client().get("/")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")


def test_the_navigation_counts_types_and_regions():
    acme = account()
    look(
        acme,
        JUST_NOW,
        {(HERE, "ec2-instance"): [instance(1), instance(2)], (THERE, "ebs-volume"): [volume(1)]},
        (HERE, THERE),
    )

    page = Reading(open_home(operator()))

    assert page.links["EC2 instances 2"] == "/types/ec2-instance/"
    assert page.links["EBS volumes 1"] == "/types/ebs-volume/"
    assert page.links["S3 buckets 0"] == "/types/s3-bucket/"
    assert page.words.index("Compute EC2 instances") < page.words.index("Storage EBS volumes")
    assert page.links["Frankfurt 2 fresh"] == f"/regions/{HERE}/"
    assert page.links["N. Virginia 1 fresh"] == f"/regions/{THERE}/"
    assert page.links["Coverage 100 %"] == "/coverage/"
    assert set(page.current) == {"Home", "All accounts"}


def test_a_type_that_nobody_has_looked_for_has_no_count():
    account()

    page = Reading(open_home(operator()))

    assert page.links["EC2 instances never read"] == "/types/ec2-instance/"


def test_regions_that_were_read_and_hold_nothing_are_only_counted():
    look(account(), JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]}, (HERE, THERE, "sa-east-1"))

    page = Reading(open_home(operator()))

    assert page.links["2 read and empty"] == "/coverage/"
    assert "N. Virginia" not in page.links


def test_a_region_that_cannot_be_read_is_marked_in_words():
    look(
        account(),
        JUST_NOW,
        {(HERE, "ec2-instance"): Refused(), (THERE, "ec2-instance"): Refused(outcome=Outcome.THROTTLED)},
        (HERE, THERE),
    )

    page = Reading(open_home(operator()))

    assert "Frankfurt 0 denied" in page.links
    assert "N. Virginia 0 late" in page.links
    looks = sum(1 if one.reach is Reach.GLOBAL else 2 for one in resource_types())
    assert page.links[f"Coverage {1000 * (looks - 2) // looks / 10:.1f} %"]


def test_buckets_count_in_their_own_region():
    look(account(), JUST_NOW, {("global", "s3-bucket"): [bucket("logs", THERE), bucket("unread", None)]})

    page = Reading(open_home(operator()))

    assert page.links["S3 buckets 2"]
    assert page.links["N. Virginia 1"] == f"/regions/{THERE}/"


def test_a_granted_user_finds_no_trace_of_other_accounts():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]})
    look(zephyr, JUST_NOW - timedelta(minutes=3), {(THERE, "ec2-instance"): [instance(2), instance(3)]}, (THERE,))

    page = Reading(open_home(reader(acme)))

    assert page.links["EC2 instances 1"]
    assert "zephyr" not in page.words
    assert "N. Virginia" not in page.words
    assert "07:35" not in page.words


def test_the_account_and_the_moment_stay_in_every_link():
    acme = account()
    look(acme, YESTERDAY, {(HERE, "ec2-instance"): [instance(1)]})

    page = Reading(open_home(operator(), account="acme", as_of="2026-11-19T12:00"))

    kept = "account=acme&as_of=2026-11-19T12%3A00%3A00Z"
    assert page.links["EC2 instances 1"] == f"/types/ec2-instance/?{kept}"
    assert page.links["Frankfurt 1 fresh"] == f"/regions/{HERE}/?{kept}"
    assert page.links["Back to now"] == "/?account=acme"
    assert page.links["All accounts"] == "/?as_of=2026-11-19T12%3A00"


def test_the_bar_says_how_old_the_snapshot_is():
    look(account(), JUST_NOW, {})

    assert "Now 4 min old, 07:38 UTC" in Reading(open_home(operator())).words


def test_another_moment_says_so_and_leads_to_its_neighbours():
    acme = account()
    for days in (30, 20, 10):
        look(acme, NOW - timedelta(days=days), {})

    page = Reading(open_home(operator(), as_of="2026-11-03T06:00"))

    assert "You are reading 3 Nov 2026, 06:00 UTC." in page.words
    assert "17 d ago, snapshot 31 Oct 07:42 UTC" in page.words
    assert page.links["Previous snapshot: 31 Oct 07:42"] == "/?as_of=2026-10-31T07%3A42%3A00Z"
    assert page.links["Next snapshot: 10 Nov 07:42"] == "/?as_of=2026-11-10T07%3A42%3A00Z"


def test_a_step_back_from_a_snapshot_is_the_one_before_it():
    acme = account()
    for days in (30, 20):
        look(acme, NOW - timedelta(days=days), {})

    page = Reading(open_home(operator(), as_of="2026-10-31T07:42:00Z"))

    assert "Previous snapshot: 21 Oct 07:42" in page.links
    assert not any(words.startswith("Next snapshot") for words in page.links)


def test_the_moments_to_choose_from_are_the_snapshots_of_the_chosen_accounts():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {})
    look(zephyr, YESTERDAY, {})

    html = open_home(operator(), account="acme").content.decode()

    assert 'href="/?account=acme&amp;as_of=2026-11-20T07%3A38%3A00Z"' in html
    assert "2026-11-19T07" not in html
    assert '<input type="hidden" name="account" value="acme">' in html


def test_hostile_names_are_shown_as_text():
    look(account('<script>alert("x")</script>'), JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]})

    html = open_home(operator()).content.decode()

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(&quot;x&quot;)" in html


def test_no_page_holds_style_or_script_of_its_own():
    look(account(), JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]})

    answer = open_home(operator())

    html = answer.content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert "onclick" not in html
    assert all("src=" in script for script in html.split("<script")[1:])
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
