from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import BadRequest
from django.http import Http404
from django.test import RequestFactory

from inventory.pages.moments import (
    age_letters,
    age_words,
    exact_moment_words,
    moment_words,
    parse_moment,
    spell_moment,
)
from inventory.pages.scope import PageScope
from tests.pages.ledgers import NOW, account, operator, reader


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def scope_of(user, **parameters):
    request = RequestFactory().get("/", parameters)
    request.user = user
    return PageScope.from_request(request)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-04-01", datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-04-01T06:30", datetime(2026, 4, 1, 6, 30, tzinfo=UTC)),
        ("2026-04-01T06:30:00Z", datetime(2026, 4, 1, 6, 30, tzinfo=UTC)),
        ("2026-04-01T06:30:00+02:00", datetime(2026, 4, 1, 4, 30, tzinfo=UTC)),
        ("2026-04-01T06:30:00 02:00", datetime(2026, 4, 1, 4, 30, tzinfo=UTC)),
        (" 2026-04-01T06:30:00.000250Z ", datetime(2026, 4, 1, 6, 30, 0, 250, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_as_iso_8601_in_utc(text, moment):
    assert parse_moment(text) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "01.04.2026", "1", "0001-01-01T00:00:00+05:00", "<b>"])
def test_what_is_no_moment_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="Write it like 2026-04-01"):
        parse_moment(text)


def test_a_moment_in_an_address_comes_back_to_the_microsecond():
    moment = datetime(2026, 4, 1, 6, 30, 0, 250, tzinfo=UTC)

    assert parse_moment(spell_moment(moment)) == moment


@pytest.mark.parametrize(
    ("moment", "short", "exact"),
    [
        (datetime(2026, 11, 20, 5, 38, tzinfo=UTC), "05:38", "05:38"),
        (datetime(2026, 11, 19, 22, 41, tzinfo=UTC), "yesterday 22:41", "yesterday 22:41"),
        (datetime(2026, 11, 17, 5, 39, tzinfo=UTC), "17 Nov", "17 Nov 05:39"),
        (datetime(2025, 11, 17, 5, 39, tzinfo=UTC), "17 Nov 2025", "17 Nov 2025, 05:39"),
    ],
)
def test_moments_say_no_more_than_is_needed(moment, short, exact):
    assert moment_words(moment) == short
    assert exact_moment_words(moment) == exact


@pytest.mark.parametrize(
    ("age", "words", "letters"),
    [
        (timedelta(seconds=59), "under 1 min", "0m"),
        (timedelta(seconds=-5), "under 1 min", "0m"),
        (timedelta(minutes=4), "4 min", "4m"),
        (timedelta(minutes=119), "119 min", "119m"),
        (timedelta(hours=12), "12 h", "12h"),
        (timedelta(hours=47), "47 h", "47h"),
        (timedelta(days=3), "3 d", "3d"),
    ],
)
def test_ages_are_in_the_largest_unit_that_says_enough(age, words, letters):
    assert age_words(age) == words
    assert age_letters(age) == letters


@pytest.mark.django_db
def test_without_parameters_the_scope_is_every_visible_account_now():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")

    scope = scope_of(operator())

    assert scope.as_of is None
    assert set(scope.accounts) == {acme, zephyr}
    assert scope.url_parameters == {}


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", ["acme", "111122223333"])
def test_an_account_is_chosen_by_its_name_or_its_digits(chosen):
    acme = account("acme")
    account("zephyr", "444455556666")

    scope = scope_of(operator(), account=chosen, as_of="2026-04-01")

    assert list(scope.accounts) == [acme]
    assert scope.url_parameters == {"account": "acme", "as_of": "2026-04-01T00:00:00Z"}


@pytest.mark.django_db
def test_an_account_that_was_not_granted_is_as_absent_as_one_that_does_not_exist():
    acme = account("acme")
    account("zephyr", "444455556666")
    user = reader(acme)

    assert list(scope_of(user).accounts) == [acme]
    for name in ("zephyr", "444455556666", "nobody"):
        with pytest.raises(Http404):
            scope_of(user, account=name)


@pytest.mark.django_db
def test_a_moment_that_has_not_come_is_refused():
    with pytest.raises(BadRequest, match="has not come yet"):
        scope_of(operator(), as_of="2026-11-20T07:43")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/regions/eu-central-1/", "/coverage/"])
def test_an_address_with_no_moment_in_it_is_answered_with_what_to_write(client, path):
    client.force_login(operator())

    answer = client.get(path, {"as_of": "<script>alert(1)</script>"})

    assert answer.status_code == 400
    assert "Write it like 2026-04-01" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()
