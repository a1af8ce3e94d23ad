"""On-Demand Capacity Reservations: room for instances of one type in one zone, billed whether it is used or not."""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Kind,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = (
    *("state", "instance_type", "platform", "availability_zone", "total_count", "available_count", "reservation_type"),
    *("start", "end"),
)


class ReservedCapacity(ResourceRevision):
    """One period during which a capacity reservation looked the same."""

    state = models.CharField(max_length=32, null=True)
    owner_id = models.CharField(max_length=12, null=True)
    instance_type = models.CharField(max_length=32, null=True)
    platform = models.CharField(max_length=64, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    availability_zone_id = models.CharField(max_length=32, null=True)
    tenancy = models.CharField(max_length=16, null=True)
    total_count = models.PositiveIntegerField(null=True)
    available_count = models.PositiveIntegerField(null=True)
    match_criteria = models.CharField(max_length=16, null=True)
    reservation_type = models.CharField(max_length=32, null=True)
    end_type = models.CharField(max_length=16, null=True)
    fleet_id = models.CharField(max_length=64, null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("odcr", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A reservation as DescribeCapacityReservations lists it; one that others share is listed as well."""
    reserved = answers["DescribeCapacityReservations"]
    tags = tags_from(reserved.get("Tags"))
    return Reading(
        native_id=reserved["CapacityReservationId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": reserved.get("State"),
            "owner_id": reserved.get("OwnerId"),
            "instance_type": reserved.get("InstanceType"),
            "platform": reserved.get("InstancePlatform"),
            "availability_zone": reserved.get("AvailabilityZone"),
            "availability_zone_id": reserved.get("AvailabilityZoneId"),
            "tenancy": reserved.get("Tenancy"),
            "total_count": reserved.get("TotalInstanceCount"),
            "available_count": reserved.get("AvailableInstanceCount"),
            "match_criteria": reserved.get("InstanceMatchCriteria"),
            # AWS leaves it out of what is no Capacity Block.
            "reservation_type": reserved.get("ReservationType") or "default",
            "end_type": reserved.get("EndDateType"),
            "fleet_id": reserved.get("CapacityReservationFleetId"),
            "start": reserved.get("StartDate"),
            "end": reserved.get("EndDate"),
        },
    )


CAPACITY_RESERVATION = register(
    ResourceType(
        slug="capacity-reservation",
        label="Capacity reservation",
        plural="Capacity reservations",
        icon="calendar",
        category=Category.COMPUTE,
        model=ReservedCapacity,
        call=Call(
            service="ec2",
            operation="DescribeCapacityReservations",
            items="CapacityReservations",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="CapacityReservationId",
        arn="arn:{partition}:ec2:{region}:{account_id}:capacity-reservation/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#CapacityReservationDetails:crId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="platform", label="Platform", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone_id", label="Zone id", kind=Kind.IDENTIFIER, default=False),
            Column(field="total_count", label="Reserved", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(
                field="available_count",
                label="Unused",
                kind=Kind.NUMBER,
                sortable=True,
                is_summed=True,
                help="Billed like instances that run",
            ),
            Column(field="tenancy", label="Tenancy", kind=Kind.CHOICE, default=False),
            Column(
                field="match_criteria",
                label="Used by",
                kind=Kind.CHOICE,
                default=False,
                help="open: every instance that fits; targeted: those that name it",
            ),
            Column(field="reservation_type", label="Kind", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="start", label="Start", kind=Kind.MOMENT, sortable=True),
            Column(field="end_type", label="Ends", kind=Kind.CHOICE, default=False),
            Column(field="end", label="End", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="fleet_id", label="Fleet", kind=Kind.IDENTIFIER, default=False),
            Column(field="owner_id", label="Owner", kind=Kind.IDENTIFIER, default=False),
        ),
    )
)
