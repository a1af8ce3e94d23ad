"""The listings that a snapshot asks for besides, and of which the fleet has nothing: both sides ask, and find none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore.session
from botocore.model import OperationModel


@dataclass(frozen=True, kw_only=True)
class Listing:
    """An operation as boto3 is asked for it, in every region; `items` is where its answer holds them."""

    service: str
    method: str
    items: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


EMPTY_LISTINGS: Mapping[str, Listing] = {
    "auto-scaling-group": Listing(
        service="autoscaling",
        method="describe_auto_scaling_groups",
        items="AutoScalingGroups",
        arguments={"MaxRecords": 100},
    ),
    "capacity-reservation": Listing(
        service="ec2",
        method="describe_capacity_reservations",
        items="CapacityReservations",
        arguments={"MaxResults": 1000},
    ),
    "classic-load-balancer": Listing(
        service="elb",
        method="describe_load_balancers",
        items="LoadBalancerDescriptions",
        arguments={"PageSize": 400},
    ),
    "dedicated-host": Listing(service="ec2", method="describe_hosts", items="Hosts", arguments={"MaxResults": 500}),
    "ebs-snapshot": Listing(
        service="ec2",
        method="describe_snapshots",
        items="Snapshots",
        arguments={"OwnerIds": ["self"], "MaxResults": 1000},
    ),
    "egress-only-internet-gateway": Listing(
        service="ec2",
        method="describe_egress_only_internet_gateways",
        items="EgressOnlyInternetGateways",
        arguments={"MaxResults": 255},
    ),
    "elastic-ip": Listing(service="ec2", method="describe_addresses", items="Addresses"),
    "host-reservation": Listing(
        service="ec2",
        method="describe_host_reservations",
        items="HostReservationSet",
        arguments={"MaxResults": 500},
    ),
    "image": Listing(
        service="ec2",
        method="describe_images",
        items="Images",
        arguments={"Owners": ["self"], "IncludeDeprecated": True, "IncludeDisabled": True, "MaxResults": 1000},
    ),
    "internet-gateway": Listing(
        service="ec2", method="describe_internet_gateways", items="InternetGateways", arguments={"MaxResults": 1000}
    ),
    "key-pair": Listing(service="ec2", method="describe_key_pairs", items="KeyPairs"),
    "launch-template": Listing(
        service="ec2", method="describe_launch_templates", items="LaunchTemplates", arguments={"MaxResults": 200}
    ),
    "load-balancer": Listing(
        service="elbv2", method="describe_load_balancers", items="LoadBalancers", arguments={"PageSize": 400}
    ),
    "nat-gateway": Listing(
        service="ec2", method="describe_nat_gateways", items="NatGateways", arguments={"MaxResults": 1000}
    ),
    "network-acl": Listing(
        service="ec2", method="describe_network_acls", items="NetworkAcls", arguments={"MaxResults": 1000}
    ),
    "network-interface": Listing(
        service="ec2",
        method="describe_network_interfaces",
        items="NetworkInterfaces",
        arguments={"MaxResults": 1000},
    ),
    "placement-group": Listing(service="ec2", method="describe_placement_groups", items="PlacementGroups"),
    "prefix-list": Listing(
        service="ec2", method="describe_managed_prefix_lists", items="PrefixLists", arguments={"MaxResults": 100}
    ),
    "reserved-instance": Listing(service="ec2", method="describe_reserved_instances", items="ReservedInstances"),
    "route-table": Listing(
        service="ec2", method="describe_route_tables", items="RouteTables", arguments={"MaxResults": 100}
    ),
    "spot-instance-request": Listing(
        service="ec2",
        method="describe_spot_instance_requests",
        items="SpotInstanceRequests",
        arguments={"MaxResults": 1000},
    ),
    "subnet": Listing(service="ec2", method="describe_subnets", items="Subnets", arguments={"MaxResults": 1000}),
    "target-group": Listing(
        service="elbv2", method="describe_target_groups", items="TargetGroups", arguments={"PageSize": 400}
    ),
    "vpc": Listing(service="ec2", method="describe_vpcs", items="Vpcs", arguments={"MaxResults": 1000}),
    "vpc-peering-connection": Listing(
        service="ec2",
        method="describe_vpc_peering_connections",
        items="VpcPeeringConnections",
        arguments={"MaxResults": 1000},
    ),
}
"""By resource type."""

IMAGES_IN_USE = Listing(
    service="ec2",
    method="describe_instance_image_metadata",
    items="InstanceImageMetadata",
    arguments={"MaxResults": 1000},
)
"""A second listing of images; AWS would name that of each instance."""


def empty_answers() -> Iterator[tuple[tuple[str, str], bytes]]:
    """The XML of each empty listing, by its operation and the version of the API that it belongs to."""
    session = botocore.session.get_session()
    for listing in (*EMPTY_LISTINGS.values(), IMAGES_IN_USE):
        model = session.get_service_model(listing.service)
        operation = model.operation_model(listing.method.title().replace("_", ""))
        yield (operation.name, model.api_version), _empty(operation, listing.items).encode()


def _empty(operation: OperationModel, items: str) -> str:
    shape: Any = operation.output_shape
    content = f"<{shape.members[items].serialization.get('name', items)}/>"
    if wrapper := shape.serialization.get("resultWrapper"):
        content = f"<{wrapper}>{content}</{wrapper}>"
    namespace = operation.service_model.metadata["xmlNamespace"]
    return f'<{operation.name}Response xmlns="{namespace}">{content}</{operation.name}Response>'
