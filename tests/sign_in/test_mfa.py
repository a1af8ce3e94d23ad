from __future__ import annotations

import base64
import hashlib
import hmac
import io
import re
import struct
import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.test import Client

from sign_in.links import new_link
from tests.sign_in.cast import PASSWORD

pytestmark = pytest.mark.django_db
SETUP, CODES = "/settings/mfa/app/", "/settings/mfa/codes/"


def code_of(secret, moment=None):
    """What an authenticator app shows at a moment, worked out from RFC 6238 and not by the code under test."""
    counter = struct.pack(">Q", int(time.time() if moment is None else moment) // 30)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    begin = digest[-1] & 15
    return f"{(int.from_bytes(digest[begin : begin + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


def sign_in(client, user, password=PASSWORD):
    return client.post("/accounts/login/", {"login": user.username, "password": password})


def is_signed_in(client):
    return "_auth_user_id" in client.session


def confirmed(user):
    """A client that signed in and entered the password once more."""
    client = Client()
    sign_in(client, user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def clock():
    """A clock that stands still until it is moved, so that no code changes between two lines of a test."""
    with time_machine.travel("2026-06-01T12:00:05Z", tick=False) as clock:
        yield clock


@pytest.fixture
def protected(reader, clock):
    """A user with MFA on, the key of the app, and the recovery codes."""
    client = confirmed(reader)
    secret = client.get(SETUP).context["form"].secret
    page = client.post(SETUP, {"code": code_of(secret)}, follow=True)
    clock.shift(30)
    return reader, secret, page.context["unused_codes"]


def test_setting_up_needs_the_password_once_more(client, reader):
    sign_in(client, reader)

    asked = client.get(SETUP)
    wrong = client.post(asked["Location"], {"password": "wrong"})
    right = client.post(asked["Location"], {"password": PASSWORD})

    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    assert 'role="alert"' in wrong.content.decode()
    assert right["Location"] == SETUP


def test_the_picture_for_the_app_is_part_of_the_page(reader, clock):
    page = confirmed(reader).get(SETUP)

    (image,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', page.content.decode())
    assert base64.b64decode(image).startswith(b"<?xml")
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert f"secret={page.context['form'].secret}" in page.context["totp_url"]
    assert page.context["totp_url"].startswith("otpauth://totp/rita?")


def test_only_the_code_of_the_app_turns_it_on(reader, clock):
    client = confirmed(reader)
    secret = client.get(SETUP).context["form"].secret
    right = code_of(secret)

    wrong = client.post(SETUP, {"code": f"{(int(right) + 1) % 10**6:06}"})
    before = Authenticator.objects.count()
    accepted = client.post(SETUP, {"code": right})

    assert 'role="alert"' in wrong.content.decode()
    assert (before, accepted["Location"]) == (0, CODES)


def test_without_a_password_the_first_code_is_proof_enough_for_the_recovery_codes(client, superuser, clock):
    superuser.set_unusable_password()
    superuser.save()
    client.post(new_link(superuser))
    secret = client.get(SETUP).context["form"].secret

    page = client.post(SETUP, {"code": code_of(secret)}, follow=True)

    assert page.redirect_chain == [(CODES, 302)]
    assert len(page.context["unused_codes"]) == 10


def test_a_password_alone_no_longer_signs_in(client, protected):
    user, secret, _ = protected

    asked = sign_in(client, user)
    signed_in_before = is_signed_in(client)
    first_page = client.get("/")
    answer = client.post(asked["Location"], {"code": code_of(secret)})

    assert (asked["Location"], signed_in_before) == ("/accounts/mfa/", False)
    assert first_page["Location"].startswith("/accounts/login/")
    assert answer["Location"] == "/"
    assert is_signed_in(client)


def test_a_one_time_link_asks_for_a_code_too(client, protected):
    user, secret, _ = protected

    asked = client.post(new_link(user))
    signed_in_before = is_signed_in(client)
    answer = client.post(asked["Location"], {"code": code_of(secret)})

    assert (asked["Location"], signed_in_before, answer["Location"]) == ("/accounts/mfa/", False, "/")
    assert is_signed_in(client)


def test_a_link_pressed_while_somebody_else_is_signed_in_ends_that_session(client, protected, superuser):
    user, _, _ = protected
    client.force_login(superuser)

    asked = client.post(new_link(user))

    assert not is_signed_in(client)
    assert client.get(asked["Location"]).status_code == 200


def test_whoever_is_asked_for_a_code_can_sign_in_as_somebody_else(client, protected, superuser):
    user, _, _ = protected
    sign_in(client, user)

    client.post("/accounts/mfa/leave/")
    answer = sign_in(client, superuser)

    assert answer["Location"] == "/"
    assert is_signed_in(client)


def test_a_code_works_once_and_not_after_its_half_minute(client, protected, clock):
    user, secret, _ = protected
    used = code_of(secret)
    sign_in(client, user)
    client.post("/accounts/mfa/", {"code": used})

    again, later = Client(), Client()
    sign_in(again, user)
    again.post("/accounts/mfa/", {"code": used})
    clock.shift(60)
    sign_in(later, user)
    later.post("/accounts/mfa/", {"code": used})

    assert is_signed_in(client)
    assert not is_signed_in(again)
    assert not is_signed_in(later)


def test_after_five_wrong_codes_even_the_right_one_waits(client, protected):
    user, secret, _ = protected
    sign_in(client, user)
    for _ in range(5):
        client.post("/accounts/mfa/", {"code": "000000"})

    answer = client.post("/accounts/mfa/", {"code": code_of(secret)})

    assert "Too many failed" in answer.content.decode()
    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(protected):
    user, _, codes = protected
    first, again = Client(), Client()

    for client in (first, again):
        sign_in(client, user)
        client.post("/accounts/mfa/", {"code": codes[0]})

    assert len(set(codes)) == 10
    assert is_signed_in(first)
    assert not is_signed_in(again)


def test_recovery_codes_are_shown_once_and_new_ones_end_the_old(protected):
    user, secret, old = protected
    client = confirmed_by_code(user, secret)

    second_look = client.get(CODES)
    client.post("/settings/mfa/codes/new/")
    new = client.get(CODES).context["unused_codes"]
    stranger = Client()
    sign_in(stranger, user)
    stranger.post("/accounts/mfa/", {"code": old[0]})

    assert not set(second_look.content.decode().split()) & set(old)
    assert not set(new) & set(old)
    assert not is_signed_in(stranger)


def confirmed_by_code(user, secret):
    """A client that signed in with password and code, and entered the password once more."""
    client = Client()
    sign_in(client, user)
    client.post("/accounts/mfa/", {"code": code_of(secret)})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_turning_it_off_leaves_the_password_alone(client, protected):
    user, secret, _ = protected
    owner = confirmed_by_code(user, secret)

    turned_off = owner.post("/settings/mfa/app/off/")
    answer = sign_in(client, user)

    assert (turned_off["Location"], answer["Location"]) == ("/settings/mfa/", "/")
    assert not Authenticator.objects.exists()


def test_an_operator_takes_it_off_for_whoever_lost_the_device(client, protected):
    user, _, _ = protected
    said = io.StringIO()

    call_command("deactivate_mfa", "rita", stdout=said)
    answer = sign_in(client, user)

    assert answer["Location"] == "/"
    assert "rita" in said.getvalue()
    for name in ("rita", "nobody"):
        with pytest.raises(CommandError, match=name):
            call_command("deactivate_mfa", name)


def test_neither_the_database_nor_the_log_holds_what_makes_codes(
    reader, clock, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level("DEBUG")
    client = confirmed(reader)
    secret = client.get(SETUP).context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        client.post(SETUP, {"code": code_of(secret)})
    codes = client.get(CODES).context["unused_codes"]

    stored = str(list(Authenticator.objects.values()))

    assert not [word for word in (secret, *codes) if word in stored + caplog.text]
    assert "rita added multi-factor authentication: TOTP Authenticator." in caplog.text


def test_with_another_secret_key_codes_are_refused_in_words(client, protected, settings):
    user, secret, _ = protected
    settings.SECRET_KEY = "another one, that was made up"

    sign_in(client, user)
    answer = client.post("/accounts/mfa/", {"code": code_of(secret)})

    assert "another secret key" in answer.content.decode()
    assert not is_signed_in(client)
