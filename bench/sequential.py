"""What the product is compared with: plain boto3, one call after the other, `python -m bench.sequential`.

One thread; a new client for each region and listing; rows are counted and dropped. It asks exactly what the product
asks, in the same page sizes. What it prints as JSON at its end: the rows of each type, and its peak memory in KiB.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from bench.empty import EMPTY_LISTINGS, IMAGES_IN_USE, Listing

LISTINGS = (
    ("ec2-instance", "describe_instances", "Reservations", 1000),
    ("ebs-volume", "describe_volumes", "Volumes", 500),
    ("security-group", "describe_security_groups", "SecurityGroups", 1000),
    ("security-group-rule", "describe_security_group_rules", "SecurityGroupRules", 1000),
)
BUCKET_SETTINGS = (
    *("get_public_access_block", "get_bucket_policy_status", "get_bucket_acl", "get_bucket_ownership_controls"),
    *("get_bucket_encryption", "get_bucket_versioning", "get_bucket_tagging"),
)
SERVICES = "/aws/service/global-infrastructure/regions/{}/services"
HOME_REGION = "us-east-1"


def main() -> None:
    """List everything and say how much there was."""
    boto3.client("sts", region_name=HOME_REGION).get_caller_identity()
    regions = boto3.client("ec2", region_name=HOME_REGION).describe_regions(AllRegions=True)["Regions"]
    rows: Counter[str] = Counter()
    for region in regions:
        rows["availability-zone"] += _list_zones(region["RegionName"])
        for slug, operation, items, page_size in LISTINGS:
            rows[slug] += _list(region["RegionName"], operation, items, page_size)
        rows["instance-type-offering"] += _list_offerings(region["RegionName"])
        for slug, listing in EMPTY_LISTINGS.items():
            rows[slug] += _list_others(region["RegionName"], listing)
        rows["image"] += _list_others(region["RegionName"], IMAGES_IN_USE)
    rows["region"] = len(boto3.client("ec2", region_name=HOME_REGION).describe_regions(AllRegions=True)["Regions"])
    rows["region-services"] = _list_services()
    rows["savings-plan"] = len(
        boto3.client("savingsplans", region_name=HOME_REGION).describe_savings_plans(maxResults=1000)["savingsPlans"]
    )
    rows["s3-bucket"] = _list_buckets()
    print(json.dumps({"rows": rows, "peak_kib": peak_kib()}))


def _list(region: str, operation: str, items: str, page_size: int) -> int:
    client: Any = boto3.client("ec2", region_name=region)
    types: set[str] = set()
    count = 0
    for page in client.get_paginator(operation).paginate(MaxResults=page_size):
        found = list(_instances(page[items]) if operation == "describe_instances" else page[items])
        types |= {one["InstanceType"] for one in found if "InstanceType" in one}
        count += len(found)
    if types:
        boto3.client("ec2", region_name=region).describe_instance_types(InstanceTypes=sorted(types))
    return count


def _list_zones(region: str) -> int:
    client: Any = boto3.client("ec2", region_name=region)
    return len(client.describe_availability_zones(AllAvailabilityZones=True)["AvailabilityZones"])


def _list_offerings(region: str) -> int:
    client: Any = boto3.client("ec2", region_name=region)
    pages = client.get_paginator("describe_instance_type_offerings").paginate(
        LocationType="availability-zone-id", MaxResults=1000
    )
    return len({one["InstanceType"] for page in pages for one in page["InstanceTypeOfferings"]})


def _list_others(region: str, listing: Listing) -> int:
    make: Any = boto3.client
    return len(getattr(make(listing.service, region_name=region), listing.method)(**listing.arguments)[listing.items])


def _list_services() -> int:
    regions = boto3.client("ec2", region_name=HOME_REGION).describe_regions(AllRegions=True)["Regions"]
    client = boto3.client("ssm", region_name=HOME_REGION)
    found = [client.get_parameters_by_path(Path=SERVICES.format(one["RegionName"]))["Parameters"] for one in regions]
    return sum(map(bool, found))


def _instances(reservations: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for reservation in reservations:
        yield from reservation["Instances"]


def _list_buckets() -> int:
    buckets = boto3.client("s3", region_name=HOME_REGION).list_buckets(MaxBuckets=1000)["Buckets"]
    by_region: defaultdict[str, list[str]] = defaultdict(list)
    for bucket in buckets:
        by_region[bucket["BucketRegion"]].append(bucket["Name"])
    for region, names in by_region.items():
        client: Any = boto3.client("s3", region_name=region)
        for name in names:
            for setting in BUCKET_SETTINGS:
                try:
                    getattr(client, setting)(Bucket=name)
                except ClientError:
                    continue  # a bucket without a policy says so by an error
    return len(buckets)


def peak_kib(process: int | str = "self") -> int:
    """The most memory that a process held at once (VmHWM), in KiB; 0 for one that has ended. Linux only."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    main()
