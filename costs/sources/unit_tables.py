"""Rows of the tables of unit prices as facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from costs.sources import unit_products
from costs.sources.document import UnitFact
from costs.sources.row import Row

VERIFIED = "price-list quote"
QUOTED = re.compile(r"20\d{2}-\d{2}-\d{2}", re.ASCII)

# AWS lists throughput in GiBps-month: 1,024 times the price of the MiB/s in which a volume's throughput is set.
EBS_UNITS = {
    "storage_gb_mo": "GB-month",
    "iops_mo": "IOPS-month",
    "iops_mo_tier1": "IOPS-month",
    "iops_mo_tier2": "IOPS-month",
    "iops_mo_tier3": "IOPS-month",
    "throughput_gibps_mo": "GiBps-month",
    "io_requests": "request",
    "archive_gb_mo": "GB-month",
    "archive_retrieval_gb": "GB",
    "fast_restore_hr": "hour",
}


def ebs(row: Row) -> Iterator[UnitFact]:
    """One price of a volume type or of snapshots."""
    usd = row.amount("usd")
    if usd:
        unit = row.choice("dimension", EBS_UNITS)
        yield UnitFact(
            "ebs", row.region(), row.text("volume_type"), row.text("dimension"), unit, usd, row.text("rate_code")
        )


def s3(row: Row) -> Iterator[UnitFact]:
    """One price of a storage class: storage, requests, retrieval."""
    usd = row.amount("usd")
    if usd:
        yield UnitFact("s3", row.region(), row.text("storage_class"), row.text("dimension"), row.text("per"), usd)


def public_ipv4(row: Row) -> Iterator[UnitFact]:
    """An hour of a public address, in use and idle."""
    for dimension, column in (("in_use_hour", "in_use_usd_hr"), ("idle_hour", "idle_usd_hr")):
        if usd := row.amount(column):
            yield UnitFact("vpc", row.region(), "public-ipv4", dimension, "hour", usd)


def every_unit(row: Row) -> Iterator[UnitFact]:
    """What is priced by the unit out of a list of all SKUs: storage, gateways, load balancers, credits, the fee."""
    cells = {"usagetype": row.cells["usage_type"], "operatingsystem": row.cells["operating_system"]}
    attributes = cells | {"group": row.cells["group"]}
    family = row.cells["product_family"]
    described = unit_products.unit_of("AmazonEC2", family, lambda name: attributes.get(name, ""))
    usd = row.amount("usd")
    if described is None or not usd or row.text("starting_range") != "0":
        return
    service, item, dimension, unit, units = described
    factor = units.get(row.text("unit"))
    if factor is not None:
        yield UnitFact(service, row.region_of_usage("usage_type"), item, dimension, unit, usd * factor, row.text("sku"))


def sagemaker(row: Row) -> Iterator[UnitFact]:
    """One component of one instance; only what the price list itself says, and no figure at third hand."""
    usd = row.amount("usd_hr")
    described = unit_products.unit_of("AmazonSageMaker", "", lambda name: row.cells["usage_type"])
    if usd and described and row.text("confidence").startswith(VERIFIED):
        service, item, dimension, unit, _ = described
        yield UnitFact(service, row.region(), item, dimension, unit, usd)


def quoted_month(row: Row) -> date | None:
    """The month of the last day on which the row was seen in the price list."""
    days = QUOTED.findall(row.cells["confidence"])
    return date.fromisoformat(max(days)).replace(day=1) if days else None
