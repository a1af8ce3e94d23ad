"""The waste list as rows: what `manage.py waste` writes, and what the page offers as CSV, JSON and XLSX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costs.rows import written
from costs.waste import Line, Waste

KEYS = (
    "account",
    "region",
    "type",
    "native_id",
    "name",
    "waste",
    "what",
    "instead",
    "since",
    "since_after",
    "monthly_usd",
    "price_dates",
    "sources",
    "unpriced_reason",
)


def waste_rows(waste: Waste) -> Iterator[dict[str, Any]]:
    """Every line, by kind and then by what it saves; `monthly_usd` of all lines is the total, each counted once."""
    for total in waste.kinds:
        for line in total.lines:
            yield waste_record(line)


def waste_record(line: Line) -> dict[str, Any]:
    """One line; null where something does not apply, is not known or has no price.

    It began at `since` at the latest and after `since_after`; where that is null it may have begun long before.
    """
    documents = sorted(line.documents)
    return {
        "account": line.account_id,
        "region": line.region,
        "type": line.type,
        "native_id": line.native_id,
        "name": line.name,
        "waste": line.kind.value,
        "what": line.what,
        "instead": line.instead or None,
        "since": line.since.seen if line.since else None,
        "since_after": line.since.after if line.since else None,
        "monthly_usd": written(line.monthly_usd),
        "price_dates": sorted({document.month_text for document in documents}),
        "sources": [document.source for document in documents],
        "unpriced_reason": line.reason or None,
    }
