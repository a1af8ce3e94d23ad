"""What the page of open ports shows, counts and exports, and by which conditions."""

from __future__ import annotations

import csv
import io
import json

import pytest

from inventory.exposure.ledger import RECORD_KEYS
from tests.pages.ledgers import look, rule
from tests.pages.ports.openings import (
    HERE,
    JUST_NOW,
    RULES,
    openings,
    ports,
    records,
    text_of,
)

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

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
