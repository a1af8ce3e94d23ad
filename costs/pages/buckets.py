"""What buckets cost by what CloudWatch measured of them, and what they would cost in other classes: page and panel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.bucket_classes import GIB, BucketCost, Target, WhatIf, book_for, cost_of, what_if
from costs.bucket_sizes import MeasuredBucket, measured_buckets
from costs.models import PriceDocument
from costs.pages.narrowing import RegionalPage, Unseen, unseen
from costs.price_book import PriceBook, Unpriced
from costs.price_book import Provenance as ListProvenance
from costs.rows import written
from costs.usage.s3_bucket import NO_DATA
from inventory.models import Resource
from inventory.pages.extensions import Panel
from inventory.pages.files import file_of
from inventory.pages.frame import address
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.region_names import region_name
from inventory.resource_types.s3_bucket import S3_BUCKET

ROWS_SHOWN = 50
ZERO = Decimal(0)
KEYS = (
    "account",
    "region",
    "bucket",
    "measured_at",
    "storage_class",
    "bytes",
    "objects",
    "monthly_usd",
    "saving_monthly_usd",
    "first_year_usd",
    "transition_usd",
    "retrieval_usd_a_gb",
    "break_even_gb_a_month",
    "minimum_days",
    "price_dates",
    "sources",
    "unpriced_reason",
)


def bucket_costs(request: HttpRequest) -> HttpResponseBase:
    """The page of buckets, or every bucket in every class as CSV, JSON or XLSX."""
    page = BucketsPage.from_request(request)
    found = file_of(request, page.records, keys=KEYS, name="buckets", what="Bucket costs")
    return found or render(request, "costs/buckets.html", {"page": page})


def bucket_panel() -> Panel:
    """The panel on a bucket's detail page."""
    return Panel(type=S3_BUCKET.slug, template="costs/_bucket_panel.html", gather=gather_bucket)


def gather_bucket(resource: Resource, revision: Any, when: datetime | None) -> BucketRow:
    """The bucket as it was measured by the moment, at today's prices."""
    (bucket,) = measured_buckets([resource.account_id], when, resource_id=resource.pk)
    return BucketRow(bucket, book_for([bucket.held] if bucket.held else []))


@dataclass(frozen=True)
class BucketRow:
    """One bucket: its cost and what it would cost elsewhere."""

    bucket: MeasuredBucket
    book: PriceBook

    @cached_property
    def cost(self) -> BucketCost | Unpriced:
        """What its storage costs."""
        return cost_of(self.bucket.held, self.book) if self.bucket.held else NO_DATA

    @property
    def priced(self) -> BucketCost | None:
        """The cost, if there is one."""
        return self.cost if isinstance(self.cost, BucketCost) else None

    @property
    def reason(self) -> str:
        """Why there is none; empty if there is one."""
        return self.cost.reason if isinstance(self.cost, Unpriced) else ""

    @property
    def region_words(self) -> str:
        """Its region as people call it."""
        return region_name(self.bucket.region) if self.bucket.region else "an unread region"

    @property
    def gib(self) -> Decimal | None:
        """GiB of everything that is stored; None if unknown."""
        return self.bucket.held.bytes / GIB if self.bucket.held else None

    @cached_property
    def options(self) -> list[tuple[Target, WhatIf | Unpriced]]:
        """Every class it could move to; none where nothing was measured or its own price is not known."""
        held = self.bucket.held
        if held is None or self.priced is None:
            return []
        return [(target, what_if(held, target, self.book)) for target in Target]

    @property
    def what_ifs(self) -> list[WhatIf]:
        """Those that have a price, in the order of the classes."""
        return [found for _, found in self.options if isinstance(found, WhatIf)]

    @property
    def why_not(self) -> list[str]:
        """Why the others have none, each reason once."""
        return sorted({found.reason for _, found in self.options if isinstance(found, Unpriced)})

    @property
    def best(self) -> WhatIf | None:
        """The class that saves most in a year in which nothing is read, moving paid for, if any saves."""
        cheaper = [one for one in self.what_ifs if one.first_year_usd > 0]
        return max(cheaper, key=lambda one: one.first_year_usd, default=None)

    @property
    def documents(self) -> list[ListProvenance]:
        """The lists that the figures rest on, newest first."""
        used = {one for found in (self.priced, *self.what_ifs) if found for one in found.documents}
        return sorted(used, reverse=True)

    def records(self) -> Iterator[dict[str, Any]]:
        """The bucket as it is, and in each class, as data."""
        yield self._record("as it is", self.cost)
        for target, found in self.options:
            yield self._record(target.value, found)

    def _record(self, storage_class: str, found: BucketCost | WhatIf | Unpriced) -> dict[str, Any]:
        bucket, held = self.bucket, self.bucket.held
        move = found if isinstance(found, WhatIf) else None
        documents = [] if isinstance(found, Unpriced) else sorted(found.documents)
        return {
            "account": bucket.account_id,
            "region": bucket.region,
            "bucket": bucket.name,
            "measured_at": bucket.measured_at,
            "storage_class": storage_class,
            "bytes": held.bytes if held else None,
            "objects": held.objects if held else None,
            "monthly_usd": None if isinstance(found, Unpriced) else written(found.monthly_usd),
            "saving_monthly_usd": written(move.saving_usd if move else None),
            "first_year_usd": written(move.first_year_usd if move else None),
            "transition_usd": written(move.transition_usd if move else None),
            "retrieval_usd_a_gb": move.retrieval_usd if move else None,
            "break_even_gb_a_month": written(move.break_even_gb if move else None),
            "minimum_days": move.rules.minimum_days if move else None,
            "price_dates": sorted({document.month_text for document in documents}),
            "sources": [document.source for document in documents],
            "unpriced_reason": found.reason if isinstance(found, Unpriced) else None,
        }


@dataclass(frozen=True)
class BucketsPage(RegionalPage):
    """What the address asks for, and the answer."""

    url_name = "bucket-costs"

    @cached_property
    def all_rows(self) -> list[BucketRow]:
        """Every bucket, the dearest first; those without a price come after all others."""
        chosen = [account.pk for account in self.scope.chosen]
        buckets = list(measured_buckets(chosen, self.scope.as_of, region=self.region))
        book = book_for([one.held for one in buckets if one.held])
        rows = [BucketRow(one, book) for one in buckets]
        return sorted(rows, key=lambda row: (row.priced is None, -_usd(row), row.bucket.name))

    @property
    def rows(self) -> list[BucketRow]:
        """Those that are shown."""
        return self.all_rows[:ROWS_SHOWN]

    @cached_property
    def monthly_usd(self) -> Decimal:
        """What the priced ones cost a month."""
        return sum(map(_usd, self.all_rows), ZERO)

    @property
    def priced(self) -> int:
        """Buckets with a price."""
        return sum(row.priced is not None for row in self.all_rows)

    @cached_property
    def unpriced(self) -> Counter[str]:
        """Buckets without one, by reason."""
        return Counter(row.reason for row in self.all_rows if row.priced is None)

    @property
    def unpriced_words(self) -> str:
        """How many buckets have no price."""
        return f"{self.unpriced.total():,} unpriced"

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why, and how many."""
        return self.unpriced.most_common()

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """The lists that the figures rest on, newest first."""
        used = {one.document_id for row in self.all_rows for one in row.documents}
        return list(PriceDocument.objects.filter(pk__in=used))

    @cached_property
    def unseen(self) -> list[Unseen]:
        """What was not read lately."""
        return unseen(self.scope, [S3_BUCKET.slug])

    @property
    def was_read(self) -> bool:
        """Whether anybody has ever read buckets."""
        return self.scope.standings.was_read([S3_BUCKET.slug])

    @property
    def behind(self) -> Provenance:
        """The looks behind the figures."""
        return behind_types(self.scope, [S3_BUCKET.slug])

    @property
    def found_in(self) -> Iterable[str]:
        """The regions that have buckets."""
        return (place.region for place in self.scope.counts if place.type == S3_BUCKET.slug and place.region)

    @property
    def buckets_url(self) -> str:
        """The list of these buckets."""
        return address(self.scope, "resource-list", S3_BUCKET.slug, **self.narrowed)

    def records(self) -> Iterator[dict[str, Any]]:
        """Every bucket as it is and in each class."""
        for row in self.all_rows:
            yield from row.records()


def _usd(row: BucketRow) -> Decimal:
    return row.priced.monthly_usd if row.priced else ZERO
