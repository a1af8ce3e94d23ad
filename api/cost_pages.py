"""What the pages of costs list: commitments, waste, volumes, buckets in every class, and the loaded price lists.

Each answers with the rows that its page exports, under the same names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.models import Scope
from api.operations import Operation
from api.parameters import ACCOUNT, AS_OF, Parameter
from api.values import Answer, DecimalText, Moment
from costs.pages.buckets import BucketsPage
from costs.pages.commitments import CommitmentsPage
from costs.pages.prices import PricesPage
from costs.pages.storage import StoragePage
from costs.pages.waste import WastePage
from costs.waste_rows import waste_rows
from inventory.pages.formats import plain
from inventory.pages.scope import PageScope

PRICE_DATES = Field(description="The months of the price lists that the figures rest on.")
SOURCES = Field(description="Where these lists come from.")
UNPRICED = Field(description="Why there is no price; null if there is one.")
MONTHLY = Field(description="US dollars for 730 hours; null where there is no price.")


class CommitmentItem(Answer):
    """A Reserved Instance, Savings Plan or host reservation that AWS lists; null where something is not known."""

    account: str
    type: str
    native_id: str
    name: str | None
    what: str
    region: str | None
    state: str | None
    start: Moment | None
    end: Moment | None
    days_left: int | None
    unit: str = Field(description="What size, used and unused count.")
    size: DecimalText | None
    used: DecimalText | None
    unused: DecimalText | None
    utilisation_percent: DecimalText | None
    cost_hourly_usd: DecimalText | None
    waste_hourly_usd: DecimalText | None
    waste_monthly_usd: DecimalText | None
    net_saving_hourly_usd: DecimalText | None = Field(description="What it saves, less what of it is wasted.")
    net_saving_monthly_usd: DecimalText | None
    unknown: list[str] = Field(description="Why figures are null.")


class Commitments(Answer):
    """What was committed to, in the order in which it ends."""

    currency: str
    items: list[CommitmentItem]


class WasteItem(Answer):
    """A thing that is paid for and does nothing, or would cost less as another; each is counted once."""

    account: str | None
    region: str | None
    type: str
    native_id: str
    name: str
    waste: str = Field(description="The kind of waste.")
    what: str
    instead: str | None = Field(description="What would cost less.")
    since: Moment | None = Field(description="It had begun by then.")
    since_after: Moment | None = Field(description="It began after then; null: perhaps long before.")
    monthly_usd: DecimalText | None = MONTHLY
    price_dates: list[str] = PRICE_DATES
    sources: list[str] = SOURCES
    unpriced_reason: str | None = UNPRICED


class WasteList(Answer):
    """Waste by its kind, the dearest first; the sum of `monthly_usd` counts nothing twice."""

    currency: str
    items: list[WasteItem]


class VolumeItem(Answer):
    """An EBS volume with what it costs, and what it would cost as a type that performs at least as well."""

    account: str
    region: str | None
    native_id: str
    name: str
    volume_type: str | None
    size_gib: int | None
    iops: int | None
    throughput_mibps: int | None
    state: str | None
    storage_monthly_usd: DecimalText | None
    iops_monthly_usd: DecimalText | None
    throughput_monthly_usd: DecimalText | None
    monthly_usd: DecimalText | None = MONTHLY
    cheaper_type: str | None
    cheaper_iops: int | None
    cheaper_throughput_mibps: int | None
    cheaper_monthly_usd: DecimalText | None
    saving_monthly_usd: DecimalText | None
    price_dates: list[str] = PRICE_DATES
    sources: list[str] = SOURCES
    unpriced_reason: str | None = UNPRICED


class Volumes(Answer):
    """Every volume by account, region and id."""

    currency: str
    items: list[VolumeItem]


class BucketItem(Answer):
    """A bucket as it is, or as it would be in one storage class."""

    account: str | None
    region: str | None
    bucket: str
    measured_at: Moment | None = Field(description="The day of CloudWatch's figures; null: no data.")
    storage_class: str = Field(description="“as it is”, or the class that everything would move to.")
    bytes: int | None
    objects: int | None
    monthly_usd: DecimalText | None = MONTHLY
    saving_monthly_usd: DecimalText | None
    first_year_usd: DecimalText | None = Field(description="Saved in a year in which nothing is read, moving paid for.")
    transition_usd: DecimalText | None = Field(description="US dollars, once, for moving.")
    retrieval_usd_a_gb: DecimalText | None
    break_even_gb_a_month: DecimalText | None = Field(description="Reads up to which moving saves.")
    minimum_days: int | None
    price_dates: list[str] = PRICE_DATES
    sources: list[str] = SOURCES
    unpriced_reason: str | None = UNPRICED


class Buckets(Answer):
    """Every bucket as it is and in each class, the dearest bucket first."""

    currency: str
    items: list[BucketItem]


class PriceListItem(Answer):
    """One loaded price list."""

    kind: str
    contents: str
    date: str
    currency: str
    regions: list[str]
    facts: int = Field(description="How many prices it holds.")
    purpose: str
    source: str
    licence: str
    loaded_at: Moment


class PriceLists(Answer):
    """Every loaded price list, the newest first."""

    items: list[PriceListItem]


Item = TypeVar("Item", bound=Answer)
ONE_REGION = Parameter(name="region", about="Only what is in this region.")


def add_to(router: Router) -> None:
    """The operations of this module."""
    for path, name, summary, answer, parameters, view in (
        ("commitments", "list_commitments", "What was committed to", Commitments, (ACCOUNT, AS_OF), commitments),
        ("waste", "list_waste", "What is paid for in vain", WasteList, (ACCOUNT, AS_OF, ONE_REGION), waste),
        ("volumes", "list_volume_costs", "What volumes cost", Volumes, (ACCOUNT, AS_OF, ONE_REGION), volumes),
        ("buckets", "list_bucket_costs", "Buckets in every class", Buckets, (ACCOUNT, AS_OF, ONE_REGION), buckets),
        ("prices", "list_price_lists", "Loaded price lists", PriceLists, (), price_lists),
    ):
        Operation(
            path=f"/costs/{path}",
            name=name,
            summary=summary,
            answer=answer,
            tag="Costs",
            scope=Scope.COSTS,
            parameters=parameters,
        ).add_to(router, view)


def commitments(request: HttpRequest) -> Commitments:
    """Reserved Instances, Savings Plans and host reservations: what of each is used, wasted and saved."""
    page = CommitmentsPage.from_request(request)
    return Commitments(currency="USD", items=_items(CommitmentItem, page.records()))


def waste(request: HttpRequest) -> WasteList:
    """What is attached to nothing, stopped, or would cost less as another type, with the money of each."""
    page = WastePage.from_request(request)
    return WasteList(currency="USD", items=_items(WasteItem, waste_rows(page.every_line)))


def volumes(request: HttpRequest) -> Volumes:
    """The list price of each EBS volume, taken apart, and of the cheaper type that performs at least as well."""
    page = StoragePage.from_request(request)
    return Volumes(currency="USD", items=_items(VolumeItem, page.records()))


def buckets(request: HttpRequest) -> Buckets:
    """The list price of the storage that CloudWatch measured, and of the same in every other storage class."""
    page = BucketsPage.from_request(request)
    return Buckets(currency="USD", items=_items(BucketItem, page.records()))


def price_lists(request: HttpRequest) -> PriceLists:
    """What the price book holds: the date, source, regions and purpose of each list."""
    page = PricesPage(PageScope.from_request(request), is_operator=False)
    return PriceLists(items=_items(PriceListItem, page.records()))


def _items(kind: type[Item], rows: Iterable[Mapping[str, Any]]) -> list[Item]:
    return [kind(**{key: plain(value) for key, value in row.items()}) for row in rows]
