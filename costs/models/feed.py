"""Price lists that are kept up to date from AWS."""

from __future__ import annotations

from django.db import models


class PriceFeed(models.Model):
    """One list of AWS's, of one service in one region: which version of it was loaded, and how the last look went."""

    series = models.CharField(max_length=128, unique=True, help_text="`AmazonEC2/eu-west-1`.")
    path = models.CharField(
        max_length=255, blank=True, help_text="The file that was loaded; AWS gives each version a path of its own."
    )
    next_due_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    loaded_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=255, blank=True, help_text="Why the last look brought nothing new.")

    class Meta:
        ordering = ["series"]

    def __str__(self) -> str:
        return self.series
