"""Open ports of another moment, of what could not be read, of other accounts, and of many groups."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.pages import port_rows
from tests.pages.ledgers import NOW, Refused, account, group, instance, look, reader, rule
from tests.pages.ports.openings import (
    GROUPS,
    HERE,
    INSTANCES,
    JUST_NOW,
    RULES,
    openings,
    ports,
    records,
    text_of,
)

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

# Moments, and what is not known


def test_a_past_moment_shows_the_rules_of_then(client, acme):
    before = NOW - timedelta(days=2)
    look(acme, before, {GROUPS: [group(1)], RULES: [rule(1, 1, 23)]})
    look(acme, JUST_NOW, {GROUPS: [group(1)], RULES: [rule(2, 1, 22)]})

    assert ports(client) == ["22"]
    assert ports(client, f"?as_of={before:%Y-%m-%dT%H:%M:%SZ}") == ["23"]


def test_before_the_first_look_nobody_knows_what_was_open(client, estate):
    text = text_of(client, "?as_of=2026-01-01")

    assert "No rule of a security group was read by then" in text
    assert "No rule lets strangers in" not in text


def test_without_any_snapshot_it_says_what_to_do(client, acme):
    text = text_of(client)

    assert "nobody knows what is open" in text
    assert "Coverage" in text


def test_a_refused_region_keeps_its_rows_and_says_since_when_and_which_action(client, estate):
    refused = Refused(action="ec2:DescribeSecurityGroupRules")
    before = len(openings(client))

    look(estate, NOW - timedelta(minutes=1), {RULES: refused})
    text = text_of(client)

    assert len(openings(client)) == before
    assert "denied since 07:41" in text
    assert "ec2:DescribeSecurityGroupRules" in text
    assert "as of 07:38" in text


def test_rules_that_could_never_be_read_are_not_taken_for_none(client, acme):
    look(acme, JUST_NOW, {RULES: Refused(action="ec2:DescribeSecurityGroupRules")})

    text = text_of(client)

    assert "No rule of a security group could be read" in text
    assert "ec2:DescribeSecurityGroupRules" in text


def test_what_is_attached_is_unknown_where_instances_were_never_read(client, acme):
    look(acme, JUST_NOW, {GROUPS: [group(1)], RULES: [rule(1, 1, 22)], INSTANCES: Refused()})

    ((*_, behind, _),) = openings(client)

    assert behind == "unknown"
    assert records(client)[0]["attached"] is None


def test_a_group_that_was_not_collected_is_shown_by_its_id(client, acme):
    look(acme, JUST_NOW, {GROUPS: Refused(), RULES: [rule(1, 1, 22)]})

    ((named, *_),) = openings(client)

    assert named == f"sg-{1:017x} not collected"


# Whose it is


def test_a_reader_sees_only_what_was_granted(browser_of, estate):
    other = account("other", "999988887777")
    look(other, JUST_NOW, {GROUPS: [group(9, "their-own")], RULES: [rule(9, 9, 8080)], INSTANCES: []})
    granted = browser_of(reader(other))

    assert ports(granted) == ["8080"]
    assert {record["account"] for record in records(granted)} == {"999988887777"}
    assert "bastion" not in text_of(granted)


def test_a_stranger_sees_no_row_and_no_count(browser_of, estate):
    stranger = browser_of(reader())

    page = stranger.get("/ports/")

    assert page.context["page"].total == 0
    assert page.context["page"].matrix.lines == []
    assert records(stranger) == []
    assert "bastion" not in page.content.decode()
    assert HERE not in page.content.decode()


def test_an_account_that_was_not_granted_does_not_exist(browser_of, estate):
    stranger = browser_of(reader())

    assert stranger.get("/ports/?account=acme").status_code == 404
    assert stranger.get("/ports/?account=acme&format=json").status_code == 404


def test_an_account_can_be_chosen(client, estate):
    other = account("other", "999988887777")
    look(other, JUST_NOW, {RULES: [rule(9, 9, 8080)]})

    assert ports(client, "?account=other") == ["8080"]


def test_hostile_names_are_shown_as_text(client, acme):
    hostile = '<script>alert("x")</script>'
    attached = instance(1, name=hostile, SecurityGroups=[{"GroupId": f"sg-{1:017x}"}])
    look(acme, JUST_NOW, {GROUPS: [group(1, hostile)], RULES: [rule(1, 1, 22)], INSTANCES: [attached]})

    page = client.get("/ports/").content.decode()

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") >= 2


# Size


def test_a_long_list_has_pages_and_each_row_stands_on_one_of_them(client, acme, monkeypatch):
    monkeypatch.setattr(port_rows, "ROWS_ON_A_PAGE", 4)
    rules = [rule(10 * number + port, number, 2 * port) for number in range(1, 6) for port in range(1, 4)]
    look(acme, JUST_NOW, {GROUPS: [group(number) for number in range(1, 6)], RULES: rules})

    pages, url = [], "/ports/"
    while url:
        page = client.get(url).context["page"]
        pages.append([(row.group.native_id, row.ports) for place in page.places for row in place.rows])
        url = page.next_url.partition("#")[0]

    everything = [row for page in pages for row in page]
    assert [len(page) for page in pages] == [6, 6, 3]
    assert len(set(everything)) == 15
    assert len(records(client)) == 15


def queries_of(client, query=""):
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/ports/{query}")
    return len(queries)


def test_the_number_of_queries_does_not_grow_with_the_number_of_groups(client, acme):
    def listing(groups):
        return {
            GROUPS: [group(number) for number in range(groups)],
            RULES: [rule(number, number, 22 + number) for number in range(groups)],
            INSTANCES: [instance(n, SecurityGroups=[{"GroupId": f"sg-{n:017x}"}]) for n in range(groups)],
        }

    look(acme, NOW - timedelta(minutes=9), listing(1))
    few = queries_of(client)
    look(acme, JUST_NOW, listing(20))

    assert queries_of(client) == few
    assert few == 15
