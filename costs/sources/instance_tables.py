"""Rows of the EC2 tables as facts: one function for each table, named by what the table lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from costs.operations import LINUX, RED_HAT, SUSE, WINDOWS
from costs.pricing_models import ON_DEMAND, SPOT, OfferingClass, Payment, Reserved, WayOfPaying
from costs.sources.document import InstanceFact
from costs.sources.row import Row

SHARED = "default"
ZERO = Decimal(0)

NO_UPFRONT_COLUMNS = {
    f"ri_{short}_{years}y_noupfront_usd_hr": Reserved(
        offering_class=offering_class, term_years=years, payment=Payment.NO_UPFRONT
    )
    for short, offering_class in (("std", OfferingClass.STANDARD), ("conv", OfferingClass.CONVERTIBLE))
    for years in (1, 3)
}
THREE_YEARS_ALL_UPFRONT = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.ALL_UPFRONT)
SYSTEMS = {"RHEL": RED_HAT, "SUSE": SUSE}
LEASES = {"1yr": 1, "3yr": 3}
PAYMENTS = {
    "No Upfront": Payment.NO_UPFRONT,
    "Partial Upfront": Payment.PARTIAL_UPFRONT,
    "All Upfront": Payment.ALL_UPFRONT,
}

# Operating system, preinstalled software and licence model of the price list, to the usage operation.
LICENSED = "No License required"
OPERATIONS = {
    ("Linux", "NA", LICENSED): LINUX,
    ("Linux", "SQL Std", LICENSED): "RunInstances:0004",
    ("Linux", "SQL Ent", LICENSED): "RunInstances:0100",
    ("Linux", "SQL Web", LICENSED): "RunInstances:0200",
    ("Windows", "NA", LICENSED): WINDOWS,
    ("Windows", "SQL Std", LICENSED): "RunInstances:0006",
    ("Windows", "SQL Ent", LICENSED): "RunInstances:0102",
    ("Windows", "SQL Web", LICENSED): "RunInstances:0202",
    ("Windows", "NA", "Bring your own license"): "RunInstances:0800",
    ("RHEL", "NA", LICENSED): RED_HAT,
    ("RHEL", "SQL Std", LICENSED): "RunInstances:0014",
    ("RHEL", "SQL Ent", LICENSED): "RunInstances:0110",
    ("RHEL", "SQL Web", LICENSED): "RunInstances:0210",
    ("Red Hat Enterprise Linux with HA", "NA", LICENSED): "RunInstances:1010",
    ("Red Hat Enterprise Linux with HA", "SQL Std", LICENSED): "RunInstances:1014",
    ("Red Hat Enterprise Linux with HA", "SQL Ent", LICENSED): "RunInstances:1110",
    ("SUSE", "NA", LICENSED): SUSE,
}
TENANCIES = {"Shared": SHARED, "Dedicated": "dedicated"}
INSTANCE_FAMILIES = {"Compute Instance", "Compute Instance (bare metal)"}
HOST = "host"
HOST_USAGE = re.compile(r"[A-Z0-9]+-HostUsage:(?P<family>[a-z0-9-]+)", re.ASCII)
USAGE_TYPE = re.compile(r"[A-Z0-9]+-(?:BoxUsage|DedicatedUsage):(?P<instance_type>\S+)", re.ASCII)


def on_demand(row: Row) -> Iterator[InstanceFact]:
    """On-demand Linux on shared hardware."""
    yield from _linux(row, ON_DEMAND, row.amount("ondemand_usd_hr"))


def on_demand_and_reserved(row: Row) -> Iterator[InstanceFact]:
    """On-demand and no-upfront reserved Linux; the two share a SKU."""
    sku = row.text("sku")
    yield from _linux(row, ON_DEMAND, row.amount("ondemand_usd_hr"), sku=sku)
    for column, way in NO_UPFRONT_COLUMNS.items():
        yield from _linux(row, way, row.amount(column), sku=sku)


def reserved_all_upfront(row: Row) -> Iterator[InstanceFact]:
    """Reserved Linux for three years, paid in full; the effective price confirms that term."""
    upfront_usd, effective_usd = row.amount("upfront_usd"), row.amount("effective_usd_hr")
    if upfront_usd is None or effective_usd is None:
        return
    term_hours = Decimal(THREE_YEARS_ALL_UPFRONT.term_years * 8760)
    if (upfront_usd / term_hours).quantize(effective_usd) != effective_usd:
        raise row.problem(f"{upfront_usd} USD over three years is not {effective_usd} an hour")
    yield from _linux(row, THREE_YEARS_ALL_UPFRONT, ZERO, upfront_usd=upfront_usd)


def reserved(row: Row) -> Iterator[InstanceFact]:
    """The whole matrix of reserved prices for Red Hat and SUSE, each line with its on-demand price."""
    operation = row.choice("operating_system", SYSTEMS)
    way = Reserved(
        offering_class=row.choice("offering_class", {one.value: one for one in OfferingClass}),
        term_years=row.choice("lease", LEASES),
        payment=row.choice("purchase_option", PAYMENTS),
    )
    yield from _fact(row, operation, ON_DEMAND, row.amount("ondemand_usd_hr"))
    yield from _fact(row, operation, way, row.amount("hourly_usd"), upfront_usd=row.amount("upfront_usd"))


def spot(row: Row) -> Iterator[InstanceFact]:
    """On-demand and average spot Linux."""
    yield from _linux(row, ON_DEMAND, row.amount("ondemand_usd_hr"))
    yield from _linux(row, SPOT, row.amount("spot_avg_usd_hr"))


def every_sku(row: Row) -> Iterator[InstanceFact]:
    """On-demand instances of every software and of shared or dedicated tenancy, out of a list of all SKUs.

    Only `Used` capacity is a price of running: reservations that run empty or are filled stand beside it, the latter
    at zero. Instances on a dedicated host are paid through the host.
    """
    if row.text("product_family") not in INSTANCE_FAMILIES or row.text("capacity_status") != "Used":
        return
    software = (row.text("operating_system"), row.text("pre_installed_sw"), row.text("license_model"))
    if software not in OPERATIONS or row.text("tenancy") not in TENANCIES:
        return
    usage_type = USAGE_TYPE.fullmatch(row.text("usage_type"))
    if usage_type is None or usage_type["instance_type"] != row.instance_type() or row.text("unit") != "Hrs":
        raise row.problem(f"usage type {row.text('usage_type')[:60]!r} is not the running of {row.instance_type()}")
    region = row.region_of_usage("usage_type")
    hourly_usd = row.amount("usd")
    if hourly_usd:
        yield InstanceFact(
            region,
            row.instance_type(),
            OPERATIONS[software],
            TENANCIES[row.text("tenancy")],
            ON_DEMAND.slug,
            ZERO,
            hourly_usd,
            row.text("sku"),
        )


def dedicated_hosts(row: Row) -> Iterator[InstanceFact]:
    """A dedicated host on-demand: a price for each family, whatever runs on it."""
    usage_type, family = HOST_USAGE.fullmatch(row.text("usage_type")), row.text("host_family")
    if usage_type is None or usage_type["family"] != family:
        raise row.problem(f"usage type {row.text('usage_type')[:60]!r} is not a host of {family[:20]}")
    hourly_usd = row.amount("ondemand_usd_hr")
    if hourly_usd:
        region = row.region_of_usage("usage_type")
        yield InstanceFact(region, family, "", HOST, ON_DEMAND.slug, ZERO, hourly_usd, row.text("sku"))


def _linux(
    row: Row, way: WayOfPaying, hourly_usd: Decimal | None, *, upfront_usd: Decimal | None = ZERO, sku: str = ""
) -> Iterator[InstanceFact]:
    yield from _fact(row, LINUX, way, hourly_usd, upfront_usd=upfront_usd, sku=sku)


def _fact(
    row: Row,
    operation: str,
    way: WayOfPaying,
    hourly_usd: Decimal | None,
    *,
    upfront_usd: Decimal | None = ZERO,
    sku: str = "",
) -> Iterator[InstanceFact]:
    """One fact, or none where the table has no price: an empty cell, or nothing to pay."""
    if hourly_usd is None or upfront_usd is None or not (hourly_usd or upfront_usd):
        return
    yield InstanceFact(row.region(), row.instance_type(), operation, SHARED, way.slug, upfront_usd, hourly_usd, sku)
