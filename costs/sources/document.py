"""What a price document says: dated facts, and where they come from."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What a document lists."""

    ON_DEMAND = "ec2-on-demand"
    ON_DEMAND_AND_RESERVED = "ec2-on-demand-and-reserved"
    EVERY_SKU = "ec2-every-sku"
    RESERVED_ALL_UPFRONT = "ec2-reserved-all-upfront"
    RESERVED = "ec2-reserved"
    SPOT = "ec2-spot"
    EC2_UNITS = "ec2-units"
    EBS = "ebs"
    S3 = "s3"
    DEDICATED_HOSTS = "dedicated-hosts"
    SAGEMAKER = "sagemaker"
    OFFER_EC2 = "offer-ec2"
    OFFER_S3 = "offer-s3"
    OFFER_SAGEMAKER = "offer-sagemaker"
    OFFER_VPC = "offer-vpc"
    OFFER_ELB = "offer-elb"
    SAVINGS_PLANS = "savings-plans"
    RESERVED_OFFERINGS = "reserved-offerings"
    HOST_OFFERINGS = "host-offerings"
    SPOT_HISTORY = "spot-history"
    SPOT_ADVISOR = "spot-advisor"
    PUBLIC_IPV4 = "public-ipv4"

    @property
    def words(self) -> str:
        """What it lists, for a reader."""
        return KIND_WORDS[self]

    @property
    def purpose(self) -> str:
        """What its figures are used for, for a reader."""
        return KIND_PURPOSES[self]


KIND_WORDS = {
    Kind.ON_DEMAND: "EC2 on-demand, Linux",
    Kind.ON_DEMAND_AND_RESERVED: "EC2 on-demand and reserved without upfront, Linux",
    Kind.EVERY_SKU: "EC2 on-demand, every operating system, shared and dedicated",
    Kind.RESERVED_ALL_UPFRONT: "EC2 reserved for 3 years, all upfront, Linux",
    Kind.RESERVED: "EC2 reserved, every payment, Red Hat and SUSE",
    Kind.SPOT: "EC2 on-demand and average spot, Linux",
    Kind.EC2_UNITS: "EC2 beside instances: gateways, load balancers, CPU credits, the fee of dedicated instances",
    Kind.EBS: "EBS volumes and snapshots",
    Kind.S3: "S3 storage and requests",
    Kind.DEDICATED_HOSTS: "Dedicated hosts on-demand",
    Kind.SAGEMAKER: "SageMaker instances and volumes",
    Kind.OFFER_EC2: "EC2, AWS's whole price list",
    Kind.OFFER_S3: "S3, AWS's whole price list",
    Kind.OFFER_SAGEMAKER: "SageMaker, AWS's whole price list",
    Kind.OFFER_VPC: "Public addresses and NAT gateways, AWS's whole price list",
    Kind.OFFER_ELB: "Load balancers, AWS's whole price list",
    Kind.SAVINGS_PLANS: "Rates of compute and EC2 instance Savings Plans",
    Kind.RESERVED_OFFERINGS: "Reserved Instances on offer",
    Kind.HOST_OFFERINGS: "Reservations of dedicated hosts on offer",
    Kind.SPOT_HISTORY: "Spot prices by zone",
    Kind.SPOT_ADVISOR: "How often spot instances are interrupted",
    Kind.PUBLIC_IPV4: "Public IPv4 addresses",
}
KIND_PURPOSES = {
    Kind.ON_DEMAND: "what instances cost on-demand",
    Kind.ON_DEMAND_AND_RESERVED: "what instances cost, and what reserving them saves",
    Kind.EVERY_SKU: "what instances cost with each software, on shared and dedicated hardware",
    Kind.RESERVED_ALL_UPFRONT: "what paying three years upfront saves",
    Kind.RESERVED: "what reserving saves, for Red Hat and SUSE",
    Kind.SPOT: "what spot saves",
    Kind.EC2_UNITS: "what volumes, gateways and load balancers cost",
    Kind.EBS: "what volumes and snapshots cost",
    Kind.S3: "what buckets cost in each storage class",
    Kind.DEDICATED_HOSTS: "what a host of one's own costs",
    Kind.SAGEMAKER: "what notebooks, training and endpoints cost",
    Kind.OFFER_EC2: "every way of paying for instances, and what hosts, volumes and snapshots cost",
    Kind.OFFER_S3: "what buckets cost in each storage class",
    Kind.OFFER_SAGEMAKER: "what notebooks, training and endpoints cost",
    Kind.OFFER_VPC: "what addresses and NAT gateways cost",
    Kind.OFFER_ELB: "what load balancers cost",
    Kind.SAVINGS_PLANS: "what committing to an hourly spend saves",
    Kind.RESERVED_OFFERINGS: "what reserving saves",
    Kind.HOST_OFFERINGS: "what reserving a host saves",
    Kind.SPOT_HISTORY: "what spot saves, zone by zone",
    Kind.SPOT_ADVISOR: "the risk of spot",
    Kind.PUBLIC_IPV4: "what addresses cost",
}


class InstanceFact(NamedTuple):
    """The price of one instance type for one way of paying (`way` is its slug)."""

    region: str
    instance_type: str
    usage_operation: str
    tenancy: str
    way: str
    upfront_usd: Decimal
    hourly_usd: Decimal
    sku: str = ""
    valid_from: date | None = None

    @property
    def thing(self) -> tuple[str, ...]:
        """What has this price: within one document there is one price for it."""
        return (self.region, self.instance_type, self.usage_operation, self.tenancy, self.way)

    @property
    def price(self) -> tuple[Decimal, ...]:
        """The amounts."""
        return (self.upfront_usd, self.hourly_usd)


class UnitFact(NamedTuple):
    """The price of one unit of something: a GB-month of a volume type, a thousand requests."""

    service: str
    region: str
    item: str
    dimension: str
    unit: str
    usd: Decimal
    rate_code: str = ""
    valid_from: date | None = None

    @property
    def thing(self) -> tuple[str, ...]:
        """What has this price: within one document there is one price for it."""
        return (self.service, self.region, self.item, self.dimension, self.unit)

    @property
    def price(self) -> tuple[Decimal, ...]:
        """The amount."""
        return (self.usd,)


class SpotFact(NamedTuple):
    """What spot capacity cost in one zone from `window_from` to `window_to`; `mean_usd` is weighted by time."""

    region: str
    zone: str
    zone_id: str
    instance_type: str
    usage_operation: str
    latest_usd: Decimal
    mean_usd: Decimal
    highest_usd: Decimal
    window_from: datetime
    window_to: datetime


class AdviceFact(NamedTuple):
    """How often AWS takes spot capacity back (`band` 0 to 4), and what it saves on average."""

    region: str
    operating_system: str
    instance_type: str
    band: int
    saving_percent: int


Fact = InstanceFact | UnitFact | SpotFact | AdviceFact


class UnreadableDocument(Exception):
    """A price document that cannot be trusted: says where (a line, or words), and what is wrong there."""

    def __init__(self, place: int | str, problem: str) -> None:
        super().__init__(f"line {place}: {problem}" if isinstance(place, int) else f"{place}: {problem}")


@dataclass(frozen=True, kw_only=True)
class Document:
    """Everything that one price document says.

    `month` is the first day of the month for which the prices stand, `published_on` the very day where the document
    tells it. All amounts are in `currency`: what a file says in two currencies are two documents. Facts that lie on
    disk come in the order of their fields.
    """

    kind: Kind
    month: date
    source: str
    licence: str = ""
    currency: str = "USD"
    published_on: date | None = None
    instance_facts: Collection[InstanceFact] = ()
    unit_facts: Collection[UnitFact] = ()
    spot_facts: Collection[SpotFact] = ()
    advice_facts: Collection[AdviceFact] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over kind, month and facts in a fixed order: the same facts are the same document in any format.

        From when on each price is valid is no part of it, and neither is the currency as long as that is the dollar.
        """
        other = "" if self.currency == "USD" else f" {self.currency}"
        digest = hashlib.sha256(f"{self.kind} {self.month:%Y-%m}{other}\n".encode())
        for cells in self._cells():
            digest.update("\t".join(map(_spell, cells)).encode())
            digest.update(b"\n")
        return digest.hexdigest()

    @cached_property
    def regions(self) -> list[str]:
        """The regions that it has prices of."""
        return sorted({fact.region for facts in self._all_facts() for fact in facts})

    def __len__(self) -> int:
        """How many facts it holds."""
        return sum(map(len, self._all_facts()))

    def _all_facts(self) -> tuple[Collection[Fact], ...]:
        return (self.instance_facts, self.unit_facts, self.spot_facts, self.advice_facts)

    def _cells(self) -> Iterable[tuple[Any, ...]]:
        for facts in self._all_facts():
            ordered: Iterable[Any] = facts if isinstance(facts, FactsInOrder) else sorted(facts)
            for fact in ordered:
                yield fact[:-1] if isinstance(fact, InstanceFact | UnitFact) else fact


class FactsInOrder:
    """Marks facts that come in the order of their fields, so that nobody needs to hold all of them to sort them."""


@dataclass(kw_only=True)
class Reading:
    """What a file gave: documents, what of it was skipped and why, and a word about a file that holds no prices."""

    documents: list[Document] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    note: str = ""


def plain(amount: Decimal) -> str:
    """The amount without exponent and without trailing zeros: `0.096`, `949`, `0`."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _spell(value: object) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)
