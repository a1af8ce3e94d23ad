"""Zones of a region: availability, local and wavelength zones, as each account sees them.

A zone's name is the account's own, its id is the same everywhere: `us-east-1a` may be another building in another
account, `use1-az1` never is (Amazon EC2 User Guide, "Availability Zone IDs"). So the id is what identifies
a zone here, and the name is its name.
"""

from __future__ import annotations

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    Answers,
    Call,
    Category,
    Column,
    CountOf,
    Kind,
    LinkTo,
    Reach,
    Reading,
    Relation,
    ResourceType,
    Scope,
    register,
)

SLUG = "availability-zone"
INDEXED = ("zone_type", "state", "opt_in_status", "group_name", "network_border_group", "parent_zone_id")


class AvailabilityZone(ResourceRevision):
    """One period during which a zone looked the same to an account."""

    zone_type = models.CharField(max_length=32, null=True)
    state = models.CharField(max_length=32, null=True)
    opt_in_status = models.CharField(max_length=32, null=True)
    group_name = models.CharField(max_length=64, null=True)
    group_long_name = models.CharField(max_length=255, null=True)
    network_border_group = models.CharField(max_length=64, null=True)
    parent_zone_id = models.CharField(max_length=64, null=True)
    parent_zone_name = models.CharField(max_length=64, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [
            *ResourceRevision.Meta.indexes,
            *(open_index("zone", field) for field in INDEXED),
        ]


def read(answers: Answers, scope: Scope) -> Reading:
    """A zone as DescribeAvailabilityZones lists it."""
    zone = answers["DescribeAvailabilityZones"]
    return Reading(
        native_id=zone["ZoneId"],
        name=zone.get("ZoneName", ""),
        region=scope.region,
        tags={},
        fields={
            "zone_type": zone.get("ZoneType"),
            "state": zone.get("State"),
            "opt_in_status": zone.get("OptInStatus"),
            "group_name": zone.get("GroupName"),
            "group_long_name": zone.get("GroupLongName"),
            "network_border_group": zone.get("NetworkBorderGroup"),
            "parent_zone_id": zone.get("ParentZoneId"),
            "parent_zone_name": zone.get("ParentZoneName"),
        },
        links=tuple(
            LinkTo(role="messages", value=message["Message"])
            for message in zone.get("Messages", [])
            if message.get("Message")
        ),
    )


AVAILABILITY_ZONE = register(
    ResourceType(
        slug=SLUG,
        label="Zone",
        plural="Zones",
        category=Category.PLACES,
        icon="route",
        model=AvailabilityZone,
        call=Call(
            service="ec2",
            operation="DescribeAvailabilityZones",
            items="AvailabilityZones",
            # Without it, local and wavelength zones that the account has not opted in to are left out.
            arguments={"AllAvailabilityZones": True},
        ),
        reach=Reach.REGIONAL,
        id_key="ZoneId",
        arn="",
        # Zones have no pages of their own; this one lists those of the region and lets an account opt in.
        console="https://{region}.{console}/ec2/home?region={region}#Settings:tab=zones",
        read=read,
        columns=(
            Column(field="zone_type", label="Kind", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="opt_in_status", label="Opt-in", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="instances",
                label="Instances",
                kind=Kind.COUNT,
                counts=CountOf(type="ec2-instance", field="availability_zone", by_name=True),
                help="EC2 instances of the account in the zone",
            ),
            Column(
                field="volumes",
                label="Volumes",
                kind=Kind.COUNT,
                counts=CountOf(type="ebs-volume", field="availability_zone", by_name=True),
                help="EBS volumes of the account in the zone",
            ),
            Column(field="group_name", label="Zone group", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="group_long_name", label="Place", default=False, help="The long name of the zone group"),
            Column(
                field="network_border_group",
                label="Network border group",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
                help="The group of zones from which AWS announces a public address",
            ),
            Column(
                field="parent_zone_id",
                label="Parent zone",
                kind=Kind.IDENTIFIER,
                sortable=True,
                target=SLUG,
                help="The zone that answers for a local or wavelength zone, for instance API calls",
                default=False,
            ),
            Column(field="parent_zone_name", label="Parent zone name", kind=Kind.IDENTIFIER, default=False),
            Column(field="messages", label="Messages", kind=Kind.MANY, default=False, help="What AWS says about it"),
        ),
        relations=(
            Relation(field="parent_zone_id", target=SLUG, label="Parent zone", inverse="Zones that it answers for"),
        ),
        is_place=True,
    )
)
