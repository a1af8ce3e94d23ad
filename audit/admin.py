"""The admin site changes people, groups and accounts too: what is changed there is kept as decisions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.models import Kind, record


class Recorded(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin page whose changes are kept; `is_about` is the field of a decision that names what was changed."""

    is_about = "whom"

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Keep what was added."""
        entry: LogEntry = super().log_addition(request, obj, message)
        self._record(request, obj, "added")
        return entry

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        """Keep what was changed."""
        entry: LogEntry = super().log_change(request, obj, message)
        self._record(request, obj, "changed", entry.get_change_message())
        return entry

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Keep what was deleted."""
        for obj in queryset:
            self._record(request, obj, "deleted")
        return super().log_deletions(request, queryset)

    def _record(self, request: HttpRequest, obj: models.Model, did: str, message: str = "") -> None:
        what = f"{did} the {obj._meta.verbose_name} {obj} on the admin site"
        told = message.rstrip(".")
        words = f"{what}: {told}" if told else what
        record(request.user.get_username(), Kind.ADMIN_SITE, words, **{self.is_about: str(obj)})
