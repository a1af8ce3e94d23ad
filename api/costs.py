"""What each instance costs under every way of paying, as `manage.py compare_costs` writes it."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from api.models import Scope
from api.operations import Operation
from api.parameters import ACCOUNT, Parameter
from api.values import Answer, DecimalText
from costs.models import PriceDocument
from costs.rows import comparison_rows
from inventory.pages.formats import plain
from inventory.pages.scope import PageScope


class WayItem(Answer):
    """One way of paying for one instance; null where something does not apply or has no price."""

    model: str = Field(description="on-demand, reserved, spot and so on.")
    term_years: int | None
    payment: str | None
    offering_class: str | None
    hourly_usd: DecimalText | None = Field(description="US dollars for each hour.")
    upfront_usd: DecimalText | None = Field(description="US dollars, once.")
    monthly_usd: DecimalText | None = Field(description="US dollars for 730 hours, with the share of what is upfront.")
    saving_percent: DecimalText | None
    break_even_hours: DecimalText | None = Field(description="Hours a month from which a commitment is cheaper.")
    compared_hourly_usd: DecimalText | None = Field(description="The on-demand price that it is measured against.")
    compared_date: str | None = Field(description="The month of that price.")
    price_date: str | None = Field(description="The month of its own price.")
    source: str | None
    unpriced_reason: str | None = Field(description="Why there is no price.")


class InstanceCosts(Answer):
    """One instance that is not terminated."""

    account: str | None
    region: str | None
    native_id: str
    instance_type: str | None
    operating_system: str | None
    tenancy: str | None
    ways: list[WayItem]


class Comparison(Answer):
    """Every way of paying, side by side, from the ledger as it is now."""

    currency: str
    has_prices: bool = Field(description="False: no price list is loaded, so that nothing has a price.")
    items: list[InstanceCosts]


REGION = Parameter(name="region", about="Only instances of this region.")
OF_INSTANCE = ("account", "region", "native_id", "instance_type", "operating_system", "tenancy")


def add_to(router: Router) -> None:
    """The operation of this module."""
    Operation(
        path="/costs/comparison",
        name="compare_costs",
        summary="Instances under every way of paying",
        answer=Comparison,
        tag="Costs",
        scope=Scope.COSTS,
        parameters=(ACCOUNT, REGION),
    ).add_to(router, compare_costs)


def compare_costs(request: HttpRequest) -> Comparison:
    """On-demand, reserved and spot for each instance that is not terminated, with the date and source of each price."""
    scope = PageScope.from_request(request)
    rows = comparison_rows(scope.chosen, region=request.GET.get("region") or None)
    items = []
    for instance, ways in groupby(rows, key=lambda row: tuple(row[key] for key in OF_INSTANCE)):
        own = [{key: plain(value) for key, value in way.items() if key not in OF_INSTANCE} for way in ways]
        items.append(
            InstanceCosts(
                **dict(zip(OF_INSTANCE, instance, strict=True)),
                ways=[WayItem(**way) for way in own],
            )
        )
    return Comparison(currency="USD", has_prices=PriceDocument.objects.exists(), items=items)
