"""The page of price lists."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client

from costs.models import PriceFeed
from tests.costs import aws_documents as aws
from tests.costs import cast
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

PRICES = "/costs/prices/"
TODAY = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def text(client: Client) -> str:
    response = client.get(PRICES)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@time_machine.travel(TODAY, tick=False)
def test_each_list_stands_there_with_its_day_age_regions_number_and_purpose(operator, tmp_path):
    cast.load(
        cast.table(
            tmp_path, "on_demand_2025-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,0.1", "eu-west-1,m5.large,0.1"
        ),
        aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())),
    )

    page = text(operator)

    assert "2020-07-09" in page
    assert "6 years 4 months" in page
    assert "1 year 7 months" in page
    assert "eu-west-1, us-east-1" in page
    assert "with 11 prices" in page
    assert "what instances cost on-demand" in page
    assert "offer.json" in page


def test_other_currencies_are_marked(operator, tmp_path):
    listed = aws.item("CN", [aws.on_demand("CN", "0.614", currency="CNY")], regionCode="cn-north-1")
    cast.load(aws.write(tmp_path, "offer.json", aws.bulk(listed)))

    assert '<span class="tag">CNY</span>' in text(operator)


def test_an_empty_book_says_what_to_do(operator):
    assert "manage.py load_prices" in text(operator)


def test_the_lists_can_be_taken_away_as_data(operator, tmp_path):
    cast.load(aws.write(tmp_path, "offer.json", aws.bulk(aws.m5_large())))

    (row,) = json.loads(operator.get(f"{PRICES}?format=json").getvalue())

    assert (row["kind"], row["date"], row["facts"], row["regions"]) == ("offer-ec2", "2020-07-09", 9, ["us-east-1"])
    assert operator.get(f"{PRICES}?format=odd").status_code == 400


def test_operators_see_which_lists_could_not_be_kept_up_to_date_and_others_do_not(operator, client, settings):
    settings.PRICE_LIST_URL = "https://pricing.example.com"
    PriceFeed.objects.create(
        series="AmazonEC2/eu-west-1", problem="it answered 503.", checked_at=TODAY - timedelta(days=1)
    )

    assert "it answered 503." in text(operator)

    client.force_login(User.objects.create_user("reader"))
    assert "eu-west-1" not in text(client)


def test_operators_are_told_how_lists_are_kept_up_to_date_where_they_are_not(operator):
    assert "PRICE_LIST_URL" in text(operator)


def test_the_age_of_prices_stands_beside_the_figures_that_rest_on_them(operator, tmp_path):
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    read_everything(owner, region=cast.REGION)
    instance, volume = cast.instance(owner), cast.volume(owner)
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,x,gp2,storage_gb_mo,0.1,RATE"))

    for url in (
        "/costs/",
        f"/costs/{instance.resource_id}/",
        f"/types/ec2-instance/{instance.resource_id}/",
        f"/types/ebs-volume/{volume.resource_id}/",
    ):
        with time_machine.travel(TODAY, tick=False):
            page = operator.get(url).content.decode()
        assert " old" in page
        assert "1 year 7 months" in page or "2 years 4 months" in page
