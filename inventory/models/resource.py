"""Identities, and what is known of every type in the same way: tags and links."""

from __future__ import annotations

from django.db import models

from inventory.history import Period, PeriodQuerySet
from inventory.history.period import PUBLISHED_AND_OPEN, STAGED, VisibleQuerySet
from inventory.history.terms import Term


class Resource(models.Model):
    """One thing ever seen: identity only. What it looked like is in its type's revisions."""

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    scope_region = models.CharField(max_length=32, help_text="The region of its listing; `global` for global ones.")
    type = models.CharField(max_length=64, help_text="The slug of its resource type.")
    native_id = models.CharField(max_length=512, help_text="AWS's id, or the name where that is the id.")
    current_name = models.CharField(max_length=1024, blank=True, default="", help_text="The newest name, for search.")

    objects = VisibleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "scope_region", "type", "native_id"], name="resource_identity"),
        ]
        indexes = [
            models.Index(fields=["native_id"], name="resource_native_id"),
            models.Index(Term("native_id"), name="resource_id_term"),
            models.Index(Term("current_name"), name="resource_name_term"),
        ]

    def __str__(self) -> str:
        return self.current_name or self.native_id


class ResourceTag(Period):
    """One tag of one resource over one period."""

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="tags")
    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource", "key"], condition=PUBLISHED_AND_OPEN, name="tag_one_open"),
        ]
        indexes = [
            models.Index(fields=["resource", "valid_from"], name="tag_resource"),
            models.Index(fields=["key", "value", "resource"], name="tag_key_value"),
            models.Index(Term("value"), name="tag_value_term"),
            models.Index(fields=["staged_by"], condition=STAGED, name="tag_staged"),
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Link(Period):
    """One reference to another resource, or one value of a multi-valued column, over one period.

    The target is looked up when it is read and may never have been seen.
    """

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="links")
    role = models.CharField(max_length=64)
    target_type = models.CharField(max_length=64, blank=True)
    target = models.CharField(max_length=2048, blank=True, help_text="Native id or ARN.")
    target_account = models.CharField(max_length=12, blank=True, help_text="Empty: the same account.")
    target_region = models.CharField(max_length=32, blank=True, help_text="Empty: the same region.")
    value = models.CharField(max_length=2048, blank=True)
    detail = models.JSONField(default=dict)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["resource", "role", "valid_from"], name="link_resource"),
            models.Index(fields=["target", "role"], name="link_target"),
            models.Index(fields=["value", "role"], name="link_value"),
            # A link has a target or a value.
            models.Index(Term("target", "value"), name="link_term"),
            models.Index(fields=["staged_by"], condition=STAGED, name="link_staged"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.target or self.value}"
