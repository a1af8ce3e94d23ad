"""Periods: rows that say what held from one moment to another.

A row says that something looked the same from `valid_from` (inclusive) to `valid_to` (exclusive; NULL = still so).
A visit too large for one transaction writes its rows first with `valid_from` NULL and its own id in `staged_by`; no
queryset below shows such a row. Publishing is then one short UPDATE that sets `valid_from`, so a reader sees either
nothing of a visit or all of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class VisibleQuerySet(models.QuerySet[Any]):
    """Rows that belong to an account, by who may see them."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> Self:
        """Rows of the accounts that the user may see."""
        accounts = self.model._meta.get_field("account").related_model
        return self.filter(account__in=accounts.objects.visible_to(user))


class PeriodQuerySet(VisibleQuerySet):
    """Rows by the moment at which they held."""

    def current(self) -> Self:
        """Rows that hold now."""
        return self.filter(valid_to__isnull=True, valid_from__isnull=False)

    def as_of(self, when: datetime | None) -> Self:
        """Rows that held at `when`; None means now."""
        if when is None:
            return self.current()
        return self.filter(Q(valid_to__gt=when) | Q(valid_to__isnull=True), valid_from__lte=when)

    def changed_between(self, after: datetime, until: datetime) -> Self:
        """Rows opened or closed later than `after` and not later than `until`."""
        return self.filter(
            Q(valid_from__gt=after, valid_from__lte=until) | Q(valid_to__gt=after, valid_to__lte=until),
            valid_from__isnull=False,
        )


class RevisionQuerySet(PeriodQuerySet):
    """Revisions of one resource type; `raw` stays in the database unless asked for."""

    def light(self) -> Self:
        """Without the raw document, for lists."""
        return self.defer("raw")


class Period(models.Model):
    """Something that held from one moment to another."""

    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    staged_by = models.BigIntegerField(null=True)

    class Meta:
        abstract = True

    @property
    def began(self) -> datetime:
        """When it began to hold. Raises ValueError for a row that was never published."""
        if self.valid_from is None:
            raise ValueError("This row is staged: it does not hold yet.")
        return self.valid_from

    @property
    def is_open(self) -> bool:
        """Whether it still holds."""
        return self.valid_to is None


PUBLISHED_AND_OPEN = Q(valid_to__isnull=True, valid_from__isnull=False)
STAGED = Q(staged_by__isnull=False)
