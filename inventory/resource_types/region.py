"""AWS's regions as an account may use them, those that it has not opted in to among them."""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import Answers, Call, Category, Column, Kind, Reach, Reading, ResourceType, Scope, register


class AwsRegion(ResourceRevision):
    """One period during which a region looked the same to an account."""

    opt_in_status = models.CharField(max_length=32, null=True)
    endpoint = models.CharField(max_length=255, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, open_index("awsregion", "opt_in_status")]


def read(answers: Answers, scope: Scope) -> Reading:
    """A region as DescribeRegions lists it."""
    region = answers["DescribeRegions"]
    return Reading(
        native_id=region["RegionName"],
        name=region["RegionName"],
        region=region["RegionName"],
        tags={},
        fields={"opt_in_status": region.get("OptInStatus"), "endpoint": region.get("Endpoint")},
    )


REGION = register(
    ResourceType(
        slug="region",
        label="Region",
        plural="Regions",
        icon="route",
        category=Category.PLACES,
        model=AwsRegion,
        call=Call(
            service="ec2",
            operation="DescribeRegions",
            items="Regions",
            # Without it, regions that the account has not opted in to are left out.
            arguments={"AllRegions": True},
        ),
        reach=Reach.GLOBAL,
        id_key="RegionName",
        arn="",
        # Regions have no pages of their own; this one lists them all and lets an account opt in.
        console="https://{console}/billing/home#/account",
        read=read,
        columns=(
            Column(field="opt_in_status", label="Opt-in", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="endpoint", label="Endpoint of EC2", kind=Kind.IDENTIFIER, default=False),
        ),
        is_place=True,
    )
)
