"""What accounts bought, read from the revisions of a moment into the values that are applied.

What cannot be applied has a problem, in words: a platform that is not known, a plan for something else than EC2, terms
that were not read. It is listed all the same, and its use is unknown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from costs.commitments.owned import Commitment, Host, HostReservation, ReservedInstances, SavingsPlan, Usage
from costs.compare import Charge
from costs.price_book import Unpriced, host_sku
from costs.pricing_models import PlanType
from inventory.models import Link
from inventory.resource_types import dedicated_host, host_reservation, reserved_instance, savings_plan
from inventory.resource_types.availability_zone import AvailabilityZone
from inventory.resource_types.ec2_instance import USAGE_OPERATION_BY_PLATFORM_DETAILS

USD = "USD"
YEAR_SECONDS = 365 * 24 * 3600
HOUR_SECONDS = Decimal(3600)
NEVER = datetime.max.replace(tzinfo=UTC)
ALWAYS = datetime.min.replace(tzinfo=UTC)
BILLED_HOSTS = frozenset({"available", "under-assessment", "pending", "configuring"})
PAYMENT_WORDS = {"NoUpfront": "No Upfront", "PartialUpfront": "Partial Upfront", "AllUpfront": "All Upfront"}
PLAN_WORDS = {"EC2Instance": "EC2 Instance plan", "Compute": "Compute plan", "SageMaker": "SageMaker plan"}
PLAN_TYPES = {"EC2Instance": PlanType.EC2_INSTANCE, "Compute": PlanType.COMPUTE}


@dataclass(frozen=True, kw_only=True)
class Bought:
    """A commitment with what AWS says of it."""

    commitment: Commitment
    slug: str
    resource_id: int
    state: str
    region: str
    """Where it applies; empty: everywhere."""
    name: str
    words: str
    """What it is, in a line."""
    terms: str
    """How long and how it is paid."""


@dataclass(frozen=True)
class Zones:
    """The ids of zones by account, region and the account's own name for them."""

    ids: Mapping[tuple[str, str, str], str]

    def id_of(self, account_id: str, region: str, name: str | None) -> str:
        """The same word for the same zone in every account; one of the account's own where the id was not read."""
        return self.ids.get((account_id, region, name or ""), f"{account_id}/{name or ''}")


def zones_of(families: Mapping[str, str], when: datetime | None) -> Zones:
    """The zones as the accounts saw them."""
    rows = AvailabilityZone.revisions.as_of(when).filter(account__account_id__in=families)
    found = rows.values_list("account__account_id", "region", "name", "resource__native_id")
    return Zones({(account_id, region, name): zone_id for account_id, region, name, zone_id in found})


def everything_bought(families: Mapping[str, str], zones: Zones, when: datetime | None) -> Iterator[Bought]:
    """Every Reserved Instance, Savings Plan and host reservation that AWS listed, expired or not."""
    for row in _rows(reserved_instance.ReservedInstance, families, when):
        yield _reserved(row, families, zones)
    for row in _rows(savings_plan.SavingsPlan, families, when):
        yield _plan(row, families)
    reservations = list(_rows(host_reservation.HostReservation, families, when))
    hosts = _hosts_by_reservation([row.resource_id for row in reservations], when)
    for row in reservations:
        yield _host_reservation(row, families, hosts.get(row.resource_id, frozenset()))


def hosts_of(families: Mapping[str, str], zones: Zones, when: datetime | None) -> list[Host]:
    """The Dedicated Hosts that AWS billed; one whose family was not read is left out."""
    rows = _rows(dedicated_host.DedicatedHost, families, when).filter(state__in=BILLED_HOSTS)
    return [
        Host(row.resource.native_id, usage, row.host_reservation_id or "")
        for row in rows
        if (usage := _host_usage(row, families, zones)) is not None
    ]


def _rows(model: Any, families: Mapping[str, str], when: datetime | None) -> Any:
    rows = model.revisions.light().as_of(when).filter(account__account_id__in=families)
    return rows.select_related("account", "resource")


def _hosts_by_reservation(reservations: list[int], when: datetime | None) -> dict[int, frozenset[str]]:
    links = Link.objects.as_of(when).filter(resource__in=reservations, role="hosts")
    hosts: dict[int, set[str]] = defaultdict(set)
    for resource_id, host_id in links.values_list("resource_id", "target"):
        hosts[resource_id].add(host_id)
    return {resource_id: frozenset(ids) for resource_id, ids in hosts.items()}


def _host_usage(row: Any, families: Mapping[str, str], zones: Zones) -> Usage | None:
    if row.instance_family is None or row.region is None:
        return None
    account_id = row.account.account_id
    zone = row.availability_zone_id or zones.id_of(account_id, row.region, row.availability_zone)
    return Usage(families[account_id], account_id, row.region, zone, *host_sku(row.region, row.instance_family)[1:])


def _reserved(row: Any, families: Mapping[str, str], zones: Zones) -> Bought:
    account_id = row.account.account_id
    operation = _operation(row.product_description)
    zone = ""
    if row.scope != "Region":
        zone = row.availability_zone_id or zones.id_of(account_id, row.region, row.availability_zone)
    is_whole = None not in (row.instance_type, row.instance_count, row.instance_tenancy, row.start, row.end)
    problem = "" if is_whole else "its terms were not read"
    if not problem and operation is None:
        problem = f"it is not known what AWS bills as “{row.product_description}”"
    commitment = ReservedInstances(
        **_common(row, families, problem),
        region=row.region or "",
        zone=zone,
        instance_type=row.instance_type or "",
        operation=operation or "",
        tenancy=row.instance_tenancy or "",
        count=row.instance_count or 0,
        charge=_reserved_charge(row),
    )
    place = f"in {row.availability_zone}" if row.scope != "Region" else ""
    words = f"{row.instance_count or '?'} {row.instance_type or '?'}, {row.product_description or '?'}"
    words = f"{words} {place}".strip()
    return _bought(
        row, commitment, "reserved-instance", commitment.region, words, row.offering_type, row.offering_class
    )


def _reserved_charge(row: Any) -> Charge | Unpriced:
    if row.usage_price:
        return Unpriced("it is of a kind that AWS no longer sells, and charges used hours too")
    return _charge(row.currency, row.fixed_price, row.recurring_hourly, row.duration_seconds)


def _plan(row: Any, families: Mapping[str, str]) -> Bought:
    kind = PLAN_TYPES.get(row.plan_type or "")
    amount: Decimal | Unpriced = Unpriced("its commitment was not read") if row.commitment is None else row.commitment
    if row.currency != USD:
        amount = Unpriced(f"it is paid in {row.currency or 'a currency that was not read'}")
    problem = amount.reason if isinstance(amount, Unpriced) else ""
    if kind is None:
        problem = "it covers no EC2 usage, and what it covers is not read"
    commitment = SavingsPlan(
        **_common(row, families, problem),
        type=kind,
        region=(row.plan_region or "") if kind is PlanType.EC2_INSTANCE else "",
        family=(row.ec2_instance_family or "") if kind is PlanType.EC2_INSTANCE else "",
        way=_way(kind, row),
        commitment_usd=amount,
    )
    place = f", {row.ec2_instance_family} in {row.plan_region}" if kind is PlanType.EC2_INSTANCE else ""
    words = f"{PLAN_WORDS.get(row.plan_type or '', row.plan_type or '?')}{place}"
    return _bought(row, commitment, "savings-plan", commitment.region, words, row.payment_option)


def _way(kind: PlanType | None, row: Any) -> str:
    """The slug of its way of paying, as the price book has it; empty where its terms were not read."""
    if kind is None or not row.term_seconds or not row.payment_option:
        return ""
    payment = row.payment_option.lower().replace(" ", "-")
    return f"savings-plan-{kind}-{row.term_seconds // YEAR_SECONDS}y-{payment}"


def _host_reservation(row: Any, families: Mapping[str, str], hosts: frozenset[str]) -> Bought:
    is_whole = None not in (row.instance_family, row.host_count, row.start, row.end)
    commitment = HostReservation(
        **_common(row, families, "" if is_whole else "its terms were not read"),
        region=row.region or "",
        family=row.instance_family or "",
        count=row.host_count or 0,
        hosts=hosts,
        charge=_charge(row.currency, row.upfront_price, row.hourly_price, row.duration_seconds),
    )
    words = f"{row.host_count or '?'} {row.instance_family or '?'} host"
    payment = PAYMENT_WORDS.get(row.payment_option, row.payment_option)
    return _bought(row, commitment, "host-reservation", commitment.region, words, payment)


def _common(row: Any, families: Mapping[str, str], problem: str) -> dict[str, Any]:
    return {
        "id": row.resource.native_id,
        "billing_family": families[row.account.account_id],
        "account": row.account.account_id,
        "start": row.start or ALWAYS,
        "end": row.end or NEVER,
        "problem": problem,
    }


def _bought(row: Any, commitment: Commitment, slug: str, region: str, words: str, *terms: str | None) -> Bought:
    return Bought(
        commitment=commitment,
        slug=slug,
        resource_id=row.resource_id,
        state=row.state or "",
        region=region,
        name=row.name,
        words=words,
        terms=", ".join(filter(None, (_years(commitment), *terms))),
    )


def _years(commitment: Commitment) -> str:
    if commitment.start == ALWAYS or commitment.end == NEVER:
        return ""
    years = round((commitment.end - commitment.start).total_seconds() / YEAR_SECONDS)
    return "1 year" if years == 1 else f"{years} years"


def _charge(
    currency: str | None, upfront: Decimal | None, hourly: Decimal | None, seconds: int | None
) -> Charge | Unpriced:
    """What one of them costs."""
    if currency != USD:
        return Unpriced(f"it is paid in {currency or 'a currency that was not read'}")
    if upfront is None or hourly is None or not seconds:
        return Unpriced("its price was not read")
    return Charge(upfront_usd=upfront, hourly_usd=hourly, term_hours=Decimal(seconds) / HOUR_SECONDS)


def _operation(description: str | None) -> str | None:
    """The usage operation that a platform of Reserved Instances is billed as; None if it is not known.

    With and without “ (Amazon VPC)” it is the same product. SQL Server on Linux is “SQL Server” in PlatformDetails.
    """
    plain = (description or "").removesuffix(" (Amazon VPC)").removeprefix("Linux with ")
    return USAGE_OPERATION_BY_PLATFORM_DETAILS.get(plain)
