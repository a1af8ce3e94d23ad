"""What all workers together may ask of one service: its request budget and its circuit breaker.

AWS counts requests for each account, region and service, and so do we, in the database, where every worker on every
machine sees the same count.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from inventory.history.period import VisibleQuerySet


class ServiceGate(models.Model):
    """One service in one region of one account: what is left of its budget, and whether it is left alone for now."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    service = models.CharField(max_length=64)
    region = models.CharField(max_length=32)
    tokens = models.FloatField(null=True, help_text="Requests that may be sent at once; NULL: a full budget.")
    counted_at = models.DateTimeField(db_default=Now(), help_text="When `tokens` was counted; it grows since then.")
    failures = models.PositiveIntegerField(default=0, help_text="Visits in a row that the service did not answer.")
    answered_at = models.DateTimeField(null=True, help_text="When it last answered a visit.")
    failed_at = models.DateTimeField(null=True, help_text="When it last failed one.")
    open_until = models.DateTimeField(null=True, help_text="Until then the service is left alone.")
    tried_until = models.DateTimeField(null=True, help_text="After that: until then one visit tries it for all.")
    outcome = models.CharField(max_length=11, blank=True, default="", help_text="How the last failed visit ended.")
    reason = models.TextField(blank=True, default="", help_text="What the last failure said.")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "service", "region"], name="service_gate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.service} in {self.region} of {self.account}"
