"""Elastic IPs: public IPv4 addresses that an account keeps, and pays for whether or not something answers there."""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index, term_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Kind,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = (
    *("public_ipv4", "is_associated", "instance_id", "network_interface_id", "network_border_group"),
    *("public_ipv4_pool", "service_managed"),
)


class ElasticIp(ResourceRevision):
    """One period during which an elastic IP address looked the same."""

    public_ipv4 = models.CharField(max_length=15, null=True)
    is_associated = models.BooleanField(null=True)
    instance_id = models.CharField(max_length=64, null=True)
    network_interface_id = models.CharField(max_length=64, null=True)
    private_ipv4 = models.CharField(max_length=15, null=True)
    network_border_group = models.CharField(max_length=64, null=True)
    public_ipv4_pool = models.CharField(max_length=64, null=True)
    service_managed = models.CharField(max_length=32, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            term_index("elasticip", "public_ipv4"),
            *(open_index("elasticip", field) for field in INDEXED),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """An address as DescribeAddresses lists it. One without an association is idle."""
    address = answers["DescribeAddresses"]
    tags = tags_from(address.get("Tags"))
    return Reading(
        native_id=address["AllocationId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "public_ipv4": address.get("PublicIp"),
            "is_associated": bool(address.get("AssociationId")),
            "instance_id": address.get("InstanceId") or None,
            "network_interface_id": address.get("NetworkInterfaceId") or None,
            "private_ipv4": address.get("PrivateIpAddress"),
            "network_border_group": address.get("NetworkBorderGroup"),
            "public_ipv4_pool": address.get("PublicIpv4Pool"),
            "service_managed": address.get("ServiceManaged"),
        },
    )


ELASTIC_IP = register(
    ResourceType(
        slug="elastic-ip",
        label="Elastic IP",
        plural="Elastic IPs",
        category=Category.NETWORKING,
        icon="route",
        model=ElasticIp,
        call=Call(service="ec2", operation="DescribeAddresses", items="Addresses"),
        reach=Reach.REGIONAL,
        id_key="AllocationId",
        arn="arn:{partition}:ec2:{region}:{account_id}:elastic-ip/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#ElasticIpDetails:AllocationId={native_id}",
        read=read,
        columns=(
            Column(field="public_ipv4", label="Address", kind=Kind.IDENTIFIER, sortable=True, searched=True),
            Column(
                field="is_associated",
                label="In use",
                kind=Kind.BOOLEAN,
                facet=True,
                sortable=True,
                help="Whether it is associated with an instance or an interface. An idle one costs as much.",
            ),
            Column(field="instance_id", label="Instance", kind=Kind.IDENTIFIER, sortable=True, target="ec2-instance"),
            Column(
                field="network_interface_id",
                label="Interface",
                kind=Kind.IDENTIFIER,
                sortable=True,
                target="network-interface",
            ),
            Column(field="private_ipv4", label="Private IPv4", kind=Kind.IDENTIFIER),
            Column(
                field="network_border_group",
                label="Network border group",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(
                field="public_ipv4_pool",
                label="Pool",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
                help="amazon, or the pool of addresses that the account brought along.",
            ),
            Column(
                field="service_managed",
                label="Managed by",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
                help="The AWS service that looks after it, such as alb.",
            ),
        ),
        relations=(
            Relation(field="instance_id", target="ec2-instance", label="Instance", inverse="Elastic IPs"),
            Relation(
                field="network_interface_id", target="network-interface", label="Interface", inverse="Elastic IPs"
            ),
        ),
    )
)
