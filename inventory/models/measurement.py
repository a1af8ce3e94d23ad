"""What services measured of resources: dated figures beside the history, and no part of it."""

from __future__ import annotations

from django.db import models

from inventory.history.period import VisibleQuerySet


class Measurement(models.Model):
    """One figure of one day: so many bytes of one storage class of a bucket.

    A revision says what a resource is; this says how much of it there was. A figure that is there is never changed, and
    a day without a figure is unknown, which is not 0.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey("inventory.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    metric = models.CharField(max_length=64, help_text="The metric as its service calls it.")
    dimension = models.CharField(max_length=64, blank=True, help_text="What of it was measured: the storage type.")
    value = models.BigIntegerField()
    measured_at = models.DateTimeField(help_text="The day that the service measured it for.")
    taken_at = models.DateTimeField(help_text="The look by which we learned of it.")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            # Also the index by which the newest figures of some resources are read.
            models.UniqueConstraint(
                fields=["resource", "metric", "dimension", "measured_at"], name="measurement_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.dimension} of {self.resource_id} on {self.measured_at:%Y-%m-%d}"
