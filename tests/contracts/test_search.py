"""A search asks as many queries for many hits as for few."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.registry import resource_types
from tests.pages import ledgers
from tests.support import rows

pytestmark = pytest.mark.django_db

SEARCHED = sum(column.searched for kind in resource_types() for column in kind.columns)
PINNED = 14 + SEARCHED
"""Queries of a page with hits of every type; a searched column adds one."""
PINNED_WHILE_TYPING = 9 + SEARCHED


def asked(client: Client, text: str, **headers: str) -> int:
    """How many questions a search asks; the settings and savepoints of a time budget are none."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get("/search/", {"q": text}, headers=headers)
    assert f"{text}-1" in answer.content.decode()
    return sum("SELECT" in query["sql"] for query in captured)


def test_a_search_asks_as_many_queries_as_were_pinned_however_many_hits_there_are(client: Client):
    acme = ledgers.account()
    rows.read_everything(acme)
    client.force_login(ledgers.operator())
    for text, number in {"few": 2, "many": 12}.items():
        for kind in resource_types():
            rows.add_rows(kind, acme, [{"name": f"{text}-{one}"} for one in range(number)])

    assert {asked(client, text) for text in ("few", "many")} == {PINNED}
    assert {asked(client, text, **{"HX-Request": "true"}) for text in ("few", "many")} == {PINNED_WHILE_TYPING}
