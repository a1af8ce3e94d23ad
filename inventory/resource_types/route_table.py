"""Route tables, with their routes: where what leaves a subnet goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
TARGETS = (
    *("GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "VpcPeeringConnectionId", "TransitGatewayId"),
    # A route to an instance names its interface as well.
    *("NetworkInterfaceId", "InstanceId", "LocalGatewayId", "CarrierGatewayId", "CoreNetworkArn", "OdbNetworkArn"),
)
ROLES = {
    "igw": ("internet_gateways", "internet-gateway"),
    "nat": ("nat_gateways", "nat-gateway"),
    "eigw": ("egress_only_gateways", "egress-only-internet-gateway"),
    "pcx": ("peering_connections", "vpc-peering-connection"),
    "eni": ("network_interfaces", "network-interface"),
}
"""The targets of routes that are types of their own: by the beginning of their id, the link's role and the type."""


class RouteTable(ResourceRevision):
    """One period during which a route table and its routes looked the same."""

    vpc_id = models.CharField(max_length=64, null=True)
    is_main = models.BooleanField(null=True)
    blackholes = models.PositiveIntegerField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("routetable", field) for field in ("vpc_id", "is_main", "blackholes")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A table as DescribeRouteTables lists it. The main one holds for every subnet that names none."""
    table = answers["DescribeRouteTables"]
    tags = tags_from(table.get("Tags"))
    routes = table.get("Routes", [])
    associations = table.get("Associations", [])
    return Reading(
        native_id=table["RouteTableId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "vpc_id": table.get("VpcId"),
            "is_main": any(one.get("Main") for one in associations),
            "blackholes": sum(route.get("State") == "blackhole" for route in routes),
        },
        links=(
            *(
                LinkTo(role="subnets", target_type="subnet", target=one["SubnetId"])
                for one in associations
                if one.get("SubnetId")
            ),
            *(link for route in routes for link in _links(route)),
        ),
    )


def _links(route: Mapping[str, Any]) -> Iterator[LinkTo]:
    """A route by its destination, and what it leads to."""
    destination = next((route[key] for key in DESTINATIONS if route.get(key)), "")
    target = next((route[key] for key in TARGETS if route.get(key)), None)
    if destination:
        yield LinkTo(
            role="routes",
            value=destination,
            detail={"target": target, "state": route.get("State"), "origin": route.get("Origin")},
        )
    if target and (known := ROLES.get(target.partition("-")[0])):
        role, target_type = known
        yield LinkTo(role=role, target_type=target_type, target=target)


ROUTE_TABLE = register(
    ResourceType(
        slug="route-table",
        label="Route table",
        plural="Route tables",
        category=Category.NETWORKING,
        icon="route",
        model=RouteTable,
        call=Call(service="ec2", operation="DescribeRouteTables", items="RouteTables", page_size=("MaxResults", 100)),
        reach=Reach.REGIONAL,
        id_key="RouteTableId",
        arn="arn:{partition}:ec2:{region}:{account_id}:route-table/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#RouteTableDetails:RouteTableId={native_id}",
        read=read,
        columns=(
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(
                field="is_main",
                label="Main",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
                help="Whether it holds for every subnet of the VPC that names no other.",
            ),
            Column(field="routes", label="Routes", kind=Kind.MANY, detail=("target", "state", "origin")),
            Column(
                field="blackholes",
                label="Black holes",
                kind=Kind.NUMBER,
                facet=True,
                sortable=True,
                help="Routes whose target is gone, so that what takes them is dropped.",
            ),
            Column(field="subnets", label="Subnets", kind=Kind.MANY, target="subnet"),
            Column(
                field="internet_gateways",
                label="Internet gateways",
                kind=Kind.MANY,
                default=False,
                target="internet-gateway",
            ),
            Column(field="nat_gateways", label="NAT gateways", kind=Kind.MANY, default=False, target="nat-gateway"),
            Column(
                field="egress_only_gateways",
                label="Egress-only gateways",
                kind=Kind.MANY,
                default=False,
                target="egress-only-internet-gateway",
            ),
            Column(
                field="peering_connections",
                label="Peerings",
                kind=Kind.MANY,
                default=False,
                target="vpc-peering-connection",
            ),
            Column(
                field="network_interfaces",
                label="Interfaces",
                kind=Kind.MANY,
                default=False,
                target="network-interface",
                help="Interfaces that a route leads to, as with an appliance or an instance that does NAT.",
            ),
        ),
        relations=(
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Route tables"),
            Relation(field="subnets", target="subnet", label="Subnets", inverse="Route table"),
            Relation(
                field="internet_gateways",
                target="internet-gateway",
                label="Internet gateways",
                inverse="Route tables",
            ),
            Relation(field="nat_gateways", target="nat-gateway", label="NAT gateways", inverse="Route tables"),
            Relation(
                field="egress_only_gateways",
                target="egress-only-internet-gateway",
                label="Egress-only gateways",
                inverse="Route tables",
            ),
            Relation(
                field="peering_connections",
                target="vpc-peering-connection",
                label="Peerings",
                inverse="Route tables",
            ),
            Relation(
                field="network_interfaces",
                target="network-interface",
                label="Interfaces",
                inverse="Route tables",
            ),
        ),
    )
)
