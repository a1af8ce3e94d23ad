"""The time that an instance ran, and what spot costs by zone, on its page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from costs.models import PriceDocument, SpotAdvice, SpotPrice
from costs.price_book import Sku
from costs.pricing_models import ON_DEMAND, way_of_paying
from costs.spot import losing_percent, spot_of
from tests.costs import cast
from tests.costs.cast import M5_LARGE, price
from tests.pages.reading import Reading
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

STANDARD = way_of_paying("reserved-standard-1y-no-upfront")
DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def page(client: Client, instance) -> str:
    return Reading(client.get(f"/costs/{instance.resource_id}/")).words


def spot_document(month: str, *zones: tuple[str, str, str, str]) -> PriceDocument:
    document = PriceDocument.objects.create(
        kind="spot-history", month=date.fromisoformat(f"{month}-01"), source="x", digest=month
    )
    for zone, latest, mean, highest in zones:
        SpotPrice.objects.create(
            document=document,
            region=M5_LARGE.region,
            zone=zone,
            instance_type=M5_LARGE.instance_type,
            usage_operation=M5_LARGE.usage_operation,
            latest_usd=Decimal(latest),
            mean_usd=Decimal(mean),
            highest_usd=Decimal(highest),
            window_from=DAY,
            window_to=DAY + timedelta(days=30),
        )
    return document


def test_the_hours_run_stand_beside_those_that_break_even_as_an_interval(operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    owner, now = cast.account(), timezone.now()
    for hours in (100, 60, 20):
        read_everything(owner, now - timedelta(hours=hours), cast.REGION)
    instance = cast.instance(
        owner, valid_from=now - timedelta(hours=100), valid_to=now - timedelta(hours=20), launch_time=None
    )

    words = page(operator, instance)

    assert "It ran 40.0 to 80.0 of 100.0 hours: 292.0 to 584.0 of the 730 hours" in words
    assert "needs 428.82 hours: the bounds lie on both sides of it" in words
    assert "needs 274.59 hours: it ran more" in words


def test_where_nobody_looked_lately_the_time_run_is_not_known(operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    owner = cast.account()
    read_everything(owner, timezone.now() - timedelta(days=40), cast.REGION)

    assert "nobody looked in the thirty days before" in page(operator, cast.instance(owner))


def test_spot_is_told_by_zone_with_its_mean_and_its_highest(operator):
    cast.store_facts(*cast.M5_LARGE_2020)
    spot_document("2026-02", ("use1-az9", "0.09", "0.09", "0.09"))
    document = spot_document("2026-03", ("use1-az1", "0.04", "0.0415", "0.05"), ("use1-az2", "0.03", "0.0342", "0.04"))
    SpotAdvice.objects.create(
        document=document,
        region=cast.REGION,
        operating_system="linux",
        instance_type="m5.large",
        band=1,
        saving_percent=60,
    )

    response = operator.get(f"/costs/{cast.instance(cast.account()).resource_id}/")
    table = Reading(response).table("Spot by zone")

    assert list(table)[1:] == ["use1-az2", "use1-az1", "All zones"]
    assert table["All zones"] == ["0.030000", "0.037850", "0.050000"]
    assert "taken back 5 to 10 % a month" in Reading(response).words
    # 1 year all upfront costs 494 / 8760 an hour: (c - .03785) / (.096 - .03785).
    assert "stand in for spot in more than 31.9 % of the hours" in Reading(response).words


def test_spot_of_a_sku_without_a_history_is_not_known():
    assert spot_of(M5_LARGE) is None
    spot_document("2026-03", ("use1-az1", "0.04", "0.0415", "0.05"))
    assert spot_of(M5_LARGE._replace(tenancy="dedicated")) is None
    assert spot_of(Sku("eu-west-1", *M5_LARGE[1:])) is None


@pytest.mark.parametrize(
    ("spot", "committed", "on_demand", "percent"),
    [("0.04", "0.06", "0.09", "40"), ("0.06", "0.06", "0.09", "0"), ("0.07", "0.06", "0.09", "0")],
)
def test_a_commitment_wins_from_the_share_of_hours_in_which_on_demand_stands_in(spot, committed, on_demand, percent):
    found = losing_percent(Decimal(spot), price(STANDARD, committed, "2026-01"), price(ON_DEMAND, on_demand, "2026-01"))

    assert found == Decimal(percent)


def test_a_commitment_that_is_dearer_than_on_demand_never_wins():
    assert (
        losing_percent(Decimal("0.04"), price(STANDARD, "0.09", "2026-01"), price(ON_DEMAND, "0.09", "2026-01")) is None
    )
