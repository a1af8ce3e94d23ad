"""Queries over all types: the rows they find, the page and the command."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.management.commands.query import Command, with_query_last
from inventory.pages import paging
from inventory.pages.budget import OverBudget
from inventory.registry import resource_type
from tests.pages.ledgers import NOW, Refused, instance, look
from tests.pages.query.estate import INSTANCES, LAST_WEEK
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

PINNED = 23
"""Queries of a page with rows of two types; six of them are the frame's."""


def run(query: str, *arguments: str) -> tuple[str, str]:
    """What the command writes to standard output and to standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("query", *arguments, "--", query, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def found(query: str, *arguments: str) -> set[str]:
    """The names of what a query finds."""
    return {row["name"] or row["native_id"] for row in json.loads(run(query, "--format", "json", *arguments)[0])}


def listed(client: Client, address: str) -> set[tuple[str, str]]:
    """The type and id of every row of a list."""
    answer = client.get(f"{address}{'&' if '?' in address else '?'}format=json")
    assert answer.status_code == 200, address
    slug = address.split("/")[2]
    return {(slug, row["native_id"]) for row in json.loads(b"".join(answer.streaming_content))}  # type: ignore[attr-defined]


SAME = [
    ("type:ec2-instance state:running vcpu>=2", ["ec2-instance/?state=running&vcpu__gte=2"]),
    ("type:ec2-instance state:running,stopped -tag:owner", ["ec2-instance/?state=running&state=stopped&-tag:owner"]),
    ("state:run*", ["ec2-instance/?state__like=run*", "ebs-volume/?state__like=run*"]),
    ("size_gib>100 encrypted:true", ["ebs-volume/?size_gib__gte=101&encrypted=true"]),
    ("-size_gib>100", ["ebs-volume/?size_gib__lte=100"]),
    ("type:ec2-instance tag:owner=al*,bob", ["ec2-instance/?tag__like:owner=al*&tag__like:owner=bob"]),
    ("type:ec2-* -tag:owner=alice", ["ec2-instance/?-tag:owner=alice"]),
    ("account:444455556666", ["ec2-instance/?account=zephyr"]),
    ("cost>50", ["ec2-instance/?on_demand_monthly_usd__gt=50"]),
    ("type:ec2-instance cost:unknown", ["ec2-instance/?on_demand_monthly_usd=unknown"]),
    ("type:ec2-instance -cost>50", ["ec2-instance/?on_demand_monthly_usd__lte=50"]),
    ("private_ipv4:10.0.3.*", ["ec2-instance/?private_ipv4__like=10.0.3.*"]),
    ('name:"web, back"', ["ec2-instance/?name=web%2C%20back"]),
]


@pytest.mark.parametrize(("query", "lists"), SAME)
def test_a_query_finds_the_rows_of_the_lists_with_the_same_conditions(client, query, lists):
    written = {(row["type"], row["native_id"]) for row in json.loads(run(query, "--format", "json")[0])}
    page = Reading(client.get("/query/", {"q": query}))
    led_to = [listed(client, url) for words, url in page.links.items() if "as a list" in words.lower()]

    expected = set.union(*(listed(client, f"/types/{address}") for address in lists))
    assert written == expected == set().union(*led_to)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("web", {"Web-Front", "web, back", "web-data", "web-logs", "webserver", "web-zephyr"}),
        ("web -type:ec2-instance", {"web-data", "web-logs", "webserver"}),
        ("*front", {"Web-Front"}),
        (f"i-{1:017x}", {"Web-Front"}),
        (f"web i-{1:017x}", {"Web-Front"}),
        ("id:i-*3 -web", {"db"}),
        ('"web, "', {"web, back"}),
        ("web_", set()),
        ("tag:owner", {"Web-Front", "web, back", "web-data"}),
        ("tag:owner=al*", {"Web-Front", "web-data"}),
        ("account:z*", {"web-zephyr"}),
        ("-account:acme", {"web-zephyr"}),
        ("type:ec2-instance region:us-*", set()),
    ],
)
def test_words_patterns_tags_and_accounts_find_things_of_all_types(estate, query, names):
    assert found(query) == names


def test_a_past_moment_is_asked_with_what_was_there_then(estate):
    then = (LAST_WEEK + timedelta(hours=1)).isoformat()

    assert found("type:ec2-instance", "--as-of", then) == {"old-front"}
    assert found("old", "--as-of", then) == {"old-front"}
    assert found("type:ec2-instance web", "--as-of", then) == found("old") == set()


def test_a_price_of_a_past_moment_cannot_be_asked_and_says_why(client):
    answer = client.get("/query/", {"q": "state:running cost>50", "as_of": LAST_WEEK.isoformat()})

    assert answer.status_code == 400
    assert "Prices at a past moment are today's" in Reading(answer).words


def test_the_page_shows_rows_by_type_with_what_the_query_asks_about(client):
    page = Reading(client.get("/query/", {"q": "tag:owner size_gib>=1"}))

    assert "1 thing meets this, in 1 type." in page.words
    [table] = page.tables.values()
    assert [cell for cell in table[0] if cell] == [
        "Name",
        "Account",
        "Region",
        "State",
        "Size GiB",
        "List price $ a month",
    ]
    assert table[1][0].startswith("web-data")


def test_the_page_points_at_the_word_that_is_wrong_and_leads_to_what_was_meant(client):
    answer = client.get("/query/", {"q": "type:ec2-instance sate:running"})

    page = Reading(answer)
    assert answer.status_code == 400
    assert b"<mark>sate</mark>" in answer.content
    assert client.get(page.links["type:ec2-instance state:running"]).status_code == 200


def test_a_query_is_text_and_never_markup(client):
    answer = client.get("/query/", {"q": '"<script>alert(1)</script>" <b>:x'})

    assert b"<script>alert" not in answer.content
    assert b"<b>:x" not in answer.content


def test_what_could_not_be_read_is_said_beside_the_rows(client, estate):
    look(estate[0], NOW - timedelta(minutes=30), {INSTANCES: Refused()})

    words = Reading(client.get("/query/", {"q": "type:ec2-instance state:running"})).words

    assert "What we could not read" in words
    assert "ec2:DescribeInstances" in words


def test_a_type_that_was_never_read_is_not_said_to_have_nothing(client):
    before = (LAST_WEEK - timedelta(days=1)).isoformat()

    words = Reading(client.get("/query/", {"q": "type:ec2-instance", "as_of": before})).words

    assert "had never been read by then" in words
    assert "Nothing among" not in words


def test_rows_that_take_too_long_are_named_and_the_others_shown(client, monkeypatch):
    find = paging.page_of

    def find_but_for_instances(rows, *arguments):
        if rows.model is resource_type("ec2-instance").model:
            raise OverBudget
        return find(rows, *arguments)

    monkeypatch.setattr("inventory.pages.query.rows.page_of", find_but_for_instances)

    words = Reading(client.get("/query/", {"q": "web"})).words

    assert "could not be found in time" in words
    assert ("web-data" in words, "Web-Front" in words) == (True, False)


def test_the_page_asks_no_more_queries_however_many_rows_it_finds(client, estate):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/query/", {"q": "type:ec2-instance,ebs-volume -name:nobody"})
        return len([query for query in captured if query["sql"].startswith("SELECT")])

    few = asked()
    look(estate[0], NOW - timedelta(minutes=9), {INSTANCES: [instance(number) for number in range(1, 20)]})

    assert asked() <= few == PINNED


@pytest.mark.parametrize(
    "query", ["zephyr", "account:zephyr", "-account:zephyr", "account:ze*", "account:444455556666"]
)
def test_an_account_that_was_not_granted_looks_as_if_it_did_not_exist(rita, query):
    there, invented = (
        rita.get(f"/query/?q={quote(text)}")
        for text in (query, query.replace("ze", "qx").replace("444455556666", "444455556667"))
    )

    assert there.status_code == invented.status_code
    assert "web-zephyr" not in Reading(there).words
    assert ("There is no account" in Reading(there).words) == ("There is no account" in Reading(invented).words)


# --- the command --------------------------------------------------------------------------------------------------


def test_the_command_writes_rows_to_stdout_and_words_to_stderr(estate):
    out, err = run("type:ebs-volume size_gib>=1")

    head, *lines = out.splitlines()
    assert head.split() == ["type", "native_id", "account", "name", "region", "size_gib"]
    assert [line.split()[-1] for line in lines] == ["100", "500"]
    assert "2 resources" in err


def test_the_command_writes_csv_with_the_columns_of_every_type_that_was_asked(estate):
    head, *lines = run("state:running,available", "--format", "csv", "--account", "acme")[0].splitlines()

    assert head == "type,native_id,account,name,region,tags,state,unknown"
    assert {line.split(",")[0] for line in lines} == {"ec2-instance", "ebs-volume"}


def test_the_command_shows_the_word_of_a_query_that_cannot_be_read_and_exits_with_2(estate):
    with pytest.raises(CommandError) as error:
        run("type:ec2-instance sate:running")

    lines = str(error.value).splitlines()
    assert error.value.returncode == 2
    assert lines[1:3] == ["type:ec2-instance sate:running", "                  ^^^^"]
    assert "Did you mean state?" in lines[3]


def test_a_query_on_the_command_line_may_begin_with_a_minus():
    argv = with_query_last(["manage.py", "query", "-tag:owner type:ebs-volume", "--format", "json"])

    options = Command().create_parser("manage.py", "query").parse_args(argv[2:])

    assert (options.query, options.format) == ("-tag:owner type:ebs-volume", "json")


def test_the_command_knows_no_other_account_than_the_named_one(estate):
    assert found("web", "--account", "zephyr") == {"web-zephyr"}
    with pytest.raises(CommandError, match="no account “acme”"):
        run("account:acme", "--account", "zephyr")
