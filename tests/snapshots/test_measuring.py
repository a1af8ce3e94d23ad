"""Measurements: figures that change every day, beside a history that they do not touch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from inventory.models import Freshness, Measurement, Outcome
from inventory.registry import GLOBAL, Answers
from inventory.resource_types.s3_bucket import S3_BUCKET
from inventory.snapshots.prune import prune_history
from inventory.snapshots.removal import remove
from tests.snapshots.cast import BEGIN, DAY, bucket, current, denied, history

pytestmark = pytest.mark.django_db


def measured(*sizes: int, newest: datetime = BEGIN, name: str = "logs", **answers: Any) -> dict[str, list[Answers]]:
    """A bucket of which CloudWatch tells these bytes, the newest day first."""
    days = [newest - DAY * age for age in range(len(sizes))]
    series = {
        "Label": "BucketSizeBytes StandardStorage",
        "Timestamps": days,
        "Values": [float(size) for size in sizes],
        "StatusCode": "Complete",
    }
    return {GLOBAL: [bucket(name, GetMetricData={"MetricDataResults": [series] if sizes else []}, **answers)]}


def figures() -> dict[datetime, int]:
    return dict(Measurement.objects.order_by("measured_at").values_list("measured_at", "value"))


def test_a_bucket_that_grows_has_one_period_and_a_figure_for_each_day(acme, take_snapshot):
    for day in range(3):
        take_snapshot(acme, measured(100 + day, 99 + day, newest=BEGIN + DAY * (day - 1)), at=BEGIN + DAY * day)

    assert len(history(S3_BUCKET, "logs")) == 1
    assert figures() == {BEGIN + DAY * (day - 2): 99 + day for day in range(4)}
    assert set(Measurement.objects.values_list("metric", "dimension")) == {("BucketSizeBytes", "StandardStorage")}


def test_a_measurement_is_no_part_of_the_document_that_is_kept(acme, take_snapshot):
    take_snapshot(acme, measured(100))

    assert "GetMetricData" not in current(S3_BUCKET, "logs").raw_document


def test_a_day_that_is_told_again_is_kept_as_it_was_first_told(acme, take_snapshot):
    take_snapshot(acme, measured(100), at=BEGIN)
    take_snapshot(acme, measured(200), at=BEGIN + DAY)

    assert figures() == {BEGIN: 100}
    assert Measurement.objects.get().taken_at == BEGIN


def test_buckets_are_measured_once_a_day_however_often_they_are_read(acme, take_snapshot):
    asked = []
    for hours in (0, 1, 19, 20, 21, 44):
        visits = take_snapshot(acme, measured(100), at=BEGIN + timedelta(hours=hours))
        measured_at = Freshness.objects.get(account=acme, type="s3-bucket").measured_at
        asked.append(measured_at == visits[GLOBAL, "s3-bucket"].taken_at)

    assert asked == [True, False, False, True, False, True]


def test_a_bucket_without_metrics_has_no_figures_and_not_zero(acme, take_snapshot):
    visits = take_snapshot(acme, measured())

    assert visits[GLOBAL, "s3-bucket"].outcome == Outcome.COMPLETE
    assert figures() == {}


def test_a_refusal_keeps_what_was_known_and_is_tried_again_at_the_next_look(acme, take_snapshot):
    take_snapshot(acme, measured(100), at=BEGIN)
    refused = {GLOBAL: [bucket("logs", GetMetricData=denied())]}
    visits = take_snapshot(acme, refused, at=BEGIN + DAY)

    look = visits[GLOBAL, "s3-bucket"]
    assert look.outcome == Outcome.COMPLETE
    assert [note["action"] for note in look.unread] == ["cloudwatch:GetMetricData"]
    assert current(S3_BUCKET, "logs").unknown == {}
    assert figures() == {BEGIN: 100}

    take_snapshot(acme, measured(300, newest=BEGIN + DAY), at=BEGIN + DAY + timedelta(hours=1))
    assert figures() == {BEGIN: 100, BEGIN + DAY: 300}


def test_an_answer_that_cannot_be_read_is_noted_and_harms_nothing(acme, take_snapshot):
    series = {"Label": "GetRequests EntireBucket", "Timestamps": [], "Values": []}
    visits = take_snapshot(acme, {GLOBAL: [bucket("logs", GetMetricData={"MetricDataResults": [series]})]})

    assert visits[GLOBAL, "s3-bucket"].outcome == Outcome.COMPLETE
    assert [note["code"] for note in visits[GLOBAL, "s3-bucket"].unread] == ["Unreadable"]


def test_a_bucket_whose_region_is_unread_is_not_measured(acme, take_snapshot):
    nowhere = bucket("logs", region=None, GetBucketLocation=denied(), GetMetricData={"MetricDataResults": []})
    visits = take_snapshot(acme, {GLOBAL: [nowhere]})

    assert [note["action"] for note in visits[GLOBAL, "s3-bucket"].unread] == ["s3:GetBucketLocation"]


def test_pruning_keeps_the_figure_that_was_known_at_the_first_kept_moment(acme, take_snapshot):
    for day in range(4):
        take_snapshot(acme, measured(day + 1, newest=BEGIN + DAY * day), at=BEGIN + DAY * day)

    pruned = prune_history(acme, BEGIN + DAY * 2)

    assert pruned.measurements == 2
    assert figures() == {BEGIN + DAY * 2: 3, BEGIN + DAY * 3: 4}


def test_figures_go_with_their_account(acme, take_snapshot):
    take_snapshot(acme, measured(100))

    remove(acme, "ada")

    assert figures() == {}
