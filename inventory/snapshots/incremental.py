"""Incremental listing: for types that keep hundreds of thousands of things which never change again.

A visit lists what was modified since the last one, oldest first. It opens and changes, and never closes. When its time
runs out it records what it saw and ends `partial`; the next visit goes on there. Once in a while everything is listed,
and only such a listing, when it came to its end, says what is gone. If there is too much for that it is tried again
after the same while; what is new is not kept waiting for it.

Moments of modification are AWS's and are compared with each other only, never with a clock of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from inventory.models import Freshness, Outcome
from inventory.registry import Answers, Incremental, ResourceType
from inventory.snapshots.lease import Lease, out_of_time

OVERLAP = timedelta(minutes=15)
"""What AWS may take to list a thing that was modified; so much of what was listed is listed again."""

SHARE_OF_TIME = 0.8
"""Of VISIT_TIME_LIMIT: the rest is for recording what was seen."""

NO_MOMENT = (LookupError, TypeError, ValueError, AttributeError)


class Listing:
    """How one visit lists its scope, and what may be concluded from how far it came.

    A type that is not incremental is always listed from beginning to end, or not at all.
    """

    def __init__(self, kind: ResourceType, freshness: Freshness, taken_at: datetime) -> None:
        self._kind = kind
        self._freshness = freshness
        self._taken_at = taken_at
        self._reached = freshness.listed_until
        self._is_ordered = True
        self._last: datetime | None = None
        self.is_full = kind.incremental is None or freshness.listed_until is None or self._is_due(kind.incremental)

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The arguments that the listing is asked with beside those of its call."""
        how = self._kind.incremental
        if how is None:
            return {}
        if self.is_full or self._freshness.listed_until is None:
            return how.arguments
        return {**how.arguments, how.argument: self._freshness.listed_until - OVERLAP}

    def deadline(self, lease: Lease) -> float:
        """When to stop listing, by time.monotonic."""
        if self._kind.incremental is None:
            return lease.ends
        return lease.ends - settings.VISIT_TIME_LIMIT * (1 - SHARE_OF_TIME)

    def note(self, batch: Sequence[Answers]) -> None:
        """Note how far the listing came."""
        if self._kind.incremental is None:
            return
        for answers in batch:
            try:
                modified = self._kind.incremental.modified(answers[self._kind.call.operation])
                self._is_ordered &= self._last is None or modified >= self._last
                self._reached = modified if self._reached is None else max(modified, self._reached)
            except NO_MOMENT:
                continue
            self._last = modified

    def whole(self) -> dict[str, Any]:
        """What to publish of a listing that came to its end, as arguments of `Recorder.publish`."""
        listed = {} if self._kind.incremental is None else {"listed_until": self._reached}
        if self._kind.incremental is not None and self.is_full:
            listed |= {"listed_fully_at": self._taken_at, "full_tried_at": self._taken_at}
        return {"closes": self.is_full, "listed": listed}

    def part(self, silent: float) -> dict[str, Any]:
        """What to publish of a listing whose time ran out. Raises AwsFailure if nothing can be made of it.

        That is so for a type that is not incremental, and where the next visit could not go on: nothing new was seen,
        or AWS did not list the oldest first.
        """
        is_repeated = self.is_full and self._freshness.listed_until is not None
        has_progress = self._last is not None and (is_repeated or self._reached != self._freshness.listed_until)
        if not self._is_ordered or not has_progress:
            raise out_of_time(silent)
        listed: dict[str, Any] = {"listed_until": self._reached}
        reason = f"Time ran out: what was modified until {self._last:%Y-%m-%d %H:%M} UTC was listed. "
        if is_repeated:
            listed["full_tried_at"] = self._taken_at
            reason += "What is gone was to be found out and could not be; what is new is listed at the next snapshot."
        else:
            reason += "The next snapshot goes on there."
        return {"closes": False, "listed": listed, "outcome": Outcome.PARTIAL, "reason": reason}

    def _is_due(self, how: Incremental) -> bool:
        """Whether everything is to be listed again."""
        last = self._freshness.full_tried_at or self._freshness.first_complete_at
        return last is not None and self._taken_at - last >= how.full_every
