"""When each user was here last, so that pages can say what is new since then."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class LastVisit(models.Model):
    """The visit of a user that goes on, and the end of the one before it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+")
    seen_at = models.DateTimeField(help_text="The newest page of this visit, or up to five minutes before it.")
    before = models.DateTimeField(null=True, help_text="When the visit before this one ended; NULL: there was none.")

    def __str__(self) -> str:
        return f"{self.user} at {self.seen_at:%Y-%m-%d %H:%M}"
