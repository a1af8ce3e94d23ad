"""What EC2 offers to commit to: answers of `DescribeReservedInstancesOfferings` and `DescribeHostReservationOfferings`.

The answers tell neither their date nor, for regional offerings and hosts, their region: both belong to the asking.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from costs.operations import OF_PRODUCT
from costs.pricing_models import HostReservation, OfferingClass, Payment, Reserved
from costs.sources.document import InstanceFact, Kind, Reading, UnreadableDocument, plain
from costs.sources.instance_tables import HOST, PAYMENTS
from costs.sources.json_file import JsonFile
from costs.sources.row import AMOUNT, INSTANCE_TYPE, REGION
from costs.sources.savings_plans import YEARS
from costs.sources.spool import Part, Spool

# The API spells payments without blanks for hosts, and its documentation now and then for instances.
PAYMENTS_OF_OFFERINGS = PAYMENTS | {name.replace(" ", ""): payment for name, payment in PAYMENTS.items()}
ZONE = re.compile(r"(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)[a-z]", re.ASCII)

MARKETPLACE = "offerings of the Marketplace, which other customers sell"
LEGACY = "offerings with a usage price or a payment of old"
OTHER_PRODUCT = "offerings for software that is not known"
TENANCIES = frozenset({"default", "dedicated"})


class RegionNeeded(Exception):
    """The answer does not tell of which region it is."""


def read_reserved(path: Path, spool: Spool, prefix: str, day: date, region: str, *, source: str) -> Reading:
    """The documents in answers about Reserved Instances: one for each currency."""
    skipped: Counter[str] = Counter()
    items = enumerate(JsonFile(path).items(prefix), 1)
    spool.add(taken for number, item in items for taken in _reserved(item, number, day, region, skipped))
    return Reading(documents=spool.documents(source=source), skipped=skipped)


def read_hosts(path: Path, spool: Spool, prefix: str, day: date, region: str, *, source: str) -> Reading:
    """The documents in answers about reservations of hosts; RegionNeeded where nobody says the region."""
    skipped: Counter[str] = Counter()
    items = enumerate(JsonFile(path).items(prefix), 1)
    spool.add(taken for number, item in items for taken in _host(item, number, day, region, skipped))
    return Reading(documents=spool.documents(source=source), skipped=skipped)


def _reserved(
    item: Any, number: int, day: date, region: str, skipped: Counter[str]
) -> Iterator[tuple[Part, InstanceFact]]:
    place = _place(item, number, "ReservedInstancesOfferingId")
    zone = ZONE.fullmatch(item.get("AvailabilityZone", ""))
    payment = PAYMENTS_OF_OFFERINGS.get(item.get("OfferingType", ""))
    operation = OF_PRODUCT.get(item.get("ProductDescription", "").removesuffix(" (Amazon VPC)"))
    years = YEARS.get(str(item.get("Duration")))
    if item.get("Marketplace"):
        skipped[MARKETPLACE] += 1
    elif payment is None or years is None or _amount(item.get("UsagePrice", 0), place):
        skipped[LEGACY] += 1
    elif operation is None or item.get("InstanceTenancy", "default") not in TENANCIES:
        skipped[OTHER_PRODUCT] += 1
    else:
        where = zone["region"] if zone else region
        if not where:
            raise RegionNeeded
        # Answers of before convertible ones existed name no class.
        offering_class = item.get("OfferingClass", OfferingClass.STANDARD)
        if offering_class not in set(OfferingClass) or not INSTANCE_TYPE.fullmatch(item.get("InstanceType", "")):
            raise UnreadableDocument(place, "OfferingClass or InstanceType is none that AWS has")
        way = Reserved(offering_class=OfferingClass(offering_class), term_years=years, payment=payment)
        yield (
            Part(Kind.RESERVED_OFFERINGS, day, item.get("CurrencyCode", "USD")),
            InstanceFact(
                where,
                item["InstanceType"],
                operation,
                item.get("InstanceTenancy", "default"),
                way.slug,
                _amount(item.get("FixedPrice", 0), place),
                _recurring(item.get("RecurringCharges", []), place),
            ),
        )


def _host(item: Any, number: int, day: date, region: str, skipped: Counter[str]) -> Iterator[tuple[Part, InstanceFact]]:
    place = _place(item, number, "OfferingId")
    payment = PAYMENTS_OF_OFFERINGS.get(item.get("PaymentOption", ""))
    years = YEARS.get(str(item.get("Duration")))
    if not REGION.fullmatch(region):
        raise RegionNeeded
    if payment is None or years is None or not item.get("InstanceFamily"):
        skipped[LEGACY] += 1
        return
    hourly, upfront = _amount(item.get("HourlyPrice"), place), _amount(item.get("UpfrontPrice"), place)
    if not _is_plausible(payment, hourly, upfront):
        raise UnreadableDocument(
            place, f"{payment.replace('-', ' ')} does not go with {upfront} upfront and {hourly} an hour"
        )
    way = HostReservation(term_years=years, payment=payment)
    part = Part(Kind.HOST_OFFERINGS, day, item.get("CurrencyCode", "USD"))
    yield part, InstanceFact(region, item["InstanceFamily"], "", HOST, way.slug, upfront, hourly)


def _is_plausible(payment: Payment, hourly: Decimal, upfront: Decimal) -> bool:
    """Whether amounts go with the payment option that stands beside them."""
    return (bool(upfront), bool(hourly)) in {
        Payment.NO_UPFRONT: {(False, True)},
        Payment.PARTIAL_UPFRONT: {(True, True)},
        Payment.ALL_UPFRONT: {(True, False)},
    }[payment]


def _recurring(charges: Iterable[Any], place: str) -> Decimal:
    """The hourly charge; no other frequency exists."""
    charges = list(charges)
    if any(charge.get("Frequency") != "Hourly" for charge in charges):
        raise UnreadableDocument(place, "a recurring charge is not hourly")
    return sum((_amount(charge.get("Amount"), place) for charge in charges), Decimal(0))


def _amount(value: Any, place: str) -> Decimal:
    text = plain(value) if isinstance(value, Decimal) else str(value)
    if not AMOUNT.fullmatch(text):
        raise UnreadableDocument(place, f"{text[:40]!r} is no amount")
    return Decimal(text)


def _place(item: Any, number: int, key: str) -> str:
    if not isinstance(item, dict):
        raise UnreadableDocument(f"offering {number}", "it is no object")
    return f"offering {number} ({item.get(key, '')})"
