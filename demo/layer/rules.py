"""Security groups and their rules: owners, descriptions and protocols without ports."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from .calls import Call
from .documents import drop, items, put, text
from .facts import PROTOCOLS_WITH_PORTS, Facts, Reference, numbered, protocol_name


def authorize_parameters(call: Call) -> dict[str, str]:
    """An Authorize request that moto can carry out: it fails on a protocol that has no ports."""
    parameters = dict(call.parameters)
    for permission in numbered(parameters, "IpPermissions"):
        if protocol_name(parameters[f"{permission}.IpProtocol"]) not in {*PROTOCOLS_WITH_PORTS, "-1"}:
            parameters |= {f"{permission}.FromPort": "-1", f"{permission}.ToPort": "-1"}
    return parameters


def mend_rules(call: Call, root: Element, facts: Facts) -> None:
    """Describe each rule of a DescribeSecurityGroupRules answer as AWS does."""
    for rule in items(root, "securityGroupRuleSet"):
        rule_id = text(rule, "securityGroupRuleId")
        put(rule, "groupOwnerId", call.account)
        put(
            rule,
            "securityGroupRuleArn",
            f"arn:aws:ec2:{call.region}:{call.account}:security-group-rule/{rule_id}",
        )
        refers_to = text(rule, "referencedGroupInfo/groupId") or text(rule, "prefixListId")
        reference = Reference(
            group_id=text(rule, "groupId"),
            is_egress=text(rule, "isEgress") == "true",
            protocol=text(rule, "ipProtocol"),
            from_port=text(rule, "fromPort"),
            to_port=text(rule, "toPort"),
            refers_to=refers_to,
        )
        if description := facts.descriptions.get(reference):
            put(rule, "description", description)


def mend_groups(root: Element, facts: Facts) -> None:
    """Describe the permissions of a DescribeSecurityGroups answer as AWS does."""
    for group in items(root, "securityGroupInfo"):
        for way, is_egress in (("ipPermissions", False), ("ipPermissionsEgress", True)):
            for permission in items(group, way):
                protocol = text(permission, "ipProtocol")
                for entry in items(permission, "prefixListIds"):
                    reference = Reference(
                        group_id=text(group, "groupId"),
                        is_egress=is_egress,
                        protocol=protocol,
                        from_port=text(permission, "fromPort") or "-1",
                        to_port=text(permission, "toPort") or "-1",
                        refers_to=text(entry, "prefixListId"),
                    )
                    if description := facts.descriptions.get(reference):
                        put(entry, "description", description)
                if protocol not in PROTOCOLS_WITH_PORTS:
                    drop(permission, "fromPort", "toPort")
