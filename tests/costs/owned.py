"""A small cast for the tests of commitments: what runs and what was bought, each with everything that is usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from costs.commitments.apply import Application, apply_commitments
from costs.commitments.outcome import Outcome, outcomes
from costs.commitments.owned import Commitment, HostReservation, ReservedInstances, SavingsPlan, Usage
from costs.commitments.plans import Rate
from costs.compare import Charge
from costs.operations import LINUX
from costs.pricing_models import YEAR_HOURS, PlanType

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
PLAN_WAYS = {PlanType.COMPUTE: "savings-plan-compute-1y-partial-upfront"}
EC2_WAY = "savings-plan-ec2-instance-1y-partial-upfront"


def usage(instance_type: str, **changes: Any) -> Usage:
    """A Linux instance on shared hardware in us-east-1a of account A."""
    usual: dict[str, Any] = {
        "billing_family": "o-family",
        "account": "A",
        "region": "us-east-1",
        "zone": "use1-az1",
        "instance_type": instance_type,
        "operation": LINUX,
        "tenancy": "default",
    }
    return Usage(**usual | changes)


def reserved(instance_type: str, count: int = 1, *, hourly: str = "0.06", **changes: Any) -> ReservedInstances:
    """Reserved Instances for such instances: of the region and of account A, unless told otherwise."""
    usual: dict[str, Any] = {
        "id": f"{changes.get('account', 'A')}/{changes.get('zone', '')}/{instance_type}",
        "billing_family": "o-family",
        "account": "A",
        "start": START,
        "end": END,
        "region": "us-east-1",
        "zone": "",
        "operation": LINUX,
        "tenancy": "default",
        "charge": Charge(hourly_usd=Decimal(hourly), term_hours=YEAR_HOURS),
    }
    return ReservedInstances(**usual | {"instance_type": instance_type, "count": count} | changes)


def plan(commitment: str, **changes: Any) -> SavingsPlan:
    """A Compute plan of account A."""
    kind = PlanType.EC2_INSTANCE if "family" in changes else PlanType.COMPUTE
    usual: dict[str, Any] = {
        "id": f"{changes.get('account', 'A')}/{kind}",
        "billing_family": "o-family",
        "account": "A",
        "start": START,
        "end": END,
        "type": kind,
        "region": "us-east-1" if "family" in changes else "",
        "family": "",
        "way": PLAN_WAYS.get(kind, EC2_WAY),
        "commitment_usd": Decimal(commitment),
    }
    return SavingsPlan(**usual | changes)


def host_reservation(family: str, count: int, hosts: Iterable[str], **changes: Any) -> HostReservation:
    """A host reservation of account A."""
    usual: dict[str, Any] = {
        "id": "hr-1",
        "billing_family": "o-family",
        "account": "A",
        "start": START,
        "end": END,
        "region": "us-east-1",
        "charge": Charge(hourly_usd=Decimal("1.499"), term_hours=YEAR_HOURS),
    }
    return HostReservation(**usual | {"family": family, "count": count, "hosts": frozenset(hosts)} | changes)


def rate(usd: str, on_demand: str) -> Rate:
    """A plan's rate beside the on-demand price."""
    return Rate(Fraction(usd), Fraction(on_demand))


def applied(running: Mapping[Usage, int], *commitments: Commitment, **options: Any) -> Application:
    """What the commitments cover of what runs."""
    return apply_commitments(running, commitments, moment=NOW, **{"rates": {}} | options)


def covered(application: Application, one: Usage) -> Fraction:
    """How much of what runs is covered."""
    return sum((cover.amount for cover in application.covers_on.get(one, ())), Fraction(0))


def outcome_of(application: Application, on_demand: Mapping[str, str] | None = None) -> dict[str, Outcome]:
    """What becomes of each commitment, by its id; on-demand prices are given by instance type."""
    by_type = on_demand or {}
    prices = {
        one.sku: Decimal(by_type[one.instance_type]) for one in application.running if one.instance_type in by_type
    }
    return {one.commitment.id: one for one in outcomes(application, prices)}
