"""Auto Scaling groups, with the instances that they run and what they start them from.

A group's name can be used again, and its ARN holds an id that cannot: that tells two of the same name apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
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
    tags_from,
)

INDEXED = ("status", "min_size", "max_size", "desired_capacity", "health_check_type", "launch_configuration", "created")


class AutoScalingGroup(ResourceRevision):
    """One period during which an Auto Scaling group looked the same."""

    group_arn = models.CharField(max_length=2048, null=True)
    status = models.CharField(max_length=255, null=True)
    min_size = models.PositiveIntegerField(null=True)
    max_size = models.PositiveIntegerField(null=True)
    desired_capacity = models.PositiveIntegerField(null=True)
    health_check_type = models.CharField(max_length=64, null=True)
    launch_configuration = models.CharField(max_length=255, null=True)
    placement_group = models.CharField(max_length=255, null=True)
    capacity_rebalance = models.BooleanField(null=True)
    protected_from_scale_in = models.BooleanField(null=True)
    max_instance_lifetime_seconds = models.PositiveIntegerField(null=True)
    created = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("autoscalinggroup", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A group as DescribeAutoScalingGroups lists it."""
    group = answers["DescribeAutoScalingGroups"]
    arn = group.get("AutoScalingGroupARN")
    return Reading(
        native_id=group["AutoScalingGroupName"],
        name=group["AutoScalingGroupName"],
        region=scope.region,
        tags=tags_from(group.get("Tags")),
        fields={
            "group_arn": arn,
            # AWS says something only while a group is being deleted.
            "status": group.get("Status"),
            "min_size": group.get("MinSize"),
            "max_size": group.get("MaxSize"),
            "desired_capacity": group.get("DesiredCapacity"),
            "health_check_type": group.get("HealthCheckType"),
            "launch_configuration": group.get("LaunchConfigurationName"),
            "placement_group": group.get("PlacementGroup"),
            "capacity_rebalance": group.get("CapacityRebalance"),
            "protected_from_scale_in": group.get("NewInstancesProtectedFromScaleIn"),
            "max_instance_lifetime_seconds": group.get("MaxInstanceLifetime"),
            "created": group.get("CreatedTime"),
        },
        links=tuple(_links(group)),
        incarnation=_unique_id(arn or ""),
    )


def _unique_id(arn: str) -> str:
    """The id in "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:ID:autoScalingGroupName/web"."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 7 else ""


def _links(group: Mapping[str, Any]) -> Iterator[LinkTo]:
    for instance in group.get("Instances", []):
        yield LinkTo(
            role="instances",
            target_type="ec2-instance",
            target=instance["InstanceId"],
            detail={
                "lifecycle_state": instance.get("LifecycleState"),
                "health_status": instance.get("HealthStatus"),
                "protected": instance.get("ProtectedFromScaleIn"),
            },
        )
    for template, version in _templates(group):
        yield LinkTo(
            role="launch_templates",
            target_type="launch-template",
            target=template,
            detail={"version": version},
        )
    for arn in group.get("TargetGroupARNs", []):
        yield LinkTo(role="target_groups", target_type="target-group", target=arn)
    for name in group.get("LoadBalancerNames", []):
        yield LinkTo(role="load_balancers", target_type="classic-load-balancer", target=name)
    for subnet in filter(None, (group.get("VPCZoneIdentifier") or "").split(",")):
        yield LinkTo(role="subnets", target_type="subnet", target=subnet.strip())
    for zone in group.get("AvailabilityZones", []):
        yield LinkTo(role="availability_zones", value=zone)


def _templates(group: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Each template with the version that is started: the group's own, its mixed policy's, and those of overrides."""
    mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    named = [
        group.get("LaunchTemplate"),
        mixed.get("LaunchTemplateSpecification"),
        *(override.get("LaunchTemplateSpecification") for override in mixed.get("Overrides", [])),
    ]
    # Without a version AWS starts the default one.
    return sorted({(one["LaunchTemplateId"], one.get("Version") or "$Default") for one in named if one})


AUTO_SCALING_GROUP = register(
    ResourceType(
        slug="auto-scaling-group",
        label="Auto Scaling group",
        plural="Auto Scaling groups",
        icon="server",
        category=Category.COMPUTE,
        model=AutoScalingGroup,
        call=Call(
            service="autoscaling",
            operation="DescribeAutoScalingGroups",
            items="AutoScalingGroups",
            page_size=("MaxRecords", 100),
        ),
        reach=Reach.REGIONAL,
        id_key="AutoScalingGroupName",
        arn="",
        console="https://{region}.{console}/ec2/home?region={region}#AutoScalingGroupDetails:id={native_id}",
        read=read,
        columns=(
            Column(field="status", label="Status", facet=True, sortable=True, default=False),
            Column(field="min_size", label="Least", kind=Kind.NUMBER, sortable=True),
            Column(field="desired_capacity", label="Wanted", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="max_size", label="Most", kind=Kind.NUMBER, sortable=True),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.MANY,
                target="ec2-instance",
                detail=("lifecycle_state", "health_status", "protected"),
            ),
            Column(
                field="launch_templates",
                label="Launch templates",
                kind=Kind.MANY,
                target="launch-template",
                detail=("version",),
            ),
            Column(
                field="launch_configuration",
                label="Launch configuration",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
                help="The older way to say what is started; it is never read, because it holds boot scripts",
            ),
            Column(field="target_groups", label="Target groups", kind=Kind.MANY, default=False, target="target-group"),
            Column(
                field="load_balancers",
                label="Classic load balancers",
                kind=Kind.MANY,
                default=False,
                target="classic-load-balancer",
            ),
            Column(field="subnets", label="Subnets", kind=Kind.MANY, default=False, target="subnet"),
            Column(field="availability_zones", label="Zones", kind=Kind.MANY, default=False),
            Column(field="health_check_type", label="Health check", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="placement_group", label="Placement group", kind=Kind.IDENTIFIER, default=False),
            Column(field="capacity_rebalance", label="Capacity Rebalancing", kind=Kind.BOOLEAN, default=False),
            Column(field="protected_from_scale_in", label="New ones protected", kind=Kind.BOOLEAN, default=False),
            Column(
                field="max_instance_lifetime_seconds",
                label="Longest life",
                unit="s",
                kind=Kind.NUMBER,
                default=False,
            ),
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True),
            Column(field="group_arn", label="ARN", kind=Kind.IDENTIFIER, default=False),
        ),
        relations=(
            Relation(
                field="target_groups", target="target-group", label="Target groups", inverse="Auto Scaling groups"
            ),
            Relation(
                field="load_balancers",
                target="classic-load-balancer",
                label="Classic load balancers",
                inverse="Auto Scaling groups",
            ),
            Relation(field="subnets", target="subnet", label="Subnets", inverse="Auto Scaling groups"),
            Relation(field="instances", target="ec2-instance", label="Instances", inverse="Auto Scaling group"),
            Relation(
                field="launch_templates",
                target="launch-template",
                label="Launch templates",
                inverse="Auto Scaling groups",
            ),
        ),
    )
)
