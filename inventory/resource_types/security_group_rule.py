"""Security-group rules: what a group lets in and out."""

from __future__ import annotations

from ipaddress import ip_network

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    Kind,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

INBOUND = "inbound"
OUTBOUND = "outbound"
EVERY = {"-1": "all"}
"""What AWS means by it, of protocols and of ports."""


class SecurityGroupRule(ResourceRevision):
    """One period during which a security-group rule looked the same."""

    group_id = models.CharField(max_length=64, null=True)
    direction = models.CharField(max_length=8, null=True)
    protocol = models.CharField(max_length=16, null=True)
    from_port = models.IntegerField(null=True)
    to_port = models.IntegerField(null=True)
    cidr_ipv4 = models.CharField(max_length=18, null=True)
    cidr_ipv6 = models.CharField(max_length=43, null=True)
    prefix_list_id = models.CharField(max_length=64, null=True)
    referenced_group_id = models.CharField(max_length=64, null=True)
    referenced_account = models.CharField(max_length=12, null=True)
    description = models.CharField(max_length=255, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(
                open_index("sgrule", field)
                for field in (
                    "group_id",
                    "direction",
                    "protocol",
                    "from_port",
                    "cidr_ipv4",
                    "cidr_ipv6",
                    "prefix_list_id",
                    "referenced_group_id",
                )
            ),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A rule as DescribeSecurityGroupRules lists it; ports keep AWS's meaning (-1 = all; ICMP: type and code)."""
    rule = answers["DescribeSecurityGroupRules"]
    tags = tags_from(rule.get("Tags"))
    referenced = rule.get("ReferencedGroupInfo") or {}
    return Reading(
        native_id=rule["SecurityGroupRuleId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "group_id": rule.get("GroupId"),
            "direction": OUTBOUND if rule["IsEgress"] else INBOUND,
            "protocol": rule.get("IpProtocol"),
            "from_port": rule.get("FromPort"),
            "to_port": rule.get("ToPort"),
            "cidr_ipv4": _range(rule.get("CidrIpv4")),
            "cidr_ipv6": _range(rule.get("CidrIpv6")),
            "prefix_list_id": rule.get("PrefixListId"),
            "referenced_group_id": referenced.get("GroupId"),
            "referenced_account": referenced.get("UserId"),
            "description": rule.get("Description"),
        },
    )


def _range(cidr: str | None) -> str | None:
    """The range as AWS wrote it; ValueError if it is none, because whoever asks who may come in must not guess."""
    if cidr is not None:
        ip_network(cidr, strict=False)
    return cidr


SECURITY_GROUP_RULE = register(
    ResourceType(
        slug="security-group-rule",
        label="Security-group rule",
        plural="Security-group rules",
        category=Category.NETWORKING,
        icon="route",
        model=SecurityGroupRule,
        call=Call(
            service="ec2",
            operation="DescribeSecurityGroupRules",
            items="SecurityGroupRules",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="SecurityGroupRuleId",
        arn="arn:{partition}:ec2:{region}:{account_id}:security-group-rule/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#SecurityGroup:groupId={group_id}",
        read=read,
        columns=(
            Column(
                field="group_id",
                label="Group",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
                target="security-group",
            ),
            Column(field="direction", label="Direction", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="protocol",
                label="Protocol",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                words=EVERY,
                help="AWS says -1 for all of them.",
            ),
            Column(
                field="from_port",
                label="From port",
                kind=Kind.NUMBER,
                is_measure=False,
                sortable=True,
                words=EVERY,
                help="ICMP: the type. AWS says -1 for all.",
            ),
            Column(
                field="to_port",
                label="To port",
                kind=Kind.NUMBER,
                is_measure=False,
                words=EVERY,
                help="ICMP: the code. AWS says -1 for all.",
            ),
            Column(field="cidr_ipv4", label="IPv4 range", kind=Kind.IDENTIFIER, facet=True, sortable=True),
            Column(field="cidr_ipv6", label="IPv6 range", kind=Kind.IDENTIFIER, facet=True, sortable=True),
            Column(
                field="prefix_list_id", label="Prefix list", kind=Kind.IDENTIFIER, sortable=True, target="prefix-list"
            ),
            Column(
                field="referenced_group_id",
                label="Other group",
                kind=Kind.IDENTIFIER,
                target="security-group",
            ),
            Column(field="referenced_account", label="Its account", kind=Kind.IDENTIFIER, default=False),
            Column(field="description", label="Description"),
        ),
        relations=(
            Relation(field="group_id", target="security-group", label="Group", inverse="Rules"),
            Relation(field="prefix_list_id", target="prefix-list", label="Prefix list", inverse="Rules that name it"),
            Relation(
                field="referenced_group_id",
                target="security-group",
                label="Allows members of",
                inverse="Allowed by rules of other groups",
            ),
        ),
        is_principal=True,
    )
)
