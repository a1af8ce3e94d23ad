"""How what runs is paid: by which kind of commitment, on-demand, or as spot.

AWS's bill says which instance a commitment was applied to, and its rules do not: of several that look the same any may
be the one. So a commitment that covers two of ten instances alike is taken to pay a fifth of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from costs.commitments.ledger import Standing, has_commitments, standing_of
from costs.commitments.owned import Commitment, SavingsPlan, Usage
from costs.price_book import HOST, Sku
from costs.pricing_models import PlanType
from costs.usage.ec2_instance import InstanceUsage, sku_of
from inventory.models import Account


class Payer(StrEnum):
    """What pays for something."""

    ON_DEMAND = "on-demand"
    RESERVED = "reserved"
    EC2_PLAN = "savings-plan-ec2-instance"
    COMPUTE_PLAN = "savings-plan-compute"
    SPOT = "spot"
    HOST = "dedicated-host"
    OTHER = "other"
    STORAGE = "storage"
    NETWORK = "network"
    DOUBTFUL = "doubtful"
    UNREAD = "unread"


LABELS = {
    Payer.ON_DEMAND: "On-demand",
    Payer.RESERVED: "Reserved Instances",
    Payer.EC2_PLAN: "EC2 Instance Savings Plans",
    Payer.COMPUTE_PLAN: "Compute Savings Plans",
    Payer.SPOT: "Spot",
    Payer.HOST: "Through a Dedicated Host",
    Payer.OTHER: "Scheduled or reserved capacity",
    Payer.STORAGE: "Storage, which has no other way",
    Payer.NETWORK: "Gateways, balancers and addresses, which have no other way",
    Payer.DOUBTFUL: "On-demand or a plan: nobody knows",
    Payer.UNREAD: "Not read how",
}


@dataclass(frozen=True, kw_only=True)
class Covers:
    """What commitments cover of everything that looks the same, as shares; `standing` is None without commitments."""

    standing: Standing | None
    shares: Mapping[Usage, Mapping[Payer, Fraction]] = field(default_factory=dict)

    def payers(self, usage: InstanceUsage, zone: str | None, lifecycle: str | None, account: str) -> _Shares:
        """Who pays an instance of an account (12 digits), with the share of its hours; together they come to one."""
        if usage.tenancy == HOST:
            return {Payer.HOST: Fraction(1)}
        if lifecycle is None:
            return {Payer.UNREAD: Fraction(1)}
        if lifecycle != "on-demand":
            return {Payer.SPOT if lifecycle == "spot" else Payer.OTHER: Fraction(1)}
        one = self._counted_as(usage, zone, account)
        shares = dict(self.shares.get(one, {})) if one else {}
        rest = 1 - sum(shares.values(), Fraction(0))
        if rest and one and self.standing and one in self.standing.application.unrated:
            shares[Payer.DOUBTFUL] = rest
        elif rest:
            shares[Payer.ON_DEMAND] = rest
        return shares

    def _counted_as(self, usage: InstanceUsage, zone: str | None, account: str) -> Usage | None:
        sku = sku_of(usage)
        if self.standing is None or not isinstance(sku, Sku) or account not in self.standing.families:
            return None
        place = self.standing.zones.id_of(account, sku.region, zone)
        return Usage(self.standing.families[account], account, sku.region, place, *sku[1:])


_Shares = Mapping[Payer, Fraction]


def covers_of(accounts: Collection[Account], when: datetime | None) -> Covers:
    """What pays for the instances of these accounts at a moment (None = now)."""
    if not has_commitments(accounts, when):
        return Covers(standing=None)
    standing = standing_of(accounts, when)
    application = standing.application
    shares: dict[Usage, dict[Payer, Fraction]] = {}
    for usage, payer, amount in _amounts(standing):
        of_one = shares.setdefault(usage, {})
        of_one[payer] = of_one.get(payer, Fraction(0)) + amount / application.running[usage]
    return Covers(standing=standing, shares=shares)


def _amounts(standing: Standing) -> Iterator[tuple[Usage, Payer, Fraction]]:
    for cover in standing.application.covers:
        yield cover.usage, _payer(cover.commitment), cover.amount


def _payer(commitment: Commitment) -> Payer:
    if isinstance(commitment, SavingsPlan):
        return Payer.EC2_PLAN if commitment.type is PlanType.EC2_INSTANCE else Payer.COMPUTE_PLAN
    return Payer.RESERVED
