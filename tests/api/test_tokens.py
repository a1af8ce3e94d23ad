from __future__ import annotations

import io
import logging
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from api.models import LONGEST, Refusal, Scope, Token, TokenRefused
from config.logs import ConsoleFormatter

SECRET = re.compile(r"sky_[\w-]{43}")
FORM = {"name": "nightly report", "scopes": ["read:inventory"], "days": "30"}


@pytest.fixture
def rita(db: None) -> User:
    return User.objects.create(username="rita")


@pytest.fixture
def browser(rita: User) -> Client:
    client = Client()
    client.force_login(rita)
    return client


def issue(owner: User, **changes) -> tuple[Token, str]:
    given = {"name": "report", "scopes": [Scope.INVENTORY], "lifetime": timedelta(days=1), **changes}
    return Token.objects.issue(owner, **given)


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            rows += [str([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]) for row in cursor]
    return "\n".join(rows)


def test_a_secret_is_shown_once_and_works(browser):
    shown = browser.post("/settings/tokens/", FORM).content.decode()
    again = browser.get("/settings/tokens/").content.decode()

    (secret,) = set(SECRET.findall(shown))
    answer = Client().get("/api/v1/accounts", headers={"authorization": f"Bearer {secret}"})
    assert not SECRET.search(again)
    assert "nightly report" in again
    assert answer.status_code == 200


def test_a_secret_is_nowhere_in_the_database(browser):
    (secret,) = set(SECRET.findall(browser.post("/settings/tokens/", FORM).content.decode()))
    Client().get("/api/v1/accounts", headers={"authorization": f"Bearer {secret}"})

    stored = everything_stored()

    assert "nightly report" in stored
    assert secret.removeprefix("sky_") not in stored


def test_a_page_with_a_secret_is_kept_by_nobody(browser):
    answer = browser.post("/settings/tokens/", FORM)

    assert answer["Cache-Control"] == "no-store"


def test_a_secret_never_reaches_a_log_line(rita):
    _, secret = issue(rita)
    record = logging.LogRecord("any", logging.INFO, "", 0, "Authorization: Bearer %s, and %s", (secret, secret), None)

    assert secret not in ConsoleFormatter().format(record)


def test_no_two_tokens_have_the_same_secret(rita):
    assert len({issue(rita)[1] for _ in range(50)}) == 50


def test_the_day_of_the_last_use_is_kept_and_written_once_a_day(rita, django_assert_num_queries):
    with time_machine.travel("2026-06-01T08:00:00Z", tick=False):
        token, secret = issue(rita, lifetime=timedelta(days=9))
        Token.objects.find(secret)
        with django_assert_num_queries(1):
            Token.objects.find(secret)
    with time_machine.travel("2026-06-02T08:00:00Z", tick=False):
        Token.objects.find(secret)

    token.refresh_from_db()
    assert str(token.last_used_on) == "2026-06-02"


@pytest.mark.parametrize("lifetime", [timedelta(0), timedelta(days=-1), LONGEST + timedelta(seconds=1)])
def test_no_token_lives_longer_than_a_year_or_not_at_all(rita, lifetime):
    with pytest.raises(ValueError, match="at most"):
        issue(rita, lifetime=lifetime)


def test_a_token_without_a_scope_is_not_made(rita):
    with pytest.raises(ValueError, match="needs a scope"):
        issue(rita, scopes=[])


@pytest.mark.parametrize(
    ("part", "value"),
    [("name", ""), ("name", "x" * 65), ("scopes", []), ("scopes", ["write:all"]), ("days", "3650"), ("days", "")],
)
def test_a_form_that_cannot_be_met_makes_nothing_and_says_why(browser, part, value):
    answer = browser.post("/settings/tokens/", FORM | {part: value})

    assert (answer.status_code, Token.objects.count()) == (400, 0)
    assert "No token was made." in answer.content.decode()


def test_a_revoked_token_opens_nothing_and_stays_on_the_page(browser, rita):
    token, secret = issue(rita)

    answer = browser.post(f"/settings/tokens/{token.pk}/revoke/", follow=True)

    with pytest.raises(TokenRefused) as refused:
        Token.objects.find(secret)
    assert refused.value.reason is Refusal.REVOKED
    assert "1 revoked or expired" in answer.content.decode()


def test_the_tokens_of_others_are_neither_seen_nor_revoked(browser, rita):
    other, secret = issue(User.objects.create(username="nadia", is_superuser=True), name="of nadia")

    page = browser.get("/settings/tokens/").content.decode()
    answer = browser.post(f"/settings/tokens/{other.pk}/revoke/")

    assert "of nadia" not in page
    assert answer.status_code == 404
    assert Token.objects.find(secret) == other


def test_a_form_of_another_site_makes_no_token(rita):
    client = Client(enforce_csrf_checks=True)
    client.force_login(rita)

    answer = client.post("/settings/tokens/", FORM)

    assert (answer.status_code, Token.objects.count()) == (403, 0)


def test_a_command_revokes_all_tokens_of_one_user(rita):
    nadia = User.objects.create(username="nadia")
    issue(rita)
    issue(rita)
    _, kept = issue(nadia)
    out = io.StringIO()

    call_command("revoke_tokens", "rita", stdout=out)

    assert out.getvalue() == "2 tokens of rita are revoked.\n"
    assert Token.objects.find(kept).owner == nadia
    with pytest.raises(CommandError, match="no user named nobody"):
        call_command("revoke_tokens", "nobody")
