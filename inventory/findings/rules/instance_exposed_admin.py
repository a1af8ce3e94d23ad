"""An instance that the whole internet can reach on a port that hands it over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.admin_ports import AdminPorts, admin_ports
from inventory.findings.rule import AT_ONCE, Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group import SECURITY_GROUP
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE

OVER = ("terminated", "shutting-down")


def judge(look: Look) -> Iterator[Verdict]:
    """Instances with a public IPv4 or any IPv6 address, one of whose groups has a critical opening for the world."""
    ports = admin_ports(look)
    open_groups = {group for _, group in ports}
    groups: dict[int, list[str]] = defaultdict(list)
    attached = look.links(EC2_INSTANCE, "security_groups").values_list("resource_id", "target")
    for resource_id, group in attached.iterator(AT_ONCE):
        if group in open_groups:
            groups[resource_id].append(group)
    with_ipv6 = set(look.links(EC2_INSTANCE, "ipv6_addresses").values_list("resource_id", flat=True))
    for instance in look.revisions(EC2_INSTANCE).exclude(state__in=OVER).iterator(AT_ONCE):
        if instance.public_ipv4 is None and instance.resource_id not in with_ipv6:
            continue
        if instance.was_never_read("security_groups"):
            yield doubt(instance, "It has a public address, and its security groups were never read.")
            continue
        has_ipv6 = instance.resource_id in with_ipv6
        reached = _reached(
            instance.public_ipv4, has_ipv6, instance.region or "", groups.get(instance.resource_id, []), ports
        )
        if reached.openings:
            at = instance.public_ipv4 or "its IPv6 address"
            yield objection(instance, f"Security groups let the whole internet in at {at} to {reached.words}.")


def _reached(
    ipv4: str | None, has_ipv6: bool, region: str, groups: list[str], ports: dict[tuple[str, str], AdminPorts]
) -> AdminPorts:
    """The openings of its groups in a family in which it has a public address."""
    families = {family for family, has in (("ipv4", ipv4 is not None), ("ipv6", has_ipv6)) if has}
    openings = [
        one
        for group in sorted(groups)
        for one in ports.get((region, group), AdminPorts()).openings
        if one.opening.family in families
    ]
    return AdminPorts(openings=openings)


register(
    Rule(
        slug="instance-exposed-admin",
        title="Instance with a public address has an administrative port open to the world",
        severity=Severity.CRITICAL,
        type=EC2_INSTANCE.slug,
        reads=(SECURITY_GROUP.slug, SECURITY_GROUP_RULE.slug),
        why=(
            "A public address and a rule for everybody are all that a stranger needs to try passwords and exploits. "
            "What is said here is by addresses and security groups; routes and network ACLs may still stop it."
        ),
        fix=(
            "Narrow the rule to the addresses that need it, or take the public address away and use Session Manager. "
            "The open-ports page names the rules."
        ),
        judge=judge,
    )
)
