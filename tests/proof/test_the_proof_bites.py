"""The proof bites: each of the twelve mistakes of other inventories, planted into the product, is found."""

from __future__ import annotations

import pytest
from django.db import DatabaseError

from tests.proof import planted, properties
from tests.proof.cloud import VOLUMES
from tests.proof.course import ACCOUNTS, PLACES, Course, Event

ONE = ACCOUNTS[0]
BEGIN: list[Event] = [
    *(("put_volume", account, region, "vol-1", 8, "a", ("i-1",)) for account in ACCOUNTS for region in PLACES),
    ("put_bucket", ONE, "logs", 1, None, None, ""),
    ("tick",),
    ("work", 20),
]
AN_HOUR_LATER: list[Event] = [("pass_time", 3601), ("tick",), ("work", 20)]
SILENCE: list[Event] = [("break_calls", ONE, VOLUMES, "read timeout", 0, None)]


def an_hour_of_rivals(statement: int) -> list[Event]:
    """Every visit of a snapshot is taken over at a statement, when the world has just changed."""
    changes = [
        ("put_volume", account, region, "vol-1", statement, "b", ()) for account in ACCOUNTS for region in PLACES
    ]
    rivals = [("deliver", 0, 1, (statement, [*changes, ("rival",)]))] * 6
    return [("pass_time", 3601), ("tick",), ("work", 2), *rivals, ("work", 20)]


COURSES: dict[str, list[Event]] = {
    "empty list on timeout": [*BEGIN, *SILENCE, *AN_HOUR_LATER],
    "account-wide cleanup": [*BEGIN, *AN_HOUR_LATER],
    "non-fenced late scan": [*BEGIN, *(event for at in range(3, 12) for event in an_hour_of_rivals(at))],
    "id-only key": [*BEGIN, *AN_HOUR_LATER],
    "acknowledged early": [("tick",), ("work", 2), ("deliver", 0, 1, (4, None))],
    "double beat": [("tick",), ("tick",), ("work", 20)],
    "per-region globals": [*BEGIN, *AN_HOUR_LATER],
    "freshness on failure": [*BEGIN, *SILENCE, *AN_HOUR_LATER],
}


def run(events: list[Event]) -> None:
    """Let the events happen, each followed by a check."""
    course = Course()
    course.begin()
    try:
        for event in events:
            course.do(event)
            course.check()
    finally:
        course.end()


@pytest.mark.django_db
@pytest.mark.parametrize("mistake", COURSES)
def test_a_mistake_in_the_engine_is_found(mistake: str) -> None:
    run(COURSES[mistake])

    with planted.IN_THE_ENGINE[mistake](), pytest.raises((AssertionError, DatabaseError)):
        run(COURSES[mistake])


def test_float_money_is_found_by_sums_that_must_be_exact() -> None:
    properties.sums_are_exact()

    with planted.float_money(), pytest.raises(AssertionError):
        properties.sums_are_exact()


def test_a_price_of_zero_for_a_missing_one_is_found() -> None:
    properties.what_has_no_price_is_unpriced()

    with planted.price_of_zero_for_a_missing_one(), pytest.raises(AssertionError):
        properties.what_has_no_price_is_unpriced()


def test_a_listing_that_is_not_followed_to_its_end_is_found() -> None:
    properties.every_page_is_read()

    with planted.token_without_a_loop(), pytest.raises(AssertionError):
        properties.every_page_is_read()


@pytest.mark.django_db
def test_text_that_is_marked_safe_is_found_on_pages() -> None:
    properties.text_of_aws_stays_text()

    with planted.text_marked_safe(), pytest.raises(AssertionError):
        properties.text_of_aws_stays_text()
