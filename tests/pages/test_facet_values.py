"""What the values of facets and the cells of a list are called: by the names of resources, and in plain words."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.pages.exports import data
from tests.pages.ledgers import NOW, account, group, look, operator, reader, rule

pytestmark = pytest.mark.django_db

RULES, GROUPS = ("eu-central-1", "security-group-rule"), ("eu-central-1", "security-group")
LIST = "/types/security-group-rule/"
EVERYTHING: dict[str, Any] = {"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def html(client: Client, address: str = LIST) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def facet(page: str, field: str) -> dict[str, str]:
    """The words of the values of a facet, by how an address spells them."""
    values = re.findall(rf'name="{field}"\s+value="([^"]*)"[^>]*>\s*<span class="v"[^>]*><bdi>([^<]*)</bdi>', page)
    return dict(values)


def test_a_facet_names_the_things_that_its_values_are(client):
    look(account(), NOW - timedelta(minutes=4), {GROUPS: [group(1, "web")], RULES: [rule(1, 1, 443), rule(2, 2, 22)]})
    client.force_login(operator())

    names = facet(html(client), "group_id")

    assert names == {f"sg-{1:017x}": "web", f"sg-{2:017x}": "sg-…0002"}


def test_things_of_one_name_are_told_apart_by_their_ids(client):
    groups = [group(1, "default"), group(2, "default")]
    look(account(), NOW - timedelta(minutes=4), {GROUPS: groups, RULES: [rule(1, 1, 443), rule(2, 2, 22)]})
    client.force_login(operator())

    names = facet(html(client), "group_id")

    assert names == {f"sg-{1:017x}": "default …0001", f"sg-{2:017x}": "default …0002"}


def test_a_name_is_told_to_nobody_who_does_not_see_the_account(client):
    acme, zephyr = account(), account("zephyr", "444455556666")
    look(acme, NOW - timedelta(minutes=4), {RULES: [rule(1, 1, 443)]})
    look(zephyr, NOW - timedelta(minutes=4), {GROUPS: [group(1, "not-theirs")]})
    client.force_login(reader(acme))

    page = html(client)

    assert facet(page, "group_id") == {f"sg-{1:017x}": "sg-…0001"}
    assert "not-theirs" not in page


def test_things_of_one_id_and_two_names_keep_their_id(client):
    for one, name in ((account(), "web"), (account("zephyr", "444455556666"), "shop")):
        look(one, NOW - timedelta(minutes=4), {GROUPS: [group(1, name)], RULES: [rule(1, 1, 443)]})
    client.force_login(operator())

    assert facet(html(client), "group_id") == {f"sg-{1:017x}": "sg-…0001"}


def test_every_protocol_and_port_are_called_all_and_stay_minus_one_in_data(client):
    look(account(), NOW - timedelta(minutes=4), {GROUPS: [group(1)], RULES: [rule(1, 1, 0, **EVERYTHING)]})
    client.force_login(operator())

    page = html(client, f"{LIST}?protocol=-1")

    assert set(re.findall(r"<bdi>([^<]+)</bdi>", page)) >= {"all"}
    assert ">-1<" not in page
    assert facet(page, "protocol") == {"-1": "all"}
    assert "<title>Security-group rules where protocol is all" in page
    (row,) = data(client, f"{LIST}?format=json")
    assert (row["protocol"], row["from_port"], row["to_port"]) == ("-1", -1, -1)
