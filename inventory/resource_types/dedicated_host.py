"""Dedicated Hosts: whole servers of one instance family, billed by the hour whatever runs on them."""

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

INDEXED = (
    *("state", "instance_family", "instance_type", "availability_zone", "total_vcpus", "available_vcpus"),
    *("host_reservation_id", "allocation_time"),
)


class DedicatedHost(ResourceRevision):
    """One period during which a Dedicated Host looked the same."""

    state = models.CharField(max_length=32, null=True)
    instance_family = models.CharField(max_length=32, null=True)
    instance_type = models.CharField(max_length=32, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    availability_zone_id = models.CharField(max_length=32, null=True)
    sockets = models.PositiveIntegerField(null=True)
    cores = models.PositiveIntegerField(null=True)
    total_vcpus = models.PositiveIntegerField(null=True)
    available_vcpus = models.PositiveIntegerField(null=True)
    auto_placement = models.CharField(max_length=8, null=True)
    host_recovery = models.CharField(max_length=8, null=True)
    host_reservation_id = models.CharField(max_length=64, null=True)
    allocation_time = models.DateTimeField(null=True)
    release_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("dedicatedhost", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A host as DescribeHosts lists it: either for one type, whose family is then not told, or for all of a family."""
    host = answers["DescribeHosts"]
    tags = tags_from(host.get("Tags"))
    properties = host.get("HostProperties", {})
    instance_type = properties.get("InstanceType")
    return Reading(
        native_id=host["HostId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": host.get("State"),
            "instance_family": properties.get("InstanceFamily") or (instance_type or "").partition(".")[0] or None,
            "instance_type": instance_type,
            "availability_zone": host.get("AvailabilityZone"),
            "availability_zone_id": host.get("AvailabilityZoneId"),
            "sockets": properties.get("Sockets"),
            "cores": properties.get("Cores"),
            "total_vcpus": properties.get("TotalVCpus"),
            "available_vcpus": host.get("AvailableCapacity", {}).get("AvailableVCpus"),
            "auto_placement": host.get("AutoPlacement"),
            "host_recovery": host.get("HostRecovery"),
            "host_reservation_id": host.get("HostReservationId"),
            "allocation_time": host.get("AllocationTime"),
            "release_time": host.get("ReleaseTime"),
        },
        links=tuple(_instances(host)),
    )


def _instances(host: Mapping[str, Any]) -> list[LinkTo]:
    return [
        LinkTo(
            role="instances",
            target_type="ec2-instance",
            target=instance["InstanceId"],
            detail={"instance_type": instance.get("InstanceType")},
        )
        for instance in host.get("Instances", [])
        if instance.get("InstanceId")
    ]


DEDICATED_HOST = register(
    ResourceType(
        slug="dedicated-host",
        label="Dedicated Host",
        plural="Dedicated Hosts",
        category=Category.COMPUTE,
        icon="server",
        model=DedicatedHost,
        call=Call(service="ec2", operation="DescribeHosts", items="Hosts", page_size=("MaxResults", 500)),
        reach=Reach.REGIONAL,
        id_key="HostId",
        arn="arn:{partition}:ec2:{region}:{account_id}:dedicated-host/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#HostDetails:hostId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone_id", label="Zone id", kind=Kind.IDENTIFIER, default=False),
            Column(field="sockets", label="Sockets", kind=Kind.NUMBER, default=False),
            Column(field="cores", label="Cores", kind=Kind.NUMBER, default=False),
            Column(field="total_vcpus", label="vCPU", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="available_vcpus", label="vCPU free", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.MANY,
                target="ec2-instance",
                detail=("instance_type",),
            ),
            Column(field="auto_placement", label="Auto-placement", kind=Kind.CHOICE, default=False),
            Column(field="host_recovery", label="Recovery", kind=Kind.CHOICE, default=False),
            Column(
                field="host_reservation_id",
                label="Reservation",
                kind=Kind.IDENTIFIER,
                sortable=True,
                target="host-reservation",
            ),
            Column(field="allocation_time", label="Allocated", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="release_time", label="Released", kind=Kind.MOMENT, default=False),
        ),
        relations=(
            Relation(field="instances", target="ec2-instance", label="Instances", inverse="Dedicated Host"),
            Relation(field="host_reservation_id", target="host-reservation", label="Reservation", inverse="Covers"),
        ),
        is_principal=True,
    )
)
