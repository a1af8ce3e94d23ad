"""Load balancers of a place, with target groups and listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .words import pairs


class Balancers:
    """The load balancers of one region of one account; what they stand before is told by AWS's ids."""

    def __init__(self, elbv2: Any, elb: Any) -> None:
        self._elbv2 = elbv2
        self._elb = elb
        self.target_groups: dict[str, str] = {}

    def application(
        self,
        name: str,
        *,
        vpc: str,
        subnets: Sequence[str],
        groups: Sequence[str],
        targets: Sequence[str] = (),
        port: int = 80,
        scheme: str = "internet-facing",
        protected: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """An application load balancer with one listener, before a target group of these instances."""
        balancer = self._elbv2.create_load_balancer(
            Name=name, Subnets=subnets, SecurityGroups=groups, Scheme=scheme, Type="application", Tags=pairs(tags or {})
        )["LoadBalancers"][0]["LoadBalancerArn"]
        group = self._group(name, "HTTP", port, vpc, targets, HealthCheckPath="/health")
        self._elbv2.create_listener(
            LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=_forward_to(group)
        )
        if protected:
            attributes = [{"Key": "deletion_protection.enabled", "Value": "true"}]
            self._elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=attributes)

    def network(self, name: str, *, vpc: str, subnets: Sequence[str], targets: Sequence[str], port: int) -> None:
        """A network load balancer that passes one TCP port on to these instances."""
        balancer = self._elbv2.create_load_balancer(Name=name, Subnets=subnets, Scheme="internal", Type="network")[
            "LoadBalancers"
        ][0]["LoadBalancerArn"]
        group = self._group(name, "TCP", port, vpc, targets)
        self._elbv2.create_listener(
            LoadBalancerArn=balancer, Protocol="TCP", Port=port, DefaultActions=_forward_to(group)
        )

    def classic(
        self,
        name: str,
        *,
        subnets: Sequence[str],
        groups: Sequence[str],
        targets: Sequence[str],
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """A classic load balancer before these instances."""
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
        self._elb.create_load_balancer(
            LoadBalancerName=name,
            Listeners=[listener],
            Subnets=subnets,
            SecurityGroups=groups,
            Scheme="internal",
            **({"Tags": pairs(tags)} if tags else {}),
        )
        self._elb.register_instances_with_load_balancer(
            LoadBalancerName=name, Instances=[{"InstanceId": target} for target in targets]
        )

    def _group(self, name: str, protocol: str, port: int, vpc: str, targets: Sequence[str], **checks: str) -> str:
        group = self._elbv2.create_target_group(Name=name, Protocol=protocol, Port=port, VpcId=vpc, **checks)
        arn = self.target_groups[name] = str(group["TargetGroups"][0]["TargetGroupArn"])
        if targets:
            self._elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": target} for target in targets])
        return arn


def _forward_to(group: str) -> list[dict[str, str]]:
    return [{"Type": "forward", "TargetGroupArn": group}]
