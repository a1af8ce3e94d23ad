"""A query on the list of one type: beside its other conditions, in its sentence and in its exports."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from tests.pages.exports import data, table
from tests.pages.ledgers import NOW
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

LIST = "/types/ec2-instance/"


def names(client: Client, query: str) -> set[str]:
    """The names of the exported rows, which are those of the page."""
    return {row["name"] for row in data(client, f"{LIST}{query}&format=json")}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=web", {"Web-Front", "web, back", "web-zephyr"}),
        ("?q=web+-tag:owner=bob&state=running", {"Web-Front", "web-zephyr"}),
        ("?q=type:ec2-*+tag:owner&account=acme", {"Web-Front", "web, back"}),
        ("?q=cost%3E50", {"Web-Front"}),
        ("?q=state:running&state=stopped", set()),
        ("?q=++", {"Web-Front", "web, back", "db", "web-zephyr"}),
    ],
)
def test_rows_meet_the_query_and_the_other_conditions(client, query, found):
    page = Reading(client.get(f"{LIST}{query}")).words

    assert names(client, query) == found
    assert [name for name in ("Web-Front", "web, back", "db", "web-zephyr") if name in page] == [
        name for name in ("Web-Front", "web, back", "db", "web-zephyr") if name in found
    ]


def test_facets_count_the_rows_that_meet_the_query(client):
    words = Reading(client.get(f"{LIST}?q=tag:owner")).words

    assert "2 of 4" in words
    assert "running 1" in words
    assert "stopped 1" in words


def test_the_sentence_says_the_query_and_each_term_can_be_taken_back(client):
    page = Reading(client.get(f"{LIST}?q=web+-tag:owner=bob&state=running&sort=-name"))

    assert "EC2 instances without tag owner = bob" in page.words
    assert "and name or id begins with web" in page.words
    assert page.links["Remove: without tag owner = bob"] == f"{LIST}?state=running&q=web&sort=-name"
    assert page.links["Remove: and name or id begins with web"] == (
        f"{LIST}?state=running&q=-tag:owner%3Dbob&sort=-name"
    )


def test_links_and_forms_of_the_list_keep_the_query(client):
    answer = client.get(f"{LIST}?q=tag:owner&state=running")

    page = answer.content.decode()
    links, forms = Reading(answer).links, page[page.index("<main") :].count('name="q" value="tag:owner"')
    assert links["Name"] == f"{LIST}?state=running&q=tag:owner&sort=-name"
    assert links["CSV"] == f"{LIST}?state=running&q=tag:owner&format=csv"
    assert forms == len(("facets", "condition", "columns", "rows"))


def test_a_column_that_the_query_makes_the_same_in_every_row_is_left_out(client):
    heads = table(client, f"{LIST}?q=state:running&format=csv")[0]

    assert "state" not in heads


@pytest.mark.parametrize(
    ("query", "word", "message"),
    [
        ("sate:running", "sate", "Did you mean state?"),
        ("state:running volume_type:gp3", "volume_type", "Only EBS volumes"),
        ("type:ebs-volume", "type:ebs-volume", "This list is about EC2 instances"),
        ("type:volume", "volume", "There is no type “volume”. Did you mean ebs-volume?"),
    ],
)
def test_a_query_that_cannot_be_asked_shows_the_word_and_no_rows(client, query, word, message):
    answer = client.get(LIST, {"q": query, "state": "running"})

    page = Reading(answer)
    assert answer.status_code == 400
    assert f"<mark>{word}</mark>" in answer.content.decode()
    assert message in page.words
    assert "Web-Front" not in page.words
    assert page.links["Without it"] == f"{LIST}?state=running"


@pytest.mark.parametrize(
    ("given", "word", "corrected", "leads_to"),
    [
        ("?q=sate:running+web&sort=-name", "sate", "state:running web", "?sort=-name&q=state:running%20web"),
        ("?q=type:instance", "instance", "type:ec2-instance", "?q=type:ec2-instance"),
        ("?q=account:acmee", "acmee", "account:acme", "?q=account:acme"),
        ("?vcpus__gte=8&state=running", "vcpus", "vcpu__gte=8", "?state=running&vcpu__gte=8"),
        ("?-sate=running", "sate", "-state=running", "?-state=running"),
        ("?vcpu%3E=8", "vcpu>=8", "vcpu__gte=8", "?vcpu__gte=8"),
        ("?state:running", "state:running", "state=running", "?state=running"),
        ("?cost%3E50", "cost>50", "on_demand_monthly_usd__gt=50", "?on_demand_monthly_usd__gt=50"),
        ("?account=acme&-account=zephir", "zephir", "-account=zephyr", "?account=acme&-account=zephyr"),
        ("?sort=-vcpus", "vcpus", "sort=-vcpu", "?sort=-vcpu"),
        ("?columns=state,vcpus", "vcpus", "columns=state,vcpu", "?columns=state,vcpu"),
        ("?density=confortable", "confortable", "density=comfortable", "?density=comfortable"),
    ],
)
def test_a_wrong_word_is_marked_and_what_was_meant_can_be_clicked_on(client, given, word, corrected, leads_to):
    answer = client.get(f"{LIST}{given}")

    assert answer.status_code == 400
    assert f"<mark>{escape(word)}</mark>" in answer.content.decode()
    assert Reading(answer).links[corrected] == f"{LIST}{leads_to}"
    assert client.get(f"{LIST}{leads_to}").status_code == 200


def test_where_nothing_is_near_only_the_address_without_it_is_offered(client):
    answer = client.get(f"{LIST}?qqqq=1&state=running")

    assert "<mark>qqqq</mark>" in answer.content.decode()
    assert Reading(answer).links["Without it"] == f"{LIST}?state=running"
    assert "Write" not in Reading(answer).words


def test_a_price_of_a_past_moment_cannot_be_asked(client):
    answer = client.get(LIST, {"q": "cost>50", "as_of": (NOW.replace(day=19)).isoformat()})

    assert answer.status_code == 400
    assert "Prices at a past moment are today's" in Reading(answer).words


def test_an_account_that_was_not_granted_looks_as_if_it_did_not_exist(rita):
    there, invented = (rita.get(LIST, {"q": f"account:{name}"}) for name in ("zephyr", "qxphyr"))

    assert there.status_code == invented.status_code == 400
    assert Reading(there).words.replace("zephyr", "qxphyr") == Reading(invented).words
