"""The brake: a listing that lacks most of a scope is held until another one agrees.

Fault matrix row 44.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import pytest

from inventory.models import Account, Outcome, Visit
from inventory.resource_types.ebs_volume import EBS_VOLUME, EbsVolume
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Take, denied, freshness, history, ids, volume

HERE = (IRELAND, EBS_VOLUME.slug)
FIRST, SECOND, THIRD = BEGIN, BEGIN + DAY, BEGIN + 2 * DAY


@pytest.fixture
def look(acme: Account, take_snapshot: Take):
    """Look at a region that holds volumes of these numbers, and others that failed."""

    def look(numbers: Iterable[int], *others: object, at: datetime | None = None) -> Visit:
        listed = [volume(f"vol-{number}") for number in numbers]
        visit: Visit = take_snapshot(acme, {IRELAND: [*listed, *others]}, at=at)[HERE]
        return visit

    return look


def periods() -> set[tuple[datetime | None, datetime | None]]:
    return set(EbsVolume.revisions.values_list("valid_from", "valid_to"))


def test_a_listing_that_lacks_nearly_everything_is_held(acme: Account, look) -> None:
    look(range(30))

    visit = look(range(5))

    assert visit.outcome == Outcome.UNCONFIRMED
    assert "25 of the 30" in visit.reason
    assert (visit.resources, visit.gone, visit.added) == (None, 0, 0)
    assert len(ids(EBS_VOLUME)) == 30
    assert periods() == {(FIRST, None)}


def test_a_held_listing_refreshes_nothing(acme: Account, look) -> None:
    look(range(30))

    visit = look(range(5))

    scope = freshness(acme, EBS_VOLUME)
    assert scope.last_complete_at == FIRST
    assert scope.failing_since == SECOND
    assert scope.latest_visit == visit


def test_what_a_second_listing_lacks_too_is_gone_since_then(acme: Account, look) -> None:
    look(range(30))
    look(range(5))

    visit = look(range(5))

    assert visit.outcome == Outcome.COMPLETE
    assert visit.gone == 25
    assert history(EBS_VOLUME, "vol-29") == [(FIRST, THIRD)]
    assert history(EBS_VOLUME, "vol-0") == [(FIRST, None)]
    assert freshness(acme, EBS_VOLUME).failing_since is None


def test_a_glitch_leaves_no_trace_in_the_history(acme: Account, look) -> None:
    look(range(30))
    look([])

    visit = look(range(30))

    assert visit.outcome == Outcome.COMPLETE
    assert periods() == {(FIRST, None)}


def test_a_failed_visit_in_between_confirms_nothing(acme: Account, look) -> None:
    look(range(30))
    look([])

    failed = look([], denied())
    still_there = len(ids(EBS_VOLUME))
    confirmed = look([])

    assert failed.outcome == Outcome.DENIED
    assert still_there == 30
    assert confirmed.outcome == Outcome.COMPLETE
    assert ids(EBS_VOLUME) == set()


def test_a_second_listing_that_lacks_others_is_held_as_well(acme: Account, look) -> None:
    look(range(60))
    look(range(25))

    visit = look(range(35, 60))

    assert visit.outcome == Outcome.UNCONFIRMED
    assert len(ids(EBS_VOLUME)) == 60


def test_a_few_more_that_are_gone_by_the_second_listing_do_not_delay_it(acme: Account, look) -> None:
    look(range(60))
    look(range(20))

    visit = look(range(10))

    assert visit.outcome == Outcome.COMPLETE
    assert ids(EBS_VOLUME) == {f"vol-{number}" for number in range(10)}


def test_an_older_agreement_does_not_count_once_the_scope_was_whole_again(acme: Account, look) -> None:
    look(range(30))
    look([])
    look(range(30))

    visit = look([])

    assert visit.outcome == Outcome.UNCONFIRMED
    assert len(ids(EBS_VOLUME)) == 30


@pytest.mark.parametrize(("known", "left"), [(20, 0), (41, 21), (100, 50), (30, 10)])
def test_twenty_rows_or_half_of_a_scope_may_go_at_once(acme: Account, look, known: int, left: int) -> None:
    look(range(known))

    visit = look(range(left))

    assert visit.outcome == Outcome.COMPLETE
    assert visit.gone == known - left


def test_what_is_new_in_a_held_listing_waits_with_it(acme: Account, look) -> None:
    look(range(30))
    look([100])
    waiting = ids(EBS_VOLUME)

    look([100])

    assert "vol-100" not in waiting
    assert history(EBS_VOLUME, "vol-100") == [(THIRD, None)]
