"""What each user chose about how pages behave."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Preferences(models.Model):
    """The choices of one user; who never chose anything has no row."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    time_zone = models.CharField(
        max_length=64, null=True, help_text="A name of the tz database; NULL: none was chosen, and times are UTC."
    )
    has_single_keys = models.BooleanField(default=True, help_text="Whether single keys do something (WCAG 2.1.4).")

    def __str__(self) -> str:
        return f"{self.user}: times in {self.time_zone or 'UTC'}"
