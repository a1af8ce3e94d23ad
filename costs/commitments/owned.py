"""The two sides of a commitment: what runs, and what was committed to. Plain values, no database.

Quantities are exact: `Fraction`s of running instances for an hour, so that 2 USD at a rate of .70 cover 20/7 of an
instance and nothing is lost in between. Money comes in as `Decimal` and leaves as `Decimal` (`exact`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from costs.commitments.sizes import family_of
from costs.compare import Charge
from costs.price_book import HOST, Sku, Unpriced
from costs.pricing_models import PlanType


class Usage(NamedTuple):
    """One kind of thing that one account runs and AWS bills on-demand by the hour.

    `billing_family` names who shares commitments: the accounts of one organization, or one account alone. `zone` is the
    same word for the same zone in every account. Dedicated Hosts have the tenancy `host`, their family as type and no
    operation.
    """

    billing_family: str
    account: str
    region: str
    zone: str
    instance_type: str
    operation: str
    tenancy: str

    @property
    def sku(self) -> Sku:
        """What a price list calls it."""
        return Sku(self.region, self.instance_type, self.operation, self.tenancy)

    @property
    def pool(self) -> Pool:
        """Among which it is counted."""
        return Pool(family_of(self.instance_type), self.region, self.operation, self.tenancy)

    @property
    def is_host(self) -> bool:
        """Whether it is a Dedicated Host and no instance."""
        return self.tenancy == HOST


class Pool(NamedTuple):
    """What reservations can be exchanged within: coverage and utilisation are counted for each."""

    family: str
    region: str
    operation: str
    tenancy: str


@dataclass(frozen=True, kw_only=True)
class Commitment(ABC):
    """What one account committed to, and until when. `problem` says why nobody can tell what it applies to."""

    id: str
    billing_family: str
    account: str
    start: datetime
    end: datetime
    problem: str = ""

    def runs_at(self, moment: datetime) -> bool:
        """Whether its term includes the moment."""
        return self.start <= moment < self.end

    @property
    @abstractmethod
    def size(self) -> Fraction | None:
        """How much there is to use in an hour, in what it counts in; None if that is not known."""

    @property
    @abstractmethod
    def hourly_usd(self) -> Fraction | Unpriced:
        """What an hour of all of it costs, used or not, its share of the upfront payment included."""


@dataclass(frozen=True, kw_only=True)
class ReservedInstances(Commitment):
    """`count` Reserved Instances of one purchase, each at `charge`. Without a `zone` they are of the whole region."""

    region: str
    zone: str
    instance_type: str
    operation: str
    tenancy: str
    count: int
    charge: Charge | Unpriced

    @property
    def pool(self) -> Pool:
        """Among which they are counted."""
        return Pool(family_of(self.instance_type), self.region, self.operation, self.tenancy)

    @property
    def size(self) -> Fraction:
        """Instances of their own size."""
        return Fraction(self.count)

    @property
    def hourly_usd(self) -> Fraction | Unpriced:
        """All of them, used or not."""
        return _hourly_usd(self.charge, self.count)


@dataclass(frozen=True, kw_only=True)
class HostReservation(Commitment):
    """A reservation of `count` Dedicated Hosts of one family, each at `charge`, bound to the hosts in `hosts`."""

    region: str
    family: str
    count: int
    hosts: frozenset[str]
    charge: Charge | Unpriced

    @property
    def size(self) -> Fraction:
        """Hosts."""
        return Fraction(self.count)

    @property
    def hourly_usd(self) -> Fraction | Unpriced:
        """All of them, used or not."""
        return _hourly_usd(self.charge, self.count)


@dataclass(frozen=True, kw_only=True)
class SavingsPlan(Commitment):
    """A promise to pay `commitment_usd` in every hour, at the rates of the way of paying `way`.

    `region` and `family` are empty for a Compute plan. `type` is None for a plan of another kind, which has a problem.
    """

    type: PlanType | None
    region: str
    family: str
    way: str
    commitment_usd: Decimal | Unpriced

    @property
    def size(self) -> Fraction | None:
        """US dollars an hour, at plan rates."""
        return None if isinstance(self.commitment_usd, Unpriced) else Fraction(self.commitment_usd)

    @property
    def hourly_usd(self) -> Fraction | Unpriced:
        """The same dollars: payment options differ in when they are paid."""
        return self.commitment_usd if isinstance(self.commitment_usd, Unpriced) else Fraction(self.commitment_usd)

    def covers(self, usage: Usage) -> bool:
        """Whether it applies to usage of this kind."""
        if self.type is PlanType.EC2_INSTANCE:
            return (usage.region, family_of(usage.instance_type)) == (self.region, self.family)
        return self.type is PlanType.COMPUTE


class Host(NamedTuple):
    """A Dedicated Host that is billed, and the reservation that AWS says it has (empty: none)."""

    id: str
    usage: Usage
    reservation: str = ""


@dataclass(frozen=True, kw_only=True)
class Cover:
    """`amount` running things of one kind for an hour, paid by one commitment, of which it uses up `spent`."""

    commitment: Commitment
    usage: Usage
    amount: Fraction
    spent: Fraction
    """In what the commitment counts: its own instances, hosts, or US dollars."""


def exact(amount: Fraction) -> Decimal:
    """A fraction as a number that people read: divided once, right to 28 digits, and exact where it has an end."""
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def _hourly_usd(charge: Charge | Unpriced, count: int) -> Fraction | Unpriced:
    if isinstance(charge, Unpriced):
        return charge
    term_hours = Fraction(charge.term_hours) if charge.term_hours else Fraction(1)
    return Fraction(charge.term_total_usd) / term_hours * count
