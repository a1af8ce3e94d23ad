"""The page of buckets and the panel of one, by what CloudWatch measured."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from costs import quotes
from costs.loading import store
from costs.models import PriceDocument
from costs.sources.document import Kind
from costs.sources.sheets import read_manifest, read_sheet
from inventory.models import Account, Measurement, ResourceTag
from tests.costs import cast
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

BUCKETS = "/costs/storage/buckets/"
DAY = timedelta(days=1)
LOOK = datetime(2026, 2, 1, 6, tzinfo=UTC)
MIDNIGHT = LOOK.replace(hour=0) - DAY
GIB = 1024**3


@pytest.fixture
def acme() -> Account:
    """An account that was read, and the bundled prices of S3."""
    (sheet,) = (entry for entry in read_manifest() if entry.kind == Kind.S3)
    store(read_sheet(sheet))
    owner = cast.account()
    read_everything(owner, LOOK, cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def measure(
    bucket: Any, gib: int, objects: int | None = None, *, day: datetime = MIDNIGHT, of: str = "StandardStorage"
) -> None:
    """CloudWatch tells what a bucket held on a day, two days later."""
    figures = {("BucketSizeBytes", of): gib * GIB}
    if objects is not None:
        figures["NumberOfObjects", "AllStorageTypes"] = objects
    for (metric, dimension), value in figures.items():
        Measurement.objects.create(
            account=bucket.account,
            resource=bucket.resource,
            metric=metric,
            dimension=dimension,
            value=value,
            measured_at=day,
            taken_at=day + DAY + timedelta(hours=6),
        )


def text(client: Client, url: str = BUCKETS) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def records(client: Client, query: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    rows = json.loads(client.get(f"{BUCKETS}?format=json{query}").getvalue())
    return {(row["bucket"], row["storage_class"]): row for row in rows}


def detail(bucket: Any) -> str:
    return f"/types/s3-bucket/{bucket.resource_id}/"


def test_a_bucket_costs_what_it_holds_and_leads_to_what_every_class_would_cost(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 10_240, 10_240)

    page, panel = text(operator), text(operator, detail(bucket))
    row = records(operator)[bucket.resource.native_id, "standard-ia"]

    assert "<b>$235.52</b> a month for storage" in page
    assert "2026-01-31" in page
    assert "measured it on 2026-01-31" in panel
    for figure in ("235.52", "128.00", "+107.52", "10,752"):
        assert figure in panel
    assert (row["monthly_usd"], row["saving_monthly_usd"], row["break_even_gb_a_month"]) == ("128", "107.52", "10752")
    assert (row["transition_usd"], row["retrieval_usd_a_gb"], row["minimum_days"]) == ("0.1024", "0.01", 30)
    assert row["measured_at"] == "2026-01-31T00:00:00Z"
    assert row["price_dates"] == ["2025-07"]


def test_a_class_whose_moving_costs_more_than_a_year_saves_is_not_held_out(acme, operator):
    measure(cast.bucket(acme), 1_796, 89_678_214)

    page = text(operator)

    assert "41.31" in page
    assert "Glacier Deep Archive" not in page


def test_a_bucket_without_metrics_has_no_data_and_is_in_no_sum(acme, operator):
    measure(cast.bucket(acme), 1024, 1000)
    empty = cast.bucket(acme)

    page, row = text(operator), records(operator)[empty.resource.native_id, "as it is"]

    assert "1 of 2 buckets" in page
    assert "1 unpriced" in page
    assert (row["monthly_usd"], row["bytes"]) == (None, None)
    assert "no data" in row["unpriced_reason"]
    assert "no data" in text(operator, detail(empty))


def test_sums_and_lists_hold_what_was_measured_and_leave_the_rest_unpriced(acme, operator):
    big, empty = cast.bucket(acme), cast.bucket(acme)
    measure(big, 10_240, 10_240)
    ResourceTag.objects.create(account=acme, resource=big.resource, key="team", value="web", valid_from=big.valid_from)
    past = f"&as_of={quote((MIDNIGHT + DAY).isoformat())}"

    def lines(by: str, more: str = "") -> dict[str | None, tuple[str | None, int]]:
        rows = json.loads(operator.get(f"/costs/by/?by={by}&format=json{more}").getvalue())
        return {row["value"]: (row["monthly_usd"], row["unpriced"]) for row in rows}

    counted = lines("type")
    quotes.refresh(Account.objects.all())
    assert counted == lines("type") == lines("type", "&q=type:s3-bucket") == {"s3-bucket": ("235.52", 1)}
    assert lines("tag:team") == {"web": ("235.52", 0), None: (None, 1)}
    assert lines("payment") == {"storage": ("235.52", 1)}
    assert lines("type", past) == {"s3-bucket": (None, 2)}
    assert "235.52" in text(operator, "/")
    found = text(operator, "/types/s3-bucket/?sort=-on_demand_monthly_usd")
    assert found.index(big.resource.native_id) < found.index(empty.resource.native_id)
    assert "$235.52" in found
    assert "235.52" not in text(operator, f"/types/s3-bucket/?{past[1:]}")


def test_only_the_newest_day_counts_and_a_class_that_was_left_does_not(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 500, 5, day=MIDNIGHT - DAY, of="StandardIAStorage")
    measure(bucket, 100, 5)

    assert records(operator)[bucket.resource.native_id, "as it is"]["bytes"] == 100 * GIB


def test_a_bucket_that_cloudwatch_tells_no_more_of_has_no_data(acme, operator):
    emptied, other = cast.bucket(acme), cast.bucket(acme)
    measure(emptied, 100, 5, day=MIDNIGHT - DAY * 9)
    measure(other, 100, 5)

    assert records(operator)[emptied.resource.native_id, "as it is"]["bytes"] is None


def test_a_bucket_made_again_under_its_name_does_not_hold_what_the_one_before_held(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 100, 5)
    bucket.created = LOOK
    bucket.save()

    assert records(operator)[bucket.resource.native_id, "as it is"]["bytes"] is None


def test_at_a_past_moment_the_figures_are_those_that_were_known_then(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 100, 5, day=MIDNIGHT)
    measure(bucket, 200, 5, day=MIDNIGHT + DAY)

    then = records(operator, f"&as_of={LOOK:%Y-%m-%dT%H:%M:%SZ}")[bucket.resource.native_id, "as it is"]
    now = records(operator)[bucket.resource.native_id, "as it is"]

    assert (then["bytes"], now["bytes"]) == (100 * GIB, 200 * GIB)


def test_a_bucket_of_several_classes_is_priced_and_not_compared(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 100, 5)
    measure(bucket, 100, of="GlacierStorage")

    rows = records(operator)

    assert rows[bucket.resource.native_id, "as it is"]["monthly_usd"] == "2.66"
    assert "each of its storage classes" in rows[bucket.resource.native_id, "standard-ia"]["unpriced_reason"]
    assert "not compared" in text(operator, detail(bucket))


def test_without_prices_nothing_has_a_price_and_the_page_says_so(acme, operator):
    bucket = cast.bucket(acme)
    measure(bucket, 100, 5)
    PriceDocument.objects.all().delete()

    assert records(operator)[bucket.resource.native_id, "as it is"]["unpriced_reason"] == "no price list is loaded"
    assert "has a price. The reasons stand below." in text(operator)


def test_the_page_can_be_narrowed_to_a_region_and_an_account(acme, operator):
    here, theirs = cast.bucket(acme), cast.bucket(cast.account("other"))

    assert {name for name, _ in records(operator, "&account=acme")} == {here.resource.native_id}
    assert {name for name, _ in records(operator)} == {here.resource.native_id, theirs.resource.native_id}
    assert records(operator, "&region=eu-west-1") == {}


def test_what_was_never_read_and_what_is_no_format_is_told(operator):
    cast.account()

    assert "nobody knows what they cost" in text(operator)
    assert "is no format" in operator.get(f"{BUCKETS}?format=yaml").content.decode()


def test_the_page_asks_as_much_for_many_buckets_as_for_few(acme, operator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            text(operator)
        return len(asked)

    measure(cast.bucket(acme), 100, 5)
    few = queries()
    for gib in range(1, 30):
        measure(cast.bucket(acme), gib, gib)

    assert queries() == few
