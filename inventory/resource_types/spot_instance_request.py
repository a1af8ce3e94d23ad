"""Spot Instance requests: what was asked of the spot market, and what became of it.

A request may hold a boot script, and a boot script a password: it is dropped before anything else sees the request.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
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
    Relation,
    ResourceType,
    Scope,
    register,
    tags_from,
)

INDEXED = (
    *("state", "status_code", "request_type", "instance_id", "instance_type", "product_description"),
    *("image_id", "availability_zone", "max_price", "created", "valid_until"),
)
PRICE = Decimal("0.0000000001")


class SpotRequest(ResourceRevision):
    """One period during which a Spot Instance request looked the same."""

    state = models.CharField(max_length=16, null=True)
    status_code = models.CharField(max_length=64, null=True)
    status_message = models.CharField(max_length=1024, null=True)
    request_type = models.CharField(max_length=16, null=True)
    instance_id = models.CharField(max_length=64, null=True)
    instance_type = models.CharField(max_length=32, null=True)
    image_id = models.CharField(max_length=64, null=True)
    product_description = models.CharField(max_length=64, null=True)
    availability_zone = models.CharField(max_length=32, null=True)
    max_price = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    interruption_behavior = models.CharField(max_length=16, null=True)
    created = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("spotrequest", field) for field in INDEXED)]


def without_boot_script(item: Any, scope: Scope) -> Any:
    """The request without its user data, which may hold secrets."""
    if not isinstance(item, dict) or not isinstance(item.get("LaunchSpecification"), dict):
        return item
    rest = {name: value for name, value in item["LaunchSpecification"].items() if name != "UserData"}
    return {**item, "LaunchSpecification": rest}


def read(answers: Answers, scope: Scope) -> Reading:
    """A request as DescribeSpotInstanceRequests lists it; a price that is no number is unknown."""
    request = answers["DescribeSpotInstanceRequests"]
    tags = tags_from(request.get("Tags"))
    asked = request.get("LaunchSpecification", {})
    told = request.get("SpotPrice")
    price = _decimal(told)
    return Reading(
        native_id=request["SpotInstanceRequestId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            "state": request.get("State"),
            "status_code": request.get("Status", {}).get("Code"),
            "status_message": request.get("Status", {}).get("Message"),
            "request_type": request.get("Type"),
            "instance_id": request.get("InstanceId"),
            "instance_type": asked.get("InstanceType"),
            "image_id": asked.get("ImageId"),
            "product_description": request.get("ProductDescription"),
            "availability_zone": request.get("LaunchedAvailabilityZone"),
            "max_price": price,
            "interruption_behavior": request.get("InstanceInterruptionBehavior"),
            "created": request.get("CreateTime"),
            "valid_until": request.get("ValidUntil"),
        },
        unknown=frozenset({"max_price"} if told and price is None else ()),
    )


def _decimal(text: str | None) -> Decimal | None:
    try:
        return Decimal(text).quantize(PRICE) if text else None
    except InvalidOperation:
        return None


SPOT_INSTANCE_REQUEST = register(
    ResourceType(
        slug="spot-instance-request",
        label="Spot Instance request",
        plural="Spot Instance requests",
        icon="git-compare",
        category=Category.COMPUTE,
        model=SpotRequest,
        call=Call(
            service="ec2",
            operation="DescribeSpotInstanceRequests",
            items="SpotInstanceRequests",
            page_size=("MaxResults", 1000),
            keep=without_boot_script,
        ),
        reach=Reach.REGIONAL,
        id_key="SpotInstanceRequestId",
        arn="arn:{partition}:ec2:{region}:{account_id}:spot-instances-request/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#SpotInstancesDetails:id={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="status_code", label="Status", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="status_message", label="In words", default=False),
            Column(field="request_type", label="Kind", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_id", label="Instance", kind=Kind.IDENTIFIER, target="ec2-instance", sortable=True),
            Column(field="instance_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="image_id", label="Image", kind=Kind.IDENTIFIER, target="image", default=False),
            Column(
                field="product_description",
                label="Product",
                kind=Kind.CHOICE,
                facet=True,
                sortable=True,
                default=False,
            ),
            Column(field="availability_zone", label="Zone", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="max_price",
                label="At most",
                unit="USD/h",
                kind=Kind.NUMBER,
                sortable=True,
                default=False,
                help="What is paid for an hour at the most; without one, the on-demand price",
            ),
            Column(field="interruption_behavior", label="When interrupted", kind=Kind.CHOICE, default=False),
            Column(field="created", label="Created", kind=Kind.MOMENT, sortable=True),
            Column(field="valid_until", label="Valid until", kind=Kind.MOMENT, sortable=True, default=False),
        ),
        relations=(
            Relation(field="instance_id", target="ec2-instance", label="Instance", inverse="Spot Instance request"),
            Relation(field="image_id", target="image", label="Image", inverse="Spot Instance requests"),
        ),
    )
)
