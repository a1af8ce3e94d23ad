"""VPC peering connections: two VPCs that reach each other, perhaps across accounts and regions."""

from __future__ import annotations

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

SIDES = {"requester": "RequesterVpcInfo", "accepter": "AccepterVpcInfo"}
SIDE = {"vpc_id": "VpcId", "account": "OwnerId", "region": "Region", "cidr_ipv4": "CidrBlock"}
INDEXED = ("status", *(f"{side}_{field}" for side in SIDES for field in ("vpc_id", "account", "region")))


class VpcPeering(ResourceRevision):
    """One period during which a VPC peering connection looked the same."""

    status = models.CharField(max_length=32, null=True)
    status_message = models.CharField(max_length=1024, null=True)
    requester_vpc_id = models.CharField(max_length=64, null=True)
    requester_account = models.CharField(max_length=12, null=True)
    requester_region = models.CharField(max_length=32, null=True)
    requester_cidr_ipv4 = models.CharField(max_length=18, null=True)
    accepter_vpc_id = models.CharField(max_length=64, null=True)
    accepter_account = models.CharField(max_length=12, null=True)
    accepter_region = models.CharField(max_length=32, null=True)
    accepter_cidr_ipv4 = models.CharField(max_length=18, null=True)
    expiration_time = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("pcx", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A connection as DescribeVpcPeeringConnections lists it; AWS tells ranges only where it is active."""
    peering = answers["DescribeVpcPeeringConnections"]
    tags = tags_from(peering.get("Tags"))
    status = peering.get("Status", {})
    return Reading(
        native_id=peering["VpcPeeringConnectionId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "status": status.get("Code"),
            "status_message": status.get("Message"),
            "expiration_time": peering.get("ExpirationTime"),
            **{
                f"{side}_{field}": peering.get(info, {}).get(key)
                for side, info in SIDES.items()
                for field, key in SIDE.items()
            },
        },
    )


VPC_PEERING_CONNECTION = register(
    ResourceType(
        slug="vpc-peering-connection",
        label="VPC peering connection",
        plural="VPC peering connections",
        category=Category.NETWORKING,
        icon="route",
        model=VpcPeering,
        call=Call(
            service="ec2",
            operation="DescribeVpcPeeringConnections",
            items="VpcPeeringConnections",
            page_size=("MaxResults", 1000),
        ),
        reach=Reach.REGIONAL,
        id_key="VpcPeeringConnectionId",
        arn="arn:{partition}:ec2:{region}:{account_id}:vpc-peering-connection/{native_id}",
        console="https://{region}.{console}/vpcconsole/home?region={region}#PeeringConnectionDetails:VpcPeeringConnectionId={native_id}",
        read=read,
        columns=(
            Column(field="status", label="Status", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="status_message", label="Says", default=False),
            Column(field="requester_vpc_id", label="Requester", kind=Kind.IDENTIFIER, sortable=True, target="vpc"),
            Column(
                field="requester_account",
                label="Requester's account",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
            ),
            Column(
                field="requester_region",
                label="Requester's region",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(field="requester_cidr_ipv4", label="Requester's range", kind=Kind.IDENTIFIER, default=False),
            Column(field="accepter_vpc_id", label="Accepter", kind=Kind.IDENTIFIER, sortable=True, target="vpc"),
            Column(
                field="accepter_account",
                label="Accepter's account",
                kind=Kind.IDENTIFIER,
                facet=True,
                sortable=True,
            ),
            Column(
                field="accepter_region",
                label="Accepter's region",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(field="accepter_cidr_ipv4", label="Accepter's range", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="expiration_time",
                label="Expires",
                kind=Kind.MOMENT,
                default=False,
                help="When a request that nobody accepts ends.",
            ),
        ),
        relations=(
            Relation(field="requester_vpc_id", target="vpc", label="Requester", inverse="Peerings asked for"),
            Relation(field="accepter_vpc_id", target="vpc", label="Accepter", inverse="Peerings accepted"),
        ),
    )
)
