"""How many resources there are of each usage, kept so that pages of now need not count everything there is."""

from __future__ import annotations

from django.db import models


class UsageTally(models.Model):
    """What one account holds of one type, by what its price depends on, as counted after a snapshot.

    It holds for as long as `looks` are still the latest complete visits of the type: every publication of a scope is
    another visit, and whoever finds other ones counts anew.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=64)
    looks = models.JSONField(help_text="The latest complete visit of each scope, by its key, in order.")
    fields = models.JSONField(help_text="The columns that the values of a usage come from.")
    usages = models.JSONField(help_text="For each usage the number of resources and its values.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "type"], name="usage_tally_once")]
        verbose_name_plural = "usage tallies"

    def __str__(self) -> str:
        return f"{self.type} of account {self.account_id}"
