"""Target groups, with their targets and how healthy a load balancer finds each."""

from __future__ import annotations

from collections.abc import Mapping
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
    LookUp,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = ("target_type", "protocol", "port", "vpc_id", "healthy_targets", "unhealthy_targets")
MOST_TAGGED = 20
"""How many resources DescribeTags takes."""


class TargetGroup(ResourceRevision):
    """One period during which a target group and the health of its targets looked the same."""

    target_type = models.CharField(max_length=16, null=True)
    protocol = models.CharField(max_length=16, null=True)
    port = models.PositiveIntegerField(null=True)
    protocol_version = models.CharField(max_length=16, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    health_check = models.CharField(max_length=1100, null=True)
    healthy_targets = models.PositiveIntegerField(null=True)
    unhealthy_targets = models.PositiveIntegerField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("targetgroup", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A group from DescribeTargetGroups; health and tags from questions of their own.

    Targets that are neither healthy nor unhealthy (initial, draining, unused, unavailable) are in neither number.
    """
    group = answers["DescribeTargetGroups"]
    health = answers.get("DescribeTargetHealth")
    described = (health or {}).get("TargetHealthDescriptions", [])
    states = [one.get("TargetHealth", {}).get("State") for one in described]
    unread = () if health is not None else ("targets", "healthy_targets", "unhealthy_targets")
    return Reading(
        native_id=group["TargetGroupArn"],
        name=group.get("TargetGroupName", ""),
        region=scope.region,
        tags=tags_from(answers.get("DescribeTags", {}).get("Tags")),
        fields={
            "target_type": group.get("TargetType"),
            "protocol": group.get("Protocol"),
            "port": group.get("Port"),
            "protocol_version": group.get("ProtocolVersion"),
            "vpc_id": group.get("VpcId"),
            "health_check": _health_check(group),
            "healthy_targets": None if health is None else states.count("healthy"),
            "unhealthy_targets": None if health is None else states.count("unhealthy"),
        },
        links=(
            *(
                LinkTo(role="load_balancers", target_type="load-balancer", target=arn)
                for arn in group.get("LoadBalancerArns", [])
            ),
            *(_target(group, one) for one in described),
        ),
        unknown=frozenset((*unread, *(() if "DescribeTags" in answers else ("tags",)))),
    )


def _health_check(group: Mapping[str, Any]) -> str | None:
    """The check as consoles write it, `HTTP:traffic-port/path`; None where there is none, as lambda may have it."""
    if not group.get("HealthCheckEnabled", True):
        return None
    protocol, port = group.get("HealthCheckProtocol"), group.get("HealthCheckPort")
    return f"{protocol}:{port}{group.get('HealthCheckPath') or ''}" if protocol else None


def _target(group: Mapping[str, Any], described: Mapping[str, Any]) -> LinkTo:
    """A target with its health; addresses, functions and balancers are values, instances are resources."""
    target, health = described["Target"], described.get("TargetHealth", {})
    detail = {"port": target.get("Port"), "state": health.get("State"), "reason": health.get("Reason")}
    if group.get("TargetType") == "instance":
        return LinkTo(role="targets", target_type="ec2-instance", target=target["Id"], detail=detail)
    return LinkTo(role="targets", value=target["Id"], detail=detail)


TARGET_GROUP = register(
    ResourceType(
        slug="target-group",
        label="Target group",
        plural="Target groups",
        category=Category.NETWORKING,
        icon="server",
        model=TargetGroup,
        call=Call(
            service="elbv2",
            operation="DescribeTargetGroups",
            items="TargetGroups",
            permission="elasticloadbalancing:DescribeTargetGroups",
            page_size=("PageSize", 400),
        ),
        reach=Reach.REGIONAL,
        id_key="TargetGroupArn",
        arn="{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#TargetGroup:targetGroupArn={native_id}",
        read=read,
        columns=(
            Column(field="target_type", label="Targets are", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="protocol", label="Protocol", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="port", label="Port", kind=Kind.NUMBER, is_measure=False, sortable=True),
            Column(field="protocol_version", label="Protocol version", kind=Kind.CHOICE, default=False),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(
                field="load_balancers",
                label="Load balancers",
                kind=Kind.MANY,
                target="load-balancer",
                help="None: nothing sends anything here.",
            ),
            Column(
                field="targets",
                label="Targets",
                kind=Kind.MANY,
                target="ec2-instance",
                detail=("port", "state", "reason"),
            ),
            Column(field="healthy_targets", label="Healthy", kind=Kind.NUMBER, sortable=True),
            Column(field="unhealthy_targets", label="Unhealthy", kind=Kind.NUMBER, sortable=True),
            Column(field="health_check", label="Health check", default=False),
        ),
        relations=(
            Relation(field="load_balancers", target="load-balancer", label="Load balancers", inverse="Target groups"),
            Relation(field="targets", target="ec2-instance", label="Targets", inverse="Target of"),
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Target groups"),
        ),
        enrich=(
            LookUp(
                call=Call(
                    service="elbv2",
                    operation="DescribeTags",
                    items="TagDescriptions",
                    permission="elasticloadbalancing:DescribeTags",
                ),
                key=lambda answers: answers["DescribeTargetGroups"].get("TargetGroupArn"),
                argument="ResourceArns",
                item_key="ResourceArn",
                invalid="TargetGroupNotFound",
                batch=MOST_TAGGED,
            ),
            Ask(
                call=Call(
                    service="elbv2",
                    operation="DescribeTargetHealth",
                    permission="elasticloadbalancing:DescribeTargetHealth",
                ),
                arguments=lambda answers: {"TargetGroupArn": answers["DescribeTargetGroups"]["TargetGroupArn"]},
            ),
        ),
    )
)
