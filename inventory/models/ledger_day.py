"""What the snapshots of each day found, for the ruler that stands on every page."""

from __future__ import annotations

from django.db import models

from inventory.history.period import VisibleQuerySet


class LedgerDay(models.Model):
    """One day of one account, in UTC: the sums of its finished snapshots.

    Pages show the whole span of the ledger, which may be tens of thousands of snapshots; they read these rows instead.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    snapshots = models.PositiveIntegerField()
    incomplete = models.PositiveIntegerField(help_text="Snapshots that could not read every place.")
    unread = models.PositiveIntegerField(help_text="Those among them that read no place at all.")
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    gone = models.PositiveIntegerField()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "day"], name="ledger_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account} on {self.day:%Y-%m-%d}"
