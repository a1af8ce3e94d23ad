"""A small ledger to read open ports from: accounts with groups, rules and instances, each seen from a moment on."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from inventory.history import ResourceRevision
from inventory.models import Account, Freshness, Link, Outcome, Resource, Snapshot, Visit, VisitState
from inventory.resource_types.ec2_instance import Ec2Instance
from inventory.resource_types.security_group import SecurityGroup
from inventory.resource_types.security_group_rule import SecurityGroupRule

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 2, 1, tzinfo=UTC)
READ = ("security-group", "security-group-rule", "ec2-instance")
numbers = count(1)


class Cast:
    """One account; what it holds is added by the methods, each of which answers AWS's id."""

    def __init__(self, name: str = "acme", *regions: str, read: tuple[str, ...] = READ) -> None:
        self.account = Account.objects.create(name=name, account_id=f"{next(numbers):012}")
        for region in regions or ("eu-west-1",):
            for slug in read:
                self.was_read(slug, region)

    def was_read(self, slug: str, region: str = "eu-west-1", at: datetime = BEGIN) -> None:
        """A complete look at one type in one region."""
        visit = self._visit(slug, region, at, outcome=Outcome.COMPLETE)
        Freshness.objects.create(
            account=self.account,
            scope_region=region,
            type=slug,
            first_complete_at=at,
            last_complete_at=at,
            latest_visit=visit,
            last_complete_visit=visit,
        )

    def was_refused(self, slug: str, region: str = "eu-west-1", at: datetime = LATER) -> None:
        """A look that AWS denied."""
        action = {"security-group-rule": "ec2:DescribeSecurityGroupRules", "ec2-instance": "ec2:DescribeInstances"}
        visit = self._visit(slug, region, at, outcome=Outcome.DENIED, action=action[slug])
        Freshness.objects.update_or_create(
            account=self.account,
            scope_region=region,
            type=slug,
            defaults={"latest_visit": visit, "failing_since": at},
        )

    def group(self, name: str = "web", region: str = "eu-west-1") -> str:
        """A security group."""
        return self._resource(SecurityGroup, "security-group", f"sg-{next(numbers):017x}", region, name=name)

    def rule(self, group: str, *ports: int, region: str = "eu-west-1", **fields: Any) -> str:
        """A rule for one port, an interval or, without ports, whatever the fields say; from everywhere unless told."""
        ends = {"from_port": ports[0], "to_port": ports[-1]} if ports else {}
        sources = {"cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_group_id"}
        source = {} if sources & fields.keys() else {"cidr_ipv4": "0.0.0.0/0"}
        fields = {"direction": "inbound", "protocol": "tcp", "group_id": group} | ends | source | fields
        return self._resource(SecurityGroupRule, "security-group-rule", f"sgr-{next(numbers):017x}", region, **fields)

    def instance(self, *groups: str, name: str = "", region: str = "eu-west-1", **fields: Any) -> str:
        """An instance with these groups."""
        native_id = self._resource(Ec2Instance, "ec2-instance", f"i-{next(numbers):017x}", region, name=name, **fields)
        resource = Resource.objects.get(native_id=native_id)
        for group in groups:
            Link.objects.create(
                account=self.account,
                resource=resource,
                role="security_groups",
                target_type="security-group",
                target=group,
                valid_from=BEGIN,
            )
        return native_id

    def gone(self, native_id: str, at: datetime = LATER) -> None:
        """The resource was not there any more at that moment."""
        for model in (SecurityGroup, SecurityGroupRule, Ec2Instance):
            model.revisions.filter(resource__native_id=native_id).update(valid_to=at)
        Link.objects.filter(resource__native_id=native_id).update(valid_to=at)

    def _resource(self, model: type[ResourceRevision], slug: str, native_id: str, region: str, **fields: Any) -> str:
        resource = Resource.objects.create(
            account=self.account,
            scope_region=region,
            type=slug,
            native_id=native_id,
            current_name=fields.get("name", ""),
        )
        known = {"valid_from": BEGIN, "fingerprint": b"", "raw": b""} | fields
        model.revisions.create(account=self.account, resource=resource, region=region, **known)
        return native_id

    def _visit(self, slug: str, region: str, at: datetime, **fields: Any) -> Visit:
        snapshot = Snapshot.objects.create(account=self.account, taken_at=at, has_given_moment=True)
        return Visit.objects.create(
            snapshot=snapshot,
            account=self.account,
            scope_region=region,
            type=slug,
            taken_at=at,
            state=VisitState.FINISHED,
            **fields,
        )
