"""Lists come in pages as AWS cuts them, and all pages together are the whole list."""

from __future__ import annotations

from typing import Any

import pytest

from demo.client import Emulator
from tests.demo.listing import EMPTY_REGION, instances, refused

LISTS = [
    ("describe_volumes", "Volumes", "VolumeId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
]


@pytest.mark.parametrize(("operation", "result", "key"), LISTS)
def test_the_pages_of_a_list_are_the_whole_list(emulator: Emulator, operation: str, result: str, key: str) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    whole = [item[key] for item in getattr(ec2, operation)()[result]]

    pages = list(ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5}))

    assert [item[key] for page in pages for item in page[result]] == whole
    assert [len(page[result]) for page in pages[:-1]] == [5] * (len(pages) - 1)
    assert len(pages) > 1
    assert "NextToken" not in pages[-1]


def test_instances_are_paged_by_instance(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    whole = [instance["InstanceId"] for instance in instances(ec2)]

    pages = list(ec2.get_paginator("describe_instances").paginate(PaginationConfig={"PageSize": 7}))

    sizes = [sum(len(each["Instances"]) for each in page["Reservations"]) for page in pages]
    assert sizes[:-1] == [7] * (len(pages) - 1)
    assert [i["InstanceId"] for page in pages for each in page["Reservations"] for i in each["Instances"]] == whole


def test_a_reservation_may_end_on_the_next_page(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "research", EMPTY_REGION)
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "eight"}]}]
    only_these = [{"Name": "tag:Name", "Values": ["eight"]}]
    ec2.run_instances(
        ImageId="ami-11111111111111111", InstanceType="t3.micro", MinCount=8, MaxCount=8, TagSpecifications=tags
    )

    first = ec2.describe_instances(MaxResults=5, Filters=only_these)
    second = ec2.describe_instances(MaxResults=5, Filters=only_these, NextToken=first["NextToken"])

    assert [len(page["Reservations"][0]["Instances"]) for page in (first, second)] == [5, 3]
    assert first["Reservations"][0]["ReservationId"] == second["Reservations"][0]["ReservationId"]
    assert "NextToken" not in second


def test_pages_that_do_not_exist_are_refused(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    token = ec2.describe_volumes(MaxResults=5)["NextToken"]
    one = instances(ec2)[0]["InstanceId"]

    assert refused(lambda: ec2.describe_volumes(MaxResults=4))[1] == "InvalidParameterValue"
    assert refused(lambda: ec2.describe_volumes(NextToken="bm9uc2Vuc2U="))[1] == "InvalidPaginationToken"
    assert refused(lambda: ec2.describe_security_groups(NextToken=token))[1] == "InvalidPaginationToken"
    together = refused(lambda: ec2.describe_instances(InstanceIds=[one], MaxResults=5))
    assert together[1] == "InvalidParameterCombination"


def test_all_instance_types_come_in_pages_of_a_hundred_and_named_ones_at_once(emulator: Emulator) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")

    first = ec2.describe_instance_types()
    second = ec2.describe_instance_types(NextToken=first["NextToken"])
    named = ec2.describe_instance_types(InstanceTypes=["c6g.large", "m5.large"])["InstanceTypes"]

    pages = [{each["InstanceType"] for each in page["InstanceTypes"]} for page in (first, second)]
    assert [len(page) for page in pages] == [100, 100]
    assert not pages[0] & pages[1]
    assert {each["InstanceType"]: each["MemoryInfo"]["SizeInMiB"] for each in named} == {
        "c6g.large": 4096,
        "m5.large": 8192,
    }


def test_buckets_are_paged_in_the_order_of_their_names_with_their_regions(emulator: Emulator) -> None:
    s3 = emulator.client("s3", "production", "us-east-1")
    whole = s3.list_buckets()["Buckets"]

    pages = list(s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 4}))

    buckets = [bucket for page in pages for bucket in page["Buckets"]]
    assert [bucket["Name"] for bucket in buckets] == sorted(bucket["Name"] for bucket in whole)
    assert [len(page["Buckets"]) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert len(pages) > 1
    assert {bucket["Name"]: bucket["BucketRegion"] for bucket in buckets}["payments-archive"] == "eu-central-1"
    assert all("BucketRegion" not in bucket for bucket in whole)


def test_buckets_may_be_asked_for_by_prefix_and_region(emulator: Emulator) -> None:
    s3 = emulator.client("s3", "production", "us-east-1")

    by_prefix = s3.list_buckets(Prefix="storefront-")
    by_region = s3.list_buckets(BucketRegion="ap-northeast-1")

    assert _names(by_prefix) == ["storefront-assets-4182", "storefront-logs-4182"]
    assert by_prefix["Prefix"] == "storefront-"
    assert _names(by_region) == ["tokyo-media"]


def _names(page: dict[str, Any]) -> list[str]:
    return [bucket["Name"] for bucket in page["Buckets"]]


def test_the_services_of_a_region_are_told_ten_at_a_time(emulator: Emulator) -> None:
    ssm = emulator.client("ssm", "management", "us-east-1")
    path = "/aws/service/global-infrastructure/regions/{}/services"

    def told(region: str) -> list[list[str]]:
        pages = ssm.get_paginator("get_parameters_by_path").paginate(Path=path.format(region))
        return [[one["Value"] for one in page["Parameters"]] for page in pages]

    pages = told("us-east-1")
    assert [len(page) for page in pages[:-1]] == [10] * (len(pages) - 1)
    assert {"ec2", "bedrock", "kendra"} <= {name for page in pages for name in page}
    assert "kendra" not in {name for page in told("eu-central-1") for name in page}
    assert told("mars-north-1") == [[]]
    too_many = refused(lambda: ssm.get_parameters_by_path(Path=path.format("us-east-1"), MaxResults=11))
    assert too_many[:2] == (400, "ValidationException")
