"""Internet gateways: the doors of a VPC to the internet, both ways."""

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
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)


class InternetGateway(ResourceRevision):
    """One period during which an internet gateway looked the same."""

    vpc_id = models.CharField(max_length=64, null=True)
    attachment_state = models.CharField(max_length=16, null=True)
    owner_id = models.CharField(max_length=12, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("igw", field) for field in ("vpc_id", "attachment_state")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A gateway as DescribeInternetGateways lists it; it is attached to one VPC or to none."""
    gateway = answers["DescribeInternetGateways"]
    tags = tags_from(gateway.get("Tags"))
    attachment: Mapping[str, Any] = next(iter(gateway.get("Attachments", [])), {})
    return Reading(
        native_id=gateway["InternetGatewayId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "vpc_id": attachment.get("VpcId"),
            "attachment_state": attachment.get("State"),
            "owner_id": gateway.get("OwnerId"),
        },
    )


INTERNET_GATEWAY = register(
    ResourceType(
        slug="internet-gateway",
        label="Internet gateway",
        plural="Internet gateways",
        category=Category.NETWORKING,
        icon="route",
        model=InternetGateway,
        call=Call(
            service="ec2",
            operation="DescribeInternetGateways",
            items="InternetGateways",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="InternetGatewayId",
        arn="arn:{partition}:ec2:{region}:{account_id}:internet-gateway/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#InternetGateway:internetGatewayId={native_id}",
        read=read,
        columns=(
            Column(
                field="vpc_id",
                label="VPC",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                target="vpc",
                help="None: it is attached to nothing.",
            ),
            Column(field="attachment_state", label="Attachment", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="owner_id", label="Owner", kind=Kind.IDENTIFIER, default=False),
        ),
        relations=(Relation(field="vpc_id", target="vpc", label="VPC", inverse="Internet gateways"),),
    )
)
