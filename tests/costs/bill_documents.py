"""Bills in exactly AWS's structures with a few charges, CUR 2.0 and FOCUS 1.0 of Data Exports, and loading them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet

PAYER = "111122223333"

CUR_COLUMNS = (
    *("bill_bill_type", "bill_billing_entity", "bill_billing_period_end_date", "bill_billing_period_start_date"),
    *("bill_invoice_id", "bill_invoicing_entity", "bill_payer_account_id", "bill_payer_account_name"),
    *("cost_category", "discount", "identity_line_item_id", "identity_time_interval"),
    *("line_item_availability_zone", "line_item_currency_code", "line_item_line_item_description"),
    *("line_item_line_item_type", "line_item_operation", "line_item_product_code", "line_item_resource_id"),
    *("line_item_tax_type", "line_item_unblended_cost", "line_item_unblended_rate", "line_item_usage_account_id"),
    *("line_item_usage_account_name", "line_item_usage_amount", "line_item_usage_end_date"),
    *("line_item_usage_start_date", "line_item_usage_type", "pricing_public_on_demand_cost", "pricing_term"),
    *("product", "product_region_code", "product_servicecode", "reservation_reservation_a_r_n", "resource_tags"),
    *("savings_plan_savings_plan_a_r_n", "split_line_item_parent_resource_id"),
)
FOCUS_COLUMNS = (
    *("AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency"),
    *("BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription"),
    *("ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountCategory"),
    *("CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType"),
    *("ConsumedQuantity", "ConsumedUnit", "ContractedCost", "ContractedUnitPrice", "EffectiveCost"),
    *("InvoiceIssuerName", "ListCost", "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit"),
    *("ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType"),
    *("ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags"),
    *("x_CostCategories", "x_Discounts", "x_Operation", "x_ServiceCode", "x_UsageType"),
)


def cur_charge(cost: str, **changes: Any) -> dict[str, Any]:
    """A charge for an hour of an m5.large on the second of October, unless the changes say otherwise."""
    usual = {
        "bill_bill_type": "Anniversary",
        "bill_billing_entity": "AWS",
        "bill_billing_period_start_date": "2026-10-01T00:00:00.000Z",
        "bill_billing_period_end_date": "2026-11-01T00:00:00.000Z",
        "bill_payer_account_id": PAYER,
        "line_item_currency_code": "USD",
        "line_item_line_item_type": "Usage",
        "line_item_operation": "RunInstances",
        "line_item_product_code": "AmazonEC2",
        "line_item_usage_account_id": PAYER,
        "line_item_usage_start_date": "2026-10-02T00:00:00.000Z",
        "line_item_usage_end_date": "2026-10-02T01:00:00.000Z",
        "line_item_usage_type": "BoxUsage:m5.large",
        "line_item_unblended_cost": cost,
        "pricing_public_on_demand_cost": cost,
        "product_region_code": "us-east-1",
        "resource_tags": "{}",
    }
    return usual | changes


def focus_charge(cost: str, **changes: Any) -> dict[str, Any]:
    """The same, as FOCUS tells it."""
    usual = {
        "BilledCost": cost,
        "BillingAccountId": PAYER,
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "BillingPeriodEnd": "2026-11-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargePeriodStart": "2026-10-02T00:00:00Z",
        "ChargePeriodEnd": "2026-10-02T01:00:00Z",
        "EffectiveCost": cost,
        "ListCost": cost,
        "PricingCategory": "Standard",
        "ProviderName": "AWS",
        "RegionId": "us-east-1",
        "ServiceName": "Amazon Elastic Compute Cloud",
        "SubAccountId": PAYER,
        "x_ServiceCode": "AmazonEC2",
        "x_UsageType": "BoxUsage:m5.large",
    }
    return usual | changes


def load(*arguments: Path | str) -> str:
    """What `manage.py load_bill` says."""
    said = io.StringIO()
    call_command("load_bill", *map(str, arguments), stderr=said)
    return said.getvalue()


def refused(*arguments: Path | str) -> str:
    """What it says when it does not take everything."""
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("load_bill", *map(str, arguments), stderr=said)
    return said.getvalue()


def written(
    path: Path, charges: Sequence[Mapping[str, Any]], columns: Sequence[str] = CUR_COLUMNS, *, without: str = ""
) -> Path:
    """The charges as a file: gzipped where its name says so; tags and other maps as JSON, as AWS writes them."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [one for one in columns if one != without], extrasaction="ignore")
    writer.writeheader()
    for charge in charges:
        writer.writerow({key: json.dumps(one) if isinstance(one, dict) else one for key, one in charge.items()})
    data = text.getvalue().encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def written_focus(path: Path, charges: Sequence[Mapping[str, Any]]) -> Path:
    """The same in FOCUS."""
    return written(path, charges, FOCUS_COLUMNS)


MONEY = ("line_item_unblended_cost", "pricing_public_on_demand_cost", "BilledCost", "EffectiveCost", "ListCost")
MAPS = ("cost_category", "discount", "product", "resource_tags", "Tags", "x_CostCategories", "x_Discounts")
MOMENT = re.compile(r"_date$|(?:Period)(?:Start|End)$")


def written_parquet(path: Path, charges: Sequence[Mapping[str, Any]], columns: Sequence[str] = CUR_COLUMNS) -> Path:
    """The charges as AWS writes Parquet: money as doubles, moments as timestamps, tags as maps, nothing as NULL."""
    table = pyarrow.table({column: _column(column, [charge.get(column) for charge in charges]) for column in columns})
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, compression="snappy", row_group_size=1_000)
    return path


def _column(name: str, values: list[Any]) -> Any:
    if name in MAPS:
        pairs = [json.loads(one) if isinstance(one, str) else one or {} for one in values]
        return pyarrow.array([list(one.items()) for one in pairs], pyarrow.map_(pyarrow.string(), pyarrow.string()))
    if name in MONEY:
        return pyarrow.array([float(one) if one else None for one in values], pyarrow.float64())
    if MOMENT.search(name):
        moments = [datetime.fromisoformat(one) if one else None for one in values]
        return pyarrow.array(moments, pyarrow.timestamp("ms", "UTC"))
    return pyarrow.array([one or None for one in values], pyarrow.string())
