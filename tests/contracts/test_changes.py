"""The page of changes shows every registered type, and asks as many queries for many changes as for few."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account
from inventory.registry import ResourceType, resource_types
from tests.pages import ledgers
from tests.support import rows

pytestmark = pytest.mark.django_db

PINNED = 65
"""The most queries of a page that holds a change of each kind of twelve types; each adds six at most."""
KINDS = tuple(resource_types())
PARTS = tuple(KINDS[first : first + 12] for first in range(0, len(KINDS), 12))
"""A page holds fifty changes: with more types, or more of each kind, the last ones would stand on the next page."""


def change_everything(account: Account, kinds: Sequence[ResourceType], number: int, hours: int) -> str:
    """Changes of each kind of these types that are seen so many hours after the first look; answers their stretch.

    So many of each type are new.
    """
    at = rows.FIRST_LOOK + timedelta(hours=hours)
    for kind in kinds:
        named = [{"native_id": f"{kind.slug}-{hours}-{one}", "name": f"name {one}"} for one in range(number)]
        rows.add_rows(kind, account, named, valid_from=at)
        first = named[0]
        rows.add_rows(kind, account, [first | {"native_id": f"gone-{first['native_id']}"}], valid_to=at)
        altered = [first | {"native_id": f"altered-{first['native_id']}"}]
        for before in rows.add_rows(kind, account, altered, valid_to=at):
            before.pk, before.name, before.valid_from, before.valid_to = None, "another", at, None
            before.save(force_insert=True)
    since = quote((at - timedelta(minutes=1)).isoformat())
    return f"/changes/?from={since}&to={quote(at.isoformat())}"


def asked(client: Client, url: str) -> int:
    """How many questions the page asks; the settings and savepoints of a time budget are none."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200, url
    return sum("SELECT" in query["sql"] for query in captured)


def test_the_page_asks_as_many_queries_as_were_pinned_however_many_changes_it_shows(client: Client):
    acme = ledgers.account()
    rows.read_everything(acme)
    client.force_login(ledgers.operator())
    few, many = (change_everything(acme, PARTS[0], number, hours=number) for number in (1, 2))

    counted = {asked(client, url) for url in (few, many)}

    assert len(counted) == 1
    assert max(counted) <= PINNED


@pytest.mark.parametrize("kinds", PARTS)
def test_every_type_has_its_changes_on_the_page(kinds: Sequence[ResourceType], client: Client):
    acme = ledgers.account()
    rows.read_everything(acme)
    client.force_login(ledgers.operator())
    url = change_everything(acme, kinds, 1, hours=1)

    page = client.get(url).content.decode()

    for kind in kinds:
        assert kind.plural in page
        assert f"gone-{kind.slug}-1-0" in page
    assert f"{3 * len(kinds)} changes were" in page
