"""What things cost over time, against a plain count of every hour in fractions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.accrual import Accrual, Held, Rate, Steps, days_between, month_length, month_of, next_month

START = datetime(2026, 1, 30, tzinfo=UTC)
"""So that a window of some days lies in two months of different lengths."""
HOUR = timedelta(hours=1)
HOURS = 96
RATES = {
    "by hour": Rate.of(Decimal("70.08"), by_month=False),
    "by month": Rate.of(Decimal("8.123456"), by_month=True),
    "unpriced": None,
}


def at(hour: int) -> datetime:
    return START + HOUR * hour


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[int], list[tuple[str, int, int | None, int]]]:
    """Hours of looks, and what was held from one of them until another one."""
    looks = sorted(draw(st.sets(st.integers(0, HOURS - 1), min_size=1, max_size=8)))
    held = []
    for _ in range(draw(st.integers(0, 6))):
        since = draw(st.sampled_from(looks))
        until = draw(st.sampled_from([*(look for look in looks if look > since), None]))
        held.append((draw(st.sampled_from(sorted(RATES))), since, until, draw(st.integers(1, 10**6))))
    return looks, held


def accrual_of(looks: list[int], held: list[tuple[str, int, int | None, int]]) -> Accrual:
    accrual = Accrual()
    things = [Held(name, at(since), None if until is None else at(until), n) for name, since, until, n in held]
    accrual.add(things, RATES, [at(look) for look in looks], at(HOURS))
    return accrual


@settings(max_examples=300, deadline=None)
@given(histories())
def test_sums_of_days_and_their_bounds_agree_with_a_count_of_every_hour(history):
    looks, held = history
    accrual = accrual_of(looks, held)
    moments = days_between(START.date(), at(HOURS))

    found = {
        name: steps.sums(moments)
        for name, steps in vars(accrual).items()
        if isinstance(steps, Steps) and name != "unpriced"
    }

    assert found == counted_by_hours(looks, held)


def counted_by_hours(looks, held) -> dict[str, list[Fraction]]:
    """Hour by hour: what was there at the look before, and what at the look after."""
    days = HOURS // 24
    sums = {name: [Fraction(0)] * days for name in ("seen", "carried", "less", "more")}

    def number(usage: str, hour: int) -> int:
        return sum(
            n for name, since, until, n in held if name == usage and since <= hour and (until is None or hour < until)
        )

    for hour in range(looks[0], HOURS):
        before = max(look for look in looks if look <= hour)
        after = min((look for look in looks if look > hour), default=None)
        for usage, rate in RATES.items():
            if rate is None:
                continue
            hours = month_length(at(hour)) // HOUR if rate.by_month else 730
            price = Fraction(rate.micros, 10**6 * hours)
            had = number(usage, before)
            if after is None:
                sums["carried"][hour // 24] += price * had
                continue
            has = number(usage, after)
            sums["seen"][hour // 24] += price * had
            sums["less"][hour // 24] += price * max(had - has, 0)
            sums["more"][hour // 24] += price * max(has - had, 0)
    return sums


@settings(max_examples=100, deadline=None)
@given(histories())
def test_levels_are_what_was_there_and_things_without_a_price_are_counted(history):
    looks, held = history
    accrual = accrual_of(looks, held)
    ends = days_between(START.date(), at(HOURS))[1:]

    levels = [a + b for a, b in zip(accrual.seen.levels(ends), accrual.carried.levels(ends), strict=True)]
    unpriced = accrual.unpriced.hourly_levels(ends)

    for place, end in enumerate(ends):
        there = [(name, n) for name, since, until, n in held if at(since) < end and (until is None or at(until) >= end)]
        priced = [Fraction(rate.micros, 10**6) * n for name, n in there if (rate := RATES[name]) is not None]
        assert Fraction(levels[place]) == sum(priced, Fraction(0))
        assert unpriced[place] == sum(n for name, n in there if RATES[name] is None)


def test_a_change_of_something_that_does_not_matter_for_its_price_leaves_no_doubt():
    accrual = accrual_of([0, 10, 20], [("by hour", 0, 10, 1), ("by hour", 10, None, 1)])

    assert accrual.less.sums([at(0), at(24)]) == accrual.more.sums([at(0), at(24)]) == [Fraction(0)]


def test_a_whole_month_of_storage_costs_a_month_and_of_an_instance_its_hours():
    begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    steps = Steps()
    steps.between(begin, end, Rate.of(Decimal(8), by_month=True), 1)
    steps.between(begin, end, Rate.of(Decimal(73), by_month=False), 1)

    assert steps.sums([begin, end]) == [Fraction(8) + Fraction(744, 10)]


def test_before_the_first_look_nothing_is_known():
    accrual = Accrual()
    accrual.add([Held("by hour", at(0), None, 1)], RATES, [at(12)], at(24))

    assert accrual.seen.sums([at(0), at(24)]) == [Fraction(0)]
    assert accrual.carried.sums([at(0), at(24)]) == [Fraction(7008, 100) * 12 / 730]


def test_a_price_finer_than_a_millionth_is_refused():
    with pytest.raises(ValueError, match="finer"):
        Rate.of(Decimal("0.0000001"), by_month=False)


def test_months_are_calendar_months_in_utc():
    assert month_of(at(0)) == datetime(2026, 1, 1, tzinfo=UTC)
    assert next_month(datetime(2026, 12, 1, tzinfo=UTC)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_length(datetime(2028, 2, 10, tzinfo=UTC)) == timedelta(days=29)
