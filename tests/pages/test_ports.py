from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.exposure.ledger import RECORD_KEYS
from inventory.pages import port_rows
from tests.pages.ledgers import NOW, Refused, account, group, instance, look, operator, reader, rule

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HERE = "eu-central-1"
GROUPS, RULES, INSTANCES = (HERE, "security-group"), (HERE, "security-group-rule"), (HERE, "ec2-instance")
JUST_NOW = NOW - timedelta(minutes=4)
WITHOUT_IPV4: dict[str, Any] = {"CidrIpv4": None}


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def acme():
    return account("acme")


@pytest.fixture
def browser_of():
    """A signed-in client of a user."""

    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def client(browser_of):
    return browser_of(operator())


class Openings(HTMLParser):
    """The rows of the table of openings, as lists of the words in their cells."""

    def __init__(self, html):
        super().__init__()
        self.rows, self._cell, self._in_table, self._hidden = [], None, False, 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        classes = (dict(attributes).get("class") or "").split()
        if tag == "table":
            self._in_table = "ports" in classes
        elif tag == "tr" and self._in_table:
            self.rows.append([])
        elif tag in ("td", "th") and self._in_table:
            self._cell = []

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.extend(data.split())

    def handle_endtag(self, tag):
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].append(" ".join(self._cell))
            self._cell = None


def openings(client, query=""):
    """Group, port, source, who, behind it and rules of each row of the page."""
    answer = client.get(f"/ports/{query}")
    assert answer.status_code == 200
    return [row for row in Openings(answer.content.decode()).rows[1:] if len(row) == 6]


def ports(client, query=""):
    return [row[1].split()[0] for row in openings(client, query)]


def records(client, query=""):
    separator = "&" if query else "?"
    return json.loads(client.get(f"/ports/{query}{separator}format=json").getvalue())


def text_of(client, query=""):
    class Words(HTMLParser):
        def __init__(self):
            super().__init__()
            self.words = []

        def handle_data(self, data):
            self.words.extend(data.split())

    parser = Words()
    parser.feed(client.get(f"/ports/{query}").content.decode())
    return " ".join(parser.words)


@pytest.fixture
def estate(acme):
    """Three groups: one open to the world, one to a large range and a group, one attached to nothing."""
    look(
        acme,
        JUST_NOW,
        {
            GROUPS: [group(1, "bastion"), group(2, "database"), group(3, "forgotten")],
            RULES: [
                rule(1, 1, 22),
                rule(2, 1, 443, "10.0.0.0/8"),
                rule(3, 2, 5432, "52.0.0.0/8"),
                rule(
                    4,
                    2,
                    5432,
                    ReferencedGroupInfo={"GroupId": f"sg-{1:017x}", "UserId": "111122223333"},
                    **WITHOUT_IPV4,
                ),
                rule(5, 3, 3389, CidrIpv6="::/0", **WITHOUT_IPV4),
                rule(6, 3, 53, IpProtocol="udp"),
                rule(7, 3, 443, PrefixListId="pl-1", **WITHOUT_IPV4),
                rule(8, 1, 0, IsEgress=True, IpProtocol="-1", FromPort=-1, ToPort=-1),
            ],
            INSTANCES: [
                instance(1, name="jump", SecurityGroups=[{"GroupId": f"sg-{1:017x}"}]),
                *(instance(n, name=f"db-{n}", SecurityGroups=[{"GroupId": f"sg-{2:017x}"}]) for n in range(2, 7)),
            ],
        },
    )
    return acme


# What it shows


def test_each_opening_says_port_service_source_and_what_stands_behind_it(client, estate):
    found = openings(client)

    assert found[0][0].startswith("bastion")
    assert found[0][1].startswith("22 SSH and SFTP critical")
    assert found[0][2] == "0.0.0.0/0"
    assert found[0][3].startswith("the whole internet")
    assert found[0][4] == "jump"


def test_groups_stand_by_their_worst_opening_and_openings_by_their_severity(client, estate):
    assert ports(client) == ["22", "443", "3389", "53", "443", "5432", "5432"]


def test_a_group_with_nothing_attached_says_so(client, estate):
    rows = {row[1].split()[0]: row[4] for row in openings(client)}

    assert rows["3389"] == "attached to no instance"
    assert "unused" not in text_of(client)


def test_many_instances_are_named_in_part_and_counted(client, estate):
    (behind,) = {row[4] for row in openings(client, "?port=5432")}

    assert behind == "db-2 , db-3 , db-4 and 2 more" or behind == "db-2, db-3, db-4 and 2 more"


def test_a_group_as_source_is_shown_by_its_name(client, estate):
    (row,) = openings(client, "?source=group")

    assert row[2] == "bastion"


def test_a_prefix_list_is_unknown(client, estate):
    (row,) = openings(client, "?severity=unknown")

    assert "443 HTTPS unknown" in row[1]
    assert row[2] == "pl-1"


def test_the_sentence_counts_what_strangers_reach(client, estate):
    assert "The rules of 3 groups let strangers in through 2 critical , 1 high and 1 medium openings" in text_of(client)


def test_it_says_that_only_rules_were_read(client, estate):
    assert "routes and network ACLs are not weighed in" in text_of(client)


# Formats


@pytest.mark.parametrize("query", ["", "?severity=critical", "?port=443", "?direction=outbound", "?source=narrow"])
def test_page_json_and_csv_show_the_same_rows_in_the_same_order(client, estate, query):
    shown = openings(client, query)
    as_json = records(client, query)
    as_csv = client.get(f"/ports/{query}{'&' if query else '?'}format=csv").getvalue().decode()

    assert [row[1].split()[0] for row in shown] == [
        "All" if record["protocol"] == "-1" else str(record["from_port"]) for record in as_json
    ]
    assert [int(row[5].split()[0]) for row in shown] == [len(record["rule_ids"]) for record in as_json]
    assert [json.loads(row["rule_ids"]) for row in csv.DictReader(io.StringIO(as_csv))] == [
        record["rule_ids"] for record in as_json
    ]


def test_json_has_the_keys_of_the_command(client, estate):
    assert {tuple(record) for record in records(client)} == {RECORD_KEYS}


# Conditions


def test_severity_region_and_source_may_have_several_values(client, estate):
    assert ports(client, "?severity=critical&severity=high") == ["22", "3389", "5432"]
    assert ports(client, "?source=world-ipv6&source=wide") == ["3389", "5432"]
    assert ports(client, f"?region={HERE}&region=us-east-1") == ports(client)
    assert ports(client, "?region=us-east-1") == []


def test_no_severity_can_be_asked_for(client, estate):
    assert ports(client, "?severity=none") == ["443", "5432"]


def test_outbound_is_a_page_of_its_own(client, estate):
    (row,) = openings(client, "?direction=outbound")

    assert row[1] == "All protocols bastion"
    assert "severity" not in row[1]


def test_a_port_is_found_in_every_interval_that_holds_it(client, acme):
    look(acme, JUST_NOW, {RULES: [rule(1, 1, 20, ToPort=30), rule(2, 2, 0, ToPort=65535), rule(3, 3, 23)]})

    assert len(openings(client, "?port=22")) == 2


def test_every_protocol_reaches_every_port_and_icmp_none(client, acme):
    everything = rule(1, 1, -1, IpProtocol="-1")
    ping = rule(2, 2, 22, IpProtocol="icmp")
    look(acme, JUST_NOW, {RULES: [everything, ping]})

    assert ports(client, "?port=22") == ["All"]


def test_udp_never_answers_a_tcp_question(client, estate):
    assert ports(client, "?port=udp:53") == ["53"]
    assert ports(client, "?port=tcp:53") == []


def test_the_conditions_are_said_in_words_and_each_can_be_taken_away(client, estate):
    page = client.get("/ports/?severity=critical&port=22").content.decode()

    assert "severity is critical" in page
    assert "port 22 is reached" in page
    assert 'href="/ports/?port=22"' in page
    assert 'href="/ports/?severity=critical"' in page


def test_nothing_found_offers_everything(client, estate):
    assert "No opening meets these conditions" in text_of(client, "?port=12345")


@pytest.mark.parametrize(
    "query",
    [
        "severity=huge",
        "direction=sideways",
        "port=ssh",
        "port=65536",
        "port=-1",
        "source=mars",
        "interval=tcp:a-b",
        "format=xml",
        "as_of=yesterday",
    ],
)
def test_an_impossible_condition_is_refused_with_its_value(client, estate, query):
    answer = client.get(f"/ports/?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[2] in answer.content.decode()


def test_every_number_of_the_matrix_is_the_number_of_rows_behind_it(client, estate):
    matrix = client.get("/ports/").context["page"].matrix
    cells = [cell for line in matrix.lines for cell in line.cells if cell]

    assert len(cells) == 7
    for cell in cells:
        query = cell.url.removeprefix("/ports/").removesuffix("#openings")
        assert len(openings(client, query)) == cell.number


def test_the_matrix_tints_by_severity_and_marks_what_is_unknown(client, estate):
    matrix = client.get("/ports/").context["page"].matrix
    looks = {
        (line.label, column.key): cell.look
        for line in matrix.lines
        for column, cell in zip(matrix.columns, line.cells, strict=True)
        if cell
    }

    assert looks == {
        ("22 SSH and SFTP", "world-ipv4"): "critical",
        ("3389 RDP", "world-ipv6"): "critical",
        ("5432 PostgreSQL", "wide"): "high",
        ("5432 PostgreSQL", "group"): "own",
        ("53 UDP DNS", "world-ipv4"): "medium",
        ("443 HTTPS", "unknown"): "unsure",
        ("443 HTTPS", "narrow"): "own",
    }


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
    assert few == 14
