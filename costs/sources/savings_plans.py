"""Rates of Savings Plans: AWS's bulk files as JSON and CSV, and answers of `DescribeSavingsPlansOfferingRates`.

A rate is one usage type and operation under one plan, and it is the price of an hour for every payment option. Plans
also have rates for empty capacity reservations, Fargate, Lambda and SageMaker, which are counted and not taken.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from costs.pricing_models import PlanType, SavingsPlan
from costs.sources.document import InstanceFact, Kind, Reading, UnreadableDocument
from costs.sources.instance_tables import HOST, LEASES, PAYMENTS, SHARED
from costs.sources.json_file import JsonFile
from costs.sources.offer_csv import OfferCsv
from costs.sources.offer_json import day_in, valid_from
from costs.sources.row import AMOUNT, INSTANCE_TYPE, REGION
from costs.sources.spool import Part, Spool

PLAN_TYPES = {
    "ComputeSavingsPlans": PlanType.COMPUTE,
    "EC2InstanceSavingsPlans": PlanType.EC2_INSTANCE,
    "Compute": PlanType.COMPUTE,
    "EC2Instance": PlanType.EC2_INSTANCE,
}
"""By the name of the product's family in bulk files, and by `planType` of the API."""

YEARS = {"31536000": 1, "94608000": 3}
"""Terms by their seconds."""
USAGE = re.compile(r"(?:[A-Z0-9]+-)?(?P<use>BoxUsage|DedicatedUsage|HostUsage):(?P<what>\S+)", re.ASCII)
TENANCIES = {"BoxUsage": SHARED, "DedicatedUsage": "dedicated", "HostUsage": HOST}

OTHER_PLAN = "rates of plans that are neither compute nor EC2 instance plans"
OTHER_SERVICE = "rates of services that are no instances"
OTHER_USAGE = "rates for reserved capacity that stands empty, and other usage that is no running"
FREE = "rates of zero"


class Rate(NamedTuple):
    """One rate as its source writes it; `place` is where it stands."""

    place: str
    plan_type: str
    payment: str
    years: int | None
    service: str
    usage_type: str
    operation: str
    region: str
    amount: str
    currency: str
    sku: str
    valid_from: date | None


@dataclass(frozen=True)
class Plan:
    """A plan of a bulk file."""

    family: str
    payment: str
    years: int | None
    valid_from: date | None


def read_bulk(path: Path, spool: Spool, *, source: str) -> Reading:
    """The documents in a bulk file in JSON: one for each currency."""
    file = JsonFile(path)
    published = file.texts(("publicationDate",)).get("publicationDate", "")
    plans = _plans(file)
    rates = (_bulk_rate(rate, number, plans) for number, rate in _numbered(file, "terms.savingsPlan.item.rates.item"))
    return _reading(rates, day_in(published, "publicationDate"), spool, source)


def read_csv(path: Path, spool: Spool, *, source: str) -> Reading:
    """The documents in a bulk file in CSV."""
    file = OfferCsv(path)
    preamble, header = file.preamble()
    missing = {"DiscountedRate", "DiscountedUsageType", "DiscountedOperation", "PurchaseOption", "Currency"} - set(
        header
    )
    if missing:
        raise UnreadableDocument(1, f"columns are missing: {', '.join(sorted(missing))}")
    rates = (_csv_rate(line, cells) for line, cells in file.rows())
    return _reading(rates, day_in(preamble.published, "Publication Date"), spool, source)


def read_answers(path: Path, spool: Spool, prefix: str, day: date, *, source: str) -> Reading:
    """The documents in answers of the API, which tell no date: `day` is that of the asking."""
    rates = (_api_rate(rate, number) for number, rate in _numbered(JsonFile(path), prefix))
    return _reading(rates, day, spool, source)


def _reading(rates: Iterable[Rate], day: date, spool: Spool, source: str) -> Reading:
    skipped: Counter[str] = Counter()
    spool.add(taken for rate in rates for taken in _taken(rate, day, skipped))
    return Reading(documents=spool.documents(source=source), skipped=skipped)


def _taken(rate: Rate, day: date, skipped: Counter[str]) -> Iterator[tuple[Part, InstanceFact]]:
    """The rate as a fact, if it is one of a kind that is used here."""
    plan_type, payment = PLAN_TYPES.get(rate.plan_type), PAYMENTS.get(rate.payment)
    usage = USAGE.fullmatch(rate.usage_type)
    if not AMOUNT.fullmatch(rate.amount):
        raise UnreadableDocument(rate.place, f"the rate is no amount: {rate.amount[:40]!r}")
    if plan_type is None or payment is None or rate.years is None:
        skipped[OTHER_PLAN] += 1
    elif rate.service != "AmazonEC2":
        skipped[OTHER_SERVICE] += 1
    elif usage is None or (usage["use"] != "HostUsage" and not rate.operation.startswith("RunInstances")):
        skipped[OTHER_USAGE] += 1
    elif not Decimal(rate.amount):
        skipped[FREE] += 1
    else:
        tenancy = TENANCIES[usage["use"]]
        if not REGION.fullmatch(rate.region) or (tenancy != HOST and not INSTANCE_TYPE.fullmatch(usage["what"])):
            raise UnreadableDocument(
                rate.place, f"{rate.usage_type[:60]!r} in {rate.region[:40]!r} is no usage of a region"
            )
        yield (
            Part(Kind.SAVINGS_PLANS, day, rate.currency),
            InstanceFact(
                rate.region,
                usage["what"],
                "" if tenancy == HOST else rate.operation,
                tenancy,
                SavingsPlan(plan_type=plan_type, term_years=rate.years, payment=payment).slug,
                Decimal(0),
                Decimal(rate.amount),
                rate.sku,
                rate.valid_from,
            ),
        )


def _plans(file: JsonFile) -> dict[str, Plan]:
    """The plans of a bulk file by SKU. Their terms name the day; their products name everything else."""
    days: dict[str, date | None] = {}
    sku, day = "", ""
    for prefix, event, value in file.events():
        match prefix:
            case "terms.savingsPlan.item.sku":
                sku = value
            case "terms.savingsPlan.item.effectiveDate":
                day = value
            case "terms.savingsPlan.item" if event == "end_map":
                days[sku] = valid_from(day)
                sku, day = "", ""
    return {
        product["sku"]: Plan(
            product.get("productFamily", ""),
            product.get("attributes", {}).get("purchaseOption", ""),
            LEASES.get(product.get("attributes", {}).get("purchaseTerm", "")),
            days.get(product["sku"]),
        )
        for product in file.items("products.item")
    }


def _bulk_rate(rate: dict[str, Any], number: int, plans: dict[str, Plan]) -> Rate:
    place = f"rate {number} ({rate.get('rateCode', '')})"
    plan = plans.get(str(rate.get("rateCode", "")).partition(".")[0])
    discounted = rate.get("discountedRate", {})
    if plan is None:
        raise UnreadableDocument(place, "it belongs to no plan among the products")
    return Rate(
        place,
        plan.family,
        plan.payment,
        plan.years,
        rate.get("discountedServiceCode", ""),
        rate.get("discountedUsageType", ""),
        rate.get("discountedOperation", ""),
        rate.get("discountedRegionCode", ""),
        str(discounted.get("price", "")),
        discounted.get("currency", ""),
        rate.get("discountedSku", ""),
        plan.valid_from,
    )


def _csv_rate(line: int, cells: Any) -> Rate:
    length, unit = cells.get("LeaseContractLength", ""), cells.get("LeaseContractLengthUnit", "")
    return Rate(
        f"line {line}",
        cells["Product Family"],
        cells["PurchaseOption"],
        LEASES.get(f"{length}yr") if unit == "year" else None,
        cells["DiscountedServiceCode"],
        cells["DiscountedUsageType"],
        cells["DiscountedOperation"],
        cells["DiscountedRegionCode"],
        cells["DiscountedRate"],
        cells["Currency"],
        cells["DiscountedSKU"],
        valid_from(cells.get("EffectiveDate", "")),
    )


def _api_rate(rate: dict[str, Any], number: int) -> Rate:
    offering = rate.get("savingsPlanOffering", {})
    properties = {one.get("name"): one.get("value", "") for one in rate.get("properties", [])}
    return Rate(
        f"rate {number}",
        offering.get("planType", ""),
        offering.get("paymentOption", ""),
        YEARS.get(str(offering.get("durationSeconds"))),
        rate.get("serviceCode", ""),
        rate.get("usageType", ""),
        rate.get("operation", ""),
        properties.get("region", ""),
        str(rate.get("rate", "")),
        offering.get("currency", ""),
        "",
        None,
    )


def _numbered(file: JsonFile, prefix: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, item in enumerate(file.items(prefix), 1):
        if not isinstance(item, dict):
            raise UnreadableDocument(f"rate {number}", "it is no object")
        yield number, item
