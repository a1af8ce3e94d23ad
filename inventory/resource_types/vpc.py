"""VPCs: the private networks that everything else stands in."""

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
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = ("state", "cidr_ipv4", "is_default", "instance_tenancy", "owner_id")


class Vpc(ResourceRevision):
    """One period during which a VPC looked the same, what stands in it apart."""

    state = models.CharField(max_length=32, null=True)
    cidr_ipv4 = models.CharField(max_length=18, null=True)
    is_default = models.BooleanField(null=True)
    instance_tenancy = models.CharField(max_length=16, null=True)
    dhcp_options_id = models.CharField(max_length=64, null=True)
    owner_id = models.CharField(max_length=12, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("vpc", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A VPC as DescribeVpcs lists it; blocks that were refused or taken away again are left out."""
    vpc = answers["DescribeVpcs"]
    tags = tags_from(vpc.get("Tags"))
    return Reading(
        native_id=vpc["VpcId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": vpc.get("State"),
            "cidr_ipv4": vpc.get("CidrBlock"),
            "is_default": vpc.get("IsDefault"),
            "instance_tenancy": vpc.get("InstanceTenancy"),
            "dhcp_options_id": vpc.get("DhcpOptionsId"),
            "owner_id": vpc.get("OwnerId"),
        },
        links=(
            *(
                LinkTo(role="cidr_blocks", value=block["CidrBlock"])
                for block in vpc.get("CidrBlockAssociationSet", [])
                if block.get("CidrBlockState", {}).get("State") == "associated"
            ),
            *(
                LinkTo(role="ipv6_cidr_blocks", value=block["Ipv6CidrBlock"])
                for block in vpc.get("Ipv6CidrBlockAssociationSet", [])
                if block.get("Ipv6CidrBlockState", {}).get("State") == "associated"
            ),
        ),
    )


VPC = register(
    ResourceType(
        slug="vpc",
        label="VPC",
        plural="VPCs",
        category=Category.NETWORKING,
        icon="layout-grid",
        model=Vpc,
        call=Call(service="ec2", operation="DescribeVpcs", items="Vpcs", page_size=("MaxResults", 1000)),
        reach=Reach.REGIONAL,
        id_key="VpcId",
        arn="arn:{partition}:ec2:{region}:{account_id}:vpc/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#VpcDetails:VpcId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="cidr_ipv4", label="IPv4 range", kind=Kind.IDENTIFIER, sortable=True),
            Column(field="cidr_blocks", label="All IPv4 ranges", kind=Kind.MANY, default=False),
            Column(field="ipv6_cidr_blocks", label="IPv6 ranges", kind=Kind.MANY),
            Column(field="is_default", label="Default VPC", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(
                field="subnets",
                label="Subnets",
                kind=Kind.COUNT,
                counts=CountOf(type="subnet", field="vpc_id"),
            ),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.COUNT,
                counts=CountOf(type="ec2-instance", field="vpc_id"),
            ),
            Column(
                field="interfaces",
                label="Interfaces",
                kind=Kind.COUNT,
                counts=CountOf(type="network-interface", field="vpc_id"),
                help="None means that nothing uses the VPC.",
            ),
            Column(
                field="instance_tenancy",
                label="Instance tenancy",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(field="dhcp_options_id", label="DHCP options", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="owner_id",
                label="Owner",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                default=False,
                help="The account that the VPC belongs to; another one where it is shared.",
            ),
        ),
    )
)
