"""Which instance types AWS offers in a region, and in which of its zones.

AWS lists a type once for each zone. Zones are told by their ids, which are the same in every account.
"""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    GROUPED,
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
)
from inventory.resource_types.ec2_instance import TYPE_NAME


class TypeOffering(ResourceRevision):
    """One period during which an instance type was offered in the same zones of a region."""

    family = models.CharField(max_length=16, null=True)
    generation = models.PositiveSmallIntegerField(null=True)
    size = models.CharField(max_length=16, null=True)
    zone_count = models.PositiveSmallIntegerField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("typeoffering", field) for field in ("family", "generation", "size", "zone_count")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A type with the zones for which DescribeInstanceTypeOfferings lists it."""
    offered = answers["DescribeInstanceTypeOfferings"]
    named = TYPE_NAME.match(offered["InstanceType"])
    zones = sorted({one["Location"] for one in offered[GROUPED]})
    return Reading(
        native_id=offered["InstanceType"],
        name=offered["InstanceType"],
        region=scope.region,
        tags={},
        fields={
            "family": named["family"] if named else None,
            "generation": int(named["generation"]) if named else None,
            "size": named["size"] if named else None,
            "zone_count": len(zones),
        },
        links=tuple(LinkTo(role="zones", target_type="availability-zone", target=zone) for zone in zones),
        unknown=frozenset() if named else frozenset({"family", "generation", "size"}),
    )


INSTANCE_TYPE_OFFERING = register(
    ResourceType(
        slug="instance-type-offering",
        label="Offered instance type",
        plural="Offered instance types",
        icon="server",
        category=Category.PLACES,
        model=TypeOffering,
        call=Call(
            service="ec2",
            operation="DescribeInstanceTypeOfferings",
            items="InstanceTypeOfferings",
            arguments={"LocationType": "availability-zone-id"},
            page_size=("MaxResults", 1000),
            grouped_by="InstanceType",
        ),
        reach=Reach.REGIONAL,
        id_key="InstanceType",
        arn="",
        console="https://{region}.{console}/ec2/home?region={region}#InstanceTypeDetails:instanceType={native_id}",
        read=read,
        columns=(
            Column(field="family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="generation", label="Generation", kind=Kind.NUMBER, facet=True, sortable=True),
            Column(field="size", label="Size", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="zone_count", label="In how many zones", kind=Kind.NUMBER, facet=True, sortable=True),
            Column(field="zones", label="Zones", kind=Kind.MANY, target="availability-zone"),
        ),
        relations=(
            Relation(field="zones", target="availability-zone", label="Zones", inverse="Offered instance types"),
        ),
        is_place=True,
    )
)
