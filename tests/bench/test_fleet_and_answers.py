"""The benchmark's endpoint answers as AWS does, and holds exactly what it says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import boto3
import jmespath
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from bench.answers import LISTINGS, PAGE_SIZES, pages_of
from bench.fleet import ACCOUNT_ID, Fleet
from bench.installation import CREDENTIALS
from bench.remote import Remote
from bench.snapshot import list_by_boto3
from inventory.registry import Call, collected_types

FLEET = Fleet(1_201, region_count=2)
PAGINATED = {
    "DescribeInstances": ("describe_instances", "Reservations[].Instances[]", "InstanceId"),
    "DescribeVolumes": ("describe_volumes", "Volumes[]", "VolumeId"),
    "DescribeSecurityGroups": ("describe_security_groups", "SecurityGroups[]", "GroupId"),
    "DescribeSecurityGroupRules": ("describe_security_group_rules", "SecurityGroupRules[]", "SecurityGroupRuleId"),
}


@pytest.fixture(scope="module")
def remote() -> Iterator[Remote]:
    with Remote(FLEET) as running:
        yield running


@cache
def client(remote: Remote, service: str, region: str = "us-east-1") -> Any:
    session = boto3.Session(CREDENTIALS["AWS_ACCESS_KEY_ID"], CREDENTIALS["AWS_SECRET_ACCESS_KEY"])
    make: Any = session.client
    return make(service, region_name=region, endpoint_url=remote.address)


def listed(remote: Remote, operation: str) -> list[dict[str, Any]]:
    """The items of every region, as botocore parses them."""
    method, items, _ = PAGINATED[operation]
    found: list[dict[str, Any]] = []
    for region in FLEET.regions:
        pages = client(remote, "ec2", region).get_paginator(method).paginate(MaxResults=PAGE_SIZES[operation])
        found += pages.search(items)
    return found


@pytest.mark.parametrize("operation", sorted(LISTINGS))
def test_a_listing_has_exactly_its_items_each_once(remote: Remote, operation: str) -> None:
    found = listed(remote, operation)

    assert len(found) == len({item[PAGINATED[operation][2]] for item in found}) == FLEET.counts[LISTINGS[operation][0]]


def test_what_is_listed_carries_every_field_that_the_product_reads(remote: Remote) -> None:
    instance = listed(remote, "DescribeInstances")[0]
    volume = listed(remote, "DescribeVolumes")[0]

    assert instance["State"] == {"Code": 16, "Name": "running"}
    assert {tag["Key"] for tag in instance["Tags"]} >= {"Name", "team", "env"}
    assert (len(instance["SecurityGroups"]), len(instance["BlockDeviceMappings"])) == (2, 2)
    assert instance["NetworkInterfaces"][0]["Association"]["PublicIp"] == instance["PublicIpAddress"]
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert (volume["Size"], volume["VolumeType"], volume["Attachments"][0]["State"]) == (100, "gp3", "attached")


def test_instance_types_are_answered_by_name(remote: Remote) -> None:
    answer = client(remote, "ec2").describe_instance_types(InstanceTypes=["m5.2xlarge", "r5.xlarge"])

    sizes = {one["InstanceType"]: one["MemoryInfo"]["SizeInMiB"] for one in answer["InstanceTypes"]}
    assert sizes == {"m5.2xlarge": 32768, "r5.xlarge": 32768}


def test_regions_identity_and_buckets_are_answered(remote: Remote) -> None:
    regions = client(remote, "ec2").describe_regions(AllRegions=True)["Regions"]
    buckets = client(remote, "s3").list_buckets(MaxBuckets=1000)["Buckets"]
    tags = client(remote, "s3").get_bucket_tagging(Bucket=buckets[0]["Name"])["TagSet"]
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        client(remote, "s3").get_bucket_policy_status(Bucket=buckets[0]["Name"])

    assert {region["RegionName"] for region in regions} == set(FLEET.regions)
    assert client(remote, "sts").get_caller_identity()["Account"] == ACCOUNT_ID
    assert (len(buckets), buckets[1]["BucketRegion"]) == (FLEET.counts["s3-bucket"], FLEET.regions[1])
    assert {tag["Key"] for tag in tags} == {"team", "env"}


def test_plain_boto3_lists_every_type_that_a_snapshot_reads(remote: Remote) -> None:
    assert list_by_boto3(remote).rows == FLEET.counts
    assert set(FLEET.counts) == {one.slug for one in collected_types()}


@pytest.mark.parametrize(
    "call",
    [call for one in collected_types() for call in (one.call, *one.also)],
    ids=lambda call: f"{call.service}-{call.operation}",
)
def test_the_endpoint_answers_every_listing_of_the_product(remote: Remote, call: Call) -> None:
    asked = client(remote, call.service)
    method = getattr(asked, xform_name(call.operation))

    answer = method(**call.arguments, **dict([call.page_size] if call.page_size else []))

    assert isinstance(jmespath.search(call.items, answer), list)


def test_another_page_size_than_the_products_is_refused(remote: Remote) -> None:
    with pytest.raises(ClientError, match="MaxResults is not 500"):
        client(remote, "ec2").describe_volumes(MaxResults=400)


def test_a_new_version_changes_half_a_percent_of_the_items(remote: Remote) -> None:
    before = {operation: listed(remote, operation) for operation in LISTINGS}
    remote.set_version(1)

    after = {operation: listed(remote, operation) for operation in LISTINGS}

    remote.set_version(0)
    pairs = [pair for operation in LISTINGS for pair in zip(before[operation], after[operation], strict=True)]
    changed = sum(one != another for one, another in pairs)
    assert changed == replace(FLEET, version=1).changed
    assert changed / len(pairs) == pytest.approx(0.005, abs=0.001)


def test_the_endpoint_counts_what_it_served(remote: Remote) -> None:
    remote.counts()

    listed(remote, "DescribeVolumes")

    volumes = [FLEET.count_in("ebs-volume", region) for region in FLEET.regions]
    assert remote.counts().requests == sum(pages_of(count, PAGE_SIZES["DescribeVolumes"]) for count in volumes)


def test_the_endpoint_measures_itself_over_every_page(remote: Remote) -> None:
    capacity = remote.capacity()

    assert min(capacity.items, capacity.megabytes, capacity.requests) > 0
