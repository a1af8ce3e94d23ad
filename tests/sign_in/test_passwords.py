from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sign_in.links import new_link
from tests.sign_in.cast import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, login, password=PASSWORD, **more):
    """Send the form of the sign-in page."""
    return client.post("/accounts/login/", {"login": login, "password": password, **more})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_a_new_installation_has_no_user():
    assert not User.objects.exists()


@pytest.mark.parametrize("login", ["ada", "ada@example.com", " ada ", "ADA@example.com"])
def test_a_superuser_from_the_command_line_signs_in_at_once(client, superuser, login):
    answer = sign_in(client, login)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(client)


@pytest.mark.parametrize(("login", "password"), [("ada", "wrong"), ("nobody", PASSWORD), ("ada", ""), ("", PASSWORD)])
def test_a_wrong_name_or_password_signs_nobody_in(client, superuser, login, password):
    answer = sign_in(client, login, password)

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert not is_signed_in(client)


def test_a_wrong_name_and_a_wrong_password_look_the_same(superuser):
    wrong_name, wrong_password = (
        sign_in(Client(), login, "wrong").context["form"].non_field_errors() for login in ("nobody", "ada")
    )

    assert wrong_name == wrong_password


def test_a_user_without_a_password_cannot_sign_in_with_one(client):
    User.objects.create_superuser("operator")

    for password in ("", "operator", "!"):
        sign_in(client, "operator", password)

    assert not is_signed_in(client)


def test_after_five_wrong_passwords_even_the_right_one_waits(client, superuser):
    for _ in range(5):
        sign_in(client, "ada", "wrong")

    answer = sign_in(client, "ada")

    assert not is_signed_in(client)
    assert "Too many failed" in answer.content.decode()


def test_wrong_passwords_for_one_name_do_not_stop_another(client, superuser, reader):
    for _ in range(5):
        sign_in(client, "ada", "wrong")

    sign_in(client, "rita")

    assert is_signed_in(client)


def test_many_attempts_from_one_address_get_a_page_that_says_to_wait(client):
    for attempt in range(30):
        sign_in(client, f"name-{attempt}", "wrong")

    answer = sign_in(client, "another", "wrong")

    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()


def test_signing_in_leads_to_the_page_that_was_asked_for(client, superuser):
    asked = client.get("/ports/?account=acme")

    page = client.get(asked["Location"])
    answer = sign_in(client, "ada", next=page.context["redirect_field_value"])

    assert answer["Location"] == "/ports/?account=acme"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/%09/evil.example",
        "/\t/evil.example",
        "http:///evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        " https://evil.example",
        "http://testserver@evil.example/",
        "http://testserver.evil.example/",
    ],
)
@pytest.mark.parametrize("sent_in", ["form", "address"])
def test_signing_in_never_leads_to_another_site(client, superuser, elsewhere, sent_in):
    form = {"login": "ada", "password": PASSWORD}

    if sent_in == "form":
        answer = client.post("/accounts/login/", {**form, "next": elsewhere})
    else:
        answer = client.post("/accounts/login/", form, query_params={"next": elsewhere})

    assert is_signed_in(client)
    assert answer["Location"] == "/" or answer["Location"].startswith("/%09/")


def test_signing_out_needs_a_press(client, superuser):
    client.force_login(superuser)

    looked = client.get("/accounts/logout/")
    still = is_signed_in(client)
    pressed = client.post("/accounts/logout/")

    assert looked.status_code == 200
    assert still
    assert pressed["Location"] == "/accounts/login/"
    assert not is_signed_in(client)


def test_after_signing_out_the_old_session_is_worth_nothing(client, superuser):
    client.force_login(superuser)
    stolen = client.cookies["sessionid"].value
    client.post("/accounts/logout/")

    thief = Client()
    thief.cookies["sessionid"] = stolen

    assert thief.get("/accounts/password/change/").status_code == 302


def test_a_user_without_a_password_can_set_one_and_sign_in_with_it(client):
    operator = User.objects.create_superuser("operator")
    client.force_login(operator)

    answer = client.post("/accounts/password/set/", {"password1": PASSWORD, "password2": PASSWORD})
    fresh = Client()
    sign_in(fresh, "operator")

    assert answer["Location"] == "/"
    assert is_signed_in(client)
    assert is_signed_in(fresh)


@pytest.mark.parametrize("bad", ["short", "password123", "123456789012", "operator1"])
def test_a_password_that_is_easily_guessed_is_refused(client, bad):
    operator = User.objects.create_superuser("operator")
    client.force_login(operator)

    page = client.post("/accounts/password/set/", {"password1": bad, "password2": bad})

    operator.refresh_from_db()
    assert 'role="alert"' in page.content.decode()
    assert not operator.has_usable_password()


def test_changing_a_password_needs_the_one_in_use_and_ends_other_sessions(superuser):
    here, elsewhere = Client(), Client()
    sign_in(here, "ada")
    sign_in(elsewhere, "ada")
    new = {"password1": "another long one", "password2": "another long one"}

    refused = here.post("/accounts/password/change/", {"oldpassword": "wrong", **new})
    changed = here.post("/accounts/password/change/", {"oldpassword": PASSWORD, **new})

    assert (refused.status_code, changed.status_code) == (200, 302)
    assert here.get("/accounts/password/change/").status_code == 200
    assert elsewhere.get("/accounts/password/change/").status_code == 302


def test_nobody_signs_up(client):
    form = {"username": "eve", "email": "eve@example.com", "password1": PASSWORD, "password2": PASSWORD}

    client.post("/accounts/signup/", form)

    assert client.get("/accounts/signup/").status_code == 404
    assert not User.objects.exists()


def test_a_deactivated_user_is_told_so_and_stays_out(client, reader):
    User.objects.update(is_active=False)

    answer = sign_in(client, "rita")

    assert answer["Location"] == "/accounts/inactive/"
    assert not is_signed_in(client)
    assert client.get("/accounts/inactive/").status_code == 200


def test_a_user_deactivated_meanwhile_is_out_at_the_next_request(client, reader):
    sign_in(client, "rita")
    User.objects.update(is_active=False)

    assert client.get("/accounts/password/change/").status_code == 302


def test_the_form_of_another_site_signs_nobody_in(superuser):
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post("/accounts/login/", {"login": "ada", "password": PASSWORD})

    assert answer.status_code == 403
    assert not is_signed_in(strict)


def test_the_first_page_offers_a_password_after_signing_in_by_link(client):
    page = client.post(new_link(), follow=True)

    assert page.redirect_chain[-1][0] == "/"
    assert [str(message) for message in page.context["messages"]]
    assert "/accounts/password/set/" in page.content.decode()
