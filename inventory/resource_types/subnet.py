"""Subnets: the ranges of a VPC, each in one zone."""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    CountOf,
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

INDEXED = ("state", "vpc_id", "availability_zone", "cidr_ipv4", "map_public_ip_on_launch", "is_default")


class Subnet(ResourceRevision):
    """One period during which a subnet looked the same, what stands in it apart."""

    state = models.CharField(max_length=32, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    availability_zone_id = models.CharField(max_length=32, null=True)
    cidr_ipv4 = models.CharField(max_length=18, null=True)
    map_public_ip_on_launch = models.BooleanField(null=True)
    assign_ipv6_on_creation = models.BooleanField(null=True)
    is_default = models.BooleanField(null=True)
    owner_id = models.CharField(max_length=12, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("subnet", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A subnet as DescribeSubnets lists it.

    AvailableIpAddressCount is left out: it follows from what stands in the subnet, and every launch would be a change
    of the subnet as well. The interfaces are counted instead.
    """
    subnet = answers["DescribeSubnets"]
    tags = tags_from(subnet.get("Tags"))
    return Reading(
        native_id=subnet["SubnetId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": subnet.get("State"),
            "vpc_id": subnet.get("VpcId"),
            "availability_zone": subnet.get("AvailabilityZone"),
            "availability_zone_id": subnet.get("AvailabilityZoneId"),
            # Absent from a subnet of IPv6 only.
            "cidr_ipv4": subnet.get("CidrBlock") or None,
            "map_public_ip_on_launch": subnet.get("MapPublicIpOnLaunch"),
            "assign_ipv6_on_creation": subnet.get("AssignIpv6AddressOnCreation"),
            "is_default": subnet.get("DefaultForAz"),
            "owner_id": subnet.get("OwnerId"),
        },
        links=tuple(
            LinkTo(role="ipv6_cidr_blocks", value=block["Ipv6CidrBlock"])
            for block in subnet.get("Ipv6CidrBlockAssociationSet", [])
            if block.get("Ipv6CidrBlockState", {}).get("State") == "associated"
        ),
    )


SUBNET = register(
    ResourceType(
        slug="subnet",
        label="Subnet",
        plural="Subnets",
        category=Category.NETWORKING,
        icon="layout-grid",
        model=Subnet,
        call=Call(service="ec2", operation="DescribeSubnets", items="Subnets", page_size=("MaxResults", 1000)),
        reach=Reach.REGIONAL,
        id_key="SubnetId",
        arn="arn:{partition}:ec2:{region}:{account_id}:subnet/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#SubnetDetails:subnetId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone_id", label="Zone id", kind=Kind.IDENTIFIER, default=False),
            Column(field="cidr_ipv4", label="IPv4 range", kind=Kind.IDENTIFIER, sortable=True),
            Column(field="ipv6_cidr_blocks", label="IPv6 ranges", kind=Kind.MANY),
            Column(
                field="map_public_ip_on_launch",
                label="Gives public IPv4",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
                help="Whether what is launched here gets a public IPv4 address by itself.",
            ),
            Column(field="assign_ipv6_on_creation", label="Gives IPv6", kind=Kind.BOOLEAN, default=False),
            Column(
                field="is_default", label="Default subnet", kind=Kind.BOOLEAN, facet=True, sortable=True, default=False
            ),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.COUNT,
                counts=CountOf(type="ec2-instance", field="subnet_id"),
            ),
            Column(
                field="interfaces",
                label="Interfaces",
                kind=Kind.COUNT,
                counts=CountOf(type="network-interface", field="subnet_id"),
                help="None means that nothing uses the subnet.",
            ),
            Column(field="owner_id", label="Owner", kind=Kind.IDENTIFIER, default=False),
        ),
        relations=(Relation(field="vpc_id", target="vpc", label="VPC", inverse="Subnets"),),
    )
)
