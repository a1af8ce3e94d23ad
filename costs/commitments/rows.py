"""Commitments as rows: what `manage.py commitments` writes, and what the page offers as CSV, JSON and XLSX."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from costs.commitments.bought import ALWAYS, NEVER, Bought
from costs.commitments.coverage import PoolCoverage, coverage
from costs.commitments.ledger import Standing
from costs.commitments.outcome import Outcome
from costs.commitments.owned import Commitment, ReservedInstances, SavingsPlan, exact
from costs.rows import written

KEYS = (
    *("account", "type", "native_id", "name", "what", "region", "state", "start", "end", "days_left"),
    *("unit", "size", "used", "unused", "utilisation_percent", "cost_hourly_usd", "waste_hourly_usd"),
    *("waste_monthly_usd", "net_saving_hourly_usd", "net_saving_monthly_usd", "unknown"),
)
COVERAGE_KEYS = (
    *("family", "region", "usage_operation", "tenancy", "instances", "running_units", "covered_units"),
    *("covered_by_reservations", "covered_by_plans", "coverage_percent", "reserved_units", "used_units"),
    *("utilisation_percent", "maybe_covered_units", "unsized_types"),
)


def commitment_rows(standing: Standing, accounts: Collection[str]) -> Iterator[dict[str, Any]]:
    """A row for everything that these accounts bought and AWS still lists, in the order of its end."""
    known = {one.commitment.id: one for one in standing.outcomes}
    for one in standing.bought:
        if one.commitment.account in accounts:
            yield _row(one, known.get(one.commitment.id), standing)


def coverage_rows(standing: Standing, accounts: Collection[str]) -> Iterator[dict[str, Any]]:
    """A row for each pool of what these accounts run and reserved; null where a rate or a size is not known."""
    for pool in coverage(standing.application, accounts):
        yield _coverage_row(pool)


def unit_of(one: Commitment) -> str:
    """What a commitment counts in."""
    if isinstance(one, SavingsPlan):
        return "USD an hour"
    return "instances" if isinstance(one, ReservedInstances) else "hosts"


def _row(one: Bought, outcome: Outcome | None, standing: Standing) -> dict[str, Any]:
    commitment = one.commitment
    is_dated = commitment.end != NEVER
    return {
        "account": commitment.account,
        "type": one.slug,
        "native_id": commitment.id,
        "name": one.name or None,
        "what": one.words,
        "region": one.region or None,
        "state": one.state or None,
        "start": commitment.start if commitment.start != ALWAYS else None,
        "end": commitment.end if is_dated else None,
        "days_left": max((commitment.end - standing.moment).days, 0) if is_dated else None,
        "unit": unit_of(commitment),
        "size": _figure(commitment.size),
        "used": _figure(outcome.used) if outcome else None,
        "unused": _figure(outcome.unused) if outcome else None,
        "utilisation_percent": written(outcome.utilisation_percent) if outcome else None,
        "cost_hourly_usd": written(outcome.cost_hourly_usd) if outcome else None,
        "waste_hourly_usd": written(outcome.waste_hourly_usd) if outcome else None,
        "waste_monthly_usd": written(outcome.waste_monthly_usd) if outcome else None,
        "net_saving_hourly_usd": written(outcome.net_saving_hourly_usd) if outcome else None,
        "net_saving_monthly_usd": written(outcome.net_saving_monthly_usd) if outcome else None,
        "unknown": list(outcome.unknown) if outcome else ["it is not in force"],
    }


def _coverage_row(pool: PoolCoverage) -> dict[str, Any]:
    return {
        "family": pool.pool.family,
        "region": pool.pool.region,
        "usage_operation": pool.pool.operation or None,
        "tenancy": pool.pool.tenancy,
        "instances": pool.instances,
        "running_units": _figure(pool.running),
        "covered_units": _figure(pool.covered),
        "covered_by_reservations": _figure(pool.covered_by_reservations),
        "covered_by_plans": _figure(pool.covered_by_plans),
        "coverage_percent": written(pool.coverage_percent),
        "reserved_units": _figure(pool.reserved),
        "used_units": _figure(pool.used),
        "utilisation_percent": written(pool.utilisation_percent),
        "maybe_covered_units": _figure(pool.unrated),
        "unsized_types": sorted(pool.unsized),
    }


def _figure(amount: Fraction | None) -> Decimal | None:
    return None if amount is None else written(exact(amount))
