"""CloudWatch: the daily storage metrics of buckets, which moto does not know.

S3 tells CloudWatch once a day what each bucket holds, and CloudWatch tells it a day later. An empty bucket has no
metrics at all, and neither has the day on which a bucket was made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug import Response

from .backend import Moto
from .bucket_sizes import ALL_OBJECTS, contents_of
from .calls import Call
from .documents import parse, text
from .errors import error

SIZE, OBJECTS = "BucketSizeBytes", "NumberOfObjects"
LATE = timedelta(days=1)
SEARCH = re.compile(
    r"SEARCH\('\{AWS/S3,BucketName,StorageType\} MetricName=\"(?P<metric>\w+)\""
    r" BucketName=\"(?P<bucket>[a-z0-9.-]+)\"', 'Average', 86400\)"
)
STORAGE_TYPE = "${PROP('Dim.StorageType')}"


def respond(call: Call, moto: Moto, now: datetime) -> Response:
    """The answer to GetMetricData as far as it searches for the metrics of a bucket."""
    if call.operation != "GetMetricData":
        return error(call, 400, "InvalidAction", f"The emulator does not know cloudwatch:{call.operation}.")
    asked = json.loads(call.request.get_data())
    start, end = (datetime.fromtimestamp(asked[name], UTC) for name in ("StartTime", "EndTime"))
    created = {
        text(bucket, "Name"): datetime.fromisoformat(text(bucket, "CreationDate"))
        for bucket in parse(moto.list_buckets(call.account).data).iterfind("Buckets/Bucket")
    }
    results: list[dict[str, Any]] = []
    for query in asked["MetricDataQueries"]:
        found = SEARCH.fullmatch(query.get("Expression", ""))
        if found is None:
            return error(
                call, 400, "ValidationError", "The emulator knows only searches for the metrics of one bucket."
            )
        bucket = found["bucket"]
        if bucket not in created or moto.region_of_bucket(call.account, bucket) != call.region:
            continue
        days = list(_days(start, end, created[bucket], now))
        for storage_type, values in _series(bucket, found["metric"], created[bucket], days).items():
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query["Label"].replace(STORAGE_TYPE, storage_type),
                    "Timestamps": [day.timestamp() for day in days[::-1]],
                    "Values": values[::-1],
                    "StatusCode": "Complete",
                }
            )
    return Response(json.dumps({"MetricDataResults": results}), content_type="application/x-amz-json-1.0")


def _days(start: datetime, end: datetime, created: datetime, now: datetime) -> Iterator[datetime]:
    """The days of the window that were measured and are told by now, the oldest first."""
    first = max(start, created)
    day = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    while day < end and day + LATE <= now:
        yield day
        day += timedelta(days=1)


def _series(bucket: str, metric: str, created: datetime, days: list[datetime]) -> dict[str, list[float]]:
    """The figures of each storage type for these days."""
    contents = contents_of(bucket)
    series: dict[str, list[float]] = {}
    for day in days:
        age = (day - created).days
        held = contents.on(age) if metric == SIZE else {ALL_OBJECTS: contents.objects_on(age)}
        for storage_type, value in held.items():
            if value:
                series.setdefault(storage_type, []).append(float(value))
    return series
