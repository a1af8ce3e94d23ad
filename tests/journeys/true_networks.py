"""What AWS says of networks and load balancers, for `tests.journeys.truth`; no code of the product is used."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
ROUTE_TARGETS = (
    *("GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "VpcPeeringConnectionId"),
    "NetworkInterfaceId",
)


def _items(client: Any, operation: str, key: str) -> Iterator[Row]:
    for page in client.get_paginator(operation).paginate():
        yield from page[key]


def _tags(item: Row) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags") or item.get("TagSet") or []}


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _vpcs(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_vpcs", "Vpcs"):
        yield {
            "native_id": one["VpcId"],
            "tags": _tags(one),
            "state": one["State"],
            "cidr_ipv4": one["CidrBlock"],
            "is_default": one["IsDefault"],
            "ipv6_cidr_blocks": sorted(block["Ipv6CidrBlock"] for block in one["Ipv6CidrBlockAssociationSet"]),
        }


def _subnets(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_subnets", "Subnets"):
        yield {
            "native_id": one["SubnetId"],
            "tags": _tags(one),
            "vpc_id": one["VpcId"],
            "availability_zone_id": one["AvailabilityZoneId"],
            "cidr_ipv4": one["CidrBlock"],
            "map_public_ip_on_launch": one["MapPublicIpOnLaunch"],
            "ipv6_cidr_blocks": sorted(block["Ipv6CidrBlock"] for block in one["Ipv6CidrBlockAssociationSet"]),
        }


def _interfaces(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_network_interfaces", "NetworkInterfaces"):
        yield {
            "native_id": one["NetworkInterfaceId"],
            "tags": _tags(one),
            "status": one["Status"],
            "instance_id": one.get("Attachment", {}).get("InstanceId"),
            "subnet_id": one["SubnetId"],
            "private_ipv4": one["PrivateIpAddress"],
            "public_ipv4": one.get("Association", {}).get("PublicIp"),
            "security_groups": sorted(group["GroupId"] for group in one["Groups"]),
        }


def _route_tables(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_route_tables", "RouteTables"):
        yield {
            "native_id": one["RouteTableId"],
            "tags": _tags(one),
            "vpc_id": one["VpcId"],
            "is_main": any(association["Main"] for association in one["Associations"]),
            "subnets": sorted(each["SubnetId"] for each in one["Associations"] if "SubnetId" in each),
            "routes": sorted(_route(route) for route in one["Routes"]),
        }


def _route(route: Row) -> tuple[str, str, str, str]:
    destination = route.get("DestinationCidrBlock") or route["DestinationIpv6CidrBlock"]
    target = next(route[name] for name in ROUTE_TARGETS if name in route)
    return (destination, target, route["State"], route["Origin"])


def _acls(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_network_acls", "NetworkAcls"):
        yield {
            "native_id": one["NetworkAclId"],
            "tags": _tags(one),
            "vpc_id": one["VpcId"],
            "is_default": one["IsDefault"],
            "subnets": sorted(association["SubnetId"] for association in one["Associations"]),
            "entries": sorted(_entry(entry) for entry in one["Entries"]),
        }


def _entry(entry: Row) -> tuple[str, str, str, str, str]:
    number = f"{'out' if entry['Egress'] else 'in'} {entry['RuleNumber']}"
    protocol = {"-1": "all", "6": "tcp"}[entry["Protocol"]]
    return (number, entry["RuleAction"], protocol, str(entry.get("PortRange", {}).get("From", "")), entry["CidrBlock"])


def _internet_gateways(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_internet_gateways", "InternetGateways"):
        (attachment,) = one["Attachments"]
        yield {"native_id": one["InternetGatewayId"], "tags": _tags(one), "vpc_id": attachment["VpcId"]}


def _egress_only_gateways(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"):
        (attachment,) = one["Attachments"]
        yield {"native_id": one["EgressOnlyInternetGatewayId"], "tags": _tags(one), "vpc_id": attachment["VpcId"]}


def _nat_gateways(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_nat_gateways", "NatGateways"):
        (address,) = one["NatGatewayAddresses"]
        yield {
            "native_id": one["NatGatewayId"],
            "tags": _tags(one),
            "state": one["State"],
            "subnet_id": one["SubnetId"],
            "public_ipv4": address["PublicIp"],
            "create_time": _moment(one["CreateTime"]),
            "elastic_ips": [(address["AllocationId"], address["PublicIp"])],
            "network_interfaces": [address["NetworkInterfaceId"]],
        }


def _addresses(client: Any) -> Iterator[Row]:
    for one in client.describe_addresses()["Addresses"]:
        yield {
            "native_id": one["AllocationId"],
            "tags": _tags(one),
            "public_ipv4": one["PublicIp"],
            "is_associated": "AssociationId" in one,
            "instance_id": one.get("InstanceId"),
            "network_interface_id": one.get("NetworkInterfaceId"),
        }


def _prefix_lists(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_managed_prefix_lists", "PrefixLists"):
        if one["OwnerId"] == "AWS":
            continue
        entries = client.get_managed_prefix_list_entries(PrefixListId=one["PrefixListId"])["Entries"]
        yield {
            "native_id": one["PrefixListId"],
            "name": one["PrefixListName"],
            "max_entries": one["MaxEntries"],
            "entries": sorted((entry["Cidr"], entry["Description"]) for entry in entries),
        }


def _peerings(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_vpc_peering_connections", "VpcPeeringConnections"):
        yield {
            "native_id": one["VpcPeeringConnectionId"],
            "tags": _tags(one),
            "status": one["Status"]["Code"],
            "requester_vpc_id": one["RequesterVpcInfo"]["VpcId"],
            "requester_account": one["RequesterVpcInfo"]["OwnerId"],
            "accepter_vpc_id": one["AccepterVpcInfo"]["VpcId"],
            "accepter_account": one["AccepterVpcInfo"]["OwnerId"],
        }


def _key_pairs(client: Any) -> Iterator[Row]:
    for one in client.describe_key_pairs()["KeyPairs"]:
        yield {
            "native_id": one["KeyName"],
            "key_pair_id": one["KeyPairId"],
            "key_type": one["KeyType"],
            "fingerprint_of_key": one["KeyFingerprint"],
            "create_time": _moment(one["CreateTime"]),
        }


def _balancers(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_load_balancers", "LoadBalancers"):
        arn = one["LoadBalancerArn"]
        listeners = client.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        attributes = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
        yield {
            "native_id": arn,
            "name": one["LoadBalancerName"],
            "tags": _tags(client.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]),
            "state": one["State"]["Code"],
            "load_balancer_type": one["Type"],
            "scheme": one["Scheme"],
            "deletion_protection": {"Key": "deletion_protection.enabled", "Value": "true"} in attributes,
            "subnets": sorted((zone["SubnetId"], zone["ZoneName"]) for zone in one["AvailabilityZones"]),
            "security_groups": sorted(one["SecurityGroups"]),
            "listeners": sorted(
                (f"{each['Protocol']}:{each['Port']}", each["DefaultActions"][0]["Type"], each.get("SslPolicy", ""))
                for each in listeners
            ),
        }


def _target_groups(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_target_groups", "TargetGroups"):
        arn = one["TargetGroupArn"]
        described = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        states = [each["TargetHealth"]["State"] for each in described]
        yield {
            "native_id": arn,
            "name": one["TargetGroupName"],
            "port": one["Port"],
            "load_balancers": one["LoadBalancerArns"],
            "healthy_targets": states.count("healthy"),
            "unhealthy_targets": states.count("unhealthy"),
            "targets": sorted(
                (
                    *(each["Target"]["Id"], str(each["Target"]["Port"])),
                    *(each["TargetHealth"]["State"], each["TargetHealth"].get("Reason", "")),
                )
                for each in described
            ),
        }


def _classic_balancers(client: Any) -> Iterator[Row]:
    for one in _items(client, "describe_load_balancers", "LoadBalancerDescriptions"):
        name = one["LoadBalancerName"]
        health = client.describe_instance_health(LoadBalancerName=name)["InstanceStates"]
        yield {
            "native_id": name,
            "tags": _tags(client.describe_tags(LoadBalancerNames=[name])["TagDescriptions"][0]),
            "scheme": one["Scheme"],
            "created_time": _moment(one["CreatedTime"]),
            "instances": sorted(
                (each["InstanceId"], each["State"], each["ReasonCode"].replace("N/A", "")) for each in health
            ),
        }


NETWORKS = {
    "vpc": _vpcs,
    "subnet": _subnets,
    "network-interface": _interfaces,
    "route-table": _route_tables,
    "network-acl": _acls,
    "internet-gateway": _internet_gateways,
    "egress-only-internet-gateway": _egress_only_gateways,
    "nat-gateway": _nat_gateways,
    "elastic-ip": _addresses,
    "prefix-list": _prefix_lists,
    "vpc-peering-connection": _peerings,
    "key-pair": _key_pairs,
}
"""What EC2 lists, by the slug of the type."""
BALANCERS = {
    "load-balancer": ("elbv2", _balancers),
    "target-group": ("elbv2", _target_groups),
    "classic-load-balancer": ("elb", _classic_balancers),
}
"""What the services of load balancers list."""
