"""FOCUS 1.0 with AWS columns, as CSV or Parquet: the open specification of bills, as AWS Data Exports fills it.

`BilledCost` is what a charge is billed at, `ListCost` its list price. What a commitment covers is billed at nothing;
the commitment is a purchase. The columns that begin with `x_` are AWS's own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from costs.bills.charge import (
    USE,
    ZERO,
    Charge,
    ChargeKind,
    Estimated,
    account_id,
    amount,
    chosen_tags,
    currency,
    estimated_as,
    is_support,
    moment,
)
from costs.bills.table import BillTable

MARKS = frozenset({"BilledCost", "ChargeCategory"})
"""Columns that FOCUS has and no report of AWS's own."""

CATEGORIES = {
    "Usage": ChargeKind.USAGE,
    "Purchase": ChargeKind.FEE,
    "Tax": ChargeKind.TAX,
    "Credit": ChargeKind.CREDIT,
    "Adjustment": ChargeKind.ADJUSTMENT,
}
AMAZON = frozenset({"", "AWS", "Amazon Web Services", "Amazon Web Services, Inc."})
REQUIRED = (
    *("BillingAccountId", "BillingPeriodStart", "SubAccountId", "ChargeCategory", "ChargePeriodStart"),
    *("ChargePeriodEnd", "ServiceName", "BillingCurrency", "BilledCost"),
)
OPTIONAL = (
    *("RegionId", "ResourceId", "Tags", "ListCost", "CommitmentDiscountId", "CommitmentDiscountCategory"),
    *("PricingCategory", "ProviderName", "x_ServiceCode", "x_UsageType"),
)


def charges(table: BillTable, wanted: Mapping[str, str], skipped: Counter[str]) -> Iterator[Charge]:
    """Every charge of the file; what is none is counted by its reason. UnreadableDocument names a broken line."""
    payer, period, account, category, begin, end, name, coin, cost = table.places(*REQUIRED)
    optional = [table.place(column) for column in OPTIONAL]
    for line, cells in table.rows():
        region, resource, tags, listed, promise, measure, pricing, provider, code, usage = (
            "" if place is None else cells[place] for place in optional
        )
        if provider not in AMAZON:
            skipped[f"charges of {provider[:40]!r}, which is not AWS"] += 1
            continue
        service = code or cells[name]
        kind = _kind(cells[category], service, promise, measure, pricing)
        begins = moment(cells[begin], line, "ChargePeriodStart")
        yield Charge(
            billing_account=account_id(cells[payer], line, "BillingAccountId"),
            month=moment(cells[period], line, "BillingPeriodStart")[:10],
            # A charge of the whole bill, like some taxes, names no account of its own.
            usage_account=account_id(cells[account] or cells[payer], line, "SubAccountId"),
            day=begins[:10],
            service=service,
            region=region,
            resource_id=resource,
            tags=chosen_tags(tags, wanted, line, "Tags"),
            kind=kind,
            estimated_as=estimated_as(usage) if kind in USE else Estimated.NOT,
            currency=currency(cells[coin], line, "BillingCurrency"),
            billed=amount(cells[cost], line, "BilledCost"),
            listed=ZERO if kind not in USE else amount(listed, line, "ListCost") if listed else None,
            begins=begins,
            ends=moment(cells[end], line, "ChargePeriodEnd"),
        )


def _kind(category: str, service: str, promise: str, measure: str, pricing: str) -> ChargeKind:
    kind = CATEGORIES.get(category, ChargeKind.OTHER)
    if kind in (ChargeKind.USAGE, ChargeKind.FEE) and is_support(service):
        return ChargeKind.SUPPORT
    if kind is ChargeKind.FEE and promise:
        return ChargeKind.COMMITMENT
    if kind is not ChargeKind.USAGE:
        return kind
    if promise:
        # Savings Plans promise to spend, Reserved Instances to use.
        return ChargeKind.PLAN if measure == "Spend" else ChargeKind.RESERVED
    return ChargeKind.SPOT if pricing == "Dynamic" else kind
