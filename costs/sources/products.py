"""What a product of AWS's price list is: one instance type under one software and tenancy, a host, or a unit.

An instance type has nearly a hundred SKUs in one region, and exactly one is the price of running it. `operation`
tells the software as `UsageOperation` of DescribeInstances does; capacity status, market option, tenancy, location type
and usage type tell running from everything else. A product that is not wanted is answered with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from costs.sources import unit_products
from costs.sources.document import Kind
from costs.sources.instance_tables import HOST, INSTANCE_FAMILIES, OPERATIONS, TENANCIES
from costs.sources.locations import region_at
from costs.sources.row import INSTANCE_TYPE, REGION

HOST_FAMILY = "Dedicated Host"

KINDS = {
    "AmazonEC2": Kind.OFFER_EC2,
    "AmazonS3": Kind.OFFER_S3,
    "AmazonS3GlacierDeepArchive": Kind.OFFER_S3,
    "AmazonGlacier": Kind.OFFER_S3,
    "AmazonSageMaker": Kind.OFFER_SAGEMAKER,
    "AmazonVPC": Kind.OFFER_VPC,
    "AWSELB": Kind.OFFER_ELB,
}
"""The services whose price lists are read."""

# The prefix is AWS's billing code of the region; us-east-1 had none.
RUNNING = re.compile(r"(?:[A-Z0-9]+-)?(?P<use>BoxUsage|DedicatedUsage)(?::(?P<type>\S+))?", re.ASCII)
OF_A_HOST = re.compile(r"(?:[A-Z0-9]+-)?(?:HostUsage|ReservedHostUsage):(?P<family>[a-z0-9-]+)", re.ASCII)
USES = {"Shared": "BoxUsage", "Dedicated": "DedicatedUsage"}

ELSEWHERE = "in Local Zones, Wavelength Zones and other places that are no region"
NO_REGION = "of a location whose region is not known"
CAPACITY = "for reserved capacity, filled or empty: no price of running"
BLOCKS = "of capacity blocks, which are bought for days"
ON_HOSTS = "of instances on a dedicated host, which are paid through it"
OTHER_TENANCY = "of a tenancy that is not known"
NO_SOFTWARE = "of software that no usage operation is known for"
OTHER_USE = "whose usage type is not the running of their instance type"


class Product(NamedTuple):
    """One product as the list describes it; `attributes` go by their names in the JSON files, in lower case."""

    sku: str
    service: str
    family: str
    attributes: Mapping[str, str]

    def get(self, attribute: str) -> str:
        """The attribute; empty where the product has none, or "NA"."""
        value = self.attributes.get(attribute, "")
        return "" if value == "NA" else value

    @property
    def region(self) -> str:
        """The region's code, from the location where the list gives none."""
        return self.get("regioncode") or region_at(self.get("location"))


class InstanceThing(NamedTuple):
    """An instance type, or a host's family under the tenancy `host` and no operation."""

    region: str
    instance_type: str
    usage_operation: str
    tenancy: str


@dataclass(frozen=True)
class UnitThing:
    """Something priced by the unit. `units` are the names of its unit in the list, each with the factor to ours."""

    service: str
    region: str
    item: str
    dimension: str
    unit: str
    units: Mapping[str, Decimal] = field(hash=False)
    is_tiered: bool = False

    def tier(self, begin: Decimal) -> str | None:
        """The dimension of a tier that begins at a quantity; None for a tier that is not known."""
        if not begin:
            return self.dimension
        words = unit_products.STORAGE_TIERS.get(begin) if self.is_tiered else None
        return words and f"{self.dimension} ({words})"


@dataclass(frozen=True)
class Skipped:
    """A product that no price is taken of, and why."""

    reason: str


def thing_of(product: Product) -> InstanceThing | UnitThing | Skipped:
    """What the product is."""
    if product.service not in KINDS:
        return Skipped(f"of {product.service or 'no service'}, which is not priced here")
    if product.get("locationtype") not in ("", "AWS Region"):
        return Skipped(ELSEWHERE)
    if not REGION.fullmatch(product.region):
        return Skipped(NO_REGION)
    if product.family in INSTANCE_FAMILIES:
        return _instance(product)
    if product.family == HOST_FAMILY:
        return _host(product)
    described = unit_products.unit_of(product.service, product.family, product.get)
    if described is None:
        return Skipped(f"of {product.family or 'other products'} ({product.service}), which is not priced here")
    service, item, dimension, unit, units = described
    return UnitThing(service, product.region, item, dimension, unit, units, unit_products.is_tiered(item, dimension))


def _instance(product: Product) -> InstanceThing | Skipped:
    if product.get("capacitystatus") not in ("", "Used"):
        return Skipped(CAPACITY)
    if product.get("marketoption") not in ("", "OnDemand"):
        return Skipped(BLOCKS)
    tenancy, instance_type = product.get("tenancy"), product.get("instancetype")
    if tenancy == "Host":
        return Skipped(ON_HOSTS)
    if tenancy not in TENANCIES:
        return Skipped(OTHER_TENANCY)
    usage_type = RUNNING.fullmatch(product.get("usagetype"))
    if (
        usage_type is None
        or usage_type["use"] != USES[tenancy]
        # The oldest type of all is billed without its name.
        or (usage_type["type"] or "m1.small") != instance_type
        or not INSTANCE_TYPE.fullmatch(instance_type)
    ):
        return Skipped(OTHER_USE)
    operation = product.get("operation") or OPERATIONS.get(_software(product), "")
    if not operation.startswith("RunInstances"):
        return Skipped(NO_SOFTWARE)
    return InstanceThing(product.region, instance_type, operation, TENANCIES[tenancy])


def _software(product: Product) -> tuple[str, str, str]:
    """Operating system, preinstalled software and licence, which tell the operation where the list does not."""
    return (product.get("operatingsystem"), product.get("preinstalledsw") or "NA", product.get("licensemodel"))


def _host(product: Product) -> InstanceThing | Skipped:
    usage_type = OF_A_HOST.fullmatch(product.get("usagetype"))
    if usage_type is None or usage_type["family"] != product.get("instancetype").partition(".")[0]:
        return Skipped(OTHER_USE)
    return InstanceThing(product.region, usage_type["family"], "", HOST)
