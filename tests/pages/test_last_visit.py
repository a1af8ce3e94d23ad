from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import LastVisit
from tests.pages.ledgers import NOW, operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def client():
    with time_machine.travel(NOW, tick=False):
        client = Client()
        client.force_login(operator())
        return client


def open_page(client, after: timedelta, address="/", **headers) -> LastVisit:
    with time_machine.travel(NOW + after, tick=False):
        client.get(address, headers=headers)
    return LastVisit.objects.get()


def test_the_first_visit_has_none_before_it(client):
    visit = open_page(client, timedelta(minutes=1))

    assert visit.before is None


def test_pages_with_less_than_half_an_hour_between_them_are_one_visit(client):
    for minutes in (20, 40, 60):
        visit = open_page(client, timedelta(minutes=minutes))

    assert (visit.before, visit.seen_at) == (None, NOW + timedelta(hours=1))


def test_after_half_an_hour_of_silence_the_visit_before_ended_with_its_last_page(client):
    open_page(client, timedelta(minutes=20), "/coverage/")

    visit = open_page(client, timedelta(hours=9))

    assert (visit.before, visit.seen_at) == (NOW + timedelta(minutes=20), NOW + timedelta(hours=9))


def test_a_page_of_the_same_visit_leaves_the_end_of_the_one_before(client):
    open_page(client, timedelta(hours=9))

    visit = open_page(client, timedelta(hours=9, minutes=20))

    assert visit.before == NOW


def test_what_an_open_page_fetches_by_itself_prolongs_no_visit(client):
    visit = open_page(client, timedelta(hours=9), "/coverage/", HX_Request="true")

    assert (visit.before, visit.seen_at) == (None, NOW)


def test_a_visit_is_each_users_own(client):
    with time_machine.travel(NOW + timedelta(hours=9), tick=False):
        other = Client()
        other.force_login(User.objects.create_superuser("colleague"))

    assert set(LastVisit.objects.values_list("user__username", "before", "seen_at")) == {
        ("operator", None, NOW),
        ("colleague", None, NOW + timedelta(hours=9)),
    }


def test_signing_in_anew_begins_a_visit(client):
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        Client().force_login(LastVisit.objects.get().user)

    assert LastVisit.objects.get().before == NOW


def test_a_page_that_follows_within_five_minutes_asks_and_writes_nothing_for_it(client):
    open_page(client, timedelta(minutes=1))

    with time_machine.travel(NOW + timedelta(minutes=4), tick=False), CaptureQueriesContext(connection) as queries:
        client.get("/coverage/")

    assert not [query for query in queries if "lastvisit" in query["sql"]]


def test_a_clock_that_was_set_back_ends_no_visit(client):
    visit = open_page(client, -timedelta(days=1))

    assert (visit.before, visit.seen_at) == (None, NOW)
