"""How long something ran, between what was seen and what may have been."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.running import Seen, ran, stretches

MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)
LOOKS = [MIDNIGHT + timedelta(hours=hours) for hours in range(0, 25, 4)]
NOW = MIDNIGHT + timedelta(hours=25)


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


def bounds(*periods: Seen, looks=LOOKS, window=(0, 25)) -> Any:
    found = ran(stretches(periods, looks, NOW), at(window[0]), at(window[1]))
    return found.at_least, found.at_most


def test_what_ran_at_every_look_ran_from_the_first_to_now_at_most():
    assert bounds(Seen(at(0), None, None, True)) == (24, 25)


def test_a_beginning_and_an_end_that_no_look_saw_are_bounded_by_the_looks_around_them():
    periods = [Seen(at(0), at(8), None, False), Seen(at(8), at(16), None, True), Seen(at(16), None, None, False)]

    assert bounds(*periods) == (4, 12)


def test_a_launch_between_two_looks_makes_the_beginning_exact():
    periods = [Seen(at(0), at(8), None, False), Seen(at(8), at(16), at(6), True), Seen(at(16), None, at(6), False)]

    assert bounds(*periods) == (6, 10)


def test_a_launch_before_the_first_look_counts_from_the_start_of_the_window():
    assert bounds(Seen(at(0), None, at(-100), True)) == (24, 25)
    assert bounds(Seen(at(0), None, at(-2), True), window=(-4, 24)) == (26, 26)


def test_a_start_between_two_looks_that_both_saw_it_running_shows_by_its_launch():
    periods = [Seen(at(0), at(8), at(-9), True), Seen(at(8), None, at(7), True)]

    assert bounds(*periods) == (4 + 17, 25)


def test_a_change_that_is_no_stop_does_not_end_a_stretch():
    periods = [Seen(at(0), at(8), at(-9), True), Seen(at(8), None, at(-9), True)]

    assert bounds(*periods) == (24, 25)


def test_time_between_two_looks_is_not_counted_twice():
    # Seen stopped at no look, but gone between 4 and 8, and back at 8.
    periods = [Seen(at(0), at(8), None, True), Seen(at(12), None, None, True)]

    least, most = bounds(*periods)

    assert most <= 25
    assert (least, most) == (4 + 12, 25)


def test_only_what_lies_in_the_window_counts():
    assert bounds(Seen(at(0), None, None, True), window=(6, 10)) == (4, 4)


def test_a_window_has_a_length():
    with pytest.raises(ValueError, match="after it began"):
        ran([], at(1), at(1))


def test_hours_of_a_month_that_goes_on_so():
    found = ran(stretches([Seen(at(0), None, None, True)], LOOKS, at(24)), at(0), at(24))

    assert found.is_exact
    assert found.a_month(found.at_least, Decimal(730)) == 730


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=6), st.integers(1, 7), st.booleans())
def test_the_truth_lies_between_the_bounds(runs, interval, tells_launches):
    """Whatever runs when: looks at any interval tell bounds that hold the truth."""
    truth, moment = [], 0
    for rest, length in runs:
        truth.append((moment + rest, moment + rest + length))
        moment += rest + length
    looks = list(range(0, moment + interval + 1, interval))
    periods = _as_seen(truth, looks, tells_launches=tells_launches)

    found = ran(stretches(periods, [at(look) for look in looks], at(looks[-1])), at(0), at(looks[-1]))

    hours = sum(min(end, looks[-1]) - begin for begin, end in truth)
    if tells_launches:
        assert found.at_least <= hours
    if all(any(begin <= look < end for look in looks) for begin, end in truth):
        assert hours <= found.at_most


def _as_seen(truth, looks, *, tells_launches) -> list[Seen]:
    """What looks at these moments record of it."""
    states = []
    for look in looks:
        run = next((one for one in truth if one[0] <= look < one[1]), None)
        launched = at(run[0]) if run and tells_launches else None
        states.append((at(look), launched, run is not None))
    periods: list[Seen] = []
    for moment, launched, runs in states:
        if periods and periods[-1][2:] == (launched, runs):
            continue
        if periods:
            periods[-1] = periods[-1]._replace(until=moment)
        periods.append(Seen(moment, None, launched, runs))
    return periods
