"""What a person chose: times in a zone with UTC beside, and single keys that can be switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Preferences
from inventory.pages import moments
from tests.pages.exports import data
from tests.pages.ledgers import NOW, account, instance, look, operator, reader
from tests.pages.reading import Reading

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HERE = ("eu-central-1", "ec2-instance")
LAUNCHED = datetime(2026, 11, 19, 23, 30, tzinfo=UTC)
"""The twentieth in Berlin."""


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    """An operator at work, of an account with one instance that was stopped four minutes ago."""
    acme, client = account(), Client()
    stopped = instance(1, LaunchTime=LAUNCHED, State={"Name": "stopped"})
    look(acme, NOW - timedelta(days=1), {HERE: [instance(1, LaunchTime=LAUNCHED - timedelta(days=9))]})
    look(acme, NOW - timedelta(minutes=4), {HERE: [stopped]})
    client.force_login(operator())
    return client


def choose(client: Client, zone: str = "", keys: bool = True):
    chosen = {"time_zone": zone} | ({"has_single_keys": "on"} if keys else {})
    return client.post("/settings/you/", chosen)


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return Reading(answer).words


def test_without_a_choice_times_are_utc(client):
    page = words(client, "/")

    assert "Now 4 min old, 07:38 UTC" in page
    assert "Times in UTC" in page


def test_times_are_told_in_the_chosen_zone_with_utc_beside(client):
    choose(client, "Europe/Berlin")

    page = words(client, "/")

    assert "Now 4 min old, 08:38 CET (07:38 UTC)" in page
    assert "Times in Europe/Berlin" in page


def test_a_cell_tells_the_day_of_the_reader_and_utc_in_its_title(client):
    choose(client, "Europe/Berlin")

    page = client.get("/types/ec2-instance/?columns=launch_time").content.decode()

    assert "20 Nov 2026, 00:30 CET (19 Nov 23:30 UTC)" in page


def test_changes_are_told_by_the_days_of_the_reader(client):
    choose(client, "Pacific/Honolulu")

    page = words(client, "/changes/")

    assert "Thursday 19 November 2026 Changes seen on 19 November 2026" in page
    assert "21:38 EC2 instance" in page


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Europe/Berlin", "20 Nov 2026, 08:42 CET (07:42 UTC)"),
        ("America/Sao_Paulo", "20 Nov 2026, 04:42 UTC\N{MINUS SIGN}03:00 (07:42 UTC)"),
        ("Asia/Kathmandu", "20 Nov 2026, 13:27 UTC+05:45 (07:42 UTC)"),
        ("Pacific/Honolulu", "19 Nov 2026, 21:42 HST (20 Nov 07:42 UTC)"),
        ("Europe/London", "20 Nov 2026, 07:42 UTC"),
    ],
)
def test_a_moment_that_stands_alone_names_its_zone_and_utc(zone, told):
    with timezone.override(zone):
        assert f"{moments.full_moment_words(NOW)} {moments.zone_words(NOW)}" == told


def test_exports_and_the_api_stay_utc(client):
    listed = "/types/ec2-instance/?columns=launch_time&format="
    asked = [f"{listed}json", f"{listed}csv", "/changes/?format=json"]
    before = [client.get(one).getvalue() for one in asked]
    answered = client.get("/api/v1/changes").json()

    choose(client, "Asia/Tokyo")

    assert [client.get(one).getvalue() for one in asked] == before
    assert client.get("/api/v1/changes").json() == answered
    assert data(client, asked[0])[0]["launch_time"] == "2026-11-19T23:30:00Z"


def test_a_form_written_in_a_zone_leads_to_an_address_in_utc(client):
    choose(client, "Europe/Berlin")

    answer = client.get(
        "/changes/", {"from": "2026-11-19T00:00:00", "to": "", "tag": "a=ü&b", "times_in": "Europe/Berlin"}
    )

    assert answer.url == "/changes/?from=2026-11-18T23%3A00%3A00Z&to=&tag=a%3D%C3%BC%26b"


def test_the_form_of_moments_speaks_the_zone_of_the_reader(client):
    choose(client, "Europe/Berlin")

    page = client.get("/?as_of=2026-11-20T07:40:00Z").content.decode()

    assert "Read this page as of, Europe/Berlin" in page
    assert 'value="2026-11-20T08:40"' in page
    assert '<input type="hidden" name="times_in" value="Europe/Berlin">' in page


def test_an_address_means_the_same_to_everybody(client):
    there = "/types/ec2-instance/?as_of=2026-11-20T07:40:00Z"
    in_utc = words(client, there)

    choose(client, "Europe/Berlin")

    assert "You are reading 20 Nov 2026, 07:40 UTC." in in_utc
    assert "You are reading 20 Nov 2026, 08:40 CET (07:40 UTC)." in words(client, there)


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "UTC"])
def test_a_zone_that_names_no_place_we_know_is_refused(client, zone):
    address, kept = client.get("/", {"as_of": "2026-11-20T07:00", "times_in": zone}), choose(client, zone)

    assert (address.status_code, kept.status_code) == (400, 400)
    assert "no time zone that we know" in address.content.decode()
    assert "no time zone that we know" in kept.content.decode()
    assert not Preferences.objects.exists()


def test_a_moment_that_cannot_be_read_is_told_by_the_page(client):
    answer = client.get("/", {"as_of": "soon", "times_in": "Europe/Berlin"}, follow=True)

    assert answer.status_code == 400
    assert "“soon” is not a moment" in answer.content.decode()


def test_a_zone_that_is_known_no_longer_counts_as_utc(client):
    Preferences.objects.create(user=operator_of(client), time_zone="Europe/Gone")

    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert "Times in UTC" in words(client, "/")


def test_preferences_are_of_one_person(client):
    choose(client, "Asia/Tokyo")
    other = Client()
    other.force_login(reader())

    page = words(other, "/")

    assert "Times in UTC" in page


def test_another_browser_of_the_same_person_follows_within_five_minutes(client):
    other = Client()
    other.force_login(operator_of(client))
    choose(client, "Asia/Tokyo")

    at_once = words(other, "/keys/")
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        later = words(other, "/keys/")

    assert "Times in UTC" in at_once
    assert "Times in Asia/Tokyo" in later


def test_pages_ask_the_database_nothing_for_preferences(client):
    choose(client, "Asia/Tokyo")

    with CaptureQueriesContext(connection) as asked:
        client.get("/keys/")

    assert not [query["sql"] for query in asked if "inventory_preferences" in query["sql"]]


def test_whoever_is_served_next_begins_with_utc(client):
    choose(client, "Asia/Tokyo")

    client.get("/")

    assert timezone.get_current_timezone_name() == "UTC"


def test_the_page_of_preferences_shows_what_was_chosen(client):
    choose(client, "America/Argentina/Buenos_Aires", keys=False)

    page = client.get("/settings/you/").content.decode()

    assert '<option value="America/Argentina/Buenos_Aires" selected>Buenos Aires, Argentina</option>' in page
    assert "checked" not in page
    assert "Kept: times are told in America/Argentina/Buenos Aires, single keys do nothing." in page


def test_who_switched_single_keys_off_loads_no_page_that_listens_to_them(client):
    with_keys = client.get("/").content.decode()

    choose(client, keys=False)

    without = client.get("/").content.decode()
    assert ("js/keys.js" in with_keys, "aria-keyshortcuts" in with_keys) == (True, True)
    assert ("js/keys.js" in without, "aria-keyshortcuts" in without) == (False, False)


def test_the_page_of_keys_leads_where_the_keys_do(client):
    page = Reading(client.get("/keys/?account=acme"))

    assert "g c Changes" in page.words
    assert "g m Costs" in page.words
    assert "g 1 " in page.words
    assert page.links["Regions"] == "/regions/?account=acme"


def operator_of(client: Client):
    """Who is signed in."""
    return client.get("/keys/").wsgi_request.user
