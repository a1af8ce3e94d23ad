"""Budgets as rows: what `manage.py budgets` writes, and what the page offers as CSV, JSON and XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from costs.budgets import Standing
from costs.rows import written

KEYS = (
    "view",
    "owner",
    "query",
    "budget_usd",
    "month",
    "spent_usd",
    "spent_least_usd",
    "spent_most_usd",
    "forecast_usd",
    "forecast_least_usd",
    "forecast_most_usd",
    "left_usd",
    "verdict",
    "unpriced",
    "unseen_percent",
    "accounts_not_worked_out",
    "problem",
    "worked_out_at",
    "seen_until",
    "set_by",
    "set_at",
)


def budget_rows(standings: Iterable[Standing]) -> Iterator[dict[str, Any]]:
    """A row for each budget; null where something is not known."""
    for one in standings:
        known = one.forecast
        yield {
            "view": one.view.name,
            "owner": one.view.owner.get_username(),
            "query": one.view.query,
            "budget_usd": one.budget.monthly_usd,
            "month": known.month if known else None,
            "spent_usd": written(known.spent_usd) if known else None,
            "spent_least_usd": written(known.spent_least_usd) if known else None,
            "spent_most_usd": written(known.spent_most_usd) if known else None,
            "forecast_usd": written(known.usd) if known else None,
            "forecast_least_usd": written(known.least_usd) if known else None,
            "forecast_most_usd": written(known.most_usd) if known else None,
            "left_usd": written(one.left_usd),
            "verdict": one.verdict.value,
            "unpriced": known.part.unpriced if known else None,
            "unseen_percent": written(known.unseen_percent) if known else None,
            "accounts_not_worked_out": one.missing,
            "problem": one.problem or None,
            "worked_out_at": known.part.until if known else None,
            "seen_until": known.part.seen_until if known else None,
            "set_by": one.budget.set_by,
            "set_at": one.budget.set_at,
        }
