"""What things cost together: for each region, and below lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from costs.pages.columns import BY_THE_HOUR
from costs.priceable import priceable, priceables
from costs.totals import TOTAL, Total, total_of, totals_by_region
from costs.usage_counts import count_usages
from inventory.models import Account
from inventory.pages.extensions import Figure, ListTotal, RegionFigure


def region_figure() -> RegionFigure:
    """The list price of all that is charged in a region."""
    types = tuple(one.slug for one in priceables())
    return RegionFigure(key="monthly_usd", label="List price", unit="$ a month", types=types, gather=gather_regions)


def list_totals() -> Iterator[ListTotal]:
    """The list price of the rows of a list."""
    yield ListTotal(type="ec2-instance", label="a month on-demand for those that run", gather=ListSum("ec2-instance"))
    for slug in ("ebs-volume", "s3-bucket", *BY_THE_HOUR):
        yield ListTotal(type=slug, label="a month", gather=ListSum(slug))


def gather_regions(accounts: QuerySet[Account], when: datetime | None) -> Mapping[str, Figure]:
    """By region, and `total`; today's prices for what was there at the moment."""
    totals = totals_by_region(accounts, when)
    return {region: replace(_figure(total), url=_fleet(region)) for region, total in totals.items()}


def _fleet(region: str) -> str:
    return reverse("costs") + ("" if region == TOTAL else f"?region={region}")


@dataclass(frozen=True)
class ListSum:
    """The sum below the list of one type."""

    slug: str

    def __call__(self, revisions: QuerySet[Any], when: datetime | None) -> Figure:
        """Today's prices for these revisions."""
        kind = priceable(self.slug)
        return _figure(total_of(kind, count_usages(kind, revisions, when)))


def _figure(total: Total) -> Figure:
    if total.unpriced and not total.priced:
        return Figure(value=None, reason="no loaded list has a price for what is here", unknown_count=total.unpriced)
    note = f"list of {total.months_text}" if total.months else ""
    return Figure(
        value=total.monthly_usd, note=note, unknown_count=total.unpriced, reason="no loaded list has a price for them"
    )
