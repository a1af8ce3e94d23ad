"""Exports of lists that take long, so that whoever waits for one can see how far it is."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

SILENT = timedelta(seconds=30)
"""After this long without a word, the process that wrote an export is gone."""


class ExportOutcome(models.TextChoices):
    """How an export ended."""

    RUNNING = "running", "running"
    DONE = "done", "done"
    CANCELLED = "cancelled", "cancelled"
    LEFT = "left", "left by the browser before its end"
    FAILED = "failed", "failed"


class Export(models.Model):
    """One export of a list that took longer than a moment."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    what = models.TextField(help_text="The list in words.")
    file_name = models.CharField(max_length=200)
    rows = models.PositiveBigIntegerField(help_text="How many were read so far.")
    total = models.PositiveBigIntegerField(null=True, help_text="How many there are; NULL: not counted in time.")
    begun_at = models.DateTimeField()
    told_at = models.DateTimeField(help_text="When its process last said how far it is.")
    outcome = models.CharField(max_length=16, default=ExportOutcome.RUNNING, help_text="One of ExportOutcome.")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_running(self) -> bool:
        """Whether its process still writes it, as far as anybody knows."""
        return self.outcome == ExportOutcome.RUNNING and timezone.now() - self.told_at < SILENT

    @property
    def state(self) -> str:
        """How it stands, in words."""
        if self.outcome == ExportOutcome.RUNNING and not self.is_running:
            return "broke off: its process fell silent"
        return str(ExportOutcome(self.outcome).label)
