"""Savings Plans: promises to spend so much an hour, for which usage is charged at lower rates.

They belong to the account and to no region; an EC2 Instance plan names the region and the family that it applies to.
AWS goes on listing a plan after its term, as `retired`, so state and end say whether it still counts.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.db import models

from inventory.history import ResourceRevision, open_index
from inventory.registry import (
    GLOBAL,
    Answers,
    Call,
    Category,
    Column,
    Kind,
    LinkTo,
    Reach,
    Reading,
    ResourceType,
    Scope,
    register,
)

INDEXED = ("state", "plan_type", "plan_region", "ec2_instance_family", "payment_option", "commitment", "start", "end")
EIGHT_DECIMALS = Decimal("0.00000001")
FOUR_DECIMALS = Decimal("0.0001")


class SavingsPlan(ResourceRevision):
    """One period during which a Savings Plan looked the same."""

    state = models.CharField(max_length=32, null=True)
    plan_type = models.CharField(max_length=32, null=True)
    plan_region = models.CharField(max_length=32, null=True)
    ec2_instance_family = models.CharField(max_length=32, null=True)
    payment_option = models.CharField(max_length=32, null=True)
    # SQLite keeps decimals in eight bytes, which give back 15 digits unchanged.
    commitment = models.DecimalField(max_digits=15, decimal_places=8, null=True)
    upfront_payment = models.DecimalField(max_digits=15, decimal_places=4, null=True)
    recurring_payment = models.DecimalField(max_digits=15, decimal_places=8, null=True)
    currency = models.CharField(max_length=3, null=True)
    term_seconds = models.PositiveBigIntegerField(null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    returnable_until = models.DateTimeField(null=True)
    offering_id = models.CharField(max_length=64, null=True)
    description = models.CharField(max_length=255, null=True)

    class Meta(ResourceRevision.Meta):
        indexes = [*ResourceRevision.Meta.indexes, *(open_index("savingsplan", field) for field in INDEXED)]


def read(answers: Answers, scope: Scope) -> Reading:
    """A plan as DescribeSavingsPlans lists it, with amounts as texts; one that is no number is unknown."""
    plan = answers["DescribeSavingsPlans"]
    tags = dict(plan.get("tags") or {})
    amounts = {
        "commitment": _decimal(plan.get("commitment"), EIGHT_DECIMALS),
        "upfront_payment": _decimal(plan.get("upfrontPaymentAmount"), FOUR_DECIMALS),
        "recurring_payment": _decimal(plan.get("recurringPaymentAmount"), EIGHT_DECIMALS),
    }
    return Reading(
        native_id=plan["savingsPlanId"],
        name=tags.get("Name", ""),
        region=GLOBAL,
        tags=tags,
        fields={
            **amounts,
            "state": plan.get("state"),
            "plan_type": plan.get("savingsPlanType"),
            "plan_region": plan.get("region"),
            "ec2_instance_family": plan.get("ec2InstanceFamily"),
            "payment_option": plan.get("paymentOption"),
            "currency": plan.get("currency"),
            "term_seconds": plan.get("termDurationInSeconds"),
            "start": plan.get("start"),
            "end": plan.get("end"),
            "returnable_until": plan.get("returnableUntil"),
            "offering_id": plan.get("offeringId"),
            "description": plan.get("description"),
        },
        links=tuple(LinkTo(role="product_types", value=product) for product in plan.get("productTypes", [])),
        unknown=frozenset(field for field, amount in amounts.items() if amount is None),
    )


def _decimal(text: str | None, places: Decimal) -> Decimal | None:
    try:
        return None if text is None else Decimal(text).quantize(places)
    except InvalidOperation:
        return None


SAVINGS_PLAN = register(
    ResourceType(
        slug="savings-plan",
        label="Savings Plan",
        plural="Savings Plans",
        category=Category.PURCHASES,
        icon="coins",
        model=SavingsPlan,
        is_purchase=True,
        call=Call(
            service="savingsplans",
            operation="DescribeSavingsPlans",
            items="savingsPlans",
            page_size=("maxResults", 1000),
        ),
        reach=Reach.GLOBAL,
        id_key="savingsPlanId",
        arn="arn:{partition}:savingsplans::{account_id}:savingsplan/{native_id}",
        console="https://{console}/costmanagement/home#/savings-plans/inventory?savingsPlanId={native_id}",
        read=read,
        columns=(
            Column(field="state", label="State", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="plan_type", label="Type", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(
                field="commitment",
                label="Commitment an hour",
                kind=Kind.NUMBER,
                sortable=True,
                help="At the plan's rates and in its currency",
            ),
            Column(field="currency", label="Currency", kind=Kind.CHOICE),
            Column(field="plan_region", label="Applies in", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="ec2_instance_family", label="Family", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="payment_option", label="Payment", kind=Kind.CHOICE, facet=True, sortable=True),
            Column(field="upfront_payment", label="Upfront", kind=Kind.NUMBER, default=False),
            Column(
                field="recurring_payment",
                label="Recurring an hour",
                kind=Kind.NUMBER,
                default=False,
                help="Paid beside the upfront payment",
            ),
            Column(field="term_seconds", label="Term", unit="s", kind=Kind.NUMBER, default=False),
            Column(field="start", label="Start", kind=Kind.MOMENT, sortable=True, default=False),
            Column(field="end", label="End", kind=Kind.MOMENT, sortable=True),
            Column(field="returnable_until", label="Can be returned until", kind=Kind.MOMENT, default=False),
            Column(field="product_types", label="Products", kind=Kind.MANY, default=False),
            Column(field="offering_id", label="Offering", kind=Kind.IDENTIFIER, default=False),
            Column(field="description", label="Description", default=False),
        ),
    )
)
