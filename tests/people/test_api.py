"""People, groups, grants and decisions as the API tells them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from api.models import Scope, Token
from audit.models import Kind, record
from inventory.models import AccountGrant
from tests.pages.ledgers import account, operator

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]


@pytest.fixture
def ask():
    """Asks an address as an operator, and gives its JSON."""
    client = Client()
    client.force_login(operator())

    def ask(path: str, status: int = 200):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == status, answer.content
        return answer.json()

    return ask


def test_people_groups_and_grants_are_told_as_their_pages_show_them(ask):
    acme, zephyr = account(), account("zephyr", "222233334444")
    rita = User.objects.create_user("rita", "rita@example.com", "secret-enough", first_name="Rita")
    User.objects.create_user("nora", is_active=False)
    harbour = Group.objects.create(name="harbour")
    rita.groups.add(harbour)
    AccountGrant.objects.create(account=acme, group=harbour)
    AccountGrant.objects.create(account=zephyr, user=rita)
    Token.objects.issue(rita, name="report", scopes=[Scope.INVENTORY], lifetime=timedelta(days=1))

    people = {one["name"]: one for one in ask("people")["items"]}

    assert list(people) == ["operator", "rita", "nora"]
    assert people["rita"] == {
        "name": "rita",
        "first_name": "Rita",
        "last_name": "",
        "email": "rita@example.com",
        "state": "active",
        "is_superuser": False,
        "last_here": None,
        "groups": ["harbour"],
        "accounts": 2,
        "tokens": 1,
        "sees_by": None,
    }
    assert (people["nora"]["state"], people["operator"]["accounts"]) == ("deactivated", None)
    assert [(one["name"], one["sees_by"]) for one in ask("people?account=acme")["items"]] == [
        ("operator", "as a superuser"),
        ("rita", "through harbour"),
    ]
    assert ask("groups")["items"] == [{"name": "harbour", "members": ["rita"], "accounts": 1}]
    assert [(one["account"]["name"], one["user"], one["group"]) for one in ask("grants")["items"]] == [
        ("acme", None, "harbour"),
        ("zephyr", "rita", None),
    ]
    assert "secret" not in str(people)


def test_decisions_are_told_page_by_page_and_narrowed_as_on_their_page(ask):
    record("ada", Kind.GROUP_MADE, "made the group harbour", whom="harbour")
    record("ada", Kind.GRANTED, "granted acme to harbour", whom="harbour", account="acme")
    record("command line", Kind.LINK_MADE, "made a sign-in link")

    first = ask("decisions?limit=2")
    second = ask(f"decisions?limit=2&cursor={first['next_cursor']}")

    words = ["made a sign-in link", "granted acme to harbour", "made the group harbour"]
    assert [one["words"] for page in (first, second) for one in page["items"]] == words
    assert second["next_cursor"] is None
    assert [(one["kind"], one["whom"], one["account"]) for one in ask("decisions?about=acme")["items"]] == [
        ("account-granted", "harbour", "acme")
    ]
    assert ask("decisions?since=2999-01-01")["items"] == []
    for wrong in ("kind=nothing", "since=soon", "cursor=first", "limit=0", "whom=ada"):
        assert ask(f"decisions?{wrong}", status=400)["errors"], wrong
