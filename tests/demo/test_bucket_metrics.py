"""The emulator's CloudWatch: what buckets hold, day by day, as plain boto3 is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.client import Emulator

GIB = 1024**3
LABEL = "${PROP('Dim.StorageType')}"


def search(metric: str, bucket: str) -> dict[str, str]:
    words = f'{{AWS/S3,BucketName,StorageType}} MetricName="{metric}" BucketName="{bucket}"'
    return {"Id": "one", "Expression": f"SEARCH('{words}', 'Average', 86400)", "Label": f"{metric} {LABEL}"}


def told(
    emulator: Emulator,
    bucket: str,
    metric: str = "BucketSizeBytes",
    *,
    account: str = "production",
    region: str = "us-east-1",
    days: int = 4,
) -> dict[str, dict[datetime, float]]:
    """The figures of each series by day."""
    client: Any = emulator.client("cloudwatch", account, region)
    end = datetime.now(UTC)
    answer = client.get_metric_data(
        MetricDataQueries=[search(metric, bucket)], StartTime=end - timedelta(days=days), EndTime=end
    )
    return {
        result["Label"]: dict(zip(result["Timestamps"], result["Values"], strict=True))
        for result in answer["MetricDataResults"]
    }


def test_a_bucket_is_told_by_storage_type_for_whole_days_that_are_a_day_old(emulator):
    series = told(emulator, "storefront-assets-4182")

    assert set(series) == {"BucketSizeBytes StandardStorage"}
    days = sorted(series["BucketSizeBytes StandardStorage"])
    assert 2 <= len(days) <= 4
    assert days[-1] <= datetime.now(UTC) - timedelta(days=1)
    assert {(day.hour, day.minute) for day in days} == {(0, 0)}
    first, *_, last = (series["BucketSizeBytes StandardStorage"][day] for day in days)
    assert last - first == 7 * GIB * (days[-1] - days[0]).days


def test_what_glacier_takes_besides_the_objects_is_told_apart(emulator):
    series = told(emulator, "organization-trail-2109", account="management")
    objects = told(emulator, "organization-trail-2109", "NumberOfObjects", account="management")

    assert {label.split()[1] for label in series} == {
        "StandardStorage", "GlacierStorage", "GlacierObjectOverhead", "GlacierS3ObjectOverhead",
    }  # fmt: skip
    assert set(objects) == {"NumberOfObjects AllStorageTypes"}


def test_an_empty_bucket_another_region_and_another_account_have_no_figures(emulator):
    assert told(emulator, "tmp-export", region="eu-west-1") == {}
    assert told(emulator, "storefront-assets-4182", region="eu-west-1") == {}
    assert told(emulator, "storefront-assets-4182", account="research") == {}


def test_other_questions_are_refused(emulator):
    client: Any = emulator.client("cloudwatch", "production", "us-east-1")
    end = datetime.now(UTC)
    query = {"Id": "one", "Expression": "METRICS()"}

    with pytest.raises(ClientError, match="ValidationError"):
        client.get_metric_data(MetricDataQueries=[query], StartTime=end - timedelta(days=1), EndTime=end)
    with pytest.raises(ClientError, match="InvalidAction"):
        client.list_metrics(Namespace="AWS/S3")
