"""Both sides of commitments as the database knows them at a moment: what was bought, and what ran.

Commitments are shared within an organization, so what one account uses depends on what every other one runs: all the
accounts of the organizations in question are read, and whoever shows the answer leaves out whom the reader may not see.
An account outside of any organization stands alone. Organizations are known as they are today.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from costs.commitments.apply import Application, apply_commitments
from costs.commitments.bought import Bought, Zones, everything_bought, hosts_of, zones_of
from costs.commitments.outcome import OnDemand, Outcome, outcomes
from costs.commitments.owned import SavingsPlan, Usage
from costs.commitments.plans import Rate, Rates
from costs.price_book import HOST, Price, PriceBook, Provenance, Sku, Unpriced
from costs.pricing_models import ON_DEMAND, way_of_paying
from costs.usage.ec2_instance import CHARGED_STATES, InstanceUsage, sku_of
from inventory.models import Account, Organization
from inventory.resource_types.ec2_instance import Ec2Instance
from inventory.resource_types.host_reservation import HostReservation
from inventory.resource_types.reserved_instance import ReservedInstance
from inventory.resource_types.savings_plan import SavingsPlan as SavingsPlanRevision

IN_FORCE = frozenset({"active"})
COMMITTED = (ReservedInstance, SavingsPlanRevision, HostReservation)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What was bought and what became of it at one moment, for whole billing families."""

    moment: datetime
    bought: list[Bought]
    """Everything that AWS lists, expired or not, in the order of its end."""
    families: Mapping[str, str]
    zones: Zones
    application: Application
    outcomes: list[Outcome]
    on_demand: OnDemand
    unmatched: Counter[tuple[str, str]]
    """Running instances of which it is not known what they are billed as, by account and reason."""
    documents: frozenset[Provenance]
    """The price lists that on-demand prices and plan rates come from."""


def billing_families(accounts: Iterable[Account], when: datetime | None) -> dict[str, str]:
    """The billing family of each account that shares commitments with any of these, by its 12 digits."""
    chosen = {account.pk: account for account in accounts}
    organizations = Organization.objects.filter(Q(members__in=chosen) | Q(reader__in=chosen)).distinct()
    readers = {one.reader_id: one for one in organizations}
    keys = {one.pk: one.organization_id for one in readers.values()}
    gone = Q(archived_at__isnull=False) if when is None else Q(archived_at__lte=when)
    sharing = Account.objects.filter(Q(organization__in=keys) | Q(pk__in=readers)).exclude(gone)
    families = {}
    for account in (*sharing, *chosen.values()):
        if account.account_id is not None:
            read = readers.get(account.pk)
            key = keys.get(account.organization_id or 0) or (read.organization_id if read else "")
            families[account.account_id] = key or account.account_id
    return families


def has_commitments(accounts: Iterable[Account], when: datetime | None) -> bool:
    """Whether any of these accounts, or of those that share with them, had committed to anything; quickly answered."""
    families = billing_families(accounts, when)
    return any(
        model.revisions.as_of(when).filter(account__account_id__in=families, state__in=IN_FORCE).exists()
        for model in COMMITTED
    )


def standing_of(accounts: Iterable[Account], when: datetime | None) -> Standing:
    """What these accounts, and those that share with them, had committed to at a moment (None = now)."""
    moment = when or timezone.now()
    families = billing_families(accounts, when)
    zones = zones_of(families, when)
    bought = sorted(everything_bought(families, zones, when), key=lambda one: (one.commitment.end, one.commitment.id))
    running, unmatched = _running(families, zones, when)
    hosts = hosts_of(families, zones, when)
    in_force = [one.commitment for one in bought if one.state in IN_FORCE and one.commitment.runs_at(moment)]
    skus = {usage.sku for usage in (*running, *(host.usage for host in hosts))}
    book = PriceBook.load(skus=skus) if in_force else PriceBook({})
    on_demand = {sku: _amount(book.price(sku, ON_DEMAND)) for sku in skus} if in_force else {}
    application = apply_commitments(
        running,
        in_force,
        moment=moment,
        hosts=hosts,
        rates=_rates({one.way for one in in_force if isinstance(one, SavingsPlan)}, skus, book),
    )
    return Standing(
        moment=moment,
        bought=bought,
        families=families,
        zones=zones,
        application=application,
        outcomes=outcomes(application, on_demand),
        on_demand=on_demand,
        unmatched=unmatched,
        documents=frozenset(price.provenance for sku in skus if isinstance(price := book.price(sku, ON_DEMAND), Price)),
    )


def usages_like(account_id: str, revision: Ec2Instance, standing: Standing, when: datetime | None) -> dict[str, Usage]:
    """What the instances of one account that look like this one count as, by their ids in order."""
    alike = eligible_instances([account_id], when).filter(
        region=revision.region,
        availability_zone=revision.availability_zone,
        instance_type=revision.instance_type,
        tenancy=revision.tenancy,
    )
    found = {}
    for native_id, *values in alike.order_by("resource__native_id").values_list(
        "resource__native_id", *InstanceUsage._fields
    ):
        sku = sku_of(InstanceUsage(*values))
        usage = _usage(account_id, standing.families, standing.zones, revision.availability_zone, sku)
        if usage is not None:
            found[native_id] = usage
    return found


def eligible_instances(families: Collection[str], when: datetime | None) -> Any:
    """The instances that AWS billed on-demand at a moment: neither stopped, nor spot, nor on a Dedicated Host."""
    return (
        Ec2Instance.revisions.as_of(when)
        .filter(account__account_id__in=families, state__in=CHARGED_STATES, lifecycle="on-demand")
        .exclude(tenancy=HOST)
    )


def _running(
    families: Mapping[str, str], zones: Zones, when: datetime | None
) -> tuple[dict[Usage, int], Counter[tuple[str, str]]]:
    """How many of each kind ran, and how many of which it is not known what they are billed as."""
    fields = ("account__account_id", "availability_zone", *InstanceUsage._fields)
    rows = eligible_instances(families, when).order_by().values_list(*fields).annotate(number=Count("pk"))
    running: dict[Usage, int] = {}
    unmatched: Counter[tuple[str, str]] = Counter()
    for account_id, zone, *values, number in rows:
        sku = sku_of(InstanceUsage(*values))
        if isinstance(sku, Unpriced):
            unmatched[account_id, sku.reason] += number
        elif usage := _usage(account_id, families, zones, zone, sku):
            running[usage] = running.get(usage, 0) + number
    return running, unmatched


def _usage(
    account_id: str, families: Mapping[str, str], zones: Zones, zone: str | None, sku: Sku | Unpriced
) -> Usage | None:
    if isinstance(sku, Unpriced):
        return None
    place = zones.id_of(account_id, sku.region, zone)
    return Usage(families[account_id], account_id, sku.region, place, *sku[1:])


def _rates(ways: Collection[str], skus: Iterable[Sku], book: PriceBook) -> Rates:
    """The rate of each way of paying for each SKU, or the reason why there is none."""
    return {(way, sku): _rate(way, sku, book) for way in ways for sku in skus}


def _rate(slug: str, sku: Sku, book: PriceBook) -> Rate | Unpriced:
    try:
        way = way_of_paying(slug)
    except KeyError:
        return Unpriced("no loaded list knows a plan of this term and payment")
    price = book.price(sku, way)
    if isinstance(price, Unpriced):
        return price
    compared = book.compared_with(sku, price)
    if compared is None:
        return Unpriced("no loaded list has an on-demand price to measure the plan's rate against")
    return Rate(Fraction(price.charge.effective_hourly_usd), Fraction(compared.charge.effective_hourly_usd))


def _amount(price: Price | Unpriced) -> Any:
    return price if isinstance(price, Unpriced) else price.charge.hourly_usd
