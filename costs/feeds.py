"""Keeping price lists up to date from AWS: which lists are wanted, which are due, and reading one of them anew.

Only regions where something runs are asked for. An index says under which path the newest list of a region lies, and
AWS gives each version a path of its own: where the path is the one that was loaded, nothing is downloaded. A list is
downloaded to disk, read as a stream, and takes the place of its predecessor in one transaction. Whatever fails, the
old book stays, and the feed says what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from costs import budgets, loading, quotes
from costs.models import PriceFeed
from costs.price_host import PriceHost, Unreachable
from costs.priceable import priceables
from costs.sources.document import UnreadableDocument
from costs.sources.indexes import regions_in
from costs.sources.recognise import Asking, read_file
from costs.sources.spool import Spool
from inventory.models import Account

OFFERS = ("AmazonEC2", "AmazonS3", "AmazonVPC", "AWSELB", "AmazonSageMaker")
SAVINGS_PLANS = "AWSComputeSavingsPlan"
INDEXES = {offer: f"/offers/v1.0/aws/{offer}/current/region_index.json" for offer in OFFERS} | {
    SAVINGS_PLANS: f"/savingsPlan/v1.0/aws/{SAVINGS_PLANS}/current/region_index.json"
}
"""Where the region index of each list lies on AWS's host of the commercial partition."""

OTHER_PARTITIONS = ("cn-", "us-iso", "eu-isoe")
AGAIN_AFTER_FAILURE = timedelta(hours=6)


def plan_feeds() -> QuerySet[PriceFeed]:
    """Make a feed for each list of each region where something runs; gives those that are due."""
    wanted = [PriceFeed(series=f"{name}/{region}") for region in sorted(_regions()) for name in INDEXES]
    PriceFeed.objects.bulk_create(wanted, ignore_conflicts=True)
    return PriceFeed.objects.filter(_DUE, series__in=[feed.series for feed in wanted])


def take_due(feed: PriceFeed) -> bool:
    """Whether this caller is the one to read the feed now; a doubled task gets false."""
    return bool(PriceFeed.objects.filter(_DUE, pk=feed.pk).update(next_due_at=Now() + AGAIN_AFTER_FAILURE))


def read_feed(feed: PriceFeed, host: PriceHost) -> bool:
    """Bring the list up to date; whether its prices are new. What fails is noted on the feed, and loses nothing."""
    try:
        path = _newest(feed, host)
        is_new = path != feed.path and _load(feed, host, path)
    except (OSError, Unreachable, UnreadableDocument) as error:
        feed.problem, is_new = str(error)[:255], False
        feed.next_due_at = timezone.now() + AGAIN_AFTER_FAILURE
    else:
        feed.path, feed.problem = path, ""
        feed.next_due_at = timezone.now() + timedelta(seconds=settings.PRICE_REFRESH_INTERVAL)
    feed.checked_at = timezone.now()
    if is_new:
        feed.loaded_at = feed.checked_at
    feed.save()
    if is_new:
        quotes.refresh(Account.objects.all())
        budgets.refresh(Account.objects.all())
    return is_new


_DUE = Q(next_due_at__isnull=True) | Q(next_due_at__lte=Now())


def _regions() -> Iterator[str]:
    """Where something is that can have a price, in the partition whose lists are asked for."""
    found = {
        region
        for priceable in priceables()
        for region in priceable.revisions.current().values_list(F("region"), flat=True).distinct()
        if region
    }
    return (region for region in found if not region.startswith(OTHER_PARTITIONS))


def _newest(feed: PriceFeed, host: PriceHost) -> str:
    """The path of the newest list of the feed's region."""
    name, _, region = feed.series.partition("/")
    with TemporaryDirectory(prefix="price-index-", dir=_folder()) as folder:
        index = Path(folder) / "index.json"
        host.fetch(INDEXES[name], index)
        listed = {one.region: one.path for one in regions_in(index)}
    if region not in listed:
        raise UnreadableDocument(f"the index of {name}", f"it names no list of {region}")
    return listed[region]


def _load(feed: PriceFeed, host: PriceHost, path: str) -> bool:
    """Download a list and store what it says; whether that is new."""
    with TemporaryDirectory(prefix="price-list-", dir=_folder()) as folder, Spool() as spool:
        file = Path(folder) / "list.json"
        host.fetch(path, file)
        asking = Asking(source=f"{host.address}{path}", today=timezone.now().date())
        documents = read_file(file, spool, asking).documents
        return sum(loading.store(document, series=feed.series) for document in documents) > 0


def _folder() -> Path:
    """Where downloads lie for as long as they are read."""
    folder: Path = settings.STATE_DIR / "prices"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
