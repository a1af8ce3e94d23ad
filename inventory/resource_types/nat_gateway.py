"""NAT gateways: the way out for what has no public address, billed by the hour and by the gigabyte."""

from __future__ import annotations

from collections.abc import Mapping
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

INDEXED = ("state", "connectivity_type", "vpc_id", "subnet_id", "public_ipv4", "create_time")


class NatGateway(ResourceRevision):
    """One period during which a NAT gateway looked the same."""

    state = models.CharField(max_length=16, null=True)
    connectivity_type = models.CharField(max_length=16, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    subnet_id = models.CharField(max_length=64, null=True)
    public_ipv4 = models.CharField(max_length=15, null=True)
    private_ipv4 = models.CharField(max_length=15, null=True)
    failure_message = models.CharField(max_length=1024, null=True)
    create_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("natgateway", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A gateway as DescribeNatGateways lists it, deleted ones for about an hour; its first address is the primary."""
    gateway = answers["DescribeNatGateways"]
    tags = tags_from(gateway.get("Tags"))
    addresses = gateway.get("NatGatewayAddresses", [])
    primary: Mapping[str, Any] = next((one for one in addresses if one.get("IsPrimary")), next(iter(addresses), {}))
    return Reading(
        native_id=gateway["NatGatewayId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": gateway.get("State"),
            # AWS leaves it out of answers about the oldest ones, which are all public.
            "connectivity_type": gateway.get("ConnectivityType") or "public",
            "vpc_id": gateway.get("VpcId"),
            "subnet_id": gateway.get("SubnetId"),
            "public_ipv4": primary.get("PublicIp"),
            "private_ipv4": primary.get("PrivateIp"),
            "failure_message": gateway.get("FailureMessage"),
            "create_time": gateway.get("CreateTime"),
        },
        links=(
            *(
                LinkTo(
                    role="elastic_ips",
                    target_type="elastic-ip",
                    target=one["AllocationId"],
                    detail={"public_ipv4": one.get("PublicIp")},
                )
                for one in addresses
                if one.get("AllocationId")
            ),
            *(
                LinkTo(role="network_interfaces", target_type="network-interface", target=one["NetworkInterfaceId"])
                for one in addresses
                if one.get("NetworkInterfaceId")
            ),
        ),
    )


NAT_GATEWAY = register(
    ResourceType(
        slug="nat-gateway",
        label="NAT gateway",
        plural="NAT gateways",
        category=Category.NETWORKING,
        icon="route",
        model=NatGateway,
        call=Call(service="ec2", operation="DescribeNatGateways", items="NatGateways", page_size=("MaxResults", 1000)),
        reach=Reach.REGIONAL,
        id_key="NatGatewayId",
        arn="arn:{partition}:ec2:{region}:{account_id}:natgateway/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#NatGatewayDetails:natGatewayId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="connectivity_type", label="Connectivity", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="subnet_id", label="Subnet", kind=Kind.IDENTIFIER, sortable=True, target="subnet"),
            Column(field="public_ipv4", label="Public IPv4", kind=Kind.IDENTIFIER, sortable=True),
            Column(field="private_ipv4", label="Private IPv4", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="elastic_ips",
                label="Elastic IPs",
                kind=Kind.MANY,
                default=False,
                target="elastic-ip",
                detail=("public_ipv4",),
            ),
            Column(
                field="network_interfaces",
                label="Interfaces",
                kind=Kind.MANY,
                default=False,
                target="network-interface",
            ),
            Column(field="failure_message", label="Failure", default=False, help="Why it could not be made."),
            Column(field="create_time", label="Created", kind=Kind.MOMENT, sortable=True),
        ),
        relations=(
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="NAT gateways"),
            Relation(field="subnet_id", target="subnet", label="Subnet", inverse="NAT gateways"),
            Relation(field="elastic_ips", target="elastic-ip", label="Elastic IPs", inverse="NAT gateway"),
            Relation(field="network_interfaces", target="network-interface", label="Interfaces", inverse="NAT gateway"),
        ),
    )
)
