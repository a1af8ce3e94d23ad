"""CUR 2.0, the Cost and Usage Report of AWS Data Exports, as CSV or Parquet.

Columns are those of the table COST_AND_USAGE_REPORT in AWS's Data Exports table dictionary; an export may leave most of
them out. `line_item_unblended_cost` is what a charge is billed at. What Savings Plans cover is told twice, at its
on-demand price and again with a minus (SavingsPlanNegation): both are one kind here, and together nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

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

MARKS = frozenset({"bill_billing_period_start_date", "line_item_unblended_cost"})
"""Columns that only CUR 2.0 has."""

KINDS = {
    "Usage": ChargeKind.USAGE,
    "DiscountedUsage": ChargeKind.RESERVED,
    "SavingsPlanCoveredUsage": ChargeKind.PLAN,
    "SavingsPlanNegation": ChargeKind.PLAN,
    "SavingsPlanRecurringFee": ChargeKind.COMMITMENT,
    "SavingsPlanUpfrontFee": ChargeKind.COMMITMENT,
    "RIFee": ChargeKind.COMMITMENT,
    "Fee": ChargeKind.FEE,
    "Tax": ChargeKind.TAX,
    "Credit": ChargeKind.CREDIT,
    "Refund": ChargeKind.REFUND,
    "EdpDiscount": ChargeKind.DISCOUNT,
    "BundledDiscount": ChargeKind.DISCOUNT,
    "PrivateRateDiscount": ChargeKind.DISCOUNT,
    "RiVolumeDiscount": ChargeKind.DISCOUNT,
    "SppDiscount": ChargeKind.DISCOUNT,
    "Discount": ChargeKind.DISCOUNT,
}
NEGATION = "SavingsPlanNegation"
REQUIRED = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "line_item_usage_account_id"),
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date"),
    *("line_item_product_code", "line_item_currency_code", "line_item_unblended_cost", "line_item_usage_type"),
)
OPTIONAL = (
    *("product_region_code", "line_item_resource_id", "resource_tags", "pricing_public_on_demand_cost"),
    *("reservation_reservation_a_r_n", "split_line_item_parent_resource_id"),
)


def charges(table: BillTable, wanted: Mapping[str, str], skipped: Counter[str]) -> Iterator[Charge]:
    """Every charge of the file; what is none is counted by its reason. UnreadableDocument names a broken line."""
    payer, period, account, kind_, begin, end, code, coin, cost, usage = table.places(*REQUIRED)
    optional = [table.place(column) for column in OPTIONAL]
    for line, cells in table.rows():
        region, resource, tags, listed, reservation, parent = (
            "" if place is None else cells[place] for place in optional
        )
        if parent and not cells[cost]:
            skipped["parts of a charge that is there whole (split cost allocation)"] += 1
            continue
        word = cells[kind_]
        kind = _kind(word, cells[code], cells[usage], reservation)
        begins = moment(cells[begin], line, "line_item_usage_start_date")
        yield Charge(
            billing_account=account_id(cells[payer], line, "bill_payer_account_id"),
            month=moment(cells[period], line, "bill_billing_period_start_date")[:10],
            usage_account=account_id(cells[account], line, "line_item_usage_account_id"),
            day=begins[:10],
            service=cells[code],
            region=region,
            resource_id=resource,
            tags=chosen_tags(tags, wanted, line, "resource_tags"),
            kind=kind,
            estimated_as=estimated_as(cells[usage]) if kind in USE else Estimated.NOT,
            currency=currency(cells[coin], line, "line_item_currency_code"),
            billed=amount(cells[cost], line, "line_item_unblended_cost"),
            listed=_listed(kind, word, listed, line),
            begins=begins,
            ends=moment(cells[end], line, "line_item_usage_end_date"),
        )


def _kind(word: str, code: str, usage_type: str, reservation: str) -> ChargeKind:
    kind = KINDS.get(word, ChargeKind.OTHER)
    if kind in (ChargeKind.USAGE, ChargeKind.FEE) and is_support(code):
        return ChargeKind.SUPPORT
    if kind is ChargeKind.USAGE and "SpotUsage" in usage_type:
        return ChargeKind.SPOT
    # A reservation that is paid upfront is a fee that names it.
    return ChargeKind.COMMITMENT if kind is ChargeKind.FEE and reservation else kind


def _listed(kind: ChargeKind, word: str, listed: str, line: int) -> Decimal | None:
    if kind not in USE or word == NEGATION:
        return ZERO
    return amount(listed, line, "pricing_public_on_demand_cost") if listed else None
