"""What saved views may cost a month, and what their month comes to, worked out for each account after its snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

LONGEST_QUERY = 1000


class BudgetQuerySet(models.QuerySet["Budget"]):
    """Budgets by who asks."""

    def open_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Those of the user's own views, and of views that others share; a page may have to leave out some of these."""
        return self.filter(models.Q(view__owner=user.pk) | models.Q(view__is_shared=True))


class Budget(models.Model):
    """What everything that one saved view finds may cost in a calendar month, at list prices."""

    view = models.OneToOneField("inventory.SavedView", on_delete=models.CASCADE, related_name="+")
    monthly_usd = models.DecimalField(max_digits=12, decimal_places=2)
    set_by = models.CharField(max_length=150, help_text="The name of the user.")
    set_at = models.DateTimeField()

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ["view__name", "pk"]

    def __str__(self) -> str:
        return f"{self.view}: {self.monthly_usd} USD a month"


class BudgetPart(models.Model):
    """What one account adds to the month of a budget. Who sees fewer accounts adds up fewer of these."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="parts")
    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    query = models.CharField(max_length=LONGEST_QUERY, help_text="What the view asked when this was worked out.")
    month = models.DateField(help_text="The first day of the month.")
    until = models.DateTimeField(help_text="When it was worked out.")
    figures = models.JSONField(null=True, help_text="A costs.forecast.Part; NULL: `problem` says why there is none.")
    problem = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["budget", "account"], name="budget_part_once")]

    def __str__(self) -> str:
        return f"{self.budget_id} in account {self.account_id}"
