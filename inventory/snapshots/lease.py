"""The lease of a visit: how a worker shows that it lives while AWS takes its time.

The lease is renewed at every page, and by a thread of its own in between: a region that does not answer is tried for
longer than a lease lasts. Without the thread such a visit would look like a dead worker's, be taken over three times
and end as poison instead of unreachable.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from types import TracebackType

from django import db
from django.conf import settings
from django.db.models.functions import Now

from inventory.aws import AwsFailure, FailureKind
from inventory.models import Visit, VisitState

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3


class Fenced(Exception):
    """Another worker has claimed the visit: nothing may be recorded any more."""


class Lease:
    """Keeps a claimed visit this worker's own for the length of a with-block, but not beyond VISIT_TIME_LIMIT.

    `ends` is when that is, by time.monotonic.
    """

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self.ends = time.monotonic() + settings.VISIT_TIME_LIMIT
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease of visit {visit.pk}", daemon=True)

    def __enter__(self) -> Lease:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Renew it. Raises Fenced when another worker has the visit, and AwsFailure when its time is up."""
        if time.monotonic() > self.ends:
            raise out_of_time(silent=0)
        if not self._renew():
            raise Fenced

    def _renew(self) -> bool:
        ours = Visit.objects.filter(pk=self._visit.pk, fence=self._visit.fence, state=VisitState.RUNNING)
        return bool(ours.update(lease_until=Now() + timedelta(seconds=settings.VISIT_LEASE)))

    def _beat(self) -> None:
        while not self._over.wait(settings.VISIT_LEASE / BEATS_PER_LEASE) and time.monotonic() < self.ends:
            try:
                if not self._renew():
                    return
            except db.Error as problem:
                logger.warning("The lease of visit %s could not be renewed: %s", self._visit.pk, problem)
            finally:
                db.connection.close()


def out_of_time(silent: float) -> AwsFailure:
    """What to say of a visit whose time is up: whether AWS fell silent, or there was that much to list."""
    limit = settings.VISIT_TIME_LIMIT
    if silent > limit / 2:
        return AwsFailure(
            FailureKind.UNREACHABLE,
            f"AWS sent nothing whole for {silent:.0f} s, so the visit was stopped after {limit} s; what was known "
            "stays. Check the network and the endpoint; it is tried again at the next snapshot.",
        )
    return AwsFailure(
        FailureKind.FAILED,
        f"The listing took longer than {limit} s and was stopped; what was known stays. "
        "Raise VISIT_TIME_LIMIT if the scope is that large.",
    )
