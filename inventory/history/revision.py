"""Revisions: one row for each period in which a resource looked the same.

Every resource type has a table of its own that inherits `ResourceRevision`, so that its fields are real, typed columns
and any past moment is read with the same filters as today. Four rules hold for all of them:

- A resource has at most one open revision (`valid_to` NULL); the database refuses a second one.
- A revision is written when something changed and never otherwise. A visit that finds the same things writes nothing.
- NULL in a field means that AWS says there is none. A field that we could not read stands in `unknown` with the moment
  since when; it keeps its last known value. One that was never read is NULL and stands in `unknown` with null.
- `raw` holds the documents the fields were read from, compressed. When a later release reads more fields from it, open
  revisions are read again in place (`reading_version`): our release is not a change in the customer's account.

The manager is called `revisions`, not `objects`, so that a forgotten `.current()` or `.as_of()` reads wrong at once.
"""

from __future__ import annotations

import json
import zlib
from datetime import datetime
from typing import Any

from django.db import models

from inventory.history.period import PUBLISHED_AND_OPEN, STAGED, Period, RevisionQuerySet


def base_indexes(*counted: str) -> list[models.Index]:
    """The indexes that every type has; `counted` are further columns by which pages count what there is.

    Their names become those of the class when a model's Meta holds them.
    """
    return [
        models.Index(fields=["account", "valid_to", "valid_from"], name="%(class)s_moment"),
        models.Index(fields=["staged_by"], condition=STAGED, name="%(class)s_staged"),
        models.Index(fields=["resource", "valid_from"], name="%(class)s_periods"),
        models.Index(fields=["region", "resource"], condition=PUBLISHED_AND_OPEN, name="%(class)s_region_open"),
        # What there is by account, region and `counted` is asked of this index alone.
        models.Index(
            fields=["account", "region", *counted], condition=PUBLISHED_AND_OPEN, name="%(class)s_account_open"
        ),
        models.Index(fields=["name", "resource"], condition=PUBLISHED_AND_OPEN, name="%(class)s_name_open"),
    ]


class ResourceRevision(Period):
    """One period during which a resource looked the same."""

    account = models.ForeignKey("inventory.Account", on_delete=models.PROTECT, related_name="+")
    resource = models.ForeignKey("inventory.Resource", on_delete=models.PROTECT, related_name="+")
    region = models.CharField(max_length=32, null=True, help_text="The resource's own region.")
    name = models.CharField(max_length=1024, blank=True, default="")
    incarnation = models.CharField(
        max_length=128,
        blank=True,
        default="",
        help_text="Tells a recreated resource of the same name apart: its creation date or AWS's unique id.",
    )
    fingerprint = models.BinaryField(max_length=16)
    unknown = models.JSONField(
        default=dict, help_text="Unread field, link role or `tags` to ISO moment since when; null: never read."
    )
    reading_version = models.PositiveSmallIntegerField(default=1)
    raw = models.BinaryField(help_text="The documents it was read from, by AWS operation: JSON, deflated.")

    revisions = RevisionQuerySet.as_manager()

    class Meta:
        abstract = True
        default_manager_name = "revisions"
        constraints = [
            models.UniqueConstraint(fields=["resource"], condition=PUBLISHED_AND_OPEN, name="%(class)s_one_open"),
        ]
        indexes = base_indexes()

    def __str__(self) -> str:
        return self.name or str(self.resource_id)

    def was_never_read(self, field: str) -> bool:
        """Whether the field, link role or `tags` was never read, so that nothing is known of it."""
        return field in self.unknown and self.unknown[field] is None

    def kept_since(self, field: str) -> str | None:
        """The moment since when the field shows its last known value only; None if it is fresh or was never read."""
        since: str | None = self.unknown.get(field)
        return since

    @property
    def raw_document(self) -> dict[str, Any]:
        """AWS's answers that this revision was read from, by operation."""
        return unpack_raw(self.raw)


def open_index(model_name: str, field: str) -> models.Index:
    """An index that serves the facet, the filter and the keyset paging of one column over open revisions."""
    return models.Index(
        fields=[field, "resource"], condition=PUBLISHED_AND_OPEN, name=f"{model_name}_{field}_open"[:30]
    )


def pack_raw(document: dict[str, Any]) -> bytes:
    """The document as deflated JSON; level 1, which costs a tenth of a millisecond for an instance."""
    return zlib.compress(_compact(document).encode(), 1)


def unpack_raw(packed: bytes | memoryview) -> dict[str, Any]:
    """What `pack_raw` packed; moments come back as ISO 8601 text."""
    document: dict[str, Any] = json.loads(zlib.decompress(packed))
    return document


def _spell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be kept in a raw document")


_compact = json.JSONEncoder(separators=(",", ":"), default=_spell).encode


__all__ = ["ResourceRevision", "base_indexes", "open_index", "pack_raw", "unpack_raw"]
