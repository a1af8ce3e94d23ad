"""S3 buckets: priced by what CloudWatch measured of them, by the month.

What a bucket holds is no part of what it is: it changes every day, without a revision. So its usage is told for each
bucket at a moment, by the newest figures that were known by then; from its columns alone, as over a stretch of time,
nothing can be said. Figures are for storage: requests, retrieval and traffic are billed by use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from costs.bucket_classes import Held, cost_of, stored_units
from costs.bucket_sizes import measured_buckets
from costs.price_book import PriceBook, Unpriced
from costs.priceable import MILLIONTH, Monthly, Priceable, Quoted, register
from inventory.resource_types.s3_bucket import S3Bucket

NO_DATA = Unpriced("no data: CloudWatch tells no size of it, as of an empty bucket, or was not asked yet")
NOT_ASKED = Unpriced(
    "no size data among its settings; what CloudWatch measured is priced at a moment, and not over time"
)

Sizes = tuple[tuple[str, int], ...]
"""Bytes by storage type, in the order of their names."""


class BucketUsage(NamedTuple):
    """Where the bucket is, and what it holds: None where that is not known, nothing where it was not asked."""

    region: str | None
    sizes: Sizes | None = ()


def usage(region: str | None, sizes: Sequence[Sequence[object]] | None = ()) -> BucketUsage:
    """A usage; `sizes` may come out of JSON."""
    return BucketUsage(region, None if sizes is None else tuple((str(name), int(str(size))) for name, size in sizes))


def each(accounts: Collection[int], when: datetime | None) -> Iterator[tuple[int, int, BucketUsage]]:
    """Every bucket of these accounts at the moment, with what was known of its size."""
    for bucket in measured_buckets(accounts, when):
        sizes = tuple(sorted(bucket.held.sizes.items())) if bucket.held else None
        yield bucket.resource_id, bucket.account_key, BucketUsage(bucket.region, sizes)


def book(usages: Iterable[BucketUsage]) -> PriceBook:
    """The prices of what these buckets hold."""
    stored: dict[str, set[str]] = defaultdict(set)
    for one in usages:
        if one.region is not None and one.sizes:
            stored[one.region].update(name for name, _ in one.sizes)
    return PriceBook.load(units=[unit for region, names in stored.items() for unit in stored_units(region, names)])


def quote(one: BucketUsage, prices: PriceBook) -> Quoted:
    """The list price of its storage; there is no other way of paying."""
    held = _held(one)
    if held is None:
        return Quoted(NOT_ASKED if one.sizes == () else NO_DATA)
    cost = cost_of(held, prices)
    if isinstance(cost, Unpriced):
        return Quoted(cost)
    oldest = min(document.month for document in cost.documents)
    documents = frozenset(document.document_id for document in cost.documents)
    return Quoted(Monthly(cost.monthly_usd.quantize(MILLIONTH), oldest, documents=documents))


def is_charged(one: BucketUsage) -> bool:
    """A bucket costs what it holds, always."""
    return True


def _held(one: BucketUsage) -> Held | None:
    return Held(region=one.region, sizes=dict(one.sizes)) if one.region is not None and one.sizes else None


register(
    Priceable(
        slug="s3-bucket",
        model=S3Bucket,
        fields=("region",),
        usage=usage,
        book=book,
        quote=quote,
        is_charged=is_charged,
        is_by_month=True,
        measured=("sizes",),
        each=each,
    )
)
