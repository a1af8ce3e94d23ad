"""Network ACLs, with their entries: what a subnet lets in and out, whatever its security groups say."""

from __future__ import annotations

from collections.abc import Mapping
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

PROTOCOLS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


class NetworkAcl(ResourceRevision):
    """One period during which a network ACL and its entries looked the same."""

    vpc_id = models.CharField(max_length=64, null=True)
    is_default = models.BooleanField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("networkacl", field) for field in ("vpc_id", "is_default")),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """An ACL as DescribeNetworkAcls lists it; of its entries the one with the lowest number that fits decides."""
    acl = answers["DescribeNetworkAcls"]
    tags = tags_from(acl.get("Tags"))
    return Reading(
        native_id=acl["NetworkAclId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={"vpc_id": acl.get("VpcId"), "is_default": acl.get("IsDefault")},
        links=(
            *(
                LinkTo(role="subnets", target_type="subnet", target=one["SubnetId"])
                for one in acl.get("Associations", [])
                if one.get("SubnetId")
            ),
            *(_entry(entry) for entry in acl.get("Entries", [])),
        ),
    )


def _entry(entry: Mapping[str, Any]) -> LinkTo:
    protocol = entry.get("Protocol", "")
    return LinkTo(
        role="entries",
        value=f"{'out' if entry['Egress'] else 'in'} {entry['RuleNumber']}",
        detail={
            "action": entry.get("RuleAction"),
            "protocol": "all" if protocol == "-1" else PROTOCOLS.get(protocol, protocol),
            "ports": _ports(entry),
            "range": entry.get("CidrBlock") or entry.get("Ipv6CidrBlock"),
        },
    )


def _ports(entry: Mapping[str, Any]) -> str | None:
    """The ports of TCP and UDP, type and code of ICMP; None where the protocol has none, or for all of them."""
    if ports := entry.get("PortRange"):
        first, last = ports.get("From"), ports.get("To")
        return str(first) if first == last else f"{first}-{last}"
    if message := entry.get("IcmpTypeCode"):
        return f"type {message.get('Type')} code {message.get('Code')}"
    return None


NETWORK_ACL = register(
    ResourceType(
        slug="network-acl",
        label="Network ACL",
        plural="Network ACLs",
        category=Category.NETWORKING,
        icon="shield",
        model=NetworkAcl,
        call=Call(service="ec2", operation="DescribeNetworkAcls", items="NetworkAcls", page_size=("MaxResults", 1000)),
        reach=Reach.REGIONAL,
        id_key="NetworkAclId",
        arn="arn:{partition}:ec2:{region}:{account_id}:network-acl/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#NetworkAclDetails:networkAclId={native_id}",
        read=read,
        columns=(
            Column(field="vpc_id", label="VPC", kind=Kind.IDENTIFIER, facet=True, sortable=True, target="vpc"),
            Column(field="is_default", label="Default ACL", kind=Kind.BOOLEAN, facet=True, sortable=True),
            Column(
                field="entries",
                label="Entries",
                kind=Kind.MANY,
                detail=("action", "protocol", "ports", "range"),
                help="The one with the lowest number that fits decides; 32767 and 32768 are AWS's, and deny the rest.",
            ),
            Column(field="subnets", label="Subnets", kind=Kind.MANY, target="subnet"),
        ),
        relations=(
            Relation(field="vpc_id", target="vpc", label="VPC", inverse="Network ACLs"),
            Relation(field="subnets", target="subnet", label="Subnets", inverse="Network ACL"),
        ),
    )
)
