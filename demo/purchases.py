"""What the accounts of the sample organisation committed to: some of it used, some half used, some run out.

Each purchase is told by its age at the end of the story, and is there from then on. Prices are AWS's list prices of the
years in which they were signed, or near them.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from .accounts import MANAGEMENT, PRODUCTION, RESEARCH, DemoAccount

YEAR = timedelta(days=365)
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Purchase(ABC):
    """Something that an account bought so many days before the end of the story, for so many years."""

    operation: ClassVar[str]
    account: DemoAccount
    days: float
    region: str = ""
    years: int = 1
    name: str = ""

    @property
    def number(self) -> str:
        """32 digits that follow from what it is, as AWS's ids follow from nothing."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:32]

    @property
    def uuid(self) -> str:
        """The same in the form of a UUID."""
        found = self.number
        return f"{found[:8]}-{found[8:12]}-4{found[13:16]}-a{found[17:20]}-{found[20:32]}"

    def start(self, zero: datetime) -> datetime:
        """When it was bought."""
        return zero - timedelta(days=self.days)

    def end(self, zero: datetime) -> datetime:
        """When it runs out: AWS counts to the second before."""
        return self.start(zero) + self.years * YEAR - ONE_SECOND

    @abstractmethod
    def document(self, zero: datetime, now: datetime) -> dict[str, Any]:
        """How AWS lists it at this time."""

    @property
    def tags(self) -> list[dict[str, str]]:
        """Its tags, as EC2 lists them."""
        return [{"Key": "Name", "Value": self.name}] if self.name else []


@dataclass(frozen=True, kw_only=True)
class Reserved(Purchase):
    """Reserved Instances; without a `zone` of the whole region."""

    operation: ClassVar[str] = "DescribeReservedInstances"
    type: str
    count: int
    payment: str = "No Upfront"
    upfront: str = "0"
    hourly: str = "0"
    zone: str = ""
    platform: str = "Linux/UNIX"
    offering_class: str = "standard"

    def document(self, zero: datetime, now: datetime) -> dict[str, Any]:
        """As DescribeReservedInstances lists them."""
        charges = [{"Amount": self.hourly, "Frequency": "Hourly"}] if self.hourly != "0" else []
        return {
            "ReservedInstancesId": self.uuid,
            "InstanceType": self.type,
            "InstanceCount": self.count,
            "ProductDescription": self.platform,
            "InstanceTenancy": "default",
            "Scope": "Availability Zone" if self.zone else "Region",
            **({"AvailabilityZone": f"{self.region}{self.zone}"} if self.zone else {}),
            "OfferingClass": self.offering_class,
            "OfferingType": self.payment,
            "FixedPrice": self.upfront,
            "UsagePrice": "0.0",
            "RecurringCharges": charges,
            "CurrencyCode": "USD",
            "Duration": int((self.years * YEAR).total_seconds()),
            "Start": self.start(zero),
            "End": self.end(zero),
            "State": "active" if now < self.end(zero) else "retired",
            "Tags": self.tags,
        }


@dataclass(frozen=True, kw_only=True)
class Plan(Purchase):
    """A Savings Plan; with a `family` for that family in its region."""

    operation: ClassVar[str] = "DescribeSavingsPlans"
    commitment: str
    type: str = "Compute"
    family: str = ""
    payment: str = "No Upfront"
    upfront: str = "0.0"
    recurring: str = ""
    products: tuple[str, ...] = ("EC2", "Fargate", "Lambda")

    def document(self, zero: datetime, now: datetime) -> dict[str, Any]:
        """As DescribeSavingsPlans lists it."""
        years = "1 year" if self.years == 1 else f"{self.years} year"
        place = f" in {self.region}" if self.family else ""
        kind = f"{self.family} EC2 Instance" if self.family else self.type
        return {
            "savingsPlanId": self.uuid,
            "savingsPlanArn": f"arn:aws:savingsplans::{self.account.account_id}:savingsplan/{self.uuid}",
            "offeringId": self.uuid[::-1],
            "description": f"{years} {self.payment} {kind} Savings Plan{place}",
            "start": _iso(self.start(zero)),
            "end": _iso(self.end(zero)),
            "state": "active" if now < self.end(zero) else "retired",
            **({"region": self.region, "ec2InstanceFamily": self.family} if self.family else {}),
            "savingsPlanType": self.type,
            "paymentOption": self.payment,
            "productTypes": list(self.products),
            "currency": "USD",
            "commitment": self.commitment,
            "upfrontPaymentAmount": self.upfront,
            "recurringPaymentAmount": self.recurring or self.commitment,
            "termDurationInSeconds": int((self.years * YEAR).total_seconds()),
            "tags": {"Name": self.name} if self.name else {},
        }


@dataclass(frozen=True, kw_only=True)
class Host(Purchase):
    """A Dedicated Host, which has no term: it is there until the end of the story."""

    operation: ClassVar[str] = "DescribeHosts"
    family: str
    zone: str
    sockets: int
    cores: int
    vcpus: int

    @property
    def host_id(self) -> str:
        """Its id."""
        return f"h-{self.number[:17]}"

    def document(self, zero: datetime, now: datetime) -> dict[str, Any]:
        """As DescribeHosts lists it."""
        reserved = [one for one in HOST_RESERVATIONS if self in one.hosts and one.runs_at(zero, now)]
        return {
            "HostId": self.host_id,
            **({"HostReservationId": reserved[0].reservation_id} if reserved else {}),
            "State": "available",
            "AvailabilityZone": f"{self.region}{self.zone}",
            "HostProperties": {
                "InstanceFamily": self.family,
                "Sockets": self.sockets,
                "Cores": self.cores,
                "TotalVCpus": self.vcpus,
            },
            "AvailableCapacity": {"AvailableInstanceCapacity": [], "AvailableVCpus": self.vcpus},
            "Instances": [],
            "AllowsMultipleInstanceTypes": "on",
            "AutoPlacement": "off",
            "HostRecovery": "on",
            "OwnerId": self.account.account_id,
            "AllocationTime": self.start(zero),
            "Tags": self.tags,
        }


@dataclass(frozen=True, kw_only=True)
class HostReservation(Purchase):
    """A reservation of Dedicated Hosts."""

    operation: ClassVar[str] = "DescribeHostReservations"
    family: str
    hosts: tuple[Host, ...] = field(default=())
    count: int = 1
    payment: str = "NoUpfront"
    upfront: str = "0.000"
    hourly: str = "0.000"

    @property
    def reservation_id(self) -> str:
        """Its id."""
        return f"hr-{self.number[:17]}"

    def runs_at(self, zero: datetime, now: datetime) -> bool:
        """Whether it is in its term."""
        return self.start(zero) <= now < self.end(zero)

    def document(self, zero: datetime, now: datetime) -> dict[str, Any]:
        """As DescribeHostReservations lists it."""
        return {
            "HostReservationId": self.reservation_id,
            "OfferingId": f"hro-{self.number[15:]}",
            "InstanceFamily": self.family,
            "Count": self.count,
            "HostIdSet": [host.host_id for host in self.hosts],
            "PaymentOption": self.payment,
            "HourlyPrice": self.hourly,
            "UpfrontPrice": self.upfront,
            "CurrencyCode": "USD",
            "Duration": int((self.years * YEAR).total_seconds()),
            "Start": self.start(zero),
            "End": self.end(zero),
            "State": "active" if self.runs_at(zero, now) else "expired",
            "Tags": self.tags,
        }


AUDIT_HOST = Host(
    account=PRODUCTION, region="eu-west-1", days=430, name="audit", family="m4", zone="a", sockets=2, cores=24, vcpus=48
)
RENDER_HOST = Host(
    account=PRODUCTION, region="eu-west-1", days=64, name="render", family="m5", zone="b", sockets=2, cores=48, vcpus=96
)
HOST_RESERVATIONS = (
    HostReservation(
        account=PRODUCTION, region="eu-west-1", days=428, name="audit", family="m4", hosts=(AUDIT_HOST,), hourly="1.499"
    ),
    HostReservation(
        account=PRODUCTION, region="eu-west-1", days=62, name="audit again", family="m4", hosts=(AUDIT_HOST,), count=2,
        payment="PartialUpfront", upfront="6254.000", hourly="0.714",
    ),
)  # fmt: skip
PURCHASES: tuple[Purchase, ...] = (
    AUDIT_HOST,
    RENDER_HOST,
    *HOST_RESERVATIONS,
    Reserved(account=PRODUCTION, region="us-east-1", days=200, name="web", type="m5.large", count=6, hourly="0.06"),
    Reserved(
        account=PRODUCTION, region="us-east-1", days=341, name="orders", type="r5.xlarge", count=2, zone="b",
        hourly="0.159",
    ),
    Reserved(
        account=PRODUCTION, region="us-east-1", days=150, years=3, name="api", type="c6g.xlarge", count=2,
        payment="All Upfront", upfront="1342.0",
    ),
    Reserved(
        account=PRODUCTION, region="eu-west-1", days=312, name="desks", type="m5.xlarge", count=4, platform="Windows",
        payment="Partial Upfront", upfront="588.0", hourly="0.251",
    ),
    Reserved(account=PRODUCTION, region="sa-east-1", days=95, type="m5.large", count=2, hourly="0.096"),
    Reserved(
        account=RESEARCH, region="us-east-1", days=240, years=3, name="grant", type="m5.large", count=4,
        offering_class="convertible", hourly="0.049",
    ),
    Reserved(account=RESEARCH, region="eu-west-1", days=130, type="t3.medium", count=8, hourly="0.0286"),
    Reserved(
        account=RESEARCH, region="us-east-2", days=406, type="m5.large", count=1, platform="SUSE Linux", hourly="0.126"
    ),
    Reserved(
        account=MANAGEMENT, region="us-east-1", days=284, type="m7g.large", count=1, payment="Partial Upfront",
        upfront="225.0", hourly="0.0257",
    ),
    Plan(account=MANAGEMENT, days=120, name="everything else", commitment="1.00000000"),
    Plan(
        account=PRODUCTION, days=500, region="us-east-1", years=3, type="EC2Instance", family="r5",
        payment="Partial Upfront", commitment="0.40000000", upfront="5256.0", recurring="0.20000000", products=("EC2",),
    ),
    Plan(
        account=PRODUCTION, days=352, region="eu-central-1", type="EC2Instance", family="c5", commitment="0.30000000",
        products=("EC2",),
    ),
    Plan(
        account=RESEARCH, days=410, type="SageMaker", commitment="0.10000000", payment="All Upfront", upfront="876.0",
        recurring="0.00000000", products=("SageMaker",),
    ),
)  # fmt: skip


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
