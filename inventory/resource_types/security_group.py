"""Security groups. Their rules are a type of their own, so that one changed rule is one change."""

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
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)


class SecurityGroup(ResourceRevision):
    """One period during which a security group looked the same, its rules apart."""

    description = models.CharField(max_length=255, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    is_default = models.BooleanField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            open_index("securitygroup", "vpc_id"),
            open_index("securitygroup", "is_default"),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A group as DescribeSecurityGroups lists it."""
    group = answers["DescribeSecurityGroups"]
    return Reading(
        native_id=group["GroupId"],
        name=group.get("GroupName", ""),
        region=scope.region,
        tags=tags_from(group.get("Tags")),
        fields={
            "description": group.get("Description"),
            "vpc_id": group.get("VpcId"),
            # AWS refuses to create another group of this name in a VPC.
            "is_default": group.get("GroupName") == "default",
        },
    )


SECURITY_GROUP = register(
    ResourceType(
        slug="security-group",
        label="Security group",
        plural="Security groups",
        category=Category.NETWORKING,
        icon="shield",
        model=SecurityGroup,
        call=Call(
            service="ec2",
            operation="DescribeSecurityGroups",
            items="SecurityGroups",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="GroupId",
        arn="arn:{partition}:ec2:{region}:{account_id}:security-group/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#SecurityGroup:groupId={native_id}",
        read=read,
        columns=(
            Column(field="description", label="Description"),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="is_default", label="Default group", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(
                field="inbound_rules",
                label="Rules in",
                kind=Kind.COUNT,
                counts=CountOf(type="security-group-rule", field="group_id", where={"direction": "inbound"}),
            ),
            Column(
                field="outbound_rules",
                label="Rules out",
                kind=Kind.COUNT,
                counts=CountOf(type="security-group-rule", field="group_id", where={"direction": "outbound"}),
            ),
        ),
        relations=(Relation(field="vpc_id", target="vpc", label="VPC", inverse="Security groups"),),
        is_principal=True,
    )
)
