"""The ways of paying for compute, as frozen values with their terms.

A way of paying says what is signed and when money flows; it knows no prices. The price book holds a price for some
ways, the way turns that fact into its `Charge`, and `costs.compare` turns a charge into figures that can be laid side
by side. A new way is one more subclass and its instances in `WAYS_OF_PAYING`: prices, quotes, the comparison and its
pages walk that tuple.

Two things are bought beside an instance as it is: dedicated hardware for it, which is another tenancy, and a whole
dedicated host, which holds as many instances as fit and is paid whatever runs on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from costs.compare import Charge
from costs.way_of_paying import YEAR_HOURS, ZERO, Commitment, OfferingClass, Payment, PlanType, WayOfPaying

__all__ = [
    "DEDICATED_HOST",
    "DEDICATED_INSTANCE",
    "HOST_RESERVATIONS",
    "HOST_WAYS",
    "ON_DEMAND",
    "RESERVED",
    "SAVINGS_PLANS",
    "SPOT",
    "TERM_YEARS",
    "WAYS_OF_PAYING",
    "YEAR_HOURS",
    "Commitment",
    "DedicatedHost",
    "DedicatedInstance",
    "HostReservation",
    "OfferingClass",
    "OnDemand",
    "Payment",
    "PlanType",
    "Reserved",
    "SavingsPlan",
    "Spot",
    "WayOfPaying",
    "way_of_paying",
]


@dataclass(frozen=True, kw_only=True)
class OnDemand(WayOfPaying):
    """Pay for each hour that runs; stop at any time."""

    @property
    def model(self) -> str:
        """`on-demand`."""
        return "on-demand"

    @property
    def catch(self) -> str:
        """Nothing."""
        return "stop at any time"


@dataclass(frozen=True, kw_only=True)
class Spot(WayOfPaying):
    """Pay the moving price of spare capacity."""

    @property
    def model(self) -> str:
        """`spot`."""
        return "spot"

    @property
    def catch(self) -> str:
        """AWS may take the capacity back."""
        return "AWS may end it at two minutes' notice"


@dataclass(frozen=True, kw_only=True)
class Reserved(Commitment):
    """A Reserved Instance."""

    offering_class: OfferingClass

    @property
    def model(self) -> str:
        """`reserved`; the class stands beside it."""
        return "reserved"

    @property
    def slug(self) -> str:
        """Class, term and payment in one word."""
        return f"reserved-{self.offering_class}-{self.term_years}y-{self.payment}"

    @property
    def group(self) -> str:
        """One group for each class."""
        return f"Reserved, {self.offering_class}"

    @property
    def catch(self) -> str:
        """What the cash and the class allow."""
        is_standard = self.offering_class is OfferingClass.STANDARD
        if self.payment is Payment.ALL_UPFRONT:
            return f"cash gone; {'can be sold' if is_standard else 'exchange allowed'}"
        return "tied to type and region; can be sold" if is_standard else "exchange allowed, no sale"

    @property
    def lock_in(self) -> int:
        """A convertible can follow the fleet, a year ends sooner than three."""
        return 1 + (self.offering_class is OfferingClass.STANDARD) + (self.term_years > 1)


@dataclass(frozen=True, kw_only=True)
class SavingsPlan(Commitment):
    """A promise to spend so much an hour, for which usage is charged at the plan's rates.

    AWS lists one rate, and it is the effective hourly price under every payment option: nothing upfront charges it hour
    by hour, partial upfront takes half of the term at signing and half an hour, all upfront takes the term at signing.
    A fact of the price book therefore holds the rate alone.
    """

    plan_type: PlanType

    @property
    def model(self) -> str:
        """`savings-plan-compute` or `savings-plan-ec2-instance`."""
        return f"savings-plan-{self.plan_type}"

    @property
    def group(self) -> str:
        """One group for each type of plan."""
        return "Savings Plan, compute" if self.plan_type is PlanType.COMPUTE else "Savings Plan, EC2 instance"

    @property
    def words(self) -> str:
        """With the capitals that AWS gives the name."""
        return self.full_label

    @property
    def catch(self) -> str:
        """What the cash and the type allow."""
        is_compute = self.plan_type is PlanType.COMPUTE
        spend = "cash gone" if self.payment is Payment.ALL_UPFRONT else "spend fixed"
        return f"{spend}; {'family and region free' if is_compute else 'tied to family and region'}"

    @property
    def lock_in(self) -> int:
        """A compute plan follows the fleet anywhere, a year ends sooner than three."""
        return 1 + (self.plan_type is PlanType.EC2_INSTANCE) + (self.term_years > 1)

    def charge(self, *, hourly_usd: Decimal, upfront_usd: Decimal = ZERO) -> Charge:
        """What a plan takes for one hour of usage at the rate `hourly_usd`; ValueError for an upfront price."""
        if upfront_usd:
            raise ValueError("A Savings Plan has a rate and no upfront price of its own.")
        upfront_share = UPFRONT_SHARES[self.payment]
        term_hours = self.term_years * YEAR_HOURS
        return Charge(
            hourly_usd=hourly_usd * (1 - upfront_share),
            upfront_usd=hourly_usd * term_hours * upfront_share,
            term_hours=term_hours,
        )


@dataclass(frozen=True, kw_only=True)
class DedicatedInstance(WayOfPaying):
    """Pay for each hour that runs, on hardware that nobody else uses."""

    @property
    def model(self) -> str:
        """`dedicated-instance`."""
        return "dedicated-instance"

    @property
    def group(self) -> str:
        """One group with the hosts."""
        return "Dedicated hardware"

    @property
    def label(self) -> str:
        """In two words."""
        return "Dedicated instances"

    @property
    def catch(self) -> str:
        """A fee for the region comes on top, whatever their number."""
        return "and a fee by the hour for each region that has any"


@dataclass(frozen=True, kw_only=True)
class DedicatedHost(WayOfPaying):
    """Pay for each hour that a whole host is allocated, whatever runs on it."""

    @property
    def model(self) -> str:
        """`dedicated-host`."""
        return "dedicated-host"

    @property
    def group(self) -> str:
        """One group with dedicated instances."""
        return "Dedicated hardware"

    @property
    def label(self) -> str:
        """What it is."""
        return "Dedicated host, on-demand"

    @property
    def catch(self) -> str:
        """A host is paid whole."""
        return "the whole host is paid, full or not; release at any time"

    @property
    def is_paid_unused(self) -> bool:
        """As long as it is allocated."""
        return True


@dataclass(frozen=True, kw_only=True)
class HostReservation(Commitment):
    """A reservation of one dedicated host, whatever runs on it."""

    @property
    def model(self) -> str:
        """`dedicated-host`; term and payment stand beside it."""
        return "dedicated-host"

    @property
    def slug(self) -> str:
        """Term and payment in one word."""
        return f"host-reservation-{self.term_years}y-{self.payment}"

    @property
    def group(self) -> str:
        """One group with dedicated instances."""
        return "Dedicated hardware"

    @property
    def label(self) -> str:
        """What it is, its term and payment."""
        return f"Dedicated host, {super().label}"

    @property
    def full_label(self) -> str:
        """The same: the label says what it is."""
        return self.label

    @property
    def short_label(self) -> str:
        """The same where space is short."""
        return f"Dedicated host, {self.term_years} y, {self.payment.replace('-', ' ')}"

    @property
    def catch(self) -> str:
        """A host stays of its family."""
        spend = "cash gone" if self.payment is Payment.ALL_UPFRONT else "host paid, full or not"
        return f"{spend}; tied to host family and region"

    @property
    def lock_in(self) -> int:
        """It can be neither sold nor exchanged; a year ends sooner than three."""
        return 2 + (self.term_years > 1)


UPFRONT_SHARES = {
    Payment.NO_UPFRONT: ZERO,
    Payment.PARTIAL_UPFRONT: Decimal("0.5"),
    Payment.ALL_UPFRONT: Decimal(1),
}
"""What a Savings Plan takes at signing, of everything that it takes."""

TERM_YEARS = (1, 3)
"""The terms that AWS sells."""

ON_DEMAND = OnDemand()
SPOT = Spot()
SAVINGS_PLANS = tuple(
    SavingsPlan(plan_type=plan_type, term_years=term_years, payment=payment)
    for plan_type, term_years, payment in product(PlanType, TERM_YEARS, Payment)
)
RESERVED = tuple(
    Reserved(offering_class=offering_class, term_years=term_years, payment=payment)
    for offering_class, term_years, payment in product(OfferingClass, TERM_YEARS, Payment)
)
HOST_RESERVATIONS = tuple(
    HostReservation(term_years=term_years, payment=payment) for term_years, payment in product(TERM_YEARS, Payment)
)

DEDICATED_INSTANCE = DedicatedInstance()
DEDICATED_HOST = DedicatedHost()

HOST_WAYS: tuple[DedicatedHost | HostReservation, ...] = (DEDICATED_HOST, *HOST_RESERVATIONS)
"""Every way of paying for one dedicated host."""

WAYS_OF_PAYING: tuple[WayOfPaying, ...] = (
    ON_DEMAND,
    SPOT,
    *RESERVED,
    *SAVINGS_PLANS,
    DEDICATED_INSTANCE,
    *HOST_WAYS,
)
"""Every way that the product compares, in the order in which tables show them."""

_BY_SLUG = {way.slug: way for way in WAYS_OF_PAYING}


def way_of_paying(slug: str) -> WayOfPaying:
    """The way of paying with that slug; KeyError if there is none."""
    return _BY_SLUG[slug]
