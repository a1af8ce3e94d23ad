"""Network interfaces: where an instance, a load balancer or a gateway has its addresses and its security groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index, term_index
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

INDEXED = (
    *("status", "interface_type", "vpc_id", "subnet_id", "availability_zone", "instance_id", "private_ipv4"),
    *("public_ipv4", "requester_managed", "source_dest_check"),
)


class NetworkInterface(ResourceRevision):
    """One period during which a network interface looked the same."""

    status = models.CharField(max_length=16, null=True)
    interface_type = models.CharField(max_length=48, null=True)
    description = models.CharField(max_length=255, null=True)
    instance_id = models.CharField(max_length=64, null=True)
    device_index = models.PositiveSmallIntegerField(null=True)
    delete_on_termination = models.BooleanField(null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    subnet_id = models.CharField(max_length=64, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    private_ipv4 = models.CharField(max_length=15, null=True)
    public_ipv4 = models.CharField(max_length=15, null=True)
    mac_address = models.CharField(max_length=32, null=True)
    requester_managed = models.BooleanField(null=True)
    requester_id = models.CharField(max_length=255, null=True)
    source_dest_check = models.BooleanField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(term_index("eni", field) for field in ("private_ipv4", "public_ipv4")),
            *(open_index("eni", field) for field in INDEXED),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """An interface as DescribeNetworkInterfaces lists it."""
    interface = answers["DescribeNetworkInterfaces"]
    tags = tags_from(interface.get("TagSet"))
    attachment = interface.get("Attachment") or {}
    return Reading(
        native_id=interface["NetworkInterfaceId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "status": interface.get("Status"),
            "interface_type": interface.get("InterfaceType"),
            "description": interface.get("Description"),
            # Attachments to what AWS runs, like a load balancer, name no instance.
            "instance_id": attachment.get("InstanceId") or None,
            "device_index": attachment.get("DeviceIndex"),
            "delete_on_termination": attachment.get("DeleteOnTermination"),
            "vpc_id": interface.get("VpcId"),
            "subnet_id": interface.get("SubnetId"),
            "availability_zone": interface.get("AvailabilityZone"),
            "private_ipv4": interface.get("PrivateIpAddress"),
            "public_ipv4": (interface.get("Association") or {}).get("PublicIp"),
            "mac_address": interface.get("MacAddress"),
            "requester_managed": interface.get("RequesterManaged"),
            "requester_id": interface.get("RequesterId"),
            "source_dest_check": interface.get("SourceDestCheck"),
        },
        links=(*_security_groups(interface), *_addresses(interface)),
    )


def _security_groups(interface: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(role="security_groups", target_type="security-group", target=group["GroupId"])
        for group in interface.get("Groups", [])
    ]


def _addresses(interface: Mapping[str, Any]) -> list[LinkTo]:
    return [
        *(
            LinkTo(
                role="private_addresses",
                value=address["PrivateIpAddress"],
                detail={"public_ipv4": (address.get("Association") or {}).get("PublicIp")},
            )
            for address in interface.get("PrivateIpAddresses", [])
        ),
        *(
            LinkTo(role="ipv6_addresses", value=address["Ipv6Address"])
            for address in interface.get("Ipv6Addresses", [])
        ),
    ]


NETWORK_INTERFACE = register(
    ResourceType(
        slug="network-interface",
        label="Network interface",
        plural="Network interfaces",
        category=Category.NETWORKING,
        icon="route",
        model=NetworkInterface,
        call=Call(
            service="ec2",
            operation="DescribeNetworkInterfaces",
            items="NetworkInterfaces",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="NetworkInterfaceId",
        arn="arn:{partition}:ec2:{region}:{account_id}:network-interface/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#NetworkInterface:networkInterfaceId={native_id}",
        read=read,
        columns=(
            Column(field="status", label="Status", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="interface_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="description", label="Description"),
            Column(field="instance_id", label="Instance", kind=Kind.IDENTIFIER, sortable=True, target="ec2-instance"),
            Column(field="device_index", label="Device", kind=Kind.NUMBER, is_measure=False, default=False),
            Column(field="delete_on_termination", label="Goes with instance", kind=Kind.BOOLEAN, default=False),
            Column(
                field="vpc_id",
                label="VPC",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                default=False,
                target="vpc",
            ),
            Column(field="subnet_id", label="Subnet", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="subnet"),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="private_ipv4", label="Private IPv4", kind=Kind.IDENTIFIER, sortable=True, searched=True),
            Column(field="public_ipv4", label="Public IPv4", kind=Kind.IDENTIFIER, sortable=True, searched=True),
            Column(
                field="private_addresses",
                label="All private IPv4",
                kind=Kind.MANY,
                default=False,
                detail=("public_ipv4",),
            ),
            Column(field="ipv6_addresses", label="IPv6", kind=Kind.MANY, default=False),
            Column(field="security_groups", label="Security groups", kind=Kind.MANY, target="security-group"),
            Column(field="mac_address", label="MAC address", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="requester_managed",
                label="Managed by AWS",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
                default=False,
                help="Whether an AWS service made it and looks after it.",
            ),
            Column(field="requester_id", label="Made for", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="source_dest_check",
                label="Source/destination check",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
                default=False,
            ),
        ),
        relations=(
            Relation(field="instance_id", target="ec2-instance", label="Instance", inverse="Network interfaces"),
            Relation(
                field="security_groups",
                target="security-group",
                label="Security groups",
                inverse="Network interfaces",
            ),
            Relation(field="subnet_id", target="subnet", label="Subnet", inverse="Network interfaces"),
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Network interfaces"),
        ),
    )
)
