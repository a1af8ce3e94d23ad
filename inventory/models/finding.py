"""Findings: what a rule said of a resource, over periods, and what people decided about it."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from inventory.history import Period, PeriodQuerySet
from inventory.history.period import PUBLISHED_AND_OPEN, VisibleQuerySet

LONGEST_COMMENT = 500
LONGEST_USER = 150
IS_MUTED = Q(muted_until__isnull=False)


class FindingQuerySet(PeriodQuerySet):
    """Findings by moment, and by whether somebody muted them then."""

    def with_mute(self, when: datetime | None, now: datetime) -> Self:
        """With `is_muted`: whether somebody had muted it at the moment (None = `now`)."""
        if when is None:
            lasts = Q(muted_until__gt=now)
            return self.annotate(is_muted=Case(When(lasts, then=True), default=False, output_field=BooleanField()))
        held = Q(ended_at__isnull=True) | Q(ended_at__gt=when)
        mutes = Mute.objects.filter(held, rule=OuterRef("rule"), resource=OuterRef("resource"))
        return self.annotate(is_muted=Exists(mutes.filter(muted_at__lte=when, until__gt=when)))

    def ended_by(self, when: datetime) -> Self:
        """Those that had closed by the moment, each by its last period."""
        following = Finding.objects.filter(
            resource=OuterRef("resource"), rule=OuterRef("rule"), valid_from=OuterRef("valid_to")
        )
        return self.filter(~Exists(following), valid_to__lte=when, valid_from__isnull=False)


class Finding(Period):
    """What one rule said of one resource, as long as it said the same.

    `valid_from` is the look from which on it said so, `valid_to` the complete look that showed it gone or otherwise.
    `first_seen_at` is the look that opened the finding, also where later ones changed its words.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    resource = models.ForeignKey("inventory.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    type = models.CharField(max_length=64, help_text="The slug of the resource's type.")
    scope_region = models.CharField(max_length=32, help_text="Where the resource is listed.")
    region = models.CharField(max_length=32, null=True, help_text="The resource's own region; NULL: unread.")
    rule = models.CharField(max_length=64, help_text="The slug of the rule.")
    severity = models.CharField(max_length=8)
    rank = models.PositiveSmallIntegerField(help_text="The severity's place on the scale; 0 is the most severe.")
    is_unsure = models.BooleanField(default=False, help_text="Whether what the rule needs was not read.")
    words = models.TextField(help_text="What was found, or what could not be read.")
    since = models.DateTimeField(null=True, help_text="Since when it is so, as far as history tells.")
    since_at_least = models.BooleanField(default=False, help_text="Whether it may have been so before `since`.")
    first_seen_at = models.DateTimeField()
    muted_until = models.DateTimeField(
        null=True, help_text="Until when the mute of now lasts; of past moments the mutes tell."
    )

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "rule"], condition=PUBLISHED_AND_OPEN, name="finding_one_open"),
        ]
        indexes = [
            models.Index(fields=["resource", "rule", "valid_from"], name="finding_periods"),
            models.Index(fields=["account", "valid_to", "valid_from"], name="finding_moment"),
            models.Index(
                fields=["account", "rule", "scope_region"], condition=PUBLISHED_AND_OPEN, name="finding_place"
            ),
            # The list of now walks this one, page by page.
            models.Index(
                fields=["rank", "-first_seen_at", "id"], condition=PUBLISHED_AND_OPEN, name="finding_severity_open"
            ),
            models.Index(fields=["account", "region"], condition=PUBLISHED_AND_OPEN & IS_MUTED, name="finding_muted"),
        ]

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


class FindingCount(models.Model):
    """How many findings are open in one region of one account, kept so that home and region pages count nothing."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    region = models.CharField(max_length=32, blank=True, help_text="Empty: the resource's own region was not read.")
    rule = models.CharField(max_length=64)
    severity = models.CharField(max_length=8)
    is_unsure = models.BooleanField()
    number = models.PositiveIntegerField()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "region", "rule", "severity", "is_unsure"], name="finding_count_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.rule} in {self.region}"


class Judgement(models.Model):
    """From when on, and until which look, a rule has judged what an account holds.

    Before `judged_from` nobody knows what the rule would have said.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=64)
    version = models.PositiveSmallIntegerField(help_text="Of the rule; another one judges everything anew.")
    judged_from = models.DateTimeField()
    judged_until = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "rule"], name="judgement_once")]

    def __str__(self) -> str:
        return f"{self.rule} in {self.account}"


class MuteReason(models.TextChoices):
    """Why a finding is muted."""

    ACCEPTED = "accepted", "risk accepted"
    INTENDED = "intended", "meant to be so"
    PLANNED = "planned", "will be fixed"
    WRONG = "wrong", "the rule is wrong here"


class Mute(models.Model):
    """Somebody's word that a finding need not be looked at until a moment; it ends by itself."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+", db_index=False)
    resource = models.ForeignKey("inventory.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=64)
    reason = models.CharField(max_length=16, choices=MuteReason)
    comment = models.CharField(max_length=LONGEST_COMMENT, blank=True, default="")
    muted_by = models.CharField(max_length=LONGEST_USER)
    muted_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, help_text="When somebody took it back, or replaced it; NULL: nobody.")
    ended_by = models.CharField(max_length=LONGEST_USER, blank=True, default="")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["resource", "rule", "-muted_at"], name="mute_finding"),
            models.Index(fields=["account"], name="mute_account"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} muted by {self.muted_by}"


class FindingComment(models.Model):
    """What somebody wrote below a finding; nobody changes it."""

    account = models.ForeignKey("inventory.Account", on_delete=models.CASCADE, related_name="+")
    resource = models.ForeignKey("inventory.Resource", on_delete=models.CASCADE, related_name="+", db_index=False)
    rule = models.CharField(max_length=64)
    text = models.CharField(max_length=LONGEST_COMMENT)
    written_by = models.CharField(max_length=LONGEST_USER)
    written_at = models.DateTimeField()

    objects = VisibleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["resource", "rule", "written_at"], name="finding_comment_order")]

    def __str__(self) -> str:
        return self.text
