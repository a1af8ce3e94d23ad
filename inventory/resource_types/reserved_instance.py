"""Reserved Instances: purchases that make matching instances cheaper, zone by zone or in a whole region.

One row is one purchase, of `instance_count` reservations; its prices are those of one of them. AWS goes on listing a
purchase after its term, as `retired`, so state and end say whether it still counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

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
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = (
    *("state", "instance_type", "instance_count", "product_description", "scope", "availability_zone"),
    *("instance_tenancy", "offering_class", "offering_type", "start", "end"),
)
HOURLY = "Hourly"
PRICE = Decimal("0.0000000001")
UPFRONT = Decimal("0.0001")


class ReservedInstance(ResourceRevision):
    """One period during which a purchase of Reserved Instances looked the same."""

    state = models.CharField(max_length=32, null=True)
    instance_type = models.CharField(max_length=32, null=True)
    instance_count = models.PositiveIntegerField(null=True)
    product_description = models.CharField(max_length=128, null=True)
    scope = models.CharField(max_length=32, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    availability_zone_id = models.CharField(max_length=32, null=True)
    instance_tenancy = models.CharField(max_length=16, null=True)
    offering_class = models.CharField(max_length=16, null=True)
    offering_type = models.CharField(max_length=32, null=True)
    fixed_price = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    recurring_hourly = models.DecimalField(max_digits=15, decimal_places=10, null=True)
    usage_price = models.DecimalField(max_digits=15, decimal_places=10, null=True)
    currency = models.CharField(max_length=3, null=True)
    duration_seconds = models.PositiveBigIntegerField(null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("reserved", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A purchase as DescribeReservedInstances lists it. Old ones say neither scope nor class: zonal and standard."""
    bought = answers["DescribeReservedInstances"]
    tags = tags_from(bought.get("Tags"))
    zone = bought.get("AvailabilityZone")
    return Reading(
        native_id=bought["ReservedInstancesId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": bought.get("State"),
            "instance_type": bought.get("InstanceType"),
            "instance_count": bought.get("InstanceCount"),
            "product_description": bought.get("ProductDescription"),
            "scope": bought.get("Scope") or ("Availability Zone" if zone else None),
            "availability_zone": zone,
            "availability_zone_id": bought.get("AvailabilityZoneId"),
            "instance_tenancy": bought.get("InstanceTenancy"),
            "offering_class": bought.get("OfferingClass") or "standard",
            "offering_type": bought.get("OfferingType"),
            "fixed_price": _decimal(bought.get("FixedPrice"), UPFRONT),
            "recurring_hourly": recurring_hourly(bought),
            "usage_price": _decimal(bought.get("UsagePrice"), PRICE),
            "currency": bought.get("CurrencyCode"),
            "duration_seconds": bought.get("Duration"),
            "start": bought.get("Start"),
            "end": bought.get("End"),
        },
    )


def recurring_hourly(bought: Mapping[str, Any]) -> Decimal:
    """What one reservation is charged each hour, used or not; 0 where it was paid upfront."""
    hourly = [charge for charge in bought.get("RecurringCharges", []) if charge.get("Frequency") == HOURLY]
    return sum((_decimal(charge.get("Amount", 0), PRICE) or Decimal(0) for charge in hourly), Decimal(0))


def _decimal(number: Any, places: Decimal) -> Decimal | None:
    """A number of AWS's JSON, which botocore hands over as binary, by its shortest decimal."""
    return None if number is None else Decimal(str(number)).quantize(places)


RESERVED_INSTANCE = register(
    ResourceType(
        slug="reserved-instance",
        label="Reserved Instance",
        plural="Reserved Instances",
        category=Category.PURCHASES,
        icon="coins",
        model=ReservedInstance,
        is_purchase=True,
        call=Call(service="ec2", operation="DescribeReservedInstances", items="ReservedInstances"),
        reach=Reach.REGIONAL,
        id_key="ReservedInstancesId",
        arn="arn:{partition}:ec2:{region}:{account_id}:reserved-instances/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#ReservedInstances:search={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_count", label="Instances", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="product_description", label="Platform", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="scope", label="Scope", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True, default=False),
            Column(field="availability_zone_id", label="Zone id", kind=Kind.IDENTIFIER, default=False),
            Column(
                field="instance_tenancy", label="Tenancy", kind=Kind.CHOICE, facet=True, sortable=True, default=False
            ),
            Column(field="offering_class", label="Class", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="offering_type", label="Payment", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="fixed_price",
                label="Upfront",
                kind=Kind.NUMBER,
                default=False,
                help="Paid once for each reservation, in its currency",
            ),
            Column(
                field="recurring_hourly",
                label="An hour",
                kind=Kind.NUMBER,
                default=False,
                help="Paid for each reservation and hour, used or not, in its currency",
            ),
            Column(
                field="usage_price",
                label="A used hour",
                kind=Kind.NUMBER,
                default=False,
                help="Paid for used hours only; 0 for everything that AWS has sold since 2014",
            ),
            Column(field="currency", label="Currency", kind=Kind.CHOICE, default=False),
            Column(field="duration_seconds", label="Term", unit="s", kind=Kind.NUMBER, default=False),
            Column(field="start", label="Start", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="end", label="End", kind=Kind.MOMENT, sortable=True),
        ),
    )
)
