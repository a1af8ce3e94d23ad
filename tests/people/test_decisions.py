"""Decisions are kept with who made them, shown to operators, and never changed."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api.models import Scope, Token
from audit.models import Decision, Kind, record
from inventory.models import AccountGrant
from sign_in.models import Invitation
from tests.pages import exports
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

USERS = "/settings/users/"
ACCOUNTS = "/settings/accounts/"
PAGE = "/settings/decisions/"


def kept():
    return [str(one) for one in Decision.objects.order_by("pk")]


def shown(client, **chosen):
    """The decisions on the page: who, and what."""
    return [row[1:] for row in Reading(client.get(PAGE, chosen)).tables["Decisions, newest first"][1:]]


def test_what_an_operator_decides_about_people_is_kept_with_about_whom(client, rita, acme):
    client.post(f"{USERS}grants/", {"user": rita.pk, "accounts": [acme.pk]})
    client.post(f"{USERS}grants/{AccountGrant.objects.get().pk}/revoke/")
    client.post(f"{USERS}groups/", {"name": "platform"})
    client.post(f"{USERS}groups/join/", {"group": Group.objects.get().pk, "users": [rita.pk]})
    client.post(f"{USERS}{rita.pk}/details/", {"first_name": "", "last_name": "", "email": "", "is_superuser": "on"})
    client.post(f"{USERS}{rita.pk}/deactivate/")

    assert kept() == [
        "ada granted acme to rita",
        "ada revoked acme from rita",
        "ada made the group platform",
        "ada put rita into the group platform",
        "ada changed the e-mail address of rita",
        "ada made rita a superuser",
        "ada deactivated rita",
    ]
    assert [one.kind for one in Decision.objects.filter(whom="rita", account="acme").order_by("pk")] == [
        Kind.GRANTED,
        Kind.REVOKED,
    ]


def test_what_an_operator_decides_about_accounts_is_kept(client, acme):
    role = "arn:aws:iam::444455556666:role/SkyledgerReadOnly"
    client.post(f"{ACCOUNTS}add/", {"name": "beta", "role_arn": role})
    client.post(f"{ACCOUNTS}{acme.pk}/pause/")
    client.post(f"{ACCOUNTS}{acme.pk}/pause/")
    client.post(f"{ACCOUNTS}{acme.pk}/archive/", {"because": "It was sold."})
    call_command("remove_account", "acme", "--yes", stdout=io.StringIO(), stderr=io.StringIO())

    assert kept() == [
        "ada added beta",
        "ada paused acme",
        "ada archived acme: It was sold",
        "command line removed acme with its whole history",
    ]


def test_tokens_and_invitations_are_kept_without_their_secrets(client, ada):
    invited = client.post(f"{USERS}invite/", {"username": "noor", "email": "", "first_name": "", "last_name": ""})
    address = invited.content.decode().split('id="address">')[1].split("<")[0]
    Invitation.objects.accept(address.split("/")[-2], "correct horse battery")
    token, secret = Token.objects.issue(ada, name="report", scopes=[Scope.COSTS], lifetime=timedelta(days=1))
    client.post(f"/settings/tokens/{token.pk}/revoke/")
    call_command("sign_in_link", "--user", "noor", stdout=(link := io.StringIO()), stderr=io.StringIO())

    assert kept() == [
        "ada added noor",
        "ada invited noor",
        "noor accepted an invitation",
        f"ada made the API token report (read:costs) until {token.expires_at:%Y-%m-%d}",
        "ada revoked the API token report of ada",
        "command line made a sign-in link for noor",
    ]
    stored = str(list(Decision.objects.values()))
    assert not [part for part in (secret, *address.split("/")[-2:-1], link.getvalue().split("/")[-2]) if part in stored]


def test_a_change_on_the_admin_site_is_kept_too(client, rita):
    Group.objects.create(name="platform")

    client.post(f"/admin/auth/group/{Group.objects.get().pk}/change/", {"name": "plants"})
    client.post(f"/admin/auth/user/{rita.pk}/delete/", {"post": "yes"})

    assert kept() == [
        "ada changed the group plants on the admin site: Changed Name",
        "ada deleted the user rita on the admin site",
    ]
    assert not User.objects.filter(pk=rita.pk).exists()


def test_nothing_is_kept_of_a_decision_that_is_undone_with_its_transaction(rita, acme, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("no room")

    monkeypatch.setattr("people.decisions.record", refuse)
    from people import decisions

    with pytest.raises(RuntimeError):
        decisions.grant([acme], rita, "ada")

    assert not AccountGrant.objects.exists()


def test_decisions_can_neither_be_changed_nor_deleted(rita):
    record("ada", Kind.ADDED, "added rita", whom="rita")
    one = Decision.objects.get()

    for attempt in (one.save, one.delete, Decision.objects.all().delete, lambda: Decision.objects.update(by="rita")):
        with pytest.raises(TypeError, match="Decisions are added"):
            attempt()
    rita.delete()
    assert kept() == ["ada added rita"]


def test_the_page_shows_the_newest_first_and_filters(client):
    record("ada", Kind.GRANTED, "granted acme to rita", whom="rita", account="acme")
    record("ada", Kind.PAUSED, "paused acme", account="acme")
    record("command line", Kind.GRANTED, "granted beta to wim", whom="wim", account="beta")

    assert [what for _, what in shown(client)] == ["granted beta to wim", "paused acme", "granted acme to rita"]
    assert shown(client, by="command line") == [["command line", "granted beta to wim"]]
    assert [what for _, what in shown(client, about="acme")] == ["paused acme", "granted acme to rita"]
    assert [what for _, what in shown(client, about="acme", kind="account-granted")] == ["granted acme to rita"]
    assert "Nobody decided anything like this" in Reading(client.get(PAGE, {"until": "2020-01-01"})).words
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert len(shown(client, since=today, until=today)) == 3


def test_pages_lead_both_ways_and_hold_their_place_while_others_decide(client):
    for number in range(1, 106):
        record("ada", Kind.ADDED, f"added person {number}", whom=f"p{number}")
    first = Reading(client.get(PAGE))
    record("ada", Kind.ADDED, "added person 106", whom="p106")

    second = client.get(first.links["Older"])
    third = client.get(Reading(second).links["Older"])
    back = client.get(Reading(third).links["Newer"])

    def whats(page):
        return [row[2] for row in Reading(page).tables["Decisions, newest first"][1:]]

    assert whats(second) == [f"added person {number}" for number in range(55, 5, -1)] == whats(back)
    assert whats(third) == [f"added person {number}" for number in range(5, 0, -1)]
    assert "Older" not in Reading(third).links


def test_an_export_has_every_decision_that_was_asked_for(client):
    for number in range(120):
        record("ada", Kind.GRANTED, f"granted a{number} to =rita", whom="=rita", account=f"a{number}")
    record("ada", Kind.PAUSED, "paused a1", account="a1")

    rows = exports.data(client, f"{PAGE}?format=json&kind=account-granted")
    heads, newest, *_ = exports.table(client, f"{PAGE}?format=csv")

    assert [row["account"] for row in rows] == [f"a{number}" for number in range(119, -1, -1)]
    assert heads == ["taken_at", "by", "kind", "whom", "account", "words"]
    assert newest[1:] == ["ada", "account-paused", "", "a1", "paused a1"]
    assert exports.table(client, f"{PAGE}?format=csv&about=%3Drita")[1][3] == "'=rita"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "sold"}, "“sold”"),
        ({"since": "yesterday"}, "“yesterday” is no day. Write one like 2026-04-01."),
        ({"until": "9999-12-31"}, "is no day"),
        ({"before": "-1"}, "is no place among decisions"),
        ({"about": "a\0b"}, "cannot hold the character NUL"),
        ({"format": "pdf"}, "“pdf”"),
    ],
)
def test_an_address_that_cannot_be_met_says_what_to_write(client, given, told):
    answer = client.get(PAGE, given)

    assert answer.status_code == 400
    assert told in Reading(answer).words


def test_the_page_asks_the_database_as_often_however_many_decisions_there_are(client):
    client.get(PAGE)
    record("ada", Kind.ADDED, "added person 0", whom="p0")
    with CaptureQueriesContext(connection) as of_one:
        client.get(PAGE)
    for number in range(60):
        record("ada", Kind.ADDED, f"added person {number}", whom=f"p{number}")

    with CaptureQueriesContext(connection) as of_many:
        page = client.get(PAGE)

    assert len(of_many) == len(of_one) <= 14
    assert len(Reading(page).tables["Decisions, newest first"][1:]) == 50
