"""The listings that a snapshot asks for besides, and of which the fleet has nothing: both sides ask, and find none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel


@dataclass(frozen=True)
class Listing:
    """An operation as boto3 is asked for it, in every region; `items` is where its answer holds them."""

    service: str
    method: str
    items: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


EMPTY_LISTINGS: Mapping[str, Listing] = {
    "auto-scaling-group": Listing(
        "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups", {"MaxRecords": 100}
    ),
    "capacity-reservation": Listing(
        "ec2", "describe_capacity_reservations", "CapacityReservations", {"MaxResults": 1000}
    ),
    "classic-load-balancer": Listing("elb", "describe_load_balancers", "LoadBalancerDescriptions", {"PageSize": 400}),
    "dedicated-host": Listing("ec2", "describe_hosts", "Hosts", {"MaxResults": 500}),
    "ebs-snapshot": Listing("ec2", "describe_snapshots", "Snapshots", {"OwnerIds": ["self"], "MaxResults": 1000}),
    "egress-only-internet-gateway": Listing(
        "ec2", "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways", {"MaxResults": 255}
    ),
    "elastic-ip": Listing("ec2", "describe_addresses", "Addresses"),
    "host-reservation": Listing("ec2", "describe_host_reservations", "HostReservationSet", {"MaxResults": 500}),
    "image": Listing(
        "ec2",
        "describe_images",
        "Images",
        {"Owners": ["self"], "IncludeDeprecated": True, "IncludeDisabled": True, "MaxResults": 1000},
    ),
    "internet-gateway": Listing("ec2", "describe_internet_gateways", "InternetGateways", {"MaxResults": 1000}),
    "key-pair": Listing("ec2", "describe_key_pairs", "KeyPairs"),
    "launch-template": Listing("ec2", "describe_launch_templates", "LaunchTemplates", {"MaxResults": 200}),
    "load-balancer": Listing("elbv2", "describe_load_balancers", "LoadBalancers", {"PageSize": 400}),
    "nat-gateway": Listing("ec2", "describe_nat_gateways", "NatGateways", {"MaxResults": 1000}),
    "network-acl": Listing("ec2", "describe_network_acls", "NetworkAcls", {"MaxResults": 1000}),
    "network-interface": Listing("ec2", "describe_network_interfaces", "NetworkInterfaces", {"MaxResults": 1000}),
    "placement-group": Listing("ec2", "describe_placement_groups", "PlacementGroups"),
    "prefix-list": Listing("ec2", "describe_managed_prefix_lists", "PrefixLists", {"MaxResults": 100}),
    "reserved-instance": Listing("ec2", "describe_reserved_instances", "ReservedInstances"),
    "route-table": Listing("ec2", "describe_route_tables", "RouteTables", {"MaxResults": 100}),
    "spot-instance-request": Listing(
        "ec2", "describe_spot_instance_requests", "SpotInstanceRequests", {"MaxResults": 1000}
    ),
    "subnet": Listing("ec2", "describe_subnets", "Subnets", {"MaxResults": 1000}),
    "target-group": Listing("elbv2", "describe_target_groups", "TargetGroups", {"PageSize": 400}),
    "vpc": Listing("ec2", "describe_vpcs", "Vpcs", {"MaxResults": 1000}),
    "vpc-peering-connection": Listing(
        "ec2", "describe_vpc_peering_connections", "VpcPeeringConnections", {"MaxResults": 1000}
    ),
}
"""By resource type."""

IMAGES_IN_USE = Listing("ec2", "describe_instance_image_metadata", "InstanceImageMetadata", {"MaxResults": 1000})
"""A second listing of images; AWS would name that of each instance."""


@cache
def empty_answers() -> Mapping[tuple[str, str], bytes]:
    """The XML of each empty listing, by its operation and the version of the API that it belongs to."""
    session = botocore.session.get_session()
    answers = {}
    for listing in (*EMPTY_LISTINGS.values(), IMAGES_IN_USE):
        model = session.get_service_model(listing.service)
        operation = model.operation_model(listing.method.title().replace("_", ""))
        answers[operation.name, model.api_version] = _empty(operation, listing.items).encode()
    return answers


def _empty(operation: OperationModel, items: str) -> str:
    shape: Any = operation.output_shape
    content = f"<{shape.members[items].serialization.get('name', items)}/>"
    if wrapper := shape.serialization.get("resultWrapper"):
        content = f"<{wrapper}>{content}</{wrapper}>"
    namespace = operation.service_model.metadata["xmlNamespace"]
    return f'<{operation.name}Response xmlns="{namespace}">{content}</{operation.name}Response>'
