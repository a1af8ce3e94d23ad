"""What Cost Explorer answered, how each look at it went, and the pages that were paid for."""

from __future__ import annotations

from django.db import models

from costs.models.bill import Amount


class CostFeed(models.Model):
    """One question to Cost Explorer about one account: by service, or by the values of one tag."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    tag = models.CharField(max_length=128, blank=True, help_text="The tag's key; empty: by service.")
    next_due_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When it was last answered completely.")
    known_from = models.DateField(null=True, help_text="The first day that is known.")
    final_before = models.DateField(null=True, help_text="Every day before it is final and not asked again.")
    known_before = models.DateField(null=True, help_text="The day after the last one that is known.")
    problem = models.CharField(max_length=1024, blank=True, help_text="Why the last look brought nothing.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "tag"], name="cost_feed_once")]

    def __str__(self) -> str:
        return f"{self.tag or 'services'} of account {self.account_id}"


class DailyCost(models.Model):
    """What Cost Explorer says one service, or one value of a tag, was billed on one day, by kind of charge."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    feed = models.ForeignKey(CostFeed, on_delete=models.CASCADE, related_name="costs", db_index=False)
    day = models.DateField()
    name = models.CharField(max_length=256, blank=True, help_text="The service, or the tag's value; empty: no value.")
    kind = models.CharField(max_length=16, help_text="A `costs.bills.charge.ChargeKind`.")
    currency = models.CharField(max_length=3)
    billed = Amount()

    class Meta:
        constraints = [
            # Also the index by which the page reads: some days of some feeds.
            models.UniqueConstraint(fields=["feed", "day", "name", "kind", "currency"], name="daily_cost_once"),
        ]
        indexes = [
            # Removing an account.
            models.Index(fields=["account"], name="daily_cost_account"),
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.day}"


class PaidPages(models.Model):
    """How many pages of Cost Explorer were sent for on one day (in UTC) for one account, each of which AWS bills."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "paid pages"
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="paid_pages_once")]

    def __str__(self) -> str:
        return f"{self.pages} on {self.day}"
