"""Keeping price lists up to date, from a host of the test's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.utils import timezone

from costs import feeds, tasks
from costs.models import InstancePrice, PriceDocument, PriceFeed, Quote
from costs.price_host import PriceHost
from tests.costs import aws_documents as aws
from tests.costs import cast
from tests.support.http_server import listening

pytestmark = pytest.mark.django_db

EC2 = "AmazonEC2/us-east-1"
FIRST = "/offers/v1.0/aws/AmazonEC2/20200709000000/us-east-1/index.json"
SECOND = "/offers/v1.0/aws/AmazonEC2/20200801000000/us-east-1/index.json"


class Lists:
    """What a host of price lists has, and what was asked of it."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()
        self.announced: dict[str, int] = {}
        self.address = ""

    def publish(self, path: str, document: Any) -> None:
        """A list, and its place in the index of its service."""
        self.files[path] = json.dumps(document).encode()
        regions = {"us-east-1": {"regionCode": "us-east-1", "currentVersionUrl": path}}
        self.files[feeds.INDEXES["AmazonEC2"]] = json.dumps({"regions": regions}).encode()


@pytest.fixture
def lists(settings, tmp_path) -> Iterator[Lists]:
    """A host with the list of m5.large, which the settings name."""
    there = Lists()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            there.asked[self.path] += 1
            body = there.files.get(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(there.announced.get(self.path, len(body or b""))))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with listening(Handler) as address:
        there.address = settings.PRICE_LIST_URL = address
        settings.STATE_DIR = tmp_path
        there.publish(FIRST, aws.bulk(aws.m5_large()))
        yield there


@pytest.fixture
def instance() -> Any:
    """Something that runs in us-east-1."""
    return cast.instance(cast.account())


def read(lists: Lists, series: str = EC2) -> PriceFeed:
    """Read one feed, due or not."""
    feed = PriceFeed.objects.get_or_create(series=series)[0]
    feeds.read_feed(feed, PriceHost(lists.address))
    return feed


def on_demand() -> list[str]:
    return [
        str(usd.normalize())
        for usd in InstancePrice.objects.filter(way="on-demand").values_list("hourly_usd", flat=True)
    ]


def test_only_regions_where_something_runs_are_asked_for(lists, instance):
    cast.instance(cast.account("europe"), region="eu-west-1")
    cast.instance(cast.account("china"), region="cn-north-1")

    planned = set(feeds.plan_feeds().values_list("series", flat=True))

    assert {series.partition("/")[2] for series in planned} == {"us-east-1", "eu-west-1"}
    assert {series.partition("/")[0] for series in planned} == {*feeds.OFFERS, "AWSComputeSavingsPlan"}


def test_a_list_is_loaded_with_its_address_as_source_and_prices_follow(lists, instance):
    feed = read(lists)

    document = PriceDocument.objects.get()
    assert (document.series, document.source) == (EC2, f"{lists.address}{FIRST}")
    assert (feed.path, feed.problem) == (FIRST, "")
    assert Quote.objects.get(resource=instance.resource).on_demand_monthly_usd is not None


def test_a_version_that_is_loaded_is_not_downloaded_again(lists):
    read(lists)
    read(lists)

    assert lists.asked[FIRST] == 1
    assert lists.asked[feeds.INDEXES["AmazonEC2"]] == 2


def test_a_new_version_takes_the_place_of_the_old_one(lists):
    read(lists)
    lists.publish(SECOND, aws.bulk(aws.item(terms=[aws.on_demand(aws.SKU, "0.09")]), published="2020-08-01T00:00:00Z"))

    read(lists)

    assert on_demand() == ["0.09"]
    assert PriceDocument.objects.count() == 1


def test_lists_that_were_loaded_by_hand_stay(lists, tmp_path):
    cast.load(cast.table(tmp_path, "on_demand_2019-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,0.1"))

    read(lists)

    assert sorted(on_demand()) == ["0.096", "0.1"]


@pytest.mark.parametrize("failure", ["missing", "cut off", "shorter than announced", "no index", "no region", "down"])
def test_whatever_fails_the_old_book_stays_and_the_feed_says_why(lists, failure):
    read(lists)
    lists.publish(SECOND, aws.bulk(aws.item(terms=[aws.on_demand(aws.SKU, "0.09")])))
    address = lists.address
    match failure:
        case "missing":
            del lists.files[SECOND]
        case "cut off":
            lists.files[SECOND] = lists.files[SECOND][:-100]
        case "shorter than announced":
            lists.announced[SECOND] = 10**6
        case "no index":
            lists.files[feeds.INDEXES["AmazonEC2"]] = b"<html>"
        case "no region":
            lists.files[feeds.INDEXES["AmazonEC2"]] = b'{"regions": {}}'
        case "down":
            address = "http://127.0.0.1:9"

    feed = PriceFeed.objects.get(series=EC2)
    feeds.read_feed(feed, PriceHost(address))

    assert on_demand() == ["0.096"]
    assert feed.problem
    assert feed.path == FIRST
    assert feed.next_due_at is not None
    assert feed.next_due_at > timezone.now()


def test_nothing_is_left_behind_on_disk(lists, tmp_path):
    read(lists)
    lists.files[FIRST] = b"{"

    read(lists, "AmazonEC2/eu-west-1")

    assert not [path for path in (tmp_path / "prices").rglob("*") if path.is_file()]


def test_a_doubled_task_reads_a_feed_once(lists, instance):
    feeds.plan_feeds()
    feed = PriceFeed.objects.get(series=EC2)

    tasks.refresh_feed(feed.pk)
    tasks.refresh_feed(feed.pk)

    assert lists.asked[feeds.INDEXES["AmazonEC2"]] == 1
    feed.refresh_from_db()
    assert feed.next_due_at is not None
    assert feed.next_due_at > timezone.now()


def test_without_a_host_nothing_is_planned_and_nothing_asked(settings, instance):
    settings.PRICE_LIST_URL = ""

    tasks.refresh_prices()

    assert not PriceFeed.objects.exists()
