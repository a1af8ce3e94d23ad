"""What is priced by the unit in AWS's price list: storage, requests, hours of gateways, balancers, endpoints."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.costs import aws_documents as aws
from tests.costs.test_offers import facts, read

EC2, S3, SAGEMAKER, VPC, ELB = "AmazonEC2", "AmazonS3", "AmazonSageMaker", "AmazonVPC", "AWSELB"


def product(service: str, family: str, usage_type: str, unit: str, amount: str, **attributes: str) -> aws.Item:
    """A product of eu-west-1 with one price."""
    plain: dict[str, Any] = {"regionCode": "eu-west-1", "usagetype": usage_type, "operation": "", "operatingSystem": ""}
    terms = [aws.on_demand("UNIT", amount, unit=unit)]
    return aws.item("UNIT", terms, family=family, service=service, **(plain | attributes))


@pytest.mark.parametrize(
    ("service", "family", "usage_type", "unit", "amount", "expected"),
    [
        (EC2, "Storage", "EU-EBS:VolumeUsage.gp3", "GB-Mo", "0.0880000000", ("ebs", "gp3", "storage_gb_mo", "0.088")),
        (EC2, "Storage", "EU-EBS:VolumeUsage", "GB-month", "0.055", ("ebs", "standard", "storage_gb_mo", "0.055")),
        (EC2, "Storage", "EBS:VolumeUsage.piops", "GB-Mo", "0.125", ("ebs", "io1", "storage_gb_mo", "0.125")),
        (
            EC2,
            "System Operation",
            "EU-EBS:VolumeP-IOPS.io2.tier2",
            "IOPS-Mo",
            "0.0504",
            ("ebs", "io2", "iops_mo_tier2", "0.0504"),
        ),
        (
            EC2,
            "Provisioned Throughput",
            "EU-EBS:VolumeP-Throughput.gp3",
            "GiBps-mo",
            "45.056",
            ("ebs", "gp3", "throughput_gibps_mo", "45.056"),
        ),
        (EC2, "Provisioned Throughput", "EBS:VolumeP-Throughput.gp3", "MiBps-Mo", "0.04", None),
        (
            EC2,
            "Provisioned Throughput",
            "EBS:VolumeP-Throughput.gp3",
            "MiBps-mo",
            "0.04",
            ("ebs", "gp3", "throughput_gibps_mo", "40.96"),
        ),
        (
            EC2,
            "Storage Snapshot",
            "EU-EBS:SnapshotUsage",
            "GB-Mo",
            "0.05",
            ("ebs", "snapshot", "storage_gb_mo", "0.05"),
        ),
        (EC2, "NAT Gateway", "EU-NatGateway-Hours", "Hrs", "0.048", ("vpc", "nat-gateway", "hour", "0.048")),
        (EC2, "Load Balancer-Network", "EU-LoadBalancerUsage", "Hrs", "0.0252", ("elb", "network", "hour", "0.0252")),
        (EC2, "CPU Credits", "EU-CPUCredits:t3", "vCPU-Hours", "0.05", None),
        (VPC, "", "EU-PublicIPv4:InUseAddress", "Hrs", "0.005", ("vpc", "public-ipv4", "in_use_hour", "0.005")),
        (
            ELB,
            "Load Balancer-Application",
            "EU-LCUUsage",
            "LCU-Hrs",
            "0.008",
            ("elb", "application", "lcu_hour", "0.008"),
        ),
        (ELB, "Load Balancer-Application", "TS-LoadBalancerUsage", "Hrs", "0.0056", None),
        (
            S3,
            "Storage",
            "EU-TimedStorage-SIA-ByteHrs",
            "GB-Mo",
            "0.0125",
            ("s3", "Standard - infrequent access", "Storage", "0.0125"),
        ),
        (
            S3,
            "Storage",
            "TimedStorage-INT-AIA-ByteHrs",
            "GB-Mo",
            "0.004",
            ("s3", "Intelligent tiering", "Storage (archive instant access)", "0.004"),
        ),
        (
            S3,
            "API Request",
            "EU-Requests-Tier1",
            "Requests",
            "0.0000050000",
            ("s3", "Standard", "PUT, COPY, POST, LIST requests", "0.005"),
        ),
        (
            S3,
            "API Request",
            "EU-Retrieval-ZIA",
            "GB",
            "0.01",
            ("s3", "One zone - infrequent access", "Retrievals", "0.01"),
        ),
        (
            S3,
            "Fee",
            "EU-Monitoring-Automation-INT",
            "Objects",
            "0.0000025000",
            ("s3", "Intelligent tiering", "Monitoring and automation", "0.0025"),
        ),
        (S3, "Fee", "EU-Inventory-ObjectsListed", "Objects", "0.0000000025", None),
        (
            SAGEMAKER,
            "ML Instance",
            "USE1-Host:ml.m5.xlarge",
            "Hrs",
            "0.2300000000",
            ("sagemaker", "ml.m5.xlarge", "hosting", "0.23"),
        ),
        (
            SAGEMAKER,
            "ML Instance",
            "EU-Tsform:ml.m5.xlarge",
            "Hrs",
            "0.257",
            ("sagemaker", "ml.m5.xlarge", "batch_transform", "0.257"),
        ),
    ],
)
def test_a_product_is_named_as_the_tables_name_it_and_priced_by_their_unit(
    tmp_path, service, family, usage_type, unit, amount, expected
):
    path = aws.write(tmp_path, "o.json", aws.bulk(product(service, family, usage_type, unit, amount), offer=service))

    found = facts(path)

    if expected is None:
        assert found == {}
    else:
        ((thing, price),) = found.items()
        assert (thing[0], *thing[2:4], price) == (*expected[:3], (Decimal(expected[3]),))
        assert thing[1] == "eu-west-1"


@pytest.mark.parametrize(
    ("usage_type", "operation", "expected"),
    [
        ("EU-Requests-Tier3", "S3-GlacierTransition", ("Glacier flexible retrieval", "Lifecycle transition")),
        ("EU-Requests-Tier3", "S3-GDATransition", ("Glacier deep archive", "Lifecycle transition")),
        ("EU-Requests-Tier4", "S3-SIATransition", ("Standard - infrequent access", "Lifecycle transition")),
        ("EU-Requests-Tier3", "", None),
    ],
)
def test_transitions_are_told_by_their_operation(tmp_path, usage_type, operation, expected):
    item = product(S3, "API Request", usage_type, "Requests", "0.0000300000", operation=operation)

    found = facts(aws.write(tmp_path, "offer.json", aws.bulk(item, offer=S3)))

    assert [thing[2:4] for thing in found] == ([expected] if expected else [])


def test_tiers_of_storage_are_told_by_where_they_begin(tmp_path):
    tiers = {("0", "51200"): "0.0230000000", ("51200", "512000"): "0.0220000000", ("512000", "Inf"): "0.0210000000"}
    item = product(S3, "Storage", "EU-TimedStorage-ByteHrs", "GB-Mo", "0.023")
    dimensions = [
        aws.dimension("UNIT", f"T{begin}", "GB-Mo", amount, begin=begin, end=end)
        for (begin, end), amount in tiers.items()
    ]
    item["terms"]["OnDemand"] = {"UNIT.TERM": aws.term("UNIT", reversed(dimensions))}

    found = facts(aws.write(tmp_path, "offer.json", aws.bulk(item, offer=S3)))

    assert {thing[3]: str(price) for thing, (price,) in found.items()} == {
        "Storage": "0.023",
        "Storage (50-500 TB tier)": "0.022",
        "Storage (over 500 TB tier)": "0.021",
    }


def test_of_two_products_that_differ_in_price_neither_is_taken(tmp_path):
    one = product(EC2, "Storage", "EU-EBS:VolumeUsage.gp3", "GB-Mo", "0.088")
    other = product(EC2, "Storage", "EU-EBS:VolumeUsage.gp3", "GB-Mo", "0.089")
    other["product"]["sku"] = "OTHER"
    other["terms"]["OnDemand"] = {"OTHER.TERM": aws.on_demand("OTHER", "0.089", unit="GB-Mo")}

    documents, reading = read(aws.write(tmp_path, "offer.json", aws.bulk(one, other)))

    assert documents == []
    assert any("two products give differently" in reason for reason in reading.skipped)


def test_the_fee_of_dedicated_instances_and_cpu_credits_are_found(tmp_path):
    fee = product(EC2, "Fee", "EU-DedicatedUsage", "Hrs", "2.0", group="EC2-Dedicated Usage")
    surplus = product(EC2, "CPU Credits", "EU-CPUCredits:t3", "vCPU-Hours", "0.096", operatingSystem="Windows")

    things = [
        *facts(aws.write(tmp_path, "offer.json", aws.bulk(fee))),
        *facts(aws.write(tmp_path, "o.json", aws.bulk(surplus))),
    ]

    assert [thing[2:4] for thing in things] == [("dedicated-fee", "hour"), ("t3", "cpu_credits_windows")]
