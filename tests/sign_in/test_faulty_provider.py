"""A provider that does not keep to the standard signs nobody in."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.contrib.auth.models import User

from tests.support.http_server import listening

pytestmark = pytest.mark.django_db


class Forger(BaseHTTPRequestHandler):
    """Answers as the test decides: `tells` replaces what an honest provider would say."""

    tells: dict[str, Any] = {}

    def do_GET(self):
        issuer = f"http://{self.headers['Host']}"
        if "well-known" in self.path:
            ends = {f"{end}_endpoint": f"{issuer}/{end}" for end in ("authorization", "token", "userinfo")}
            self._say({"issuer": issuer, "jwks_uri": f"{issuer}/jwks", **ends, **self.tells.get("configuration", {})})
        else:
            honest = {"sub": "1", "email": "rita@example.com", "email_verified": True}
            self._say({**honest, **self.tells.get("userinfo", {})})

    def do_POST(self):
        issuer = f"http://{self.headers['Host']}"
        claims = {"iss": issuer, "sub": "1", "aud": "ours", "exp": time.time() + 60, **self.tells.get("claims", {})}
        token = jwt.encode(claims, "x" * 32, algorithm="HS256")
        self._say({"access_token": "a", "token_type": "Bearer", "id_token": token, **self.tells.get("token", {})})

    def _say(self, answer):
        body = b"<html>" if self.tells.get("garbage") else json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def forger(settings, reader):
    User.objects.filter(pk=reader.pk).update(email="rita@example.com")
    with listening(Forger) as issuer:
        settings.PUBLIC_URL = "http://testserver"
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, "ours", "open-sesame"
        yield Forger
        Forger.tells = {}


def come_back(client):
    """Begin a sign-in and return with a code, as if the provider had asked nobody anything."""
    asked = parse_qs(urlsplit(client.get("/accounts/oidc/login/")["Location"]).query)
    return client.get("/accounts/oidc/callback/", {"code": "c", "state": asked["state"][0]})


def test_an_honest_answer_of_the_same_server_signs_in(client, forger):
    answer = come_back(client)

    assert answer["Location"] == "/"
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "tells",
    [
        {"claims": {"aud": "somebody-else"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"exp": 1}},
        {"claims": {"sub": ""}, "userinfo": {"sub": ""}},
        {"userinfo": {"sub": "2"}},
        {"token": {"id_token": None}},
        {"token": {"id_token": "no.jwt.at-all"}},
    ],
    ids=["audience", "issuer", "expired", "nobody", "another subject", "no ID token", "a broken ID token"],
)
def test_an_answer_that_breaks_the_standard_signs_nobody_in(client, forger, tells, caplog):
    forger.tells = tells

    answer = come_back(client)

    assert answer.status_code == 502
    assert "no usable answer" in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert "open-sesame" not in caplog.text


@pytest.mark.parametrize(
    "tells",
    [
        {"configuration": {"issuer": "https://evil.example"}},
        {"configuration": {"token_endpoint": ""}},
        {"garbage": True},
    ],
    ids=["another issuer", "no endpoint", "garbage"],
)
def test_a_configuration_that_does_not_fit_leads_nowhere(client, forger, tells, caplog):
    forger.tells = tells

    answer = client.get("/accounts/oidc/login/")

    assert answer.status_code == 502
    assert "the provider" in caplog.text


def test_a_provider_that_is_away_is_told_as_such(client, settings, caplog):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "http://127.0.0.1:9", "ours", "x"

    answer = client.get("/accounts/oidc/login/")

    assert answer.status_code == 502
    assert "configuration cannot be read" in caplog.text
