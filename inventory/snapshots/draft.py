"""The draft of a visit: what will be written, and the transaction that writes it.

Up to `SPOOL_ROWS` rows wait in memory and are inserted by the publishing transaction itself. A larger visit inserts its
rows as it goes, staged (`Period.staged_by`) so that no queryset shows them, and publishes with UPDATEs only: one long
INSERT would hold SQLite's only writer for many seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models, transaction

from inventory.history import Period, ResourceRevision
from inventory.models import Link, Resource, ResourceTag
from inventory.snapshots.rows import Insert, Row, Values

SPOOL_ROWS = 20_000
CHUNK = 500

T = TypeVar("T")


@dataclass
class Draft:
    """Rows to open, to close and to rename at one moment.

    `stage` is the number under which a large draft keeps its rows hidden; no two attempts share one.
    """

    model: type[ResourceRevision]
    moment: datetime
    stage: int
    has_staged: bool = False

    _opened: list[Row] = field(default_factory=list)
    _closed: dict[type[Period], list[int]] = field(default_factory=dict)
    _renamed: list[Resource] = field(default_factory=list)

    def open(self, *rows: Row) -> None:
        """Write new rows."""
        self._opened.extend(rows)

    def close(self, *rows: Period) -> None:
        """End rows."""
        for row in rows:
            self._closed.setdefault(type(row), []).append(row.pk)

    def rename(self, resource: Resource) -> None:
        """Write a resource's current name."""
        self._renamed.append(resource)

    def spool_if_large(self) -> None:
        """Move the waiting rows to the database, hidden, once there are many."""
        if len(self._opened) >= SPOOL_ROWS or (self.has_staged and self._opened):
            self.spool()

    def spool(self) -> None:
        """Move the waiting rows to the database, hidden."""
        self.has_staged = True
        insert(self._opened, staged_by=self.stage)

    def write(self, gone: Sequence[tuple[int, int]]) -> None:
        """Write everything; call it inside the publishing transaction.

        `gone` are the keys of open revisions to close, each with that of its resource.
        """
        self._close_all(gone)
        if self.has_staged:
            for model in (self.model, ResourceTag, Link):
                model._default_manager.filter(staged_by=self.stage).update(valid_from=self.moment, staged_by=None)
        insert(self._opened, valid_from=self.moment)
        Resource.objects.bulk_update(self._renamed, ["current_name"], batch_size=CHUNK)

    def discard(self) -> None:
        """Delete what was spooled."""
        if self.has_staged:
            delete_staged(self.model, self.stage)

    def _close_all(self, gone: Sequence[tuple[int, int]]) -> None:
        for model, pks in self._closed.items():
            for some in chunks(pks):
                model._default_manager.filter(pk__in=some).update(valid_to=self.moment)
        for pairs in chunks(gone):
            self.model._default_manager.filter(pk__in=[pk for pk, _ in pairs]).update(valid_to=self.moment)
            resources = [resource_id for _, resource_id in pairs]
            ResourceTag.objects.current().filter(resource__in=resources).update(valid_to=self.moment)
            Link.objects.current().filter(resource__in=resources).update(valid_to=self.moment)


def insert(rows: list[Row], **shared: Any) -> None:
    """Insert rows of several tables, each with the shared values, too, and empty the list."""
    by_model: dict[type[models.Model], list[Values]] = {}
    for model, values in rows:
        by_model.setdefault(model, []).append(values)
    for model, mine in by_model.items():
        insert_into(model, mine, **shared)
    rows.clear()


def insert_into(
    model: type[models.Model], rows: Iterable[Values], *, ignore_conflicts: bool = False, **shared: Any
) -> None:
    """Insert rows of one table, each with the shared values, too."""
    how = Insert(model, ignore_conflicts=ignore_conflicts, **shared)
    for some in chunks(how.values(rows)):
        # Outside of a transaction SQLite would commit each row by itself.
        with transaction.atomic(savepoint=False), connection.cursor() as cursor:
            cursor.executemany(how.statement, some)


def delete_staged(model: type[ResourceRevision], stage: int) -> None:
    """Delete the rows of one stage, which were never published.

    The revisions go last: by them a sweep finds the stage again if this is cut short.
    """
    for table in (Link, ResourceTag, model):
        table._default_manager.filter(staged_by=stage).delete()


def chunks(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in lists short enough for one statement."""
    iterator = iter(items)
    while some := list(islice(iterator, CHUNK)):
        yield some
