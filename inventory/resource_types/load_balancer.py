"""Application, network and gateway load balancers, with their listeners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

INDEXED = (
    *("state", "load_balancer_type", "scheme", "vpc_id", "ip_address_type", "deletion_protection", "access_logs"),
    "created_time",
)
MOST_TAGGED = 20
"""How many resources DescribeTags takes."""


class LoadBalancer(ResourceRevision):
    """One period during which a load balancer and its listeners looked the same."""

    state = models.CharField(max_length=32, null=True)
    load_balancer_type = models.CharField(max_length=16, null=True)
    scheme = models.CharField(max_length=32, null=True)
    dns_name = models.CharField(max_length=255, null=True)
    vpc_id = models.CharField(max_length=64, null=True)
    ip_address_type = models.CharField(max_length=64, null=True)
    deletion_protection = models.BooleanField(null=True)
    access_logs = models.BooleanField(null=True)
    created_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("loadbalancer", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A balancer from DescribeLoadBalancers; listeners, attributes and tags from questions of their own."""
    balancer = answers["DescribeLoadBalancers"]
    listeners = answers.get("DescribeListeners")
    attributes = answers.get("DescribeLoadBalancerAttributes")
    said = {one["Key"]: one.get("Value") for one in (attributes or {}).get("Attributes", [])}
    readable = {
        "tags": "DescribeTags" in answers,
        "listeners": listeners is not None,
        "deletion_protection": attributes is not None,
        "access_logs": attributes is not None,
    }
    return Reading(
        native_id=balancer["LoadBalancerArn"],
        name=balancer.get("LoadBalancerName", ""),
        region=scope.region,
        tags=tags_from(answers.get("DescribeTags", {}).get("Tags")),
        fields={
            "state": balancer.get("State", {}).get("Code"),
            "load_balancer_type": balancer.get("Type"),
            "scheme": balancer.get("Scheme"),
            "dns_name": balancer.get("DNSName"),
            "vpc_id": balancer.get("VpcId"),
            "ip_address_type": balancer.get("IpAddressType"),
            "deletion_protection": _is_on(said, "deletion_protection.enabled"),
            "access_logs": _is_on(said, "access_logs.s3.enabled"),
            "created_time": balancer.get("CreatedTime"),
        },
        links=(*_places(balancer), *(_listener(one) for one in (listeners or {}).get("Listeners", []))),
        unknown=frozenset(field for field, is_readable in readable.items() if not is_readable),
    )


def _is_on(said: Mapping[str, str | None], key: str) -> bool | None:
    """What an attribute says; None where a balancer of its type has no such attribute."""
    value = said.get(key)
    return None if value is None else value == "true"


def _places(balancer: Mapping[str, Any]) -> Iterator[LinkTo]:
    for group_id in balancer.get("SecurityGroups", []):
        yield LinkTo(role="security_groups", target_type="security-group", target=group_id)
    for zone in balancer.get("AvailabilityZones", []):
        if subnet_id := zone.get("SubnetId"):
            yield LinkTo(role="subnets", target_type="subnet", target=subnet_id, detail={"zone": zone.get("ZoneName")})
        for address in zone.get("LoadBalancerAddresses", []):
            if allocation_id := address.get("AllocationId"):
                yield LinkTo(
                    role="elastic_ips",
                    target_type="elastic-ip",
                    target=allocation_id,
                    detail={"public_ipv4": address.get("IpAddress")},
                )


def _listener(listener: Mapping[str, Any]) -> LinkTo:
    """A listener by protocol and port; that of a gateway load balancer has neither, and takes everything."""
    actions = [action.get("Type", "") for action in listener.get("DefaultActions", [])]
    protocol, port = listener.get("Protocol"), listener.get("Port")
    return LinkTo(
        role="listeners",
        value=f"{protocol}:{port}" if protocol else "all traffic",
        detail={"default_action": ", ".join(actions), "ssl_policy": listener.get("SslPolicy")},
    )


def _by_arn(answers: Answers) -> dict[str, str]:
    return {"LoadBalancerArn": answers["DescribeLoadBalancers"]["LoadBalancerArn"]}


LOAD_BALANCER = register(
    ResourceType(
        slug="load-balancer",
        label="Load balancer",
        plural="Load balancers",
        category=Category.NETWORKING,
        icon="server",
        model=LoadBalancer,
        call=Call(
            service="elbv2",
            operation="DescribeLoadBalancers",
            items="LoadBalancers",
            permission="elasticloadbalancing:DescribeLoadBalancers",
            page_size=("PageSize", 400),
        ),
        reach=Reach.REGIONAL,
        id_key="LoadBalancerArn",
        arn="{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#LoadBalancer:loadBalancerArn={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="load_balancer_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="scheme", label="Scheme", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="listeners", label="Listeners", kind=Kind.MANY, detail=("default_action", "ssl_policy")),
            Column(field="dns_name", label="DNS name", kind=Kind.IDENTIFIER, default=False),
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="subnets", label="Subnets", kind=Kind.MANY, default=False, target="subnet", detail=("zone",)),
            Column(
                field="security_groups",
                label="Security groups",
                kind=Kind.MANY,
                default=False,
                target="security-group",
            ),
            Column(
                field="elastic_ips",
                label="Elastic IPs",
                kind=Kind.MANY,
                default=False,
                target="elastic-ip",
                detail=("public_ipv4",),
            ),
            Column(
                field="ip_address_type",
                label="Addresses",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(
                field="deletion_protection", label="Deletion protection", kind=Kind.BOOLEAN, facet=True, sortable=True
            ),
            Column(field="access_logs", label="Access logs", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(field="created_time", label="Created", kind=Kind.MOMENT, sortable=True),
        ),
        relations=(
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Load balancers"),
            Relation(field="subnets", target="subnet", label="Subnets", inverse="Load balancers"),
            Relation(
                field="security_groups", target="security-group", label="Security groups", inverse="Load balancers"
            ),
            Relation(field="elastic_ips", target="elastic-ip", label="Elastic IPs", inverse="Load balancer"),
        ),
        enrich=(
            LookUp(
                call=Call(
                    service="elbv2",
                    operation="DescribeTags",
                    items="TagDescriptions",
                    permission="elasticloadbalancing:DescribeTags",
                ),
                key=lambda answers: answers["DescribeLoadBalancers"].get("LoadBalancerArn"),
                argument="ResourceArns",
                item_key="ResourceArn",
                invalid="LoadBalancerNotFound",
                batch=MOST_TAGGED,
            ),
            Ask(
                call=Call(
                    service="elbv2",
                    operation="DescribeListeners",
                    items="Listeners",
                    permission="elasticloadbalancing:DescribeListeners",
                ),
                arguments=_by_arn,
            ),
            Ask(
                call=Call(
                    service="elbv2",
                    operation="DescribeLoadBalancerAttributes",
                    permission="elasticloadbalancing:DescribeLoadBalancerAttributes",
                ),
                arguments=_by_arn,
            ),
        ),
    )
)
