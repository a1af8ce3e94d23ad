"""AWS's own price documents in small, with the figures of real lists: products, terms, and the formats around them.

The figures of m5.large in us-east-1 are those of `pricing:GetProducts` of July 2020; those of eu-west-1 are of the list
of 2023-02-23 (cycloidio/terracost), those of r7g in ap-east-2 of the Savings Plan file of 2025-09-11.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PUBLISHED = "2020-07-09T00:00:00Z"
SKU = "6C86BEPQVG73ZGGR"

M5_LARGE = {
    "servicecode": "AmazonEC2",
    "location": "US East (N. Virginia)",
    "locationType": "AWS Region",
    "regionCode": "us-east-1",
    "instanceType": "m5.large",
    "tenancy": "Shared",
    "operatingSystem": "Linux",
    "licenseModel": "No License required",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
    "marketoption": "OnDemand",
    "usagetype": "BoxUsage:m5.large",
    "operation": "RunInstances",
}
RESERVED = {
    ("standard", "1yr", "No Upfront"): (None, "0.0600000000"),
    ("standard", "1yr", "Partial Upfront"): ("252", "0.0290000000"),
    ("standard", "1yr", "All Upfront"): ("494", "0.0000000000"),
    ("standard", "3yr", "No Upfront"): (None, "0.0410000000"),
    ("standard", "3yr", "Partial Upfront"): ("505", "0.0190000000"),
    ("standard", "3yr", "All Upfront"): ("949", "0.0000000000"),
    ("convertible", "1yr", "No Upfront"): (None, "0.0710000000"),
    ("convertible", "3yr", "All Upfront"): ("1161", "0.0000000000"),
}
"""Upfront and hourly price of m5.large with Linux, us-east-1, 2020."""

Item = dict[str, Any]


def dimension(
    sku: str, code: str, unit: str, amount: str, *, begin: str = "0", end: str = "Inf", currency="USD"
) -> Item:
    """One price of a term."""
    ranges = {} if unit == "Quantity" else {"beginRange": begin, "endRange": end}
    return {
        "rateCode": f"{sku}.TERM.{code}",
        "unit": unit,
        "description": "as AWS writes it",
        "appliesTo": [],
        "pricePerUnit": {currency: amount},
        **ranges,
    }


def term(sku: str, dimensions: Iterable[Item], *, effective: str = "2020-07-01T00:00:00Z", **attributes: str) -> Item:
    """A term of these prices."""
    return {
        "offerTermCode": "TERM",
        "sku": sku,
        "effectiveDate": effective,
        "priceDimensions": {one["rateCode"]: one for one in dimensions},
        "termAttributes": attributes,
    }


def on_demand(
    sku: str, amount: str, *, unit: str = "Hrs", effective: str = "2020-07-01T00:00:00Z", currency="USD"
) -> Item:
    """The term of paying by the hour, or by another unit."""
    return term(sku, [dimension(sku, "HOURLY", unit, amount, currency=currency)], effective=effective)


def reserved(sku: str, offering_class: str, lease: str, payment: str, upfront: str | None, hourly: str | None) -> Item:
    """A reserved term; a part that is None is absent."""
    dimensions = [dimension(sku, "UPFRONT", "Quantity", upfront)] if upfront else []
    dimensions += [dimension(sku, "HOURLY", "Hrs", hourly)] if hourly else []
    return term(sku, dimensions, LeaseContractLength=lease, OfferingClass=offering_class, PurchaseOption=payment)


def item(
    sku: str = SKU,
    terms: Iterable[Item] = (),
    reservations: Iterable[Item] = (),
    *,
    family: str = "Compute Instance",
    service: str = "AmazonEC2",
    **attributes: Any,
) -> Item:
    """An item as GetProducts gives it; m5.large in us-east-1 unless the attributes say otherwise."""
    return {
        "product": {"sku": sku, "productFamily": family, "attributes": M5_LARGE | attributes},
        "serviceCode": service,
        "terms": {
            "OnDemand": {f"{sku}.OD{number}": one for number, one in enumerate(terms)},
            "Reserved": {f"{sku}.RI{number}": one for number, one in enumerate(reservations)},
        },
        "version": "20200709000000",
        "publicationDate": PUBLISHED,
    }


def m5_large() -> Item:
    """m5.large with Linux and everything that is listed for it."""
    reservations = [reserved(SKU, *key, *amounts) for key, amounts in RESERVED.items()]
    return item(terms=[on_demand(SKU, "0.0960000000")], reservations=reservations)


def bulk(*items: Item, offer: str = "AmazonEC2", published: str = PUBLISHED) -> Item:
    """The items as a bulk file nests them."""
    return {
        "formatVersion": "v1.0",
        "disclaimer": "This pricing list is for informational purposes only.",
        "offerCode": offer,
        "version": "20200709000000",
        "publicationDate": published,
        "products": {one["product"]["sku"]: one["product"] for one in items},
        "terms": {
            kind: {one["product"]["sku"]: one["terms"][kind] for one in items if one["terms"][kind]}
            for kind in ("OnDemand", "Reserved")
        },
        "attributesList": {},
    }


def write(folder: Path, name: str, document: Any) -> Path:
    """A document as a file."""
    path = folder / name
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def write_pages(folder: Path, name: str, *items: Item) -> Path:
    """A page of GetProducts: JSON strings in JSON."""
    return write(folder, name, {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in items]})


COLUMNS = {
    "Location": "location",
    "Location Type": "locationType",
    "Region Code": "regionCode",
    "Instance Type": "instanceType",
    "Tenancy": "tenancy",
    "Operating System": "operatingSystem",
    "License Model": "licenseModel",
    "Pre Installed S/W": "preInstalledSw",
    "CapacityStatus": "capacitystatus",
    "MarketOption": "marketoption",
    "usageType": "usagetype",
    "operation": "operation",
    "Group": "group",
}
TERM_COLUMNS = ("LeaseContractLength", "PurchaseOption", "OfferingClass")


def write_csv(folder: Path, name: str, *items: Item, offer: str = "AmazonEC2", published: str = PUBLISHED) -> Path:
    """The items as a bulk file in CSV: five lines of preamble, a header, a row for each price."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        preamble = {"FormatVersion": "v1.0", "Disclaimer": "For information, only.", "Publication Date": published}
        writer.writerows((preamble | {"Version": "20200709000000", "OfferCode": offer}).items())
        writer.writerow(
            (
                *("SKU", "OfferTermCode", "RateCode", "TermType", "PriceDescription", "EffectiveDate", "StartingRange"),
                *("EndingRange", "Unit", "PricePerUnit", "Currency", *TERM_COLUMNS, "Product Family", "serviceCode"),
                *COLUMNS,
            )
        )
        writer.writerows(row for one in items for row in _rows(one))
    return path


def _rows(one: Item) -> Iterable[list[str]]:
    product = one["product"]
    for kind, terms in one["terms"].items():
        for listed in terms.values():
            for price in listed["priceDimensions"].values():
                ((currency, amount),) = price["pricePerUnit"].items()
                yield [
                    product["sku"],
                    "TERM",
                    price["rateCode"],
                    kind,
                    price["description"],
                    listed["effectiveDate"][:10],
                    price.get("beginRange", ""),
                    price.get("endRange", ""),
                    price["unit"],
                    amount,
                    currency,
                    *(listed["termAttributes"].get(column, "") for column in TERM_COLUMNS),
                    product["productFamily"],
                    one["serviceCode"],
                    *(product["attributes"].get(attribute, "") for attribute in COLUMNS.values()),
                ]


R7G_RATES = {
    "APE2-BoxUsage:r7g.2xlarge": ("RunInstances", "0.1954"),
    "APE2-DedicatedUsage:r7g.medium": ("RunInstances:0010", "0.0425"),
    "APE2-HostUsage:r7g": ("RunInstances", "5.157"),
    "APE2-UnusedBox:r7g.large": ("RunInstances", "0.0488"),
}


def plan(
    rates: dict[str, tuple[str, str]] = R7G_RATES, *, family="EC2InstanceSavingsPlans", sku="2JT7C3ZD2AXA73Q4"
) -> Item:
    """A Savings Plan file of one plan: three years, partial upfront."""
    return {
        "version": "20250911184447",
        "publicationDate": "2025-09-11T18:44:47Z",
        "regionCode": "ap-east-2",
        "products": [
            {
                "sku": sku,
                "productFamily": family,
                "serviceCode": "ComputeSavingsPlans",
                "usageType": "APE2-EC2SP:r7g.3yrPartialUpfront",
                "operation": "",
                "attributes": {"purchaseOption": "Partial Upfront", "instanceType": "r7g", "purchaseTerm": "3yr"},
            }
        ],
        "terms": {
            "savingsPlan": [
                {
                    "sku": sku,
                    "effectiveDate": "2025-06-05T18:51:13Z",
                    "leaseContractLength": {"duration": 3, "unit": "year"},
                    "rates": [
                        {
                            "discountedSku": f"SKU{number}",
                            "discountedUsageType": usage_type,
                            "discountedOperation": operation,
                            "discountedServiceCode": "AmazonEC2",
                            "rateCode": f"{sku}.SKU{number}",
                            "unit": "Hrs",
                            "discountedRate": {"price": price, "currency": "USD"},
                            "discountedRegionCode": "ap-east-2",
                            "discountedInstanceType": usage_type.partition(":")[2],
                        }
                        for number, (usage_type, (operation, price)) in enumerate(rates.items())
                    ],
                }
            ]
        },
    }


PLAN_COLUMNS = (
    "SKU,RateCode,Unit,EffectiveDate,DiscountedRate,Currency,DiscountedSKU,DiscountedServiceCode,DiscountedUsageType,"
    "DiscountedOperation,PurchaseOption,LeaseContractLength,LeaseContractLengthUnit,Product Family,DiscountedRegionCode"
)


def write_plan_csv(folder: Path, name: str, document: Item) -> Path:
    """A Savings Plan file in CSV, which AWS writes without quotes."""
    (product,), (listed,) = document["products"], document["terms"]["savingsPlan"]
    lines = [
        "FormatVersion,v1.0",
        f"Publication Date,{document['publicationDate']}",
        "OfferCode,AmazonComputeSavingsPlan",
    ]
    lines.append(PLAN_COLUMNS)
    for rate in listed["rates"]:
        cells = (
            *(product["sku"], rate["rateCode"], rate["unit"], listed["effectiveDate"], rate["discountedRate"]["price"]),
            *("USD", rate["discountedSku"], rate["discountedServiceCode"], rate["discountedUsageType"]),
            *(rate["discountedOperation"], "Partial Upfront", "3", "year", product["productFamily"], "ap-east-2"),
        )
        lines.append(",".join(cells))
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rates_answer(rates: dict[str, tuple[str, str]] = R7G_RATES, *, plan_type: str = "EC2Instance") -> Item:
    """An answer of DescribeSavingsPlansOfferingRates."""
    offering = {
        "paymentOption": "Partial Upfront",
        "planType": plan_type,
        "durationSeconds": 94608000,
        "currency": "USD",
    }
    return {
        "searchResults": [
            {
                "savingsPlanOffering": offering,
                "rate": price,
                "unit": "Hrs",
                "productType": "EC2",
                "serviceCode": "AmazonEC2",
                "usageType": usage_type,
                "operation": operation,
                "properties": [{"name": "region", "value": "ap-east-2"}],
            }
            for usage_type, (operation, price) in rates.items()
        ],
        "nextToken": "",
    }


def offering(upfront: str = "252.0", hourly: str | None = "0.029", **changes: Any) -> Item:
    """A Reserved Instance on offer: m5.large with Linux for a year, partial upfront."""
    charges = [] if hourly is None else [{"Amount": json.loads(hourly), "Frequency": "Hourly"}]
    return {
        "ReservedInstancesOfferingId": "5bdc8eaf-6d83-7ab9-cd9d-1c0fa5aaa791",
        "InstanceType": "m5.large",
        "ProductDescription": "Linux/UNIX",
        "InstanceTenancy": "default",
        "Duration": 31536000,
        "OfferingClass": "standard",
        "OfferingType": "Partial Upfront",
        "FixedPrice": json.loads(upfront),
        "UsagePrice": 0.0,
        "RecurringCharges": charges,
        "CurrencyCode": "USD",
        "Marketplace": False,
        "Scope": "Region",
    } | changes


def host_offering(payment: str, seconds: int, upfront: str, hourly: str) -> Item:
    """A reservation of an m4 host on offer, with the figures of AWS's own example."""
    return {
        "OfferingId": "hro-03f707bf363b6b324",
        "InstanceFamily": "m4",
        "PaymentOption": payment,
        "Duration": seconds,
        "UpfrontPrice": upfront,
        "HourlyPrice": hourly,
    }


def spot_event(zone: str, at: str, price: str, **changes: str) -> Item:
    """An event of DescribeSpotPriceHistory."""
    return {
        "AvailabilityZone": zone,
        "InstanceType": "m5n.large",
        "ProductDescription": "Linux/UNIX",
        "SpotPrice": price,
        "Timestamp": at,
    } | changes
