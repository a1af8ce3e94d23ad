"""What the pages of costs list, asked through the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from costs.loading import store
from costs.sources.document import Kind
from costs.sources.sheets import read_manifest, read_sheet
from inventory.models import Measurement
from tests.costs import cast
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    """The operator, with one of everything that costs, at bundled prices."""
    for sheet in read_manifest():
        if sheet.kind in (Kind.S3, Kind.EBS):
            store(read_sheet(sheet))
    cast.store_facts(*cast.M5_LARGE_2020)
    now = timezone.now()
    owner = cast.account()
    read_everything(owner, now, cast.REGION)
    cast.volume(owner)
    cast.volume(owner, state="available", volume_type="io1", size_gib=8, iops=400)
    cast.volume(owner, region="mx-central-1")
    cast.instance(owner)
    cast.reserved(owner, now, count=2)
    measured, _ = cast.bucket(owner), cast.bucket(owner)
    sizes = {("BucketSizeBytes", "StandardStorage"): 5 * 1024**3, ("NumberOfObjects", "AllStorageTypes"): 7}
    for (metric, dimension), value in sizes.items():
        Measurement.objects.create(
            account=owner,
            resource=measured.resource,
            metric=metric,
            dimension=dimension,
            value=value,
            measured_at=now - timedelta(days=2),
            taken_at=now,
        )
    client.force_login(User.objects.create_superuser("operator"))
    return client


def items(client: Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/costs/{path}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["items"])


SAME = {
    "commitments": "/costs/commitments/?",
    "waste": "/costs/waste/?",
    "waste?region=us-east-1": "/costs/waste/?region=us-east-1&",
    "volumes": "/costs/storage/?",
    "volumes?region=mx-central-1": "/costs/storage/?region=mx-central-1&",
    "buckets": "/costs/storage/buckets/?",
    "prices": "/costs/prices/?",
}
"""Addresses of the API, and the pages that export the same."""


def test_the_api_answers_with_the_rows_that_the_page_exports(client):
    for path, page in SAME.items():
        found = items(client, path)

        assert found == json.loads(client.get(f"{page}format=json").getvalue()), path
        assert found, path


def test_what_has_no_price_is_null_with_its_reason(client):
    (unpriced,) = items(client, "volumes?region=mx-central-1")

    assert unpriced["monthly_usd"] is None
    assert "mx-central-1" in unpriced["unpriced_reason"]


def test_a_bucket_that_nothing_was_measured_of_has_no_size(client):
    (bucket,) = (one for one in items(client, "buckets") if one["bytes"] is None)

    assert (bucket["monthly_usd"], bucket["objects"], bucket["measured_at"]) == (None, None, None)
    assert bucket["unpriced_reason"].startswith("no data")
