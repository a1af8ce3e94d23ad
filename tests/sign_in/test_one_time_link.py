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

from sign_in.links import new_link
from sign_in.models import SignInLink

pytestmark = pytest.mark.django_db
COMMAND = "python manage.py sign_in_link"


@pytest.fixture(autouse=True)
def _public_address(settings):
    settings.PUBLIC_URL = "http://testserver"


def signed_in_as(client):
    """The name of the user whom the client's session belongs to."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def test_looking_at_a_link_shows_a_button_and_uses_nothing_up(client):
    link = new_link()

    pages = [client.get(link), client.head(link), client.get(link, headers={"Sec-Purpose": "prefetch"})]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert pages[0].content.count(b"<button") == 1
    assert signed_in_as(client) is None
    assert not User.objects.exists()


def test_pressing_the_button_signs_in_and_opens_the_first_page(client):
    link = new_link()

    answer = client.post(link)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in_as(client) == "operator"


def test_the_first_link_makes_a_superuser_without_a_password(client):
    client.post(new_link())

    user = User.objects.get()
    assert user.is_superuser
    assert user.is_staff
    assert not user.has_usable_password()


def test_a_link_works_once(client):
    link = new_link()
    client.post(link)

    stranger = Client()
    again = stranger.post(link)

    assert again.status_code == 410
    assert COMMAND in again.content.decode()
    assert signed_in_as(stranger) is None
    assert stranger.get(link).status_code == 410


@pytest.mark.parametrize(("minutes", "status"), [(59, 302), (61, 410)])
def test_a_link_works_for_an_hour(client, minutes, status):
    link = new_link()

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=False):
        answer = client.post(link)

    assert answer.status_code == status


def test_a_link_that_was_never_made_says_how_to_make_one(client):
    looked = client.get("/sign-in/never-made/")
    pressed = client.post("/sign-in/never-made/")

    assert (looked.status_code, pressed.status_code) == (404, 404)
    assert COMMAND in looked.content.decode()


def test_with_users_a_link_signs_in_the_first_superuser(client, reader, superuser):
    User.objects.create_superuser("later")

    client.post(new_link())

    assert signed_in_as(client) == "ada"
    assert User.objects.count() == 3


def test_a_link_for_a_user_signs_in_that_user(client, reader, superuser):
    client.post(new_link(reader))

    assert signed_in_as(client) == "rita"


def test_a_link_for_a_user_deactivated_since_is_refused_and_kept(client, reader):
    link = new_link(reader)
    User.objects.filter(pk=reader.pk).update(is_active=False)

    refused = client.post(link)
    User.objects.filter(pk=reader.pk).update(is_active=True)
    accepted = client.post(link)

    assert (refused.status_code, accepted.status_code) == (410, 302)


def test_a_link_makes_no_superuser_where_there_are_users_without_one(client, reader):
    answer = client.post(new_link())

    assert answer.status_code == 410
    assert not User.objects.filter(is_superuser=True).exists()


def test_pressing_the_button_gives_the_session_a_new_key(client, superuser, reader):
    client.force_login(reader)
    before = client.session.session_key

    client.post(new_link())

    assert client.session.session_key != before
    assert signed_in_as(client) == "ada"


def test_a_form_from_another_site_uses_nothing_up(superuser):
    link = new_link()
    strict = Client(enforce_csrf_checks=True)

    forged = strict.post(link, headers={"Origin": "https://evil.example"})

    assert forged.status_code == 403
    assert signed_in_as(strict) is None
    assert strict.get(link).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_presses_at_one_moment_one_wins():
    link = new_link()
    presses = 6
    together = Barrier(presses)

    def press(_):
        together.wait()
        try:
            return Client().post(link).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(presses) as pool:
        statuses = list(pool.map(press, range(presses)))

    assert sorted(statuses) == [302, *[410] * (presses - 1)]
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_links_at_one_moment_make_one_user():
    links = [new_link(), new_link()]
    together = Barrier(len(links))

    def press(link):
        together.wait()
        try:
            return Client().post(link).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(links)) as pool:
        statuses = list(pool.map(press, links))

    assert statuses == [302, 302]
    assert User.objects.count() == 1


def test_the_database_holds_no_token():
    token = new_link().split("/")[-2]

    stored = str(SignInLink.objects.values().get())

    assert len(token) >= 43
    assert token not in stored


def test_no_log_line_holds_a_token(client, caplog):
    token = new_link().split("/")[-2]
    address = f"/sign-in/{token}/"
    web_server = logging.getLogger("some.web.server")

    with caplog.at_level(logging.DEBUG):
        client.put(address)
        Client(enforce_csrf_checks=True).post(address)
        client.post(address)
        client.post(address)
        web_server.info('"%s %s HTTP/1.1" %d', "GET", address, 200)
        web_server.info("%(request)s", {"request": f"GET {address}"})

    assert caplog.text.count("/sign-in/(hidden)/") >= 5
    assert token not in caplog.text


def test_the_page_of_a_link_tells_its_address_to_nobody_and_is_not_kept(client):
    page = client.get(new_link())

    # strict-origin names the site alone; no-referrer would make browsers send "Origin: null", which CSRF refuses.
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]


def test_links_of_long_ago_are_forgotten():
    new_link()

    with time_machine.travel(timezone.now() + timedelta(days=40), tick=False):
        new_link()

    assert SignInLink.objects.count() == 1
