"""Which share of one instance's hours a commitment pays.

AWS's bill says which instance a commitment was applied to, and its rules do not: of several that look the same any may
be the one. Here they take their turn in the order of their ids, so that the shares of all of them add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from costs.commitments.ledger import Standing, usages_like
from costs.commitments.owned import Commitment, Cover, exact
from inventory.models import Resource
from inventory.resource_types.ec2_instance import Ec2Instance

HUNDRED = Fraction(100)


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of each hour of one instance, and what pays it."""

    commitment: Commitment
    part: Fraction

    @property
    def percent(self) -> Decimal:
        """The part in percent."""
        return exact(self.part * HUNDRED)


@dataclass(frozen=True, kw_only=True)
class Shares:
    """How one instance's hours are paid. `unrated` says why more of it may be covered than is known."""

    shares: Sequence[Share]
    alike: int
    """How many instances of the account look the same, this one included."""
    unrated: str = ""

    @property
    def rest_percent(self) -> Decimal:
        """What no commitment pays."""
        return exact((1 - sum((one.part for one in self.shares), Fraction(0))) * HUNDRED)


def shares_of(resource: Resource, revision: Ec2Instance, standing: Standing, when: datetime | None) -> Shares | None:
    """How the hours of one instance are paid; None for one that no commitment could pay."""
    account_id = str(resource.account.account_id)
    alike = usages_like(account_id, revision, standing, when)
    usage = alike.get(resource.native_id)
    if usage is None:
        return None
    same = [native_id for native_id, one in alike.items() if one == usage]
    return Shares(
        shares=list(_parts(standing.application.covers_on.get(usage, ()), same.index(resource.native_id))),
        alike=len(same),
        unrated=standing.application.unrated.get(usage, ""),
    )


def _parts(covers: Sequence[Cover], place: int) -> list[Share]:
    """The parts that fall to the instance at a place, when those that look the same are filled one after the other."""
    begun, found = Fraction(0), []
    for cover in covers:
        part = min(begun + cover.amount, Fraction(place + 1)) - max(begun, Fraction(place))
        begun += cover.amount
        if part > 0:
            found.append(Share(commitment=cover.commitment, part=part))
    return found
