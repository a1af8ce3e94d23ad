"""What every way of paying says about itself: what is signed, when money flows, and what it ties the payer to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from costs.compare import HUNDRED, Charge

YEAR_HOURS = Decimal(8760)
ZERO = Decimal(0)


class Payment(StrEnum):
    """How much of a commitment is paid on the day it is signed."""

    NO_UPFRONT = "no-upfront"
    PARTIAL_UPFRONT = "partial-upfront"
    ALL_UPFRONT = "all-upfront"


class OfferingClass(StrEnum):
    """What a Reserved Instance allows later: standard can be sold, convertible can be exchanged."""

    STANDARD = "standard"
    CONVERTIBLE = "convertible"


class PlanType(StrEnum):
    """How far a Savings Plan reaches: a compute plan everywhere, an EC2 instance plan in one family of one region."""

    COMPUTE = "compute"
    EC2_INSTANCE = "ec2-instance"


@dataclass(frozen=True, kw_only=True)
class WayOfPaying(ABC):
    """One way of paying; `term_years`, `payment` and `offering_class` are None where they do not apply."""

    term_years: int | None = None
    payment: Payment | None = None
    offering_class: OfferingClass | None = None

    @property
    @abstractmethod
    def model(self) -> str:
        """The kind of way, whatever its term and payment: `on-demand`, `reserved`."""

    @property
    def slug(self) -> str:
        """The name in the database and in files: `on-demand`, `reserved-standard-3y-no-upfront`."""
        return self.model

    @property
    def group(self) -> str:
        """The heading under which tables show it."""
        return "No commitment"

    @property
    def label(self) -> str:
        """The name below its group: `1 year, no upfront`."""
        return self.model.capitalize()

    @property
    def full_label(self) -> str:
        """The name where no group stands above it: `Reserved, standard, 1 year, no upfront`."""
        return self.label

    @property
    def short_label(self) -> str:
        """The whole name where space is short: `Reserved standard, 1 y, no upfront`."""
        return self.label

    @property
    def words(self) -> str:
        """The whole name inside a sentence: `reserved, standard, 1 year, no upfront`."""
        return self.full_label.lower()

    @property
    @abstractmethod
    def catch(self) -> str:
        """What it ties the payer to, in a few words."""

    @property
    def lock_in(self) -> int:
        """How strongly it ties the payer, from 0 (not at all) to 3."""
        return 0

    @property
    def term_hours(self) -> Decimal | None:
        """The hours that a commitment pays for whether or not anything runs; None without a commitment."""
        return None if self.term_years is None else self.term_years * YEAR_HOURS

    @property
    def is_paid_unused(self) -> bool:
        """Whether it is paid for hours in which nothing runs."""
        return self.term_years is not None

    def paid_percent(self, used_percent: Decimal) -> Decimal:
        """The share of its price that is paid if only so many per cent of the hours run."""
        return HUNDRED if self.is_paid_unused else used_percent

    def charge(self, *, hourly_usd: Decimal, upfront_usd: Decimal = ZERO) -> Charge:
        """What is paid, from a fact of the price book."""
        return Charge(hourly_usd=hourly_usd, upfront_usd=upfront_usd, term_hours=self.term_hours)


@dataclass(frozen=True, kw_only=True)
class Commitment(WayOfPaying):
    """Something signed for a term: every hour of it is paid, used or not."""

    term_years: int
    payment: Payment

    @property
    def slug(self) -> str:
        """Model, term and payment in one word."""
        return f"{self.model}-{self.term_years}y-{self.payment}"

    @property
    def label(self) -> str:
        """Term and payment."""
        years = "1 year" if self.term_years == 1 else f"{self.term_years} years"
        return f"{years}, {self.payment.replace('-', ' ')}"

    @property
    def full_label(self) -> str:
        """What it is, its term and payment."""
        return f"{self.group}, {self.label}"

    @property
    def short_label(self) -> str:
        """The same where space is short."""
        return f"{self.group.replace(',', '')}, {self.term_years} y, {self.payment.replace('-', ' ')}"
