"""Egress-only internet gateways: IPv6 from a VPC to the internet, and no way in."""

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


class EgressOnlyGateway(ResourceRevision):
    """One period during which an egress-only internet gateway looked the same."""

    vpc_id = models.CharField(max_length=64, null=True)
    attachment_state = models.CharField(max_length=16, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("eigw", field) for field in ("vpc_id", "attachment_state")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A gateway as DescribeEgressOnlyInternetGateways lists it; it belongs to one VPC."""
    gateway = answers["DescribeEgressOnlyInternetGateways"]
    tags = tags_from(gateway.get("Tags"))
    attachment: Mapping[str, Any] = next(iter(gateway.get("Attachments", [])), {})
    return Reading(
        native_id=gateway["EgressOnlyInternetGatewayId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={"vpc_id": attachment.get("VpcId"), "attachment_state": attachment.get("State")},
    )


EGRESS_ONLY_INTERNET_GATEWAY = register(
    ResourceType(
        slug="egress-only-internet-gateway",
        label="Egress-only internet gateway",
        plural="Egress-only internet gateways",
        category=Category.NETWORKING,
        icon="route",
        model=EgressOnlyGateway,
        call=Call(
            service="ec2",
            operation="DescribeEgressOnlyInternetGateways",
            items="EgressOnlyInternetGateways",
            page_size=("MaxResults", 255),
        ),
        reach=Reach.REGIONAL,
        id_key="EgressOnlyInternetGatewayId",
        arn="arn:{partition}:ec2:{region}:{account_id}:egress-only-internet-gateway/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#EgressOnlyInternetGateway:egressOnlyInternetGatewayId={native_id}",
        read=read,
        columns=(
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="attachment_state", label="Attachment", kind=Kind.CHOICE, facet=True, sortable=True),
        ),
        relations=(Relation(field="vpc_id", target="vpc", label="VPC", inverse="Egress-only internet gateways"),),
    )
)
