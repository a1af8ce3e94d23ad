"""Decisions, which are only ever added.

A decision holds the names that people, groups and accounts had when it was taken, and points at none of them: it
outlives them all. It never holds a secret, only that one was made.
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone

logger = logging.getLogger(__name__)

COMMAND_LINE = "command line"
"""Who decides what a command of `manage.py` does. No user is called so: the names of users hold no blanks."""

LONGEST_NAME = 150
"""Of users and groups, as Django has them; those of accounts are shorter."""


class Kind(models.TextChoices):
    """What was decided."""

    ADDED = "person-added", "person added"
    CHANGED = "person-changed", "person changed"
    SUPERUSER = "superuser", "superuser made or unmade"
    DEACTIVATED = "person-deactivated", "person deactivated"
    ACTIVATED = "person-activated", "person activated"
    REMOVED = "person-removed", "person removed"
    INVITED = "invitation-made", "invitation made"
    WITHDRAWN = "invitation-withdrawn", "invitation withdrawn"
    ACCEPTED = "invitation-accepted", "invitation accepted"
    LINK_MADE = "link-made", "sign-in link made"
    GRANTED = "account-granted", "account granted"
    REVOKED = "grant-revoked", "grant revoked"
    GROUP_MADE = "group-made", "group made"
    GROUP_RENAMED = "group-renamed", "group renamed"
    GROUP_DELETED = "group-deleted", "group deleted"
    JOINED = "group-joined", "person put into a group"
    LEFT = "group-left", "person taken out of a group"
    TOKEN_MADE = "token-made", "API token made"
    TOKEN_REVOKED = "token-revoked", "API token revoked"
    MFA_ON = "mfa-on", "MFA turned on or made anew"
    MFA_OFF = "mfa-off", "MFA taken off"
    ACCOUNT_ADDED = "account-added", "account added"
    ACCOUNT_CHANGED = "account-changed", "account's settings changed"
    PAUSED = "account-paused", "account paused"
    RESUMED = "account-resumed", "account resumed"
    ARCHIVED = "account-archived", "account archived"
    UNARCHIVED = "account-unarchived", "account brought back"
    ACCOUNT_REMOVED = "account-removed", "account removed"
    FINDING_MUTED = "finding-muted", "finding muted"
    FINDING_UNMUTED = "finding-unmuted", "finding's mute taken back"
    BUDGET_SET = "budget-set", "budget set"
    BUDGET_REMOVED = "budget-removed", "budget removed"
    ADMIN_SITE = "admin-site", "changed on the admin site"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Rows that nobody changes."""

    def update(self, **values: Any) -> NoReturn:
        """Never."""
        raise TypeError("Decisions are added, and never changed.")

    def delete(self) -> NoReturn:
        """Never."""
        raise TypeError("Decisions are added, and never deleted.")


class Decision(models.Model):
    """One decision, in the names of its moment."""

    taken_at = models.DateTimeField()
    by = models.CharField(max_length=LONGEST_NAME, help_text="The name of a user, or what decided by itself.")
    kind = models.CharField(max_length=32, help_text="One of Kind.")
    whom = models.CharField(
        max_length=LONGEST_NAME, blank=True, default="", help_text="The user or group that it is about; empty: none."
    )
    account = models.CharField(
        max_length=LONGEST_NAME, blank=True, default="", help_text="The account that it is about; empty: none."
    )
    words = models.TextField(help_text="What was done, as a sentence goes on after who did it.")

    objects: ClassVar[models.Manager[Decision]] = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["kind", "-id"], name="decision_of_a_kind"),
            models.Index(fields=["by", "-id"], name="decision_by_somebody"),
            models.Index(fields=["whom", "-id"], name="decision_about_somebody"),
            models.Index(fields=["account", "-id"], name="decision_about_an_account"),
        ]

    def __str__(self) -> str:
        return f"{self.by} {self.words}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it; TypeError for one that stands there already."""
        if not self._state.adding:
            raise TypeError("Decisions are added, and never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Never."""
        raise TypeError("Decisions are added, and never deleted.")


def record(by: str, kind: Kind, words: str, *, whom: str = "", account: str = "") -> None:
    """Keep a decision, and tell the log of it.

    Called in the transaction of what was decided, so that both stand or fall. `words` go on after the name of whoever
    decided: `granted production to rita`.
    """
    Decision.objects.create(taken_at=timezone.now(), by=by, kind=kind, whom=whom, account=account, words=words)
    logger.info("%s %s.", by, words)
