"""What AWS says, listed with plain boto3 and told in the words of an export; no code of the product is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from demo.accounts import DemoAccount
from demo.client import Emulator
from tests.journeys.true_compute import COMPUTE, REGIONS, SCALING
from tests.journeys.true_networks import BALANCERS, NETWORKS

Row = dict[str, Any]
DENIED = ("UnauthorizedOperation", "AccessDenied")
"""EC2's word for a call that is not allowed, and that of the other services."""


def true_rows(emulator: Emulator, slug: str, looked_into: Mapping[DemoAccount, Iterable[str]]) -> list[Row]:
    """Every resource of a type in some regions of some accounts, except where AWS denies the listing."""
    rows: list[Row] = []
    for account, regions in looked_into.items():
        if slug in GLOBAL_LISTINGS:
            rows += GLOBAL_LISTINGS[slug](emulator, account)
            continue
        for region in regions:
            service, listed = LISTINGS[slug]
            client = _client(emulator, service, account, region)
            try:
                rows += [{"account": account.account_id, "region": region, **row} for row in listed(client)]
            except ClientError as error:
                if error.response["Error"]["Code"] not in DENIED:
                    raise
    return sorted(rows, key=lambda row: (row["account"], row["native_id"], row.get("region", "")))


@cache
def _client(emulator: Emulator, service: str, account: DemoAccount, region: str) -> Any:
    return emulator.client(service, account.name, region)


def enabled_regions(emulator: Emulator, account: DemoAccount) -> list[str]:
    """Every region that an account can use."""
    answer = _client(emulator, "ec2", account, "us-east-1").describe_regions()
    return [region["RegionName"] for region in answer["Regions"]]


def _instances(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_instances").paginate():
        for reservation in page["Reservations"]:
            for one in reservation["Instances"]:
                yield {
                    "native_id": one["InstanceId"],
                    "tags": _tags(one),
                    "state": one["State"]["Name"],
                    "instance_type": one["InstanceType"],
                    "tenancy": one["Placement"]["Tenancy"],
                    "lifecycle": one.get("InstanceLifecycle", "on-demand"),
                    "usage_operation": one["UsageOperation"],
                    "public_ipv4": one.get("PublicIpAddress"),
                    "launch_time": _moment(one["LaunchTime"]),
                    "security_groups": sorted(group["GroupId"] for group in one["SecurityGroups"]),
                    "block_devices": sorted(
                        (device["DeviceName"], device["Ebs"]["VolumeId"], device["Ebs"]["DeleteOnTermination"])
                        for device in one["BlockDeviceMappings"]
                    ),
                }


def _volumes(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_volumes").paginate():
        for one in page["Volumes"]:
            yield {
                "native_id": one["VolumeId"],
                "tags": _tags(one),
                "state": one["State"],
                "volume_type": one["VolumeType"],
                "size_gib": one["Size"],
                "encrypted": one["Encrypted"],
                "created": _moment(one["CreateTime"]),
                "attachments": sorted(attached["InstanceId"] for attached in one["Attachments"]),
            }


def _groups(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_security_groups").paginate():
        for one in page["SecurityGroups"]:
            yield {
                "native_id": one["GroupId"],
                "name": one["GroupName"],
                "tags": _tags(one),
                "description": one["Description"],
                "vpc_id": one["VpcId"],
            }


def _rules(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_security_group_rules").paginate():
        for one in page["SecurityGroupRules"]:
            yield {
                "native_id": one["SecurityGroupRuleId"],
                "group_id": one["GroupId"],
                "direction": "outbound" if one["IsEgress"] else "inbound",
                "protocol": one["IpProtocol"],
                "from_port": one.get("FromPort"),
                "to_port": one.get("ToPort"),
                "cidr_ipv4": one.get("CidrIpv4"),
                "cidr_ipv6": one.get("CidrIpv6"),
            }


def _zones(client: Any) -> Iterator[Row]:
    for one in client.describe_availability_zones(AllAvailabilityZones=True)["AvailabilityZones"]:
        yield {
            "native_id": one["ZoneId"],
            "name": one["ZoneName"],
            "zone_type": one["ZoneType"],
            "state": one["State"],
            "opt_in_status": one["OptInStatus"],
            "group_name": one["GroupName"],
            "parent_zone_id": one.get("ParentZoneId"),
        }


def _reserved(client: Any) -> Iterator[Row]:
    for one in client.describe_reserved_instances()["ReservedInstances"]:
        yield {
            "native_id": one["ReservedInstancesId"],
            "tags": _tags(one),
            "state": one["State"],
            "instance_type": one["InstanceType"],
            "instance_count": one["InstanceCount"],
            "availability_zone": one.get("AvailabilityZone"),
            "end": _moment(one["End"]),
        }


def _hosts(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_hosts").paginate():
        for one in page["Hosts"]:
            yield {
                "native_id": one["HostId"],
                "state": one["State"],
                "instance_family": one["HostProperties"]["InstanceFamily"],
                "host_reservation_id": one.get("HostReservationId"),
            }


def _host_reservations(client: Any) -> Iterator[Row]:
    for page in client.get_paginator("describe_host_reservations").paginate():
        for one in page["HostReservationSet"]:
            yield {
                "native_id": one["HostReservationId"],
                "state": one["State"],
                "host_count": one["Count"],
                "hosts": sorted(one["HostIdSet"]),
            }


def _savings_plans(emulator: Emulator, account: DemoAccount) -> Iterator[Row]:
    client = _client(emulator, "savingsplans", account, "us-east-1")
    for one in client.describe_savings_plans()["savingsPlans"]:
        yield {
            "account": account.account_id,
            "region": "global",
            "native_id": one["savingsPlanId"],
            "state": one["state"],
            "plan_type": one["savingsPlanType"],
            "plan_region": one.get("region"),
            "ec2_instance_family": one.get("ec2InstanceFamily"),
        }


def _buckets(emulator: Emulator, account: DemoAccount) -> Iterator[Row]:
    client = _client(emulator, "s3", account, "us-east-1")
    for bucket in client.list_buckets()["Buckets"]:
        name = bucket["Name"]
        location = client.get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
        try:
            is_public = client.get_bucket_policy_status(Bucket=name)["PolicyStatus"]["IsPublic"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
                raise
            is_public = None
        yield {
            "account": account.account_id,
            "native_id": name,
            "region": location,
            "policy_status": {None: "no policy", True: "public", False: "not public"}[is_public],
            "versioning": client.get_bucket_versioning(Bucket=name).get("Status"),
        }


def _tags(item: Row) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


LISTED_BY_EC2 = {
    "ec2-instance": _instances,
    "ebs-volume": _volumes,
    "security-group": _groups,
    "security-group-rule": _rules,
    "availability-zone": _zones,
    "reserved-instance": _reserved,
    "dedicated-host": _hosts,
    "host-reservation": _host_reservations,
    **COMPUTE,
    **NETWORKS,
}
LISTINGS = {**{slug: ("ec2", listed) for slug, listed in LISTED_BY_EC2.items()}, **SCALING, **BALANCERS}
GLOBAL_LISTINGS = {"s3-bucket": _buckets, "savings-plan": _savings_plans, **REGIONS}
SLUGS = (*LISTINGS, *GLOBAL_LISTINGS)
