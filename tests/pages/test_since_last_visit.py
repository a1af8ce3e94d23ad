from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import LastVisit
from tests.pages.ledgers import NOW, Refused, account, group, instance, look, operator, reader, rule, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

INSTANCES, VOLUMES, GROUPS, RULES = (
    ("eu-central-1", slug) for slug in ("ec2-instance", "ebs-volume", "security-group", "security-group-rule")
)
YESTERDAY, LAST_VISIT, JUST_NOW = NOW - timedelta(days=1), NOW - timedelta(hours=20), NOW - timedelta(minutes=4)
SINCE = "2026-11-19T11%3A42%3A00Z"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def visitor(user, last_visit=LAST_VISIT):
    """A client of a user who was here last at that moment (None: never)."""
    client = Client()
    client.force_login(user)
    LastVisit.objects.update_or_create(user=user, defaults={"seen_at": NOW, "before": last_visit})
    return client


def open_page(client, address="/", **parameters):
    return Reading(client.get(address, parameters))


def acme_yesterday_and_now():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1), instance(2)], VOLUMES: [volume(1)], GROUPS: [group(1)]})
    look(
        acme,
        JUST_NOW,
        {INSTANCES: [instance(1, InstanceType="c5.large"), instance(3)], GROUPS: [group(1)], RULES: [rule(1, 1, 22)]},
    )


def test_home_counts_what_is_new_changed_and_gone_since_the_last_visit_and_leads_there():
    acme_yesterday_and_now()

    page = open_page(visitor(operator()))

    assert "Since your last visit, on yesterday 11:42, 2 new, 1 changed, 2 gone" in page.words
    assert page.links["2 new, 1 changed, 2 gone"] == f"/changes/?from={SINCE}"


def test_what_home_counts_is_what_changes_shows_behind_it():
    acme_yesterday_and_now()
    client = visitor(operator())

    page = open_page(client, open_page(client).links["2 new, 1 changed, 2 gone"])

    assert "5 changes were seen: 2 added, 1 altered and 2 gone" in page.words


def test_a_port_that_opened_to_the_world_is_named_with_its_group_and_its_row():
    acme_yesterday_and_now()

    page = open_page(visitor(operator()))

    assert "1 port opened to the world" in page.words
    assert page.links["22 SSH and SFTP critical"] == (
        "/ports/?account=acme&direction=inbound&region=eu-central-1&interval=tcp%3A22&source=world"
    )
    assert page.links["web"].startswith("/types/security-group/")


def test_a_first_visit_says_what_the_next_one_will_tell():
    acme_yesterday_and_now()

    page = open_page(visitor(operator(), last_visit=None))

    assert "This is your first visit" in page.words
    assert "Since your last visit" not in page.words


def test_without_a_snapshot_since_then_home_says_so():
    acme_yesterday_and_now()

    page = open_page(visitor(operator(), last_visit=NOW - timedelta(minutes=2)))

    assert "No snapshot was taken since your last visit, on 07:40" in page.words


def test_where_nothing_changed_home_says_so():
    acme = account()
    for moment in (YESTERDAY, JUST_NOW):
        look(acme, moment, {INSTANCES: [instance(1)]})

    page = open_page(visitor(operator()))

    assert "Nothing was seen to change since your last visit" in page.words


def test_where_the_rules_had_not_been_read_then_nobody_knows_which_ports_opened():
    acme = account()
    look(acme, YESTERDAY, {RULES: Refused()})
    look(acme, JUST_NOW, {RULES: [rule(1, 1, 22)]})

    page = open_page(visitor(operator()))

    assert "unknown in part" in page.words
    assert "In 1 place the rules had not been read by then" in page.words


def test_what_happened_in_an_account_that_was_not_granted_is_not_new_to_anybody_else():
    acme_yesterday_and_now()
    other = account("zephyr", "444455556666")
    look(other, YESTERDAY, {})
    look(other, JUST_NOW, {})

    page = open_page(visitor(reader(other)))

    assert "Nothing was seen to change since your last visit" in page.words
    assert "SSH" not in page.words


def test_a_past_moment_is_new_to_nobody():
    acme_yesterday_and_now()

    page = open_page(visitor(operator()), as_of=JUST_NOW.isoformat())

    assert "Since your last visit" not in page.words


def test_changes_begin_with_the_last_visit_unless_told():
    acme_yesterday_and_now()
    client = visitor(operator())

    since_last_visit, seven_days = (
        open_page(client, "/changes/"),
        open_page(client, "/changes/", **{"from": "2026-11-13"}),
    )

    assert "after 19 Nov 2026, 11:42 UTC, until now" in since_last_visit.words
    assert since_last_visit.current.count("Since your last visit") == 1
    assert "after 13 Nov 2026, 00:00 UTC, until now" in seven_days.words
    assert seven_days.links["Since your last visit"] == "/changes/?from=2026-11-19T11:42:00Z"


@pytest.mark.parametrize("parameters", [{"to": "2026-11-20T07:40"}, {"as_of": "2026-11-20T07:40"}])
def test_changes_that_end_at_a_past_moment_begin_seven_days_before_it(parameters):
    acme_yesterday_and_now()

    page = open_page(visitor(operator()), "/changes/", **parameters)

    assert "after 13 Nov 2026, 07:40" in page.words


def test_an_export_of_changes_does_not_depend_on_who_was_here_when():
    acme_yesterday_and_now()
    user = operator()

    answers = {visitor(user, last).get("/changes/?format=json").getvalue() for last in (None, NOW)}

    assert len(answers) == 1


def test_the_number_of_queries_does_not_grow_with_what_is_new():
    acme_yesterday_and_now()
    client = visitor(operator())
    with CaptureQueriesContext(connection) as few:
        client.get("/")

    other = account("zephyr", "444455556666")
    look(other, YESTERDAY, {})
    groups = [group(number) for number in range(8)]
    look(other, JUST_NOW, {GROUPS: groups, RULES: [rule(number, number, 22) for number in range(8)]})
    with CaptureQueriesContext(connection) as many:
        client.get("/")

    assert len(many) == len(few) <= 56
