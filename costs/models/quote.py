"""What each resource costs a month, kept beside the ledger so that lists can sort by price."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from inventory.history.period import VisibleQuerySet

OPEN = Q(is_open=True)
SORTED = ("on_demand_monthly_usd", "reserved_monthly_usd", "spot_monthly_usd")


class Quote(models.Model):
    """The newest prices for one resource as it looks now; NULL is unpriced, and the reason stands beside it.

    Account and type are repeated here so that sorting walks one index. A quote stays, closed, when its resource is
    gone. What a resource would have cost at a past moment is not stored: it is today's book applied to the revision of
    that moment.
    """

    resource = models.OneToOneField("inventory.Resource", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=64)
    is_open = models.BooleanField(default=True)

    on_demand_monthly_usd = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    on_demand_month = models.DateField(null=True)
    on_demand_reason = models.CharField(max_length=255, blank=True)

    reserved_monthly_usd = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    reserved_month = models.DateField(null=True)
    reserved_way = models.CharField(max_length=40, blank=True, help_text="Slug of the cheapest way of reserving.")
    reserved_reason = models.CharField(max_length=255, blank=True)

    spot_monthly_usd = models.DecimalField(max_digits=15, decimal_places=6, null=True)
    spot_month = models.DateField(null=True)
    spot_reason = models.CharField(max_length=255, blank=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [
            # The list of one type, sorted by a price.
            models.Index(fields=["type", field, "resource"], condition=OPEN, name=f"quote_{field.split('_')[0]}")
            for field in SORTED
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.resource_id}"
