"""A price list of the size of AWS's largest, and what reading it takes: `python -m bench.offer_file [MEGABYTES]`.

The file has the structure of AWS's bulk offer file of EC2 in us-east-1, whose products are mostly instance types with
nearly a hundred SKUs each, most of them no price of running. Its figures are made up.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from costs.sources.recognise import Asking, read_file
from costs.sources.spool import Spool

MEGABYTES = 450
SIZES = ("medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "metal")
SOFTWARE = (
    ("Linux", "NA", ""),
    ("Linux", "SQL Std", ":0004"),
    ("Linux", "SQL Ent", ":0100"),
    ("Windows", "NA", ":0002"),
    ("Windows", "SQL Std", ":0006"),
    ("RHEL", "NA", ":0010"),
    ("SUSE", "NA", ":000g"),
    ("Ubuntu Pro", "NA", ":0g00"),
)
USES = (
    ("Shared", "Used", "BoxUsage"),
    ("Shared", "UnusedCapacityReservation", "UnusedBox"),
    ("Shared", "AllocatedCapacityReservation", "Reservation"),
    ("Dedicated", "Used", "DedicatedUsage"),
    ("Dedicated", "UnusedCapacityReservation", "UnusedDed"),
    ("Dedicated", "AllocatedCapacityReservation", "DedicatedRes"),
    ("Host", "Used", "HostBoxUsage"),
)
TERMS = tuple(product(("standard", "convertible"), ("1yr", "3yr"), ("No Upfront", "Partial Upfront", "All Upfront")))
OTHER_ATTRIBUTES = {
    "servicecode": "AmazonEC2",
    "location": "US East (N. Virginia)",
    "locationType": "AWS Region",
    "currentGeneration": "Yes",
    "instanceFamily": "General purpose",
    "vcpu": "8",
    "physicalProcessor": "Intel Xeon Platinum 8175 (Skylake)",
    "clockSpeed": "3.1 GHz",
    "memory": "32 GiB",
    "storage": "EBS only",
    "networkPerformance": "Up to 10 Gigabit",
    "processorArchitecture": "64-bit",
    "licenseModel": "No License required",
    "availabilityzone": "NA",
    "classicnetworkingsupport": "false",
    "dedicatedEbsThroughput": "Up to 2120 Mbps",
    "enhancedNetworkingSupported": "Yes",
    "gpuMemory": "NA",
    "intelAvx2Available": "Yes",
    "intelTurboAvailable": "Yes",
    "marketoption": "OnDemand",
    "normalizationSizeFactor": "16",
    "processorFeatures": "Intel AVX; Intel AVX2; Intel AVX512; Intel Turbo",
    "regionCode": "us-east-1",
    "servicename": "Amazon Elastic Compute Cloud",
    "vpcnetworkingsupport": "true",
}


def main() -> None:
    """Write a file, read it, and say what that took."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    with TemporaryDirectory() as folder, Spool() as spool:
        path = Path(folder) / "offer.json"
        number = write_offer(path, megabytes)
        before = _peak_mebibytes()
        began, worked = time.perf_counter(), time.process_time()
        asking = Asking(source="bench", today=datetime.now(UTC).date())
        (document,) = read_file(path, spool, asking).documents
        digest = document.digest
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        size = path.stat().st_size / 1e6
        print(f"{size:,.0f} MB, {number:,} products, {len(document):,} prices of use ({digest[:8]})")
        print(f"read in {seconds:,.0f} s, {worked:,.0f} s of them at work")
        print(f"peak of memory {_peak_mebibytes():,} MiB, {before:,} MiB of it before")


def write_offer(path: Path, megabytes: int) -> int:
    """Write a file of about that size; how many products it has. Nothing of it is held in memory."""
    limit = megabytes * 1_000_000
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '{"formatVersion":"v1.0","offerCode":"AmazonEC2","publicationDate":"2026-07-20T00:00:00Z","products":{'
        )
        number = 0
        for number, one in enumerate(_products(), 1):
            file.write(f'{"," if number > 1 else ""}"{one["sku"]}":{json.dumps(one, indent=2)}')
            # Terms take a good half of AWS's file.
            if file.tell() > limit * 45 // 100:
                break
        for kind, begin in (("OnDemand", '},"terms":{'), ("Reserved", "},")):
            file.write(f'{begin}"{kind}":{{')
            separator = ""
            for serial in range(number):
                terms = _terms(serial, kind)
                if terms and file.tell() < limit:
                    file.write(f'{separator}"{_sku(serial)}":{json.dumps(terms, indent=2)}')
                    separator = ","
        file.write("}}}")
    return number


def _products() -> Iterator[dict[str, object]]:
    families = (f"m{generation}{letter}" for generation in range(1, 10_000) for letter in ("", "a", "g", "i"))
    kinds = product(families, SIZES, SOFTWARE, USES)
    for serial, (family, size, (system, software, operation), (tenancy, capacity, usage)) in enumerate(kinds):
        attributes = {
            "instanceType": f"{family}.{size}",
            "operatingSystem": system,
            "preInstalledSw": software,
            "tenancy": tenancy,
            "capacitystatus": capacity,
            "usagetype": f"{usage}:{family}.{size}",
            "operation": f"RunInstances{operation}",
        }
        yield {
            "sku": _sku(serial),
            "productFamily": "Compute Instance",
            "attributes": OTHER_ATTRIBUTES | attributes,
        }


def _sku(serial: int) -> str:
    return f"SKU{serial:013}"


def _terms(serial: int, kind: str) -> dict[str, object]:
    """The terms of a product: one on demand, and all reserved ones for what runs on shared hardware."""
    sku, usd = _sku(serial), f"{serial % 9_999 + 1}.0960000000"
    if kind == "OnDemand":
        return {f"{sku}.JRTCKXETXF": _term(sku, "JRTCKXETXF", {"6YS6EN2CT7": ("Hrs", usd)}, {})}
    if serial % len(USES):
        return {}
    return {
        f"{sku}.T{place}": _term(
            sku,
            f"T{place}",
            {"6YS6EN2CT7": ("Hrs", usd)} | ({} if payment == "No Upfront" else {"2TG2D8R56U": ("Quantity", "252")}),
            {"OfferingClass": offering_class, "LeaseContractLength": lease, "PurchaseOption": payment},
        )
        for place, (offering_class, lease, payment) in enumerate(TERMS)
    }


def _term(sku: str, code: str, prices: dict[str, tuple[str, str]], attributes: dict[str, str]) -> dict[str, object]:
    dimensions = {
        f"{sku}.{code}.{rate}": {
            "rateCode": f"{sku}.{code}.{rate}",
            "description": "$0.096 per On Demand Linux m5.large Instance Hour",
            "beginRange": "0",
            "endRange": "Inf",
            "unit": unit,
            "pricePerUnit": {"USD": usd},
            "appliesTo": [],
        }
        for rate, (unit, usd) in prices.items()
    }
    return {
        "offerTermCode": code,
        "sku": sku,
        "effectiveDate": "2026-07-01T00:00:00Z",
        "priceDimensions": dimensions,
        "termAttributes": attributes,
    }


def _peak_mebibytes() -> int:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
