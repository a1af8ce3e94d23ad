"""Snapshots, the visits that they plan, and how fresh each scope is.

A visit is one look at one account, region and resource type, with an outcome of its own. Failure is not absence: only a
visit whose outcome is COMPLETE may conclude that something is gone, and only such a visit refreshes its scope.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from inventory.history.period import VisibleQuerySet

ATTEMPTS = 3
"""How often a visit may be claimed before it counts as poison."""


class Outcome(models.TextChoices):
    """How a visit ended."""

    COMPLETE = "complete"
    DENIED = "denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    DISABLED = "disabled"
    EXPIRED = "expired"
    UNCONFIRMED = "unconfirmed"
    PARTIAL = "partial"
    CANCELLED = "cancelled"
    FAILED = "failed"


class VisitState(models.TextChoices):
    """Where a visit stands."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"


class Snapshot(models.Model):
    """One look at a whole account: it plans one visit for each region and resource type, all with its moment."""

    # Its own index would only mislead SQLite from `snapshot_account_moment`, which serves it too.
    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="snapshots", db_index=False)
    taken_at = models.DateTimeField(help_text="The moment that its visits speak of.")
    planned_at = models.DateTimeField(db_default=Now())
    has_given_moment = models.BooleanField(
        default=False, help_text="The moment was given, so it is kept on replanning."
    )
    cancelled_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    announced_at = models.DateTimeField(null=True, help_text="When every listener had heard that it finished.")

    # What its visits found, summed up when it finished (`inventory/snapshots/days.py`); NULL until then.
    complete_visits = models.PositiveIntegerField(null=True)
    incomplete_visits = models.PositiveIntegerField(null=True)
    added = models.PositiveIntegerField(null=True, help_text="Without what a first look at a place found there.")
    changed = models.PositiveIntegerField(null=True)
    gone = models.PositiveIntegerField(null=True)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        get_latest_by = "taken_at"
        indexes = [
            models.Index(fields=["account", "-taken_at"], name="snapshot_account_moment"),
            # The snapshots around a moment, of many accounts at once.
            models.Index(fields=["-taken_at"], condition=Q(finished_at__isnull=False), name="snapshot_finished_moment"),
            models.Index(fields=["planned_at"], condition=Q(announced_at__isnull=True), name="snapshot_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.account} at {self.taken_at:%Y-%m-%d %H:%M:%S} UTC"


class VisitQuerySet(VisibleQuerySet):
    """Visits by what can be done with them."""

    def claimable(self) -> Self:
        """Waiting ones, and running ones whose worker went silent; by the database's clock."""
        free = Q(state=VisitState.WAITING) | Q(state=VisitState.RUNNING, lease_until__lt=Now())
        return self.filter(free, attempts__lt=ATTEMPTS)

    def claim(self, pk: int) -> Visit | None:
        """Take the visit for this worker, or None if another one has it.

        The fence number grows with each claim, so that a worker that was thought dead cannot record any more.
        """
        won = (
            self.claimable()
            .filter(pk=pk)
            .update(
                state=VisitState.RUNNING,
                lease_until=Now() + timedelta(seconds=settings.VISIT_LEASE),
                started_at=Now(),
                attempts=F("attempts") + 1,
                fence=F("fence") + 1,
            )
        )
        return self.select_related("account").get(pk=pk) if won else None


class Visit(models.Model):
    """One look at one account, region and resource type."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="visits")
    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    scope_region = models.CharField(max_length=32, help_text="A region, or `global`.")
    type = models.CharField(max_length=64, help_text="The slug of the resource type.")
    taken_at = models.DateTimeField()
    planned_at = models.DateTimeField(db_default=Now())

    hinted_at = models.DateTimeField(db_default=Now(), help_text="When the queue last got a hint about it.")

    state = models.CharField(max_length=8, choices=VisitState, default=VisitState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    outcome = models.CharField(max_length=11, choices=Outcome, null=True)
    reason = models.TextField(blank=True, default="", help_text="What went wrong and what to do, in words.")
    error_code = models.CharField(max_length=128, blank=True, default="")
    action = models.CharField(max_length=128, blank=True, default="", help_text="The IAM action that was refused.")
    api_calls = models.PositiveIntegerField(default=0)
    seconds = models.DecimalField(max_digits=9, decimal_places=3, null=True)
    resources = models.PositiveIntegerField(null=True, help_text="Listed resources; NULL unless complete.")
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    amended = models.PositiveIntegerField(default=0, help_text="Of which more or less became known, without a change.")
    quarantined = models.PositiveIntegerField(default=0, help_text="Items that could not be read.")
    unread = models.JSONField(default=list, help_text="Enrichments that failed: action, error code, count, message.")

    objects = VisitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "scope_region", "type"], name="visit_once_per_snapshot"),
        ]
        indexes = [
            models.Index(fields=["account", "type", "scope_region", "-taken_at"], name="visit_scope_moment"),
            models.Index(fields=["planned_at"], condition=~Q(state="finished"), name="visit_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.type} in {self.scope_region} of {self.account}"


class Freshness(models.Model):
    """How fresh one scope is: when it was first and last read completely, and how its latest visit ended.

    Its row is also the lock under which a visit of the scope records.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    scope_region = models.CharField(max_length=32)
    type = models.CharField(max_length=64)
    first_complete_at = models.DateTimeField(null=True, help_text="Before this moment nothing is known.")
    last_complete_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(
        null=True, help_text="Moment of the first failed visit after the last complete one."
    )
    counts = models.JSONField(
        default=dict, help_text="How many of its resources are open, by their own region; an empty key: unread."
    )
    held_missing = models.BinaryField(
        null=True, help_text="Resources that an unconfirmed listing lacked: their keys as deflated JSON."
    )
    listed_until = models.DateTimeField(
        null=True,
        help_text="Incremental types: what was modified until then was listed; the next visit goes on.",
    )
    listed_fully_at = models.DateTimeField(
        null=True, help_text="Incremental types: the last complete visit that listed everything, not only what is new."
    )
    full_tried_at = models.DateTimeField(
        null=True, help_text="Incremental types: when everything was last listed as far as time allowed."
    )
    measured_at = models.DateTimeField(null=True, help_text="The look that last asked for measurements of its things.")
    latest_visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="+")
    last_complete_visit = models.ForeignKey(Visit, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "scope_region", "type"], name="freshness_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.type} in {self.scope_region} of {self.account}"
