"""The places of these tests, and what the page of open ports and its export say."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from tests.pages.ledgers import NOW

HERE = "eu-central-1"
GROUPS, RULES, INSTANCES = (HERE, "security-group"), (HERE, "security-group-rule"), (HERE, "ec2-instance")
JUST_NOW = NOW - timedelta(minutes=4)
WITHOUT_IPV4: dict[str, Any] = {"CidrIpv4": None}


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
