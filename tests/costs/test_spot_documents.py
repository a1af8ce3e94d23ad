"""Spot prices by zone, weighted by time, and the advice about interruptions."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.sources.document import Document, UnreadableDocument
from costs.sources.recognise import Asking, read_file
from costs.sources.spool import Spool
from costs.sources.spot import Event, cost_over
from tests.costs import aws_documents as aws

MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)


def read(path: Path, month: date | None = date(2025, 6, 1)) -> Document:
    with Spool() as spool:
        (document,) = read_file(path, spool, Asking(source="test", today=date(2026, 11, 28), month=month)).documents
        return document


def history(folder: Path, *events: aws.Item) -> Document:
    return read(aws.write(folder, "history.json", {"SpotPriceHistory": list(events), "NextToken": ""}))


def at(hour: int) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def test_the_mean_of_a_day_weighs_each_price_by_the_hours_that_it_stood():
    events = [Event(at(-5), Decimal(".040")), Event(at(6), Decimal(".050")), Event(at(18), Decimal(".045"))]

    cost = cost_over(events, MIDNIGHT, at(24))

    assert (cost.mean_usd, cost.latest_usd, cost.highest_usd) == (Decimal(".04625"), Decimal(".045"), Decimal(".050"))
    assert cost.window_from == MIDNIGHT


@given(st.lists(st.tuples(st.integers(0, 1000), st.decimals("0.0001", "10", places=4)), min_size=1, max_size=20))
def test_the_mean_agrees_with_an_hour_by_hour_sum(changes):
    by_hour = dict(sorted(changes))
    events = [Event(at(hour), usd) for hour, usd in by_hour.items()]
    start, end = 200, 1001

    cost = cost_over(events, at(start), at(end))

    first = max(start, min(by_hour))
    standing = [Fraction([usd for hour, usd in by_hour.items() if hour <= now][-1]) for now in range(first, end)]
    exact = sum(standing, Fraction(0)) / len(standing)
    assert abs(Fraction(cost.mean_usd) - exact) <= Fraction(1, 2 * 10**10)
    assert Fraction(cost.highest_usd) == max(standing)


def test_zones_are_kept_apart_and_the_region_costs_the_mean_of_their_means(tmp_path):
    moment = "2024-01-01T00:00:00Z"
    prices = {"us-east-2a": "0.040000", "us-east-2b": "0.041500", "us-east-2c": "0.034200"}

    document = history(tmp_path, *(aws.spot_event(zone, moment, usd) for zone, usd in prices.items()))

    assert {fact.zone: fact.mean_usd for fact in document.spot_facts} == {
        zone: Decimal(usd) for zone, usd in prices.items()
    }
    (mean,) = document.instance_facts
    assert (mean.way, mean.hourly_usd) == ("spot", Decimal("0.0385666667"))
    assert document.published_on == date(2024, 1, 1)


def test_both_names_of_a_product_are_one_and_the_zone_id_is_kept(tmp_path):
    events = [
        aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "0.04", AvailabilityZoneId="use2-az1"),
        aws.spot_event(
            "us-east-2a",
            "2024-01-02T00:00:00Z",
            "0.05",
            AvailabilityZoneId="use2-az1",
            ProductDescription="Linux/UNIX (Amazon VPC)",
        ),
    ]

    (fact,) = history(tmp_path, *events).spot_facts

    assert (fact.zone_id, fact.usage_operation) == ("use2-az1", "RunInstances")
    assert (fact.latest_usd, fact.mean_usd, fact.highest_usd) == (Decimal("0.05"), Decimal("0.04"), Decimal("0.05"))


def test_the_order_of_events_decides_nothing(tmp_path):
    events = [aws.spot_event("us-east-2a", f"2024-01-{day:02}T00:00:00Z", f"0.0{day}") for day in (1, 5, 3)]

    assert history(tmp_path, *events).digest == history(tmp_path, *reversed(events)).digest


def test_a_window_is_90_days_long_and_begins_with_the_price_that_stood(tmp_path):
    events = [
        aws.spot_event("us-east-2a", "2023-06-01T00:00:00Z", "9.0"),
        aws.spot_event("us-east-2a", "2023-09-01T00:00:00Z", "1.0"),
        aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "2.0"),
    ]

    (fact,) = history(tmp_path, *events).spot_facts

    assert fact.window_to - fact.window_from == timedelta(days=90)
    assert (fact.mean_usd, fact.highest_usd) == (Decimal("1.0"), Decimal("2.0"))


@pytest.mark.parametrize(
    "event",
    [
        aws.spot_event("us-east-2a", "yesterday", "0.04"),
        aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "cheap"),
        aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "0.05"),
    ],
)
def test_an_event_that_cannot_be_or_contradicts_another_makes_the_history_unreadable(tmp_path, event):
    with pytest.raises(UnreadableDocument, match=r"event 2|two prices"):
        history(tmp_path, aws.spot_event("us-east-2a", "2024-01-01T00:00:00Z", "0.04"), event)


def advisor(**advice: object) -> aws.Item:
    return {"instance_types": {}, "ranges": [], "spot_advisor": {"us-east-1": {"Linux": {"m5.large": advice}}}}


def test_the_advisor_tells_a_band_and_a_saving(tmp_path):
    document = read(aws.write(tmp_path, "advisor.json", advisor(s=62, r=2)))

    assert document.advice_facts == [("us-east-1", "linux", "m5.large", 2, 62)]


@pytest.mark.parametrize("advice", [{"s": 62, "r": 5}, {"s": 162, "r": 1}, {"s": "much", "r": 1}, {"r": 1}])
def test_advice_that_cannot_be_is_refused(tmp_path, advice):
    with pytest.raises(UnreadableDocument, match=r"m5\.large with Linux in us-east-1"):
        read(aws.write(tmp_path, "advisor.json", advisor(**advice)))
