"""Which services AWS offers in each region, as its public parameters tell every account alike.

AWS keeps them below /aws/service/global-infrastructure in Parameter Store, a page of ten at a time, and knows a service
there by its own short name, which is nearly always the one of its API. Of an answer the names alone are kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Ask,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
)

PATH = "/aws/service/global-infrastructure/regions/{region}/services"


class RegionServices(ResourceRevision):
    """One period during which a region had the same services."""

    service_count = models.PositiveSmallIntegerField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, open_index("regionservices", "service_count")]


def read(answers: Answers, scope: Scope) -> Reading:
    """A region with its services; one of which AWS names none is one that it tells nothing about."""
    region = answers["DescribeRegions"]["RegionName"]
    services = [one["Value"] for one in answers.get("GetParametersByPath", {"Parameters": []})["Parameters"]]
    return Reading(
        native_id=region,
        name=region,
        region=region,
        tags={},
        fields={"service_count": len(services) or None},
        links=tuple(LinkTo(role="services", value=service) for service in services),
        unknown=frozenset() if services else frozenset({"service_count", "services"}),
    )


def _names(answer: dict[str, Any]) -> dict[str, Any]:
    """Nothing but the names, in an order of their own: dates and versions would look like changes of the region."""
    return {"Parameters": [{"Value": name} for name in sorted(one["Value"] for one in answer["Parameters"])]}


REGION_SERVICES = register(
    ResourceType(
        slug="region-services",
        label="Services of a region",
        plural="Services of regions",
        icon="route",
        category=Category.PLACES,
        model=RegionServices,
        call=Call(
            service="ec2",
            operation="DescribeRegions",
            items="Regions",
            arguments={"AllRegions": True},
        ),
        reach=Reach.GLOBAL,
        id_key="RegionName",
        arn="",
        console="https://{console}/systems-manager/parameters/?region=us-east-1",
        read=read,
        enrich=(
            Ask(
                call=Call(service="ssm", operation="GetParametersByPath", items="Parameters"),
                arguments=lambda answers: {"Path": PATH.format(region=answers["DescribeRegions"]["RegionName"])},
                keep=_names,
            ),
        ),
        columns=(
            Column(field="service_count", label="Services", kind=Kind.NUMBER, sortable=True),
            Column(field="services", label="Names of services", kind=Kind.MANY, default=False),
        ),
        # A region has hundreds, of which AWS adds a few in a month.
        interval=timedelta(days=30),
        is_place=True,
        is_public=True,
    )
)
