"""Reading the public price tables."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from costs.operations import LINUX, RED_HAT, WINDOWS
from costs.sources.document import Document, InstanceFact, Reading, UnitFact, UnreadableDocument
from costs.sources.tables import read_tables, tables_in
from tests.costs import cast


def reading(path, month: date | None = date(2025, 4, 1)) -> Reading:
    return read_tables(path, tables_in(path), month=month, source="test")


def read(path) -> Document:
    """The first document of a table; those with several have the instances first."""
    return reading(path).documents[0]


def test_an_on_demand_and_reserved_table_gives_one_fact_for_each_price(tmp_path):
    path = cast.table(
        tmp_path, "t.csv", cast.ON_DEMAND_AND_RESERVED, "eu-west-1,m5.large,SKU1,0.107,0.067,0.046,0.08,0.055"
    )

    facts = read(path).instance_facts

    assert {fact.way: fact.hourly_usd for fact in facts} == {
        "on-demand": Decimal("0.107"),
        "reserved-standard-1y-no-upfront": Decimal("0.067"),
        "reserved-standard-3y-no-upfront": Decimal("0.046"),
        "reserved-convertible-1y-no-upfront": Decimal("0.08"),
        "reserved-convertible-3y-no-upfront": Decimal("0.055"),
    }
    assert {(fact.usage_operation, fact.tenancy, fact.sku) for fact in facts} == {(LINUX, "default", "SKU1")}


def test_an_empty_cell_is_not_offered_and_never_zero(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.ON_DEMAND_AND_RESERVED, "eu-west-1,a1.large,SKU1,0.0576,,,,")

    assert [fact.way for fact in read(path).instance_facts] == ["on-demand"]


def test_a_price_of_zero_is_no_price(tmp_path):
    path = cast.table(
        tmp_path, "t.csv", cast.SPOT, "us-east-1,p5.48xlarge,0,0.000000", "us-east-1,m5.large,0.096,0.0384"
    )

    found = reading(path)

    assert {fact.instance_type for fact in found.documents[0].instance_facts} == {"m5.large"}
    assert found.skipped.total() == 1


def test_an_all_upfront_table_keeps_the_upfront_price_and_an_hourly_price_of_zero(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.ALL_UPFRONT, "us-east-2,m5.large,949,0.036111111")

    assert read(path).instance_facts == (
        InstanceFact(
            "us-east-2", "m5.large", LINUX, "default", "reserved-standard-3y-all-upfront", Decimal(949), Decimal(0)
        ),
    )


def test_an_upfront_price_that_is_not_for_three_years_is_refused(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.ALL_UPFRONT, "us-east-2,m5.large,949,0.108333333")

    with pytest.raises(UnreadableDocument, match=r"line 2: .*three years"):
        read(path)


def test_a_reserved_table_keeps_the_on_demand_price_of_each_type_once(tmp_path):
    path = cast.table(
        tmp_path,
        "t.csv",
        cast.RESERVED,
        "us-east-2,RHEL,t2.micro,standard,1yr,No Upfront,0,0.0672,0.0716",
        "us-east-2,RHEL,t2.micro,standard,1yr,Partial Upfront,30,0.0634,0.0716",
    )

    facts = read(path).instance_facts

    assert [(fact.way, fact.upfront_usd, fact.hourly_usd) for fact in facts] == [
        ("on-demand", Decimal(0), Decimal("0.0716")),
        ("reserved-standard-1y-no-upfront", Decimal(0), Decimal("0.0672")),
        ("reserved-standard-1y-partial-upfront", Decimal(30), Decimal("0.0634")),
    ]
    assert {fact.usage_operation for fact in facts} == {RED_HAT}


def sku_line(
    system="Windows",
    software="NA",
    licence="No License required",
    tenancy="Shared",
    capacity="Used",
    usage_type="EU-BoxUsage:m5.large",
    usd="0.199",
):
    return (
        f"SKU,Compute Instance,m5.large,{system},{software},{licence},{tenancy},{capacity},{usage_type},,,Hrs,0,{usd}"
    )


def test_a_table_of_all_skus_tells_software_and_tenancy_apart(tmp_path):
    path = cast.table(
        tmp_path,
        "t.csv",
        cast.EVERY_SKU,
        sku_line(),
        sku_line(software="SQL Std", usd="0.679"),
        sku_line(licence="Bring your own license", usd="0.107"),
        sku_line(tenancy="Dedicated", usage_type="EU-DedicatedUsage:m5.large", usd="0.206"),
    )

    facts = {(fact.usage_operation, fact.tenancy): fact.hourly_usd for fact in read(path).instance_facts}

    assert facts == {
        (WINDOWS, "default"): Decimal("0.199"),
        ("RunInstances:0006", "default"): Decimal("0.679"),
        ("RunInstances:0800", "default"): Decimal("0.107"),
        (WINDOWS, "dedicated"): Decimal("0.206"),
    }
    assert {fact.region for fact in read(path).instance_facts} == {"eu-west-1"}


@pytest.mark.parametrize(
    "other",
    [
        sku_line(capacity="AllocatedCapacityReservation", usage_type="EU-Reservation:m5.large", usd="0.0"),
        sku_line(capacity="UnusedCapacityReservation", usage_type="EU-UnusedBox:m5.large", usd="0.190"),
        sku_line(tenancy="Host", usage_type="EU-HostBoxUsage:m5.large", usd="0.092"),
        "SKU,Data Transfer,,,,,,,EU-DataTransfer-Regional-Bytes,,,GB,0,0.01",
    ],
)
def test_capacity_reservations_hosts_and_other_products_are_no_price_of_running(tmp_path, other):
    path = cast.table(tmp_path, "t.csv", cast.EVERY_SKU, sku_line(), other)

    found = reading(path)

    assert [fact.hourly_usd for fact in found.documents[0].instance_facts] == [Decimal("0.199")]
    assert found.skipped.total() == 1


def test_a_volume_table_gives_unit_prices(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.EBS, "us-east-1,US East (N. Virginia),gp3,iops_mo,0.005,RATE")

    assert read(path).unit_facts == (
        UnitFact("ebs", "us-east-1", "gp3", "iops_mo", "IOPS-month", Decimal("0.005"), "RATE"),
    )


def test_a_bucket_table_reads_quoted_dimensions(tmp_path):
    path = cast.table(
        tmp_path, "t.csv", cast.S3, 'us-east-1,Standard,"PUT, COPY, POST, LIST requests",0.005,1k requests'
    )

    assert read(path).unit_facts == (
        UnitFact("s3", "us-east-1", "Standard", "PUT, COPY, POST, LIST requests", "1k requests", Decimal("0.005")),
    )


def test_the_order_of_columns_does_not_matter(tmp_path):
    path = cast.table(tmp_path, "t.csv", "instance_type,ondemand_usd_hr,region", "m5.large,0.107,eu-west-1")

    assert [fact.region for fact in read(path).instance_facts] == ["eu-west-1"]


@pytest.mark.parametrize("header", ["region,instance_type", "region,region,instance_type,ondemand_usd_hr", '{"a": 1}'])
def test_another_header_is_none_of_our_tables(tmp_path, header):
    assert not tables_in(cast.table(tmp_path, "t.csv", header))


def test_a_file_that_is_no_text_is_none_of_our_tables(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\x1f\x8b\x08\x00\xff\xfe")

    assert not tables_in(path)


def test_an_empty_file_is_unreadable(tmp_path):
    with pytest.raises(UnreadableDocument, match="empty"):
        tables_in(cast.table(tmp_path, "t.csv"))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("eu-west-1,m5.large", "2 columns instead of 3"),
        ("eu-west-1,m5.large,0.1,0.2", "4 columns instead of 3"),
        ("eu-west-1,m5.large,about 0.1", "ondemand_usd_hr is not an amount"),
        ("eu-west-1,m5.large,-0.1", "ondemand_usd_hr is not an amount"),
        ("eu-west-1,m5.large,NaN", "ondemand_usd_hr is not an amount"),
        ("eu-west-1,m5.large,1e3", "ondemand_usd_hr is not an amount"),
        ("eu-west-1,m5.large,\N{ARABIC-INDIC DIGIT ONE}", "ondemand_usd_hr is not an amount"),
        ("Ireland,m5.large,0.1", "region is not a region code"),
        ("eu-west-1,m5,0.1", "instance_type is not an instance type"),
        ("eu-west-1,c5.large,0.2", "a second, different price for eu-west-1 c5.large"),
        ('eu-west-1,m5.large,"0.1', "unexpected end of data"),
    ],
)
def test_a_line_that_does_not_fit_makes_the_file_unreadable_and_is_named(tmp_path, line, problem):
    path = cast.table(tmp_path, "t.csv", cast.ON_DEMAND, "eu-west-1,c5.large,0.1", line)

    with pytest.raises(UnreadableDocument, match=f"line 3: .*{problem}"):
        read(path)


def test_bytes_that_are_no_text_make_the_file_unreadable(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(cast.ON_DEMAND.encode() + b"\neu-west-1,m5.large,0.1\neu-west-1,\xff\xfe.large,0.2\n")

    with pytest.raises(UnreadableDocument, match="UTF-8"):
        read(path)


def test_the_same_price_may_stand_twice(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.ON_DEMAND, "eu-west-1,m5.large,0.1", "eu-west-1,m5.large,0.10")

    assert len(read(path)) == 1


def test_a_table_without_a_price_is_unreadable(tmp_path):
    path = cast.table(tmp_path, "t.csv", cast.ON_DEMAND, "eu-west-1,m5.large,")

    with pytest.raises(UnreadableDocument, match="no prices"):
        read(path)
