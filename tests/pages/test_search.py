"""Search across all types: what is found, in which order, and what is never found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from inventory.history.terms import beginning_with
from inventory.models import Account, Link, Resource, ResourceTag
from inventory.pages import search as page_of_search
from inventory.pages import search_hits
from inventory.snapshots.prune import prune_history
from tests.pages.ledgers import NOW, account, bucket, group, instance, look, operator, reader, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE = "eu-central-1"
INSTANCES, VOLUMES, GROUPS = (HERE, "ec2-instance"), (HERE, "ebs-volume"), (HERE, "security-group")
AN_HOUR_AGO, YESTERDAY, LAST_WEEK = NOW - timedelta(hours=1), NOW - timedelta(days=1), NOW - timedelta(days=7)
ID = f"i-{1:017x}"


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    client = Client()
    client.force_login(operator())
    return client


def tags(**values: str) -> Any:
    return [{"Key": key, "Value": value} for key, value in values.items()]


@pytest.fixture
def estate():
    """Two accounts with things of every searched kind; one of them has an instance that is gone."""
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    listings = {
        INSTANCES: [
            instance(1, name="Web-Front", PrivateIpAddress="10.0.3.17", SecurityGroups=[{"GroupId": f"sg-{1:017x}"}]),
            instance(2, name="web-back"),
            instance(3, name="web"),
        ],
        VOLUMES: [volume(1, Tags=tags(owner="Alice", team="red")), volume(2, Tags=tags(owner="bob"))],
        GROUPS: [group(1, "webserver")],
        ("global", "s3-bucket"): [bucket("web-logs")],
    }
    look(acme, LAST_WEEK, listings)
    look(acme, AN_HOUR_AGO, listings | {INSTANCES: listings[INSTANCES][:2]})
    look(zephyr, AN_HOUR_AGO, {INSTANCES: [instance(9, name="web-zephyr")]})
    return acme, zephyr


def found(client: Client, text: str, **parameters: str) -> dict[str, list[str]]:
    """The names of the hits by type, in their order."""
    answer = client.get("/search/", {"q": text, **parameters})
    assert answer.status_code == 200
    tables = Reading(answer).tables
    return {
        caption.removesuffix(" that were found"): [row[0] for row in table[1:]] for caption, table in tables.items()
    }


def names(client: Client, text: str, **parameters: str) -> set[str]:
    return {name for some in found(client, text, **parameters).values() for name in some}


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("web-f", {"Web-Front"}),
        ("WEB-FRONT", {"Web-Front"}),
        ("front", set()),
        ("web", {"Web-Front", "web-back", "web", "web-zephyr", "webserver", "web-logs"}),
        ("web-l", {"web-logs"}),
        (ID, {"Web-Front"}),
        (ID.upper(), {"Web-Front"}),
        (ID[:-1], {"Web-Front", "web-back", "web", "web-zephyr"}),
        ("10.0.3.", {"Web-Front"}),
        ("10.0.3.17", {"Web-Front"}),
        ("10.0.31", set()),
        ("alice", {f"vol-{1:017x}"}),
        ("ali", {f"vol-{1:017x}"}),
        ("owner=ali", {f"vol-{1:017x}"}),
        ("OWNER=bob", {f"vol-{2:017x}"}),
        ("team=ali", set()),
        ("owner", {f"vol-{1:017x}", f"vol-{2:017x}"}),
        ("sg-", {"webserver", "Web-Front"}),
        ("%", set()),
        ("we_", set()),
        ("w", set()),
        ("  web-b  ", {"web-back"}),
        ("we\0b-b", {"web-back"}),
        ("'; DROP TABLE inventory_resource; --", set()),
        ("\N{PILE OF POO}" * 300, set()),
    ],
)
def test_a_search_finds_what_begins_so(client, estate, text, hits):
    assert names(client, text) == hits


def test_hits_stand_by_type_exact_ones_first_and_gone_ones_last(client, estate):
    hits = found(client, "web")

    assert set(hits) == {"EC2 instances", "S3 buckets", "Security groups"}
    assert hits["EC2 instances"] == ["web-back", "Web-Front", "web-zephyr", "web"]
    assert found(client, "web-back")["EC2 instances"] == ["web-back"]


def test_a_hit_says_its_account_region_state_and_since_when_it_is_gone(client, estate):
    rows = Reading(client.get("/search/?q=web")).tables["EC2 instances that were found"]

    by_name = {row[0]: row[1:6] for row in rows}
    assert by_name["web-back"] == [f"i-{2:017x}", "name or id", "acme", "Frankfurt", "running"]
    assert by_name["web"][1:] == ["exactly so", "acme", "Frankfurt", "gone since 06:42"]
    assert by_name["web-zephyr"][2] == "zephyr"


def test_a_hit_says_by_which_tag_or_address_it_was_found(client, estate):
    look(estate[0], NOW - timedelta(minutes=5), {VOLUMES: [volume(2, Tags=tags(owner="carol"))]})

    words = {text: Reading(client.get("/search/", {"q": text})).words for text in ("10.0.3", "carol", "bob")}

    assert "private IPv4 10.0.3.17" in words["10.0.3"]
    assert "tag owner = carol" in words["carol"]
    assert "tag owner = bob, until 07:37" in words["bob"]


# --- straight there ---------------------------------------------------------------------------------------------------


def test_an_id_leads_straight_to_its_resource(client, estate):
    resource = Resource.objects.get(native_id=ID)

    answer = client.get("/search/", {"q": ID.upper(), "go": "1"})

    assert (answer.status_code, answer["Location"]) == (302, f"/types/ec2-instance/{resource.pk}/")


@pytest.mark.parametrize("text", ["web", "web-back", "i-00", "i-nothing"])
def test_whatever_is_no_id_leads_to_the_hits(client, estate, text):
    assert client.get("/search/", {"q": text, "go": "1"}).status_code == 200


def test_an_id_that_two_accounts_have_leads_to_the_hits(client, estate):
    look(estate[1], NOW - timedelta(minutes=1), {INSTANCES: [instance(1, name="twin")]})

    answer = client.get("/search/", {"q": ID, "go": "1"})
    in_one = client.get("/search/", {"q": ID, "go": "1", "account": "zephyr"})

    assert answer.status_code == 200
    assert in_one["Location"].endswith("?account=zephyr")


def test_an_address_without_go_shows_its_hits(client, estate):
    assert client.get("/search/", {"q": ID}).status_code == 200


# --- while typing -----------------------------------------------------------------------------------------------------


def test_while_typing_the_hits_come_alone_and_lead_to_the_same_pages(client, estate):
    fragment = client.get("/search/?q=web&go=1", headers={"HX-Request": "true"})
    page = client.get("/search/?q=web")

    links = {words.split(" ")[0]: url for words, url in Reading(fragment).links.items()}
    assert b"<html" not in fragment.content
    assert "HX-Request" in fragment["Vary"]
    assert links["webserver"] == Reading(page).links["webserver"]
    assert links["All"] == "/search/?q=web"


def test_while_typing_an_id_nothing_leads_away(client, estate):
    assert client.get(f"/search/?q={ID}&go=1", headers={"HX-Request": "true"}).status_code == 200


def test_few_hits_of_each_type_are_shown_and_the_others_are_one_step_away(client, monkeypatch):
    monkeypatch.setattr(page_of_search, "SHOWN_OF_A_TYPE", 3)
    look(
        account(), AN_HOUR_AGO, {INSTANCES: [instance(n, name=f"web-{n}") for n in range(5)], GROUPS: [group(1, "web")]}
    )

    reading = Reading(client.get("/search/?q=web"))
    more = client.get(reading.links["show 2 more"])

    assert len(found(client, "web")["EC2 instances"]) == 3
    assert len(Reading(more).tables["EC2 instances that were found"]) == 6
    assert list(Reading(more).tables) == ["EC2 instances that were found"]


# --- time and limits --------------------------------------------------------------------------------------------------


def test_a_past_moment_finds_what_was_there_as_it_was(client, estate):
    past = {"as_of": (LAST_WEEK + timedelta(hours=1)).isoformat()}

    rows = Reading(client.get("/search/", {"q": "web", **past})).tables["EC2 instances that were found"]

    assert {row[0]: row[5] for row in rows[1:]} == {"Web-Front": "running", "web-back": "running", "web": "running"}


def test_more_than_can_be_looked_through_is_said(client, monkeypatch):
    monkeypatch.setattr(search_hits, "MOST", 3)
    look(account(), AN_HOUR_AGO, {INSTANCES: [instance(n, name=f"web-{n}") for n in range(5)]})

    words = Reading(client.get("/search/?q=web")).words

    assert "at least 3 things begin with web" in words
    assert "There may be more" in words


def test_a_source_that_takes_too_long_is_named_and_the_others_answer(client, estate, monkeypatch):
    def never_ending(*_: object):
        with connection.cursor() as cursor:
            cursor.execute("WITH RECURSIVE m(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM m) SELECT max(n) FROM m")
        yield

    monkeypatch.setattr(search_hits, "_tagged", never_ending)
    monkeypatch.setattr(search_hits, "SECONDS", 0.3)

    words = Reading(client.get("/search/?q=web-b")).words

    assert "not all tags that begin so could be looked through" in words
    assert "web-back" in words


@pytest.mark.parametrize(("text", "words"), [("", "Write the beginning"), ("a", "Write at least 2 letters")])
def test_too_little_text_says_what_to_write(client, estate, text, words):
    assert words in Reading(client.get("/search/", {"q": text})).words


def test_what_is_not_found_says_where_else_to_look(client, estate):
    words = Reading(client.get("/search/?q=front")).words

    assert "Nothing begins with front" in words
    assert "contains" in words


def test_an_unknown_type_is_refused(client, estate):
    assert client.get("/search/?q=web&type=lambda").status_code == 400


# --- who may see what -------------------------------------------------------------------------------------------------


def test_what_was_not_granted_is_not_found_nor_counted_nor_jumped_to(estate):
    acme, _ = estate
    client = Client()
    client.force_login(reader(acme))

    words = Reading(client.get("/search/?q=web")).words
    hidden = client.get("/search/", {"q": f"i-{9:017x}", "go": "1"})

    assert "5 things begin with web" in words
    assert "zephyr" not in words
    assert hidden.status_code == 200
    assert names(client, "web-z") == set()


def test_a_user_without_grants_finds_nothing(estate):
    client = Client()
    client.force_login(reader())

    assert names(client, "web") == set()


def test_an_account_can_be_chosen(client, estate):
    assert names(client, "web", account="zephyr") == {"web-zephyr"}


def test_things_of_an_archived_account_are_marked_come_last_and_lead_to_it(client, estate):
    Account.objects.filter(name="acme").update(archived_at=NOW - timedelta(minutes=1))

    reading = Reading(client.get("/search/?q=web"))
    rows = reading.tables["EC2 instances that were found"]

    assert rows[1][0] == "web-zephyr"
    assert "acme archived" in [row[3] for row in rows]
    assert reading.links["web-back"].endswith("?account=acme")
    assert client.get(reading.links["web-back"]).status_code == 200


def test_a_pruned_moment_finds_nothing_of_the_account(client, estate):
    acme, _ = estate
    prune_history(acme, YESTERDAY)

    assert names(client, "web", as_of=(LAST_WEEK + timedelta(hours=1)).isoformat()) == set()
    assert "web-back" in names(client, "web")


# --- indexes ----------------------------------------------------------------------------------------------------------


def test_each_source_walks_its_own_index(estate):
    """Whatever the database would rather do with a few rows, it can use the index of the term."""
    acme, _ = estate
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")

    plans = {
        "resource_id_term": beginning_with(search_hits._of(Resource.objects.all(), [acme.pk]), "i-", "native_id"),
        "resource_name_term": beginning_with(search_hits._of(Resource.objects.all(), [acme.pk]), "web", "current_name"),
        "tag_value_term": beginning_with(search_hits._of(ResourceTag.objects.all(), [acme.pk]), "a", "value"),
        "link_term": beginning_with(search_hits._of(Link.objects.all(), [acme.pk]), "10.", "target", "value"),
    }

    for index, rows in plans.items():
        assert index in rows[: search_hits.MOST].explain(), index
