"""Signing in through an OpenID Connect provider: a real one, over HTTP on loopback."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.core import serializers
from django.core.management import call_command
from django.test import Client

from tests.sign_in.cast import PASSWORD
from tests.support.oidc_provider import come_back, running_provider

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/oidc/login/"


@pytest.fixture(scope="module")
def server():
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(server, settings):
    """The provider, with settings that name it."""
    settings.PUBLIC_URL = "http://testserver"
    settings.OIDC_ISSUER = server.issuer
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = server.client_id, server.client_secret
    settings.OIDC_NAME = "Harbour ID"
    server.knows("sub-rita", email="rita@example.com", email_verified=True, preferred_username="rita.m")
    return server


@pytest.fixture
def rita(reader):
    User.objects.filter(pk=reader.pk).update(email="Rita@example.com")
    return reader


def signed_in_as(client):
    """The name of the user whom the client's session belongs to."""
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key).username if key else None


def test_without_settings_there_is_no_provider(client):
    page = client.get("/accounts/login/")

    assert "/accounts/oidc/" not in page.content.decode()
    assert [client.get(path).status_code for path in (LOGIN, "/accounts/oidc/callback/")] == [404, 404]


def test_the_sign_in_page_offers_the_provider_and_keeps_where_to_go(client, provider):
    page = client.get("/accounts/login/?next=/ports/%3Faccount%3Dacme")

    assert f'href="{LOGIN}?next=%2Fports%2F%3Faccount%3Dacme"' in page.content.decode()
    assert "Sign in with Harbour ID" in page.content.decode()


def test_the_provider_is_asked_with_a_state_and_a_challenge_and_nothing_of_the_address(client, provider):
    answer = client.get(f"{LOGIN}?scope=admin&auth_params=prompt%3Dnone&process=connect")

    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert answer["Location"].startswith(f"{provider.issuer}/oauth2/authorize?")
    assert asked["redirect_uri"] == ["http://testserver/accounts/oidc/callback/"]
    assert asked["code_challenge_method"] == ["S256"]
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked.keys().isdisjoint({"prompt", "process"})
    assert len(asked["state"][0]) >= 16


def test_a_user_is_found_by_a_confirmed_address_and_keeps_the_password(client, provider, rita):
    answer = provider.sign_in(client, "sub-rita", f"{LOGIN}?next=/ports/")

    rita.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, "/ports/")
    assert signed_in_as(client) == "rita"
    assert rita.check_password(PASSWORD)


def test_after_the_first_time_a_person_is_known_whatever_the_address(client, provider, rita):
    provider.sign_in(Client(), "sub-rita")
    provider.knows("sub-rita", email="rita@married.example", email_verified=True)

    provider.sign_in(client, "sub-rita")

    assert signed_in_as(client) == "rita"


def test_whoever_gets_the_address_later_does_not_get_the_user(client, provider, rita):
    provider.sign_in(Client(), "sub-rita")
    provider.knows("sub-successor", email="rita@example.com", email_verified=True)

    answer = provider.sign_in(client, "sub-successor")

    assert (answer.status_code, signed_in_as(client)) == (403, None)
    assert "belongs to somebody else" in answer.content.decode()


@pytest.mark.parametrize("verified", [{}, {"email_verified": False}, {"email_verified": "true"}])
def test_an_address_that_the_provider_does_not_vouch_for_finds_nobody(client, provider, rita, verified):
    provider.knows("sub-eve", email="rita@example.com", **verified)

    answer = provider.sign_in(client, "sub-eve")

    assert (answer.status_code, signed_in_as(client)) == (403, None)
    assert "not confirmed" in answer.content.decode()


def test_addresses_can_be_trusted_by_a_setting(client, provider, rita, settings):
    settings.OIDC_TRUST_EMAIL = True
    provider.knows("sub-quiet", email="rita@example.com")

    provider.sign_in(client, "sub-quiet")

    assert signed_in_as(client) == "rita"


def test_an_unknown_person_gets_no_user_unless_settings_say_so(provider, settings):
    refused, accepted = Client(), Client()

    answer = provider.sign_in(refused, "sub-rita")
    settings.OIDC_NEW_USERS = True
    provider.sign_in(accepted, "sub-rita")

    made = User.objects.get()
    assert (answer.status_code, signed_in_as(refused)) == (403, None)
    assert "You have no user here" in answer.content.decode()
    assert (signed_in_as(accepted), made.email) == ("rita.m", "rita@example.com")
    assert (made.is_staff, made.is_superuser, made.has_usable_password()) == (False, False, False)


def test_a_new_user_never_takes_the_name_of_another(client, provider, superuser, settings):
    settings.OIDC_NEW_USERS = True
    provider.knows("sub-eve", email="eve@example.com", email_verified=True, preferred_username="ada")

    provider.sign_in(client, "sub-eve")

    assert signed_in_as(client) not in (None, "ada")


def test_only_addresses_of_the_given_domains_come_in(provider, rita, settings):
    settings.OIDC_NEW_USERS = True
    settings.OIDC_EMAIL_DOMAINS = ["Example.com"]
    provider.knows("sub-far", email="rita@sub.example.com", email_verified=True)
    provider.knows("sub-unsure", email="eve@example.com")
    clients = {sub: Client() for sub in ("sub-rita", "sub-far", "sub-unsure")}

    answers = {sub: provider.sign_in(client, sub).status_code for sub, client in clients.items()}

    assert answers == {"sub-rita": 302, "sub-far": 403, "sub-unsure": 403}
    assert User.objects.count() == 1


def test_two_users_with_one_address_are_not_guessed_between(client, provider, rita):
    User.objects.create(username="rita2", email="rita@example.com")

    answer = provider.sign_in(client, "sub-rita")

    assert (answer.status_code, signed_in_as(client)) == (403, None)


def test_groups_follow_the_claim_and_others_are_left_alone(provider, rita, settings):
    settings.OIDC_GROUPS = [("cloud-team", "Operators"), ("fin", "Readers"), ("audit", "Readers")]
    rita.groups.add(Group.objects.create(name="By hand"))
    person = {"email": "rita@example.com", "email_verified": True}
    seen = []

    for groups in ({"groups": ["fin", "cloud-team", "else"]}, {"groups": "audit"}, {}):
        provider.knows("sub-rita", **person, **groups)
        provider.sign_in(Client(), "sub-rita")
        seen.append(set(rita.groups.values_list("name", flat=True)))

    assert seen == [{"By hand", "Operators", "Readers"}, {"By hand", "Readers"}, {"By hand"}]


def test_a_deactivated_user_stays_out(client, provider, rita):
    User.objects.update(is_active=False)

    answer = provider.sign_in(client, "sub-rita")

    assert (answer["Location"], signed_in_as(client)) == ("/accounts/inactive/", None)


def test_mfa_is_asked_for_behind_the_provider_too(client, provider, rita):
    Authenticator.objects.create(user=rita, type=Authenticator.Type.TOTP, data={"secret": "x"})

    answer = provider.sign_in(client, "sub-rita")

    assert (answer["Location"], signed_in_as(client)) == ("/accounts/mfa/", None)


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [("access_denied", 403, "You are not signed in"), ("server_error", 502, "no usable answer")],
)
def test_whoever_the_provider_turns_away_is_told_what_to_do(client, provider, error, status, words):
    asked = client.get(LOGIN)["Location"]

    # This provider leaves the state out when it turns somebody away; others send it along.
    state = parse_qs(urlsplit(asked).query)["state"][0]
    answer = client.get("/accounts/oidc/callback/", {"error": error, "state": state})

    assert answer.status_code == status
    assert words in answer.content.decode()


def test_an_answer_that_another_browser_asked_for_signs_nobody_in(client, provider, rita):
    asked = client.get(LOGIN)["Location"]
    way_back = provider.way_back(asked, "sub-rita")

    victim = Client()
    answer = come_back(victim, way_back)
    first, again = come_back(client, way_back), come_back(client, way_back)

    assert (answer.status_code, signed_in_as(victim)) == (400, None)
    assert (first.status_code, again.status_code) == (302, 400)


def test_a_wrong_secret_is_told_as_a_fault_without_saying_it(client, provider, rita, settings, caplog):
    settings.OIDC_CLIENT_SECRET = "open-sesame"

    answer = provider.sign_in(client, "sub-rita")

    assert (answer.status_code, signed_in_as(client)) == (502, None)
    assert "open-sesame" not in answer.content.decode() + caplog.text
    assert "OAuth2Error" in caplog.text


def test_the_secret_and_tokens_are_in_no_page_log_or_table(client, provider, rita, caplog):
    caplog.set_level("DEBUG")
    pages = [client.get("/accounts/login/"), client.get(LOGIN)]
    way_back = provider.way_back(pages[-1]["Location"], "sub-rita")
    pages.append(come_back(client, way_back))
    dumped = io.StringIO()
    call_command("dumpdata", stdout=dumped)
    sessions = "".join(str(session.get_decoded()) for session in Session.objects.all())

    said = "".join(f"{page.headers}{page.content.decode()}" for page in pages)
    kept = dumped.getvalue() + sessions
    person = serializers.serialize("json", SocialAccount.objects.all())
    assert provider.client_secret not in said + caplog.text + kept
    assert parse_qs(urlsplit(way_back).query)["code"][0] not in kept
    assert "token" not in person
    assert signed_in_as(client) == "rita"
