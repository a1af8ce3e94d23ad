"""The list of every registered type: it renders empty, full and in the past, and never asks more than it should."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from inventory.models import Account
from inventory.pages.columns import columns_of
from inventory.pages.filters import POSSIBLE
from inventory.registry import Column, Kind, ResourceType, resource_types
from tests.pages import ledgers
from tests.support import left_out, rows

TYPES = [left_out.param(kind.slug, kind) for kind in resource_types()]
PAST = quote((rows.FIRST_LOOK + timedelta(hours=1)).isoformat())
BEFORE = quote((rows.FIRST_LOOK - timedelta(hours=1)).isoformat())
PINNED = Path(__file__).with_name("query_counts.json")
ROWS = 12

pytestmark = pytest.mark.django_db

TEXTS = {
    Kind.NUMBER: "3",
    Kind.COUNT: "3",
    Kind.BOOLEAN: "true",
    Kind.MOMENT: "2026-01-03",
}


def fill(kind: ResourceType, account: Account, number: int) -> None:
    """So many rows with a value in every column, and as many without any, half of those never read."""
    stored = [column.field for column in kind.columns if rows.is_stored(column)]
    full = [rows.example_fields(kind, one) for one in range(number)]
    empty = [{"unknown": dict.fromkeys([*stored, "tags"]) if one % 2 else {}} for one in range(number)]
    for revision in rows.add_rows(kind, account, [*full, *empty])[:number]:
        rows.add_parts(kind, revision)


def address(kind: ResourceType, query: str = "") -> str:
    return f"/types/{kind.slug}/{query}"


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def exported(client: Client, url: str) -> list[str]:
    answer = client.get(f"{url}{'&' if '?' in url else '?'}format=json")
    assert answer.status_code == 200, url
    return [row["native_id"] for row in json.loads(b"".join(answer.streaming_content))]  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", TYPES)
def test_a_list_renders_before_anybody_looked(kind: ResourceType, operator: Client):
    ledgers.account()

    assert "take_snapshot" in shown(operator, address(kind))


@pytest.mark.parametrize("kind", TYPES)
def test_a_list_renders_empty_full_in_the_past_and_before_it(kind: ResourceType, acme: Account, operator: Client):
    empty = shown(operator, address(kind))
    fill(kind, acme, ROWS)
    full = shown(operator, address(kind))
    past = shown(operator, address(kind, f"?as_of={PAST}"))
    before = shown(operator, address(kind, f"?as_of={BEFORE}"))

    assert "There are no" in empty
    assert "name 3" in full
    assert "name 3" in past
    assert "Never seen." in before


@pytest.mark.parametrize("kind", TYPES)
def test_a_list_shows_every_column_that_can_be_chosen(kind: ResourceType, acme: Account, operator: Client):
    fill(kind, acme, 2)
    every = ",".join(columns_of(kind))

    page = shown(operator, address(kind, f"?columns={every}"))

    assert all(escape(column.label) in page for column in columns_of(kind).values())


@pytest.mark.parametrize("kind", TYPES)
def test_every_sortable_column_sorts_both_ways(kind: ResourceType, acme: Account, operator: Client):
    fill(kind, acme, 3)
    everything = set(exported(operator, address(kind)))

    for column in columns_of(kind).values():
        for sign in ("", "-") if column.sortable else ():
            assert set(exported(operator, address(kind, f"?sort={sign}{column.field}"))) == everything


def questions(column: Column) -> list[str]:
    """Everything that can be asked of a column."""
    text = TEXTS.get(column.kind, "3")
    if column.field == "account":
        return ["-account=acme"]
    asked = [f"{operator.spelled(column.field)}={text}" for operator in POSSIBLE[column.kind]]
    return [*asked, f"{column.field}=", f"{column.field}=unknown", f"-{column.field}=", f"-{column.field}=unknown"]


@pytest.mark.parametrize("kind", TYPES)
def test_every_column_answers_every_question_of_its_kind(kind: ResourceType, acme: Account, operator: Client):
    fill(kind, acme, 4)

    for column in columns_of(kind).values():
        for question in questions(column):
            found = exported(operator, address(kind, f"?{question}"))
            if f"{column.field}=unknown" in question and rows.is_stored(column) and column in kind.columns:
                assert len(found) == (6 if question.startswith("-") else 2), question


def asked(client: Client, url: str) -> int:
    """How many questions the page asks; the settings and savepoints of a time budget are none."""
    with CaptureQueriesContext(connection) as captured:
        shown(client, url)
    return sum("SELECT" in query["sql"] for query in captured)


@pytest.mark.parametrize("kind", TYPES)
def test_a_list_asks_as_many_queries_as_were_pinned_however_many_rows_it_shows(
    kind: ResourceType, acme: Account, operator: Client
):
    fill(kind, acme, 1)
    addresses = {
        "now": address(kind, f"?columns={','.join(columns_of(kind))}"),
        "past": address(kind, f"?as_of={PAST}"),
        "filtered": address(kind, "?tag:env=prod&region=eu-central-1"),
    }
    few = {name: asked(operator, url) for name, url in addresses.items()}

    fill(kind, acme, ROWS)
    many = {name: asked(operator, url) for name, url in addresses.items()}

    assert many == few
    assert many == pinned(kind, many)


def pinned(kind: ResourceType, counted: dict[str, int]) -> dict[str, int]:
    """The numbers that were reviewed; `PIN_QUERY_COUNTS=1 pytest tests/contracts` writes them anew."""
    known: dict[str, dict[str, int]] = json.loads(PINNED.read_text()) if PINNED.exists() else {}
    if os.environ.get("PIN_QUERY_COUNTS"):
        known[kind.slug] = counted
        PINNED.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n")
    return known.get(kind.slug, {})
