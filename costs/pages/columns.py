"""Prices as columns of the inventory's lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from costs.models import Quote
from costs.price_book import Unpriced
from costs.priceable import Monthly, Quoted, priceable
from costs.pricing_models import way_of_paying
from costs.quotes import quoted_from
from inventory.history import ResourceRevision
from inventory.pages.extensions import Figure, ListColumn

EC2 = "ec2-instance"
BY_THE_HOUR = ("elastic-ip", "nat-gateway", "load-balancer", "classic-load-balancer")
PAST_REFUSAL = (
    "Prices at a past moment are today's, worked out for the rows that are shown; they cannot be sorted or filtered by."
    " Take another column, or go back to now."
)
SHORT_NAMES = {"on_demand": "cost", "reserved": "reserved", "spot": "spot"}
HELP = {
    "on_demand": "List price of 730 hours or of one month, from the newest list that has it.",
    "reserved": "The cheapest way of reserving in the newest list that has any, with its share of the upfront payment.",
    "spot": "730 hours at the average spot price.",
}
HOURS_HELP = "List price of 730 hours, from the newest list that has it. What is billed by use comes on top."


@dataclass(frozen=True)
class PriceColumn:
    """One of the prices of one type, gathered for the rows of a page."""

    slug: str
    key: str

    def __call__(self, revisions: Sequence[ResourceRevision], when: datetime | None) -> Mapping[int, Figure]:
        """The price of each row by resource id: stored quotes now, today's book at a past moment."""
        quoted = _stored(revisions) if when is None else _worked_out(self.slug, revisions, when)
        return {
            revision.resource_id: self._figure(revision, quoted.get(revision.resource_id)) for revision in revisions
        }

    def _figure(self, revision: ResourceRevision, quoted: Quoted | None) -> Figure:
        url = reverse("instance-costs", args=[revision.resource_id]) if self.slug == EC2 else ""
        price = getattr(quoted, self.key) if quoted else Unpriced("not priced yet; prices follow each snapshot")
        match price:
            case Monthly():
                return Figure(value=price.usd, note=", ".join(_notes(price, revision)), url=url)
            case Unpriced(reason=reason):
                return Figure(value=None, reason=reason, url=url)
            case _:
                return Figure(value=None, reason="this way of paying does not exist here", url=url)


def list_columns() -> Iterator[ListColumn]:
    """On-demand, best reserved and spot for instances; the list price for the other types."""
    labels = {"on_demand": "On-demand", "reserved": "Best reserved", "spot": "Spot"}
    for key, label in labels.items():
        yield _column(EC2, key, label)
    for slug in ("ebs-volume", "s3-bucket"):
        yield _column(slug, "on_demand", "List price")
    for slug in BY_THE_HOUR:
        yield _column(slug, "on_demand", "List price", HOURS_HELP)


def _column(slug: str, key: str, label: str, help_text: str = "") -> ListColumn:
    return ListColumn(
        type=slug,
        key=f"{key}_monthly_usd",
        label=label,
        unit="$ a month",
        help=help_text or HELP[key],
        values=PriceColumn(slug, key),
        table=Quote,
        sort_field=f"{key}_monthly_usd",
        past_refusal=PAST_REFUSAL,
        short_name=SHORT_NAMES[key],
    )


def _stored(revisions: Sequence[ResourceRevision]) -> dict[int, Quoted]:
    quotes = Quote.objects.filter(resource__in=[revision.resource_id for revision in revisions], is_open=True)
    return {quote.resource_id: quoted_from(quote) for quote in quotes}


def _worked_out(slug: str, revisions: Sequence[ResourceRevision], when: datetime) -> dict[int, Quoted]:
    kind = priceable(slug)
    measured = kind.usages({revision.account_id for revision in revisions}, when)
    usages = {one.resource_id: measured.get(one.resource_id) or kind.usage_of(one) for one in revisions}
    book = kind.book(usages.values())
    return {resource_id: kind.quote(usage, book) for resource_id, usage in usages.items()}


def _notes(price: Monthly, revision: ResourceRevision) -> Iterator[str]:
    """Which way, of which month, and what it rests on."""
    if price.way and way_of_paying(price.way).term_years:
        yield way_of_paying(price.way).full_label
    yield f"list of {price.month:%Y-%m}"
    if getattr(revision, "operating_system_source", None) == "Platform":
        yield "operating system derived from Platform"
