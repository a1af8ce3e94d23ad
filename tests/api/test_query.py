"""Queries by the API: the language of the page, and what may be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoDbBlocker

from api.models import Scope, Token
from inventory.models import AccountGrant
from inventory.registry import resource_type
from inventory.resource_types.ec2_instance import Ec2Instance
from tests.access.world import Estate, make_zephyr
from tests.support.once import written_once
from tests.support.rows import add_rows

QUERY = "/api/v1/query"
VOLUME = resource_type("ebs-volume")


@pytest.fixture(scope="module")
def _estate(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Estate]:
    with written_once(django_db_blocker):
        yield Estate("acme", "111122223333", "eu-west-1")


@pytest.fixture
def acme(_estate: Estate, db: None) -> Estate:
    return _estate


@pytest.fixture
def client_of(acme: Estate) -> Callable[..., Client]:
    """A factory of clients, each with the token of somebody who may see acme alone."""

    def make(*scopes: Scope) -> Client:
        owner = User.objects.create(username=f"rita-{len(scopes)}")
        AccountGrant.objects.create(account=acme.account, user=owner)
        _, secret = Token.objects.issue(owner, name="query", scopes=scopes, lifetime=timedelta(days=1))
        return Client(headers={"authorization": f"Bearer {secret}"})

    return make


@pytest.fixture
def client(client_of: Callable[..., Client]) -> Client:
    return client_of(*Scope)


def asked(client: Client, query: str, **parameters: Any) -> dict[str, Any]:
    """What was found of each type."""
    answer = client.get(QUERY, {"q": query, **parameters})
    assert answer.status_code == 200, answer.content
    return {one["type"]: one for one in answer.json()["types"]}


def test_what_is_found_of_each_type_leads_to_all_of_it(acme, client):
    add_rows(VOLUME, acme.account, [{"size_gib": 500 + number} for number in range(40)])

    found = asked(client, "type:ebs-volume size_gib>=500", limit=2)
    led_to = client.get(f"{found['ebs-volume']['all']}&limit=100").json()

    assert list(found) == ["ebs-volume"]
    assert found["ebs-volume"]["total"] == led_to["total"] == 40
    assert [one["id"] for one in found["ebs-volume"]["items"]] == [one["id"] for one in led_to["items"][:2]]
    assert [one["asked"] for one in found["ebs-volume"]["items"]] == [{"size_gib": 500}, {"size_gib": 501}]


def test_a_list_takes_the_same_query(acme, client):
    add_rows(VOLUME, acme.account, [{"size_gib": 500}, {"size_gib": 7}])

    answer = client.get("/api/v1/resources/ebs-volume", {"q": "size_gib>=500"})

    assert [one["size_gib"] for one in answer.json()["items"]] == [500]


def test_what_was_never_read_is_unknown_and_an_amount_has_its_currency(acme, client):
    add_rows(VOLUME, acme.account, [{"name": "unread", "unknown": {"size_gib": None}}])

    [volume] = asked(client, "name:unread size_gib:unknown")["ebs-volume"]["items"]
    [instance] = asked(client, "type:ec2-instance cost:unknown")["ec2-instance"]["items"]

    assert (volume["asked"]["size_gib"], volume["unknown"]) == (None, ["size_gib"])
    assert instance["asked"]["on_demand_monthly_usd"]["currency"] == "USD"


def test_costs_are_asked_for_with_their_scope_only(client_of):
    poor = client_of(Scope.INVENTORY)

    answers = [
        poor.get(QUERY, {"q": "cost>1"}),
        poor.get("/api/v1/resources/ec2-instance", {"q": "cost>1"}),
        poor.get(QUERY, {"q": "state:running"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 200]
    assert "usd" not in answers[-1].content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "There is no query"),
        ("sate:running", "Did you mean state? This is about “sate”."),
        ("account:zephyr", "There is no account “zephyr”"),
        ("x" * 1001, "at most 1,000 letters"),
        ("a\0b", "NUL"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused_with_the_word(acme, client, query, words):
    make_zephyr(acme)

    answer = client.get(QUERY, {"q": query})

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["parameter"] for error in answer.json()["errors"]] == ["q"]
    assert words in answer.json()["detail"]


def test_nothing_of_an_account_that_was_not_granted_is_found(acme, client):
    zephyr = make_zephyr(acme)

    answer = client.get(QUERY, {"q": "type:*"}).content.decode()

    assert acme.native_id("ec2-instance") in answer
    assert not [word for word in zephyr.words if word in answer]


def test_a_type_that_nobody_looked_for_says_so(client):
    Ec2Instance.revisions.all().delete()

    assert asked(client, "type:ec2-instance", as_of="2020-01-01")["ec2-instance"]["was_never_read"] is True
