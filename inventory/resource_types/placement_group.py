"""Placement groups: how instances stand to each other in AWS's buildings."""

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
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
    tags_from,
)


class PlacementGroup(ResourceRevision):
    """One period during which a placement group looked the same."""

    state = models.CharField(max_length=16, null=True)
    strategy = models.CharField(max_length=16, null=True)
    partition_count = models.PositiveIntegerField(null=True)
    spread_level = models.CharField(max_length=16, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("placementgroup", field) for field in ("state", "strategy", "spread_level")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A group as DescribePlacementGroups lists it."""
    group = answers["DescribePlacementGroups"]
    return Reading(
        native_id=group["GroupId"],
        name=group.get("GroupName", ""),
        region=scope.region,
        tags=tags_from(group.get("Tags")),
        fields={
            "state": group.get("State"),
            "strategy": group.get("Strategy"),
            "partition_count": group.get("PartitionCount"),
            "spread_level": group.get("SpreadLevel"),
        },
    )


PLACEMENT_GROUP = register(
    ResourceType(
        slug="placement-group",
        label="Placement group",
        plural="Placement groups",
        icon="layout-grid",
        category=Category.COMPUTE,
        model=PlacementGroup,
        call=Call(service="ec2", operation="DescribePlacementGroups", items="PlacementGroups"),
        reach=Reach.REGIONAL,
        id_key="GroupId",
        arn="",
        console="https://{region}.{console}/ec2/home?region={region}#PlacementGroups:groupId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="strategy",
                label="Strategy",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                help="cluster: close together; partition: in racks of their own; spread: each on other hardware",
            ),
            Column(field="partition_count", label="Partitions", kind=Kind.NUMBER),
            Column(field="spread_level", label="Spread over", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.COUNT,
                counts=CountOf(type="ec2-instance", field="placement_group", by_name=True),
            ),
        ),
    )
)
