"""The comparison as rows: what `compare_costs` writes, and what the pages offer as CSV and JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from costs.comparison import Option, compare_ways
from costs.pricing_models import WayOfPaying
from costs.usage.ec2_instance import InstanceUsage, comparison_book, sku_of
from inventory.models import Account
from inventory.resource_types.ec2_instance import Ec2Instance

KEYS = (
    "account",
    "region",
    "native_id",
    "instance_type",
    "operating_system",
    "tenancy",
    "model",
    "term_years",
    "payment",
    "offering_class",
    "hourly_usd",
    "upfront_usd",
    "monthly_usd",
    "saving_percent",
    "break_even_hours",
    "compared_hourly_usd",
    "compared_date",
    "price_date",
    "source",
    "unpriced_reason",
)

TEN_DECIMALS = Decimal("0.0000000001")
"""Worked-out figures are written with as many decimals as AWS's own price list writes."""


def comparison_rows(accounts: Sequence[Account], *, region: str | None = None) -> Iterator[dict[str, Any]]:
    """A row for every instance that is not terminated and every way of paying, from the ledger as it is now."""
    instances = Ec2Instance.revisions.current().filter(account__in=accounts).exclude(state="terminated")
    if region is not None:
        instances = instances.filter(region=region)
    found = [
        (account, native_id, InstanceUsage(*values))
        for account, native_id, *values in instances.order_by(
            "account__account_id", "region", "resource__native_id"
        ).values_list("account__account_id", "resource__native_id", *InstanceUsage._fields)
    ]
    prices = comparison_book(usage for _, _, usage in found)
    options = {usage: compare_ways(sku_of(usage), prices) for _, _, usage in found}
    for account, native_id, usage in found:
        for option in options[usage]:
            yield comparison_record(account, native_id, usage, option)


def comparison_record(account: str, native_id: str, usage: InstanceUsage, option: Option) -> dict[str, Any]:
    """One instance under one way of paying; null where something does not apply or has no price."""
    return {
        "account": account,
        "region": usage.region,
        "native_id": native_id,
        "instance_type": usage.instance_type,
        "operating_system": usage.operating_system,
        "tenancy": usage.tenancy,
        **terms(option.way),
        **_prices(option),
    }


def terms(way: WayOfPaying) -> dict[str, Any]:
    """What is signed; null where it does not apply."""
    return {
        "model": way.model,
        "term_years": way.term_years,
        "payment": way.payment,
        "offering_class": way.offering_class,
    }


def _prices(option: Option) -> dict[str, Any]:
    """The figures of one way of paying, and what they rest on."""
    listed, compared = option.listed, option.compared
    return {
        "hourly_usd": listed.charge.hourly_usd if listed else None,
        "upfront_usd": listed.charge.upfront_usd if listed else None,
        "monthly_usd": written(option.monthly_usd),
        "saving_percent": written(option.saving_percent),
        "break_even_hours": written(option.break_even_hours),
        "compared_hourly_usd": compared.charge.hourly_usd if compared else None,
        "compared_date": compared.provenance.month_text if compared else None,
        "price_date": listed.provenance.month_text if listed else None,
        "source": listed.provenance.source if listed else None,
        "unpriced_reason": option.unpriced_reason or None,
    }


def written(figure: Decimal | None) -> Decimal | None:
    """A worked-out figure with ten decimals at most."""
    return None if figure is None else figure.quantize(TEN_DECIMALS)
