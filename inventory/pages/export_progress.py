"""How far an export is, written down by a thread beside it while its rows are streamed.

An export that is over within a second leaves no trace. Of a longer one a row says once a second how many of its rows
were read, and then its end; setting that row to cancelled stops it. The thread has a connection of its own: on SQLite
the one that reads could not write once somebody else has (SQLITE_BUSY_SNAPSHOT).
docs/decisions/0019-progress-of-exports.md says why it is not the browser that counts.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.utils import timezone

from inventory.models import Export, ExportOutcome
from inventory.pages.budget import OverBudget, time_budget
from inventory.pages.formats import Cancelled, respond
from inventory.pages.formats import Row as ExportedRow

logger = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
"""Between two words about an export, and before the first one."""

COUNTING_SECONDS = 5.0
"""How long counting all its rows may take."""

KEPT = timedelta(days=1)

Row = TypeVar("Row")
Piece = TypeVar("Piece", str, bytes)


def followed_export(
    request: HttpRequest,
    rows: Callable[[], Iterable[ExportedRow]],
    *,
    keys: Sequence[str],
    output_format: str,
    name: str,
    what: str,
    count: Callable[[], int] | None = None,
) -> StreamingHttpResponse:
    """Every row as a file called `name`, which tells how far it is if it takes long.

    `rows` finds them. `what` says in words what is exported, and `count` how many rows there are; it may take as long
    as it likes. Without it their number is told as soon as they are found, if they then know it themselves.
    """
    if not isinstance(request.user, User):
        raise Http404
    progress = ExportProgress(request.user, what, f"{name}.{output_format}", count)
    return respond(
        progress.counted(rows), keys=keys, output_format=output_format, name=name, followed=progress.followed
    )


@dataclass(frozen=True)
class Records(Generic[Row]):
    """Found rows, whose number is known, each of them made an exported object when its turn comes."""

    found: Sequence[Row]
    written: Callable[[Row], ExportedRow]

    def __len__(self) -> int:
        return len(self.found)

    def __iter__(self) -> Iterator[ExportedRow]:
        return map(self.written, self.found)


class ExportProgress:
    """Follows one export: `counted` goes around its rows, and `followed` around what is sent of it."""

    def __init__(self, user: User, what: str, file_name: str, count: Callable[[], int] | None = None) -> None:
        self._user = user
        self._what = what
        self._file_name = file_name
        self._count = count
        self._total: int | None = None
        self._rows = 0
        self._outcome = ExportOutcome.LEFT
        self._is_over = threading.Event()
        self._is_cancelled = threading.Event()

    def counted(self, rows: Callable[[], Iterable[Row]]) -> Iterator[Row]:
        """The rows, found while they are followed; Cancelled between two of them if nobody wants them any more."""
        found = rows()
        if isinstance(found, Sized):
            self._total = len(found)
        for row in found:
            if self._is_cancelled.is_set():
                raise Cancelled(self._file_name)
            self._rows += 1
            yield row

    def followed(self, pieces: Iterator[Piece]) -> Iterator[Piece]:
        """The same pieces, with a thread beside them that tells how far they are."""
        told = threading.Thread(target=self._tell, name=f"progress of {self._file_name}", daemon=True)
        told.start()
        try:
            yield from pieces
            self._outcome = ExportOutcome.DONE
        except Exception:
            self._outcome = ExportOutcome.FAILED
            raise
        finally:
            self._is_over.set()
            told.join()

    def _tell(self) -> None:
        if self._is_over.wait(EVERY_SECONDS):
            return
        try:
            self._tell_until_it_is_over()
        except DatabaseError as error:
            logger.warning("The progress of %s is not told any more: %s", self._file_name, error)
        finally:
            connection.close()

    def _tell_until_it_is_over(self) -> None:
        now = timezone.now()
        Export.objects.filter(user=self._user, told_at__lt=now - KEPT).delete()
        told = Export.objects.create(
            user=self._user,
            what=self._what,
            file_name=self._file_name,
            rows=self._rows,
            begun_at=now,
            told_at=now,
        )
        running = Export.objects.filter(pk=told.pk, outcome=ExportOutcome.RUNNING)
        if self._count is not None:
            self._total = _in_time(self._count)
            running.update(total=self._total)
        while not self._is_over.wait(EVERY_SECONDS):
            if not running.update(rows=self._rows, total=self._total, told_at=timezone.now()):
                self._is_cancelled.set()
        running.update(rows=self._rows, total=self._total, told_at=timezone.now(), outcome=self._outcome)


def _in_time(count: Callable[[], int]) -> int | None:
    try:
        with time_budget(COUNTING_SECONDS):
            return count()
    except OverBudget:
        return None
