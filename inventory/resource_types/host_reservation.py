"""Host reservations: purchases that make Dedicated Hosts of one family cheaper.

AWS goes on listing a reservation after its term, as `expired`, so state and end say whether it still counts.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

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

INDEXED = ("state", "instance_family", "host_count", "payment_option", "start", "end")
PRICE = Decimal("0.0000000001")
UPFRONT = Decimal("0.0001")


class HostReservation(ResourceRevision):
    """One period during which a host reservation looked the same."""

    state = models.CharField(max_length=32, null=True)
    instance_family = models.CharField(max_length=32, null=True)
    host_count = models.PositiveIntegerField(null=True)
    payment_option = models.CharField(max_length=32, null=True)
    hourly_price = models.DecimalField(max_digits=15, decimal_places=10, null=True)
    upfront_price = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    currency = models.CharField(max_length=3, null=True)
    duration_seconds = models.PositiveBigIntegerField(null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    offering_id = models.CharField(max_length=64, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("hostreservation", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A reservation as DescribeHostReservations lists it, with prices as texts; one that is no number is unknown."""
    bought = answers["DescribeHostReservations"]
    tags = tags_from(bought.get("Tags"))
    prices = {
        "hourly_price": _decimal(bought.get("HourlyPrice"), PRICE),
        "upfront_price": _decimal(bought.get("UpfrontPrice"), UPFRONT),
    }
    return Reading(
        native_id=bought["HostReservationId"],
        name=tags.get("Name", ""),
        region=scope.region,
        tags=tags,
        fields={
            **prices,
            "state": bought.get("State"),
            "instance_family": bought.get("InstanceFamily"),
            "host_count": bought.get("Count"),
            "payment_option": bought.get("PaymentOption"),
            # AWS leaves it out where it is the only one that it supports.
            "currency": bought.get("CurrencyCode") or "USD",
            "duration_seconds": bought.get("Duration"),
            "start": bought.get("Start"),
            "end": bought.get("End"),
            "offering_id": bought.get("OfferingId"),
        },
        links=tuple(
            LinkTo(role="hosts", target_type="dedicated-host", target=host) for host in bought.get("HostIdSet", [])
        ),
        unknown=frozenset(field for field, price in prices.items() if price is None),
    )


def _decimal(text: str | None, places: Decimal) -> Decimal | None:
    try:
        return None if text is None else Decimal(text).quantize(places)
    except InvalidOperation:
        return None


HOST_RESERVATION = register(
    ResourceType(
        slug="host-reservation",
        label="Host reservation",
        plural="Host reservations",
        category=Category.PURCHASES,
        icon="coins",
        model=HostReservation,
        is_purchase=True,
        call=Call(
            service="ec2",
            operation="DescribeHostReservations",
            items="HostReservationSet",
            page_size=("MaxResults", 500),
        ),
        reach=Reach.REGIONAL,
        id_key="HostReservationId",
        arn="arn:{partition}:ec2:{region}:{account_id}:host-reservation/{native_id}",
        console="https://{region}.{console}/ec2/home?region={region}#HostReservations:search={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="instance_family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="host_count", label="Count", kind=Kind.NUMBER, sortable=True, is_summed=True),
            Column(field="hosts", label="Hosts", kind=Kind.MANY, target="dedicated-host"),
            Column(field="payment_option", label="Payment", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="hourly_price",
                label="An hour",
                kind=Kind.NUMBER,
                help="Paid for each host and hour, used or not, in its currency",
            ),
            Column(
                field="upfront_price",
                label="Upfront",
                kind=Kind.NUMBER,
                default=False,
                help="Paid once for each host, in its currency",
            ),
            Column(field="currency", label="Currency", kind=Kind.CHOICE, default=False),
            Column(field="duration_seconds", label="Term", unit="s", kind=Kind.NUMBER, default=False),
            Column(field="start", label="Start", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="end", label="End", kind=Kind.MOMENT, sortable=True),
            Column(field="offering_id", label="Offering", kind=Kind.IDENTIFIER, default=False),
        ),
        relations=(Relation(field="hosts", target="dedicated-host", label="Hosts", inverse="Host reservation"),),
    )
)
