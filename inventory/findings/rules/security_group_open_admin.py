"""A security group that opens remote access or a database to the whole internet."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.exposure.services import Severity
from inventory.findings.admin_ports import admin_ports, port_words
from inventory.findings.rule import Look, Rule, Verdict, doubt, objection, register
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group import SECURITY_GROUP
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE


def judge(look: Look) -> Iterator[Verdict]:
    """Groups with a critical opening for the world; less severe where nothing is behind the group."""
    ports = admin_ports(look)
    for group in look.revisions(SECURITY_GROUP):
        found = ports.get((group.region or "", group.resource.native_id))
        if found is None:
            continue
        if not found.openings:
            named = ", ".join(sorted({port_words(one) for one in found.unread}))
            yield doubt(group, f"Who is let in to {named} could not be read: the entries of a prefix list are unknown.")
            continue
        attached = found.openings[0].attached
        words = f"The whole internet is let in to {found.words}"
        if attached is None:
            yield objection(group, f"{words}; which instances are behind it was not read.")
        elif attached:
            behind = "1 instance is" if len(attached) == 1 else f"{len(attached)} instances are"
            yield objection(group, f"{words}; {behind} behind it.")
        else:
            yield objection(group, f"{words}; no instance is behind it now.", severity=Severity.MEDIUM)


register(
    Rule(
        slug="security-group-open-admin",
        title="Security group opens SSH, RDP, a database or the like to the world",
        severity=Severity.HIGH,
        type=SECURITY_GROUP.slug,
        reads=(SECURITY_GROUP_RULE.slug, EC2_INSTANCE.slug),
        why=(
            "Ports of remote shells, desktops and databases are scanned all day. One weak password, one leaked key or "
            "one unpatched server behind them is enough."
        ),
        fix=(
            "Let in the addresses that need it and no others, or none at all: Session Manager and EC2 Instance Connect "
            "Endpoint reach an instance without an open port."
        ),
        judge=judge,
    )
)
