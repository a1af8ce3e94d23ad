"""Amending: writing an open revision in place, because we know more or less of what did not change.

What is learnt of a revision held since it began, so its tags and links are written with its own beginning. Rows with
the same news are written together: one refused permission, or one release of ours, concerns every row of a scope, and
SQLite has one writer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.history import Period, ResourceRevision
from inventory.models import Resource
from inventory.snapshots.compare import Known
from inventory.snapshots.draft import chunks, insert
from inventory.snapshots.rows import Row
from inventory.snapshots.stored import Part, Stored

SHARED = {"unknown", "reading_version"}
"""Columns in which many rows change to the same value."""


@dataclass
class Amendments:
    """Changes to open revisions of one model that wait to be written."""

    model: type[ResourceRevision]

    _columns: dict[int, dict[str, Any]] = field(default_factory=dict)
    _alike: dict[str, list[int]] = field(default_factory=dict)
    _names: dict[int, str] = field(default_factory=dict)
    _opened: list[Row] = field(default_factory=list)
    _ended: dict[tuple[type[Period], datetime], list[int]] = field(default_factory=dict)
    _erased: dict[type[Period], list[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many revisions wait with columns of their own."""
        return len(self._columns)

    def amend(self, stored: Stored, known: Known, **columns: Any) -> None:
        """Let the open revision say what is known; `columns` are further ones to write."""
        revision = stored.revision
        columns |= {**known.content.fields, "unknown": dict(known.unknown), "fingerprint": known.content.digest()}
        changes = {name: value for name, value in columns.items() if not _holds(revision, name, value)}
        for name, value in changes.items():
            setattr(revision, name, value)
        if "name" in changes:
            self._names[revision.resource_id] = revision.name
        if changes.keys() <= SHARED:
            self._alike.setdefault(json.dumps(changes, sort_keys=True), []).append(revision.pk)
        else:
            self._columns[revision.pk] = changes
        self._amend_parts(stored, known)

    def write(self) -> None:
        """Write everything that waits; call it inside a transaction that holds the scope's lock."""
        for model, pks in self._erased.items():
            for some in chunks(pks):
                model._default_manager.filter(pk__in=some).delete()
        for (model, moment), pks in self._ended.items():
            for some in chunks(pks):
                model._default_manager.filter(pk__in=some).update(valid_to=moment)
        insert(self._opened)
        for alike, pks in self._alike.items():
            for some in chunks(pks):
                self.model._default_manager.filter(pk__in=some).update(**json.loads(alike))
        # One UPDATE for each row: Django's bulk_update builds a CASE for each column and is twenty times slower.
        for pk, columns in self._columns.items():
            self.model._default_manager.filter(pk=pk).update(**columns)
        for resource_id, name in self._names.items():
            Resource.objects.filter(pk=resource_id).update(current_name=name)
        for waiting in (self._columns, self._alike, self._names, self._opened, self._ended, self._erased):
            waiting.clear()

    def _amend_parts(self, stored: Stored, known: Known) -> None:
        since = stored.revision.began
        wrong = stored.parts_not_in(known.content)
        for part in wrong:
            self._take_back(part, since)
        missing = stored.new_parts_of(known.content)
        self._opened.extend((model, {**values, "valid_from": since}) for model, values in missing)

    def _take_back(self, part: Part, since: datetime) -> None:
        """Make a part not hold since then: our reader was wrong about it."""
        if part.began >= since:
            self._erased.setdefault(type(part), []).append(part.pk)
        else:
            self._ended.setdefault((type(part), since), []).append(part.pk)


def _holds(revision: ResourceRevision, name: str, value: Any) -> bool:
    if name not in revision.__dict__:
        return False  # deferred: it is cheaper to write it than to look
    held = getattr(revision, name)
    return bool((bytes(held) if isinstance(value, bytes) else held) == value)
