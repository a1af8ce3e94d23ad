from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from sign_in.links import new_invitation
from sign_in.models import Invitation
from tests.sign_in.cast import PASSWORD

pytestmark = pytest.mark.django_db

CHOICE = {"password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.PUBLIC_URL = "http://testserver"


@pytest.fixture
def invited(db) -> User:
    """Somebody who never signed in and has no password."""
    return User.objects.create_user("noor", email="noor@example.com")


def signed_in_as(client):
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def words_of(answer):
    return " ".join(answer.content.decode().split())


def test_whoever_was_invited_chooses_a_password_and_is_signed_in(client, invited, superuser):
    answer = client.post(new_invitation(invited, superuser), CHOICE)

    invited.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in_as(client) == "noor"
    assert invited.check_password(PASSWORD)


def test_looking_uses_nothing_up_and_says_who_invites_whom(client, invited, superuser):
    link = new_invitation(invited, superuser)

    pages = [client.get(link), client.head(link), client.get(link)]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "ada invited you as <b>noor</b>" in words_of(pages[0])
    assert signed_in_as(client) is None


@pytest.mark.parametrize(
    "choice",
    [{}, {"password1": PASSWORD, "password2": "another"}, {"password1": "noor", "password2": "noor"}],
    ids=["none", "mistyped", "guessable"],
)
def test_a_password_that_will_not_do_is_refused_and_the_invitation_stays(client, invited, choice):
    link = new_invitation(invited)

    refused = client.post(link, choice)
    accepted = client.post(link, CHOICE)

    assert (refused.status_code, accepted.status_code) == (400, 302)
    assert 'role="alert"' in words_of(refused)


def test_an_invitation_works_once(client, invited):
    link = new_invitation(invited)
    client.post(link, CHOICE)

    stranger = Client()
    answers = [
        stranger.get(link),
        stranger.post(link, {"password1": "something else 7", "password2": "something else 7"}),
    ]

    invited.refresh_from_db()
    assert [answer.status_code for answer in answers] == [410, 410]
    assert "accepted already" in words_of(answers[0])
    assert signed_in_as(stranger) is None
    assert invited.check_password(PASSWORD)


@pytest.mark.parametrize(("hours", "status"), [(167, 302), (169, 410)])
def test_an_invitation_works_for_a_week(client, invited, hours, status):
    link = new_invitation(invited)

    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
        answer = client.post(link, CHOICE)

    assert answer.status_code == status


def test_a_withdrawn_invitation_opens_nothing_and_says_so(client, invited):
    link = new_invitation(invited)

    Invitation.objects.withdraw(invited)
    answers = [client.get(link), client.post(link, CHOICE)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert "was withdrawn" in words_of(answers[0])
    assert signed_in_as(client) is None


def test_only_the_newest_invitation_of_a_user_works(client, invited):
    first, second = new_invitation(invited), new_invitation(invited)

    assert (client.post(first, CHOICE).status_code, client.post(second, CHOICE).status_code) == (410, 302)


def test_an_invitation_lets_nobody_in_who_was_deactivated(client, invited):
    link = new_invitation(invited)
    User.objects.filter(pk=invited.pk).update(is_active=False)

    refused = client.post(link, CHOICE)
    User.objects.filter(pk=invited.pk).update(is_active=True)
    accepted = client.post(link, CHOICE)

    assert (refused.status_code, accepted.status_code) == (410, 302)


def test_an_invitation_replaces_no_password_of_a_user_who_has_signed_in_since(client, reader):
    link = new_invitation(reader)
    Client().force_login(reader)

    answer = client.post(link, {"password1": "something else 7", "password2": "something else 7"})

    reader.refresh_from_db()
    assert answer.status_code == 410
    assert reader.check_password(PASSWORD)


def test_whoever_is_signed_in_as_somebody_else_becomes_who_was_invited(client, invited, reader):
    client.force_login(reader)
    before = client.session.session_key

    client.post(new_invitation(invited), CHOICE)

    assert signed_in_as(client) == "noor"
    assert client.session.session_key != before


def test_an_invitation_that_was_never_made_is_not_found(client):
    assert [client.get("/invitation/never-made/").status_code, client.post("/invitation/x/").status_code] == [404, 404]


@pytest.mark.django_db(transaction=True)
def test_of_many_who_accept_at_one_moment_one_wins(invited):
    link = new_invitation(invited)
    choices = [f"correct horse {number}" for number in range(4)]
    together = Barrier(len(choices))

    def accept(choice):
        together.wait()
        try:
            return Client().post(link, {"password1": choice, "password2": choice}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(choices)) as pool:
        statuses = list(pool.map(accept, choices))

    invited.refresh_from_db()
    assert sorted(statuses) == [302, 410, 410, 410]
    assert invited.check_password(choices[statuses.index(302)])


def test_neither_the_database_nor_a_log_line_holds_the_token(client, invited, caplog):
    link = new_invitation(invited)
    token = link.split("/")[-2]

    with caplog.at_level(logging.DEBUG):
        client.put(link)
        client.post(link, CHOICE)
        logging.getLogger("some.web.server").info('"%s %s HTTP/1.1" %d', "GET", link, 200)

    assert token not in str(Invitation.objects.values().get())
    assert token not in caplog.text
    assert PASSWORD not in caplog.text
    assert "/invitation/(hidden)/" in caplog.text
    assert "noor accepted an invitation." in caplog.text


def test_the_page_of_an_invitation_tells_its_address_to_nobody_and_is_not_kept(client, invited):
    page = client.get(new_invitation(invited))

    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
