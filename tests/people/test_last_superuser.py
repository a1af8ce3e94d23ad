"""Nobody can lock everybody out, and what was decided stands in the log."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from people import decisions
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

LIST = "/settings/users/"
READER = {"first_name": "", "last_name": "", "email": ""}


def send(client, user, act, **fields):
    return Reading(client.post(f"{LIST}{user.pk}/{act}/", fields, follow=True))


def is_in_charge(user):
    user.refresh_from_db()
    return user.is_superuser and user.is_active


def test_the_last_superuser_is_neither_deactivated_nor_demoted(client, ada, rita):
    deactivated = send(client, ada, "deactivate")
    demoted = client.post(f"{LIST}{ada.pk}/details/", READER)

    assert "ada is the only superuser who can sign in." in deactivated.words
    assert demoted.status_code == 409
    assert "Make somebody else one first" in Reading(demoted).words
    assert is_in_charge(ada)


@pytest.mark.parametrize("state", [{"is_active": False}, {"password": "!"}], ids=["deactivated", "not accepted"])
def test_a_superuser_who_cannot_come_in_does_not_count(client, ada, state):
    eve = User.objects.create_superuser("eve", password="correct horse battery")
    User.objects.filter(pk=eve.pk).update(**state)

    send(client, ada, "deactivate")

    assert is_in_charge(ada)


def test_with_another_superuser_one_may_step_back_and_finds_the_pages_gone(client, ada):
    User.objects.create_superuser("eve", password="correct horse battery")

    answer = client.post(f"{LIST}{ada.pk}/details/", READER)

    ada.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (ada.is_superuser, ada.is_staff) == (False, False)
    assert client.get(LIST).status_code == 404


def test_a_reader_becomes_a_superuser_who_may_then_take_over(client, ada, rita):
    send(client, rita, "details", **READER, is_superuser="on")
    send(client, ada, "deactivate")

    assert is_in_charge(rita)
    assert not is_in_charge(ada)


@pytest.mark.django_db(transaction=True)
def test_of_two_superusers_who_deactivate_each_other_at_one_moment_one_stays(ada):
    eve = User.objects.create_superuser("eve", password="correct horse battery")
    together = Barrier(2)

    def deactivate(pair):
        actor, other = pair
        browser = Client()
        browser.force_login(actor)
        together.wait()
        try:
            return browser.post(f"{LIST}{other.pk}/deactivate/").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(deactivate, [(ada, eve), (eve, ada)]))

    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_the_log_tells_who_decided_what_and_no_secret(client, ada, rita, acme, caplog):
    with caplog.at_level(logging.INFO):
        invited = client.post(f"{LIST}invite/", {**READER, "username": "noor", "accounts": [acme.pk]})
        client.post(f"{LIST}groups/", {"name": "platform"})
        client.post(f"{LIST}grants/", {"user": rita.pk, "accounts": [acme.pk]})
        client.post(f"{LIST}grants/{rita_grant(rita)}/revoke/")
        client.post(f"{LIST}{rita.pk}/details/", {**READER, "is_superuser": "on"})
        client.post(f"{LIST}{rita.pk}/deactivate/")
    token = invited.content.decode().split('id="address">')[1].split("/")[-3]

    for line in (
        "ada added noor.",
        "ada granted acme to noor.",
        "ada invited noor.",
        "ada made the group platform.",
        "ada granted acme to rita.",
        "ada revoked acme from rita.",
        "ada changed the e-mail address of rita.",
        "ada made rita a superuser.",
        "ada deactivated rita.",
    ):
        assert line in caplog.text
    assert token not in caplog.text


def rita_grant(rita):
    from inventory.models import AccountGrant

    return AccountGrant.objects.get(user=rita).pk


def test_a_decision_that_changes_nothing_is_not_told(rita, caplog):
    with caplog.at_level(logging.INFO):
        decisions.activate(rita, "ada")
        decisions.change(rita, {"first_name": "", "last_name": "", "email": rita.email, "is_superuser": False}, "ada")

    assert not caplog.records
