"""What instances, volumes and buckets are billed for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from costs.operations import LINUX, WINDOWS, label_of
from costs.price_book import PriceBook, PricePerUnit, Provenance, Sku, Unit, Unpriced
from costs.priceable import Monthly, Quoted
from costs.pricing_models import ON_DEMAND, SPOT, OfferingClass, Payment, Reserved
from costs.usage import ebs_volume, ec2_instance, s3_bucket
from costs.usage.ebs_volume import VolumeUsage
from costs.usage.ec2_instance import InstanceUsage, sku_of
from inventory.resource_types.ec2_instance import USAGE_OPERATION_BY_PLATFORM_DETAILS
from tests.costs import cast
from tests.costs.cast import M5_LARGE, REGION, price

M5 = InstanceUsage(
    region=REGION,
    instance_type="m5.large",
    usage_operation=LINUX,
    operating_system="linux",
    tenancy="default",
    state="running",
    operating_system_source="UsageOperation",
)
# EBS in us-east-1, AWS list of 2024-07-18.
EBS_USD = {
    "gp2": {"storage_gb_mo": "0.1"},
    "gp3": {"storage_gb_mo": "0.08", "iops_mo": "0.005", "throughput_gibps_mo": "40.96"},
    "io1": {"storage_gb_mo": "0.125", "iops_mo": "0.065"},
    "io2": {
        "storage_gb_mo": "0.125",
        "iops_mo_tier1": "0.065",
        "iops_mo_tier2": "0.0455",
        "iops_mo_tier3": "0.03185",
    },
    "st1": {"storage_gb_mo": "0.045"},
    "sc1": {"storage_gb_mo": "0.015"},
    "standard": {"storage_gb_mo": "0.05"},
}


def ebs_book(*, without: str = "") -> PriceBook:
    listed = Provenance(date(2024, 7, 1), 1)
    return PriceBook(
        {},
        {
            Unit("ebs", REGION, volume_type, dimension): [PricePerUnit(Decimal(usd), listed)]
            for volume_type, prices in EBS_USD.items()
            for dimension, usd in prices.items()
            if dimension != without
        },
    )


def volume(volume_type, size_gib, *, iops=None, mibps=None) -> VolumeUsage:
    return VolumeUsage(REGION, volume_type, size_gib, iops, mibps, "in-use")


def test_an_instance_is_billed_by_region_type_usage_operation_and_tenancy():
    assert sku_of(M5) == Sku(REGION, "m5.large", LINUX, "default")


@pytest.mark.parametrize(("system", "operation"), [("linux", LINUX), ("windows", WINDOWS)])
def test_a_system_derived_from_platform_is_priced_without_further_software(system, operation):
    usage = M5._replace(usage_operation=None, operating_system=system, operating_system_source="Platform")

    assert sku_of(usage) == Sku(REGION, "m5.large", operation, "default")


def test_software_that_no_usage_operation_names_is_not_taken_for_the_plain_system():
    usage = M5._replace(usage_operation=None, operating_system="windows", operating_system_source="PlatformDetails")

    assert isinstance(sku_of(usage), Unpriced)


@pytest.mark.parametrize("software", sorted(USAGE_OPERATION_BY_PLATFORM_DETAILS))
def test_every_software_that_aws_names_has_words(software):
    operation = USAGE_OPERATION_BY_PLATFORM_DETAILS[software]

    assert label_of(operation) != operation


def test_windows_with_sql_server_is_not_plain_windows():
    usage = M5._replace(usage_operation="RunInstances:0006", operating_system="windows")

    assert sku_of(usage) != sku_of(M5._replace(usage_operation=WINDOWS, operating_system="windows"))


@pytest.mark.parametrize(
    "missing",
    [{"region": None}, {"instance_type": None}, {"tenancy": None}, {"usage_operation": None, "operating_system": None}],
)
def test_an_instance_of_which_something_was_not_read_is_unpriced(missing):
    book = cast.book(price(ON_DEMAND, "0.096", "2025-04"))

    quoted = ec2_instance.quote(M5._replace(**missing), book)

    assert isinstance(quoted.on_demand, Unpriced)
    assert isinstance(quoted.reserved, Unpriced)
    assert isinstance(quoted.spot, Unpriced)


def test_an_instance_is_quoted_by_the_month_on_demand_reserved_and_spot():
    way = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.NO_UPFRONT)
    book = cast.book(
        price(ON_DEMAND, "0.096", "2025-04"), price(way, "0.041", "2025-04"), price(SPOT, "0.0384", "2024-04")
    )

    quoted = ec2_instance.quote(M5, book)

    assert quoted == Quoted(
        on_demand=Monthly(Decimal("70.08"), date(2025, 4, 1), "on-demand"),
        reserved=Monthly(Decimal("29.93"), date(2025, 4, 1), way.slug),
        spot=Monthly(Decimal("28.032"), date(2024, 4, 1), "spot"),
    )


@pytest.mark.parametrize(
    ("state", "is_charged"),
    [("pending", True), ("running", True), ("stopping", False), ("stopped", False), ("terminated", False)],
)
def test_only_an_instance_that_runs_costs_compute(state, is_charged):
    assert ec2_instance.is_charged(M5._replace(state=state)) is is_charged


@pytest.mark.parametrize(
    ("usage", "monthly_usd"),
    [
        (volume("gp2", 500), "50"),
        (volume("gp3", 500, iops=6000, mibps=250), "60"),
        (volume("gp3", 500, iops=3000, mibps=125), "40"),
        (volume("io1", 100, iops=1000), "77.5"),
        (volume("io2", 1000, iops=40_000), "2569"),
        (volume("io2", 1000, iops=100_000), "4807.6"),
        (volume("st1", 500), "22.5"),
        (volume("sc1", 500), "7.5"),
        (volume("standard", 100), "5"),
    ],
)
def test_a_volume_costs_what_is_provisioned(usage, monthly_usd):
    quoted = ebs_volume.quote(usage, ebs_book())

    assert quoted == Quoted(Monthly(Decimal(monthly_usd), date(2024, 7, 1)))


def test_a_volume_is_unpriced_when_one_of_its_prices_is_missing():
    quoted = ebs_volume.quote(volume("gp3", 500, iops=6000, mibps=125), ebs_book(without="iops_mo"))

    assert isinstance(quoted.on_demand, Unpriced)


def test_a_volume_needs_only_the_prices_of_what_it_is_billed_for():
    quoted = ebs_volume.quote(volume("gp3", 500, iops=3000, mibps=125), ebs_book(without="iops_mo"))

    assert quoted == Quoted(Monthly(Decimal(40), date(2024, 7, 1)))


@pytest.mark.parametrize(
    "usage",
    [
        volume("gp2", None),
        volume(None, 500),
        volume("gp3", 500, iops=None, mibps=125),
        volume("gp3", 500, iops=3000, mibps=None),
        volume("io2", 500),
    ],
)
def test_a_volume_of_which_something_was_not_read_is_unpriced(usage):
    assert isinstance(ebs_volume.quote(usage, ebs_book()).on_demand, Unpriced)


def test_a_volume_is_billed_until_it_is_deleted():
    attached = volume("gp2", 500)

    assert ebs_volume.is_charged(attached)
    assert ebs_volume.is_charged(attached._replace(state="available"))
    assert not ebs_volume.is_charged(attached._replace(state="deleting"))


def test_a_bucket_is_unpriced_from_its_settings_alone():
    quoted = s3_bucket.quote(s3_bucket.BucketUsage(REGION), PriceBook({}))

    assert isinstance(quoted.on_demand, Unpriced)
    assert "no size data" in quoted.on_demand.reason
    assert quoted.spot is None


def test_the_small_cast_speaks_of_one_sku():
    assert sku_of(M5) == M5_LARGE
