"""Classic load balancers: those of before 2016, with their listeners and the health of their instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
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

INDEXED = ("scheme", "vpc_id", "healthy_instances", "unhealthy_instances", "created_time")
MOST_TAGGED = 20
"""How many balancers DescribeTags takes."""
HEALTH = {"InService": "healthy_instances", "OutOfService": "unhealthy_instances"}


class ClassicBalancer(ResourceRevision):
    """One period during which a classic load balancer, its listeners and their health looked the same."""

    scheme = models.CharField(max_length=32, null=True)
    dns_name = models.CharField(max_length=255, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    health_check = models.CharField(max_length=1100, null=True)
    healthy_instances = models.PositiveIntegerField(null=True)
    unhealthy_instances = models.PositiveIntegerField(null=True)
    created_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("classic", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A balancer from DescribeLoadBalancers; the health of its instances and its tags from questions of their own."""
    balancer = answers["DescribeLoadBalancers"]
    health = answers.get("DescribeInstanceHealth")
    states = {one["InstanceId"]: one for one in (health or {}).get("InstanceStates", [])}
    found = [one.get("State") for one in states.values()]
    created = balancer.get("CreatedTime")
    # Instances are listed with the balancer itself, and only what is said of their health is asked for.
    unread = () if health is not None else (*HEALTH.values(), "instances")
    return Reading(
        native_id=balancer["LoadBalancerName"],
        name=balancer["LoadBalancerName"],
        region=scope.region,
        tags=tags_from(answers.get("DescribeTags", {}).get("Tags")),
        fields={
            "scheme": balancer.get("Scheme"),
            "dns_name": balancer.get("DNSName"),
            "vpc_id": balancer.get("VPCId"),
            "health_check": balancer.get("HealthCheck", {}).get("Target"),
            "created_time": created,
            **{field: None if health is None else found.count(state) for state, field in HEALTH.items()},
        },
        links=(*_places(balancer), *_listeners(balancer), *_instances(balancer, None if health is None else states)),
        unknown=frozenset((*unread, *(() if "DescribeTags" in answers else ("tags",)))),
        incarnation=created.isoformat() if isinstance(created, datetime) else created or "",
    )


def _places(balancer: Mapping[str, Any]) -> Iterator[LinkTo]:
    for group_id in balancer.get("SecurityGroups", []):
        yield LinkTo(role="security_groups", target_type="security-group", target=group_id)
    for subnet_id in balancer.get("Subnets", []):
        yield LinkTo(role="subnets", target_type="subnet", target=subnet_id)


def _listeners(balancer: Mapping[str, Any]) -> Iterator[LinkTo]:
    for described in balancer.get("ListenerDescriptions", []):
        listener = described.get("Listener", {})
        yield LinkTo(
            role="listeners",
            value=f"{listener.get('Protocol')}:{listener.get('LoadBalancerPort')}",
            detail={"to": f"{listener.get('InstanceProtocol')}:{listener.get('InstancePort')}"},
        )


def _instances(balancer: Mapping[str, Any], states: Mapping[str, Mapping[str, Any]] | None) -> Iterator[LinkTo]:
    """The instances with what their health check says; none of them where nobody could be asked."""
    if states is None:
        return
    for instance in balancer.get("Instances", []):
        state = states.get(instance["InstanceId"], {})
        yield LinkTo(
            role="instances",
            target_type="ec2-instance",
            target=instance["InstanceId"],
            detail={"state": state.get("State"), "reason": _reason(state)},
        )


def _reason(state: Mapping[str, Any]) -> str | None:
    """ELB, Instance or nothing: AWS writes N/A where there is nothing to explain."""
    reason: str | None = state.get("ReasonCode")
    return None if reason == "N/A" else reason


CLASSIC_LOAD_BALANCER = register(
    ResourceType(
        slug="classic-load-balancer",
        label="Classic load balancer",
        plural="Classic load balancers",
        category=Category.NETWORKING,
        icon="server",
        model=ClassicBalancer,
        call=Call(
            service="elb",
            operation="DescribeLoadBalancers",
            items="LoadBalancerDescriptions",
            permission="elasticloadbalancing:DescribeLoadBalancers",
            page_size=("PageSize", 400),
        ),
        reach=Reach.REGIONAL,
        id_key="LoadBalancerName",
        arn="arn:{partition}:elasticloadbalancing:{region}:{account_id}:loadbalancer/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#LoadBalancer:loadBalancerArn={native_id}",
        read=read,
        columns=(
            Column(field="scheme", label="Scheme", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="listeners", label="Listeners", kind=Kind.MANY, detail=("to",)),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.MANY,
                target="ec2-instance",
                detail=("state", "reason"),
            ),
            Column(field="healthy_instances", label="In service", kind=Kind.NUMBER, sortable=True),
            Column(field="unhealthy_instances", label="Out of service", kind=Kind.NUMBER, sortable=True),
            Column(field="health_check", label="Health check", default=False),
            Column(field="dns_name", label="DNS name", kind=Kind.IDENTIFIER, default=False),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="subnets", label="Subnets", kind=Kind.MANY, default=False, target="subnet"),
            Column(
                field="security_groups",
                label="Security groups",
                kind=Kind.MANY,
                default=False,
                target="security-group",
            ),
            Column(field="created_time", label="Created", kind=Kind.MOMENT, sortable=True),
        ),
        relations=(
            Relation(field="instances", target="ec2-instance", label="Instances", inverse="Classic load balancers"),
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Classic load balancers"),
            Relation(field="subnets", target="subnet", label="Subnets", inverse="Classic load balancers"),
            Relation(
                field="security_groups",
                target="security-group",
                label="Security groups",
                inverse="Classic load balancers",
            ),
        ),
        enrich=(
            LookUp(
                call=Call(
                    service="elb",
                    operation="DescribeTags",
                    items="TagDescriptions",
                    permission="elasticloadbalancing:DescribeTags",
                ),
                key=lambda answers: answers["DescribeLoadBalancers"].get("LoadBalancerName"),
                argument="LoadBalancerNames",
                item_key="LoadBalancerName",
                invalid="LoadBalancerNotFound",
                batch=MOST_TAGGED,
            ),
            Ask(
                call=Call(
                    service="elb",
                    operation="DescribeInstanceHealth",
                    permission="elasticloadbalancing:DescribeInstanceHealth",
                ),
                arguments=lambda answers: {"LoadBalancerName": answers["DescribeLoadBalancers"]["LoadBalancerName"]},
            ),
        ),
    )
)
