"""What buckets hold, as CloudWatch last told it by a moment.

A figure counts for the bucket as it is now only from the day on which the bucket was made, and as long as CloudWatch
tells it: a bucket that was emptied has no more metrics, and what it held before says nothing about it. Storage types
of an earlier day than the newest one were left since.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, OuterRef, QuerySet, Subquery

from costs.bucket_classes import Held
from inventory.models import Measurement
from inventory.resource_types.s3_bucket import BUCKET_SIZE, MEASURED_DAYS, NUMBER_OF_OBJECTS, S3Bucket


@dataclass(frozen=True, kw_only=True)
class MeasuredBucket:
    """One bucket with what it holds; `measured_at` is the day of the figures, None if there are none."""

    resource_id: int
    account_key: int
    account: str
    account_id: str | None
    name: str
    region: str | None
    held: Held | None
    measured_at: datetime | None


def measured_buckets(
    pks: Collection[int], when: datetime | None, *, resource_id: int | None = None, region: str = ""
) -> Iterator[MeasuredBucket]:
    """Every bucket of the accounts of these keys at the moment (None = now), or one of them, or those of a region."""
    buckets = S3Bucket.revisions.as_of(when).filter(account__in=pks)
    figures = Measurement.objects.filter(account__in=pks)
    if resource_id is not None:
        buckets, figures = buckets.filter(resource=resource_id), figures.filter(resource=resource_id)
    if region:
        buckets = buckets.filter(region=region)
    if when is not None:
        figures = figures.filter(taken_at__lte=when)
    newest = _newest(figures)
    told = _last_told(list(pks), when)
    rows = buckets.order_by("account__account_id", "resource__native_id").values_list(
        *("resource_id", "account_id", "account__name", "account__account_id"),
        *("resource__native_id", "region", "created"),
    )
    for resource, account, account_name, account_id, name, own_region, created in rows:
        day, sizes, objects = newest.get(resource, (None, {}, None))
        is_of_this_one = day is not None and (created is None or day >= created)
        is_told = day is not None and day > told[account] - timedelta(days=MEASURED_DAYS)
        is_known = is_of_this_one and is_told and own_region is not None
        yield MeasuredBucket(
            resource_id=resource,
            account_key=account,
            account=account_name,
            account_id=account_id,
            name=name,
            region=own_region,
            held=Held(region=own_region, sizes=sizes, objects=objects) if is_known else None,
            measured_at=day if is_known else None,
        )


Newest = tuple[datetime, dict[str, int], int | None]


def _newest(figures: QuerySet[Measurement]) -> dict[int, Newest]:
    """By resource, its newest day with bytes by storage type, and its objects of the same day."""
    newest_day = (
        figures.filter(resource=OuterRef("resource"), metric=BUCKET_SIZE).order_by("-measured_at").values("measured_at")
    )
    rows = figures.filter(measured_at=Subquery(newest_day[:1])).values_list(
        "resource_id", "metric", "dimension", "value", "measured_at"
    )
    sizes: dict[int, dict[str, int]] = defaultdict(dict)
    objects: dict[int, int] = {}
    days: dict[int, datetime] = {}
    for resource, metric, dimension, value, measured_at in rows:
        days[resource] = measured_at
        if metric == BUCKET_SIZE:
            sizes[resource][dimension] = value
        elif metric == NUMBER_OF_OBJECTS:
            objects[resource] = value
    return {resource: (day, sizes[resource], objects.get(resource)) for resource, day in days.items()}


def _last_told(accounts: list[int], when: datetime | None) -> dict[int, datetime]:
    """By account, the last look by which CloudWatch told any figure."""
    figures = Measurement.objects.filter(account__in=accounts)
    if when is not None:
        figures = figures.filter(taken_at__lte=when)
    return dict(figures.order_by().values_list("account").annotate(last=Max("taken_at")))
