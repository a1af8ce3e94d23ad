"""S3 buckets: priced by what they hold, which is measured and no part of what they are.

A quote follows from the columns of a revision, and what a bucket holds changes every day without a new one. So lists
and totals leave buckets unpriced; the page of buckets and the panel of each price what CloudWatch measured of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from costs.price_book import PriceBook, Unpriced
from costs.priceable import Priceable, Quoted, register
from inventory.resource_types.s3_bucket import S3Bucket


class BucketUsage(NamedTuple):
    """Where the bucket is."""

    region: str | None


def book(usages: Iterable[BucketUsage]) -> PriceBook:
    """No prices: without sizes there is nothing to multiply them with."""
    return PriceBook({})


def quote(usage: BucketUsage, prices: PriceBook) -> Quoted:
    """Unpriced: the bucket's settings tell no size; its page and Buckets under Costs know what was measured."""
    return Quoted(Unpriced("no size data among its settings; Costs, Buckets prices what CloudWatch measured"))


def is_charged(usage: BucketUsage) -> bool:
    """A bucket costs what it holds, always."""
    return True


register(
    Priceable(
        slug="s3-bucket",
        model=S3Bucket,
        fields=BucketUsage._fields,
        usage=BucketUsage,
        book=book,
        quote=quote,
        is_charged=is_charged,
    )
)
