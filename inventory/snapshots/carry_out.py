"""Carrying out a visit: identity check, listing, comparing, publishing, and an outcome whatever happens."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from inventory.aws import AwsFailure, Clients, FailureKind, ListingBroken, OperationForbidden
from inventory.models import ATTEMPTS, Freshness, Outcome, Visit, VisitState
from inventory.registry import GLOBAL, Answers, ResourceType, Scope, resource_type
from inventory.snapshots.access import check_identity, clients_for
from inventory.snapshots.circuit import Circuit, TriedByAnother
from inventory.snapshots.collect import Collector
from inventory.snapshots.incremental import Listing
from inventory.snapshots.lease import Fenced, Lease
from inventory.snapshots.pump import TimeIsUp, pumped
from inventory.snapshots.record import Overtaken, Recorder, note_failure

logger = logging.getLogger(__name__)

LISTINGS = 3


class TooLate(Exception):
    """The scope was already read completely at a later moment."""


def carry_out(visit: Visit) -> None:
    """Look at the visit's scope and record what is there. The visit must have been claimed by this worker.

    It ends finished with an outcome, or, after an error of our own, waiting for another attempt (three at the most).
    """
    work = _Work(visit)
    try:
        with Lease(visit) as lease:
            work.look(lease)
    except Fenced:
        logger.warning("Visit %s was taken over by another worker; this one records nothing.", visit.pk)
    except TooLate:
        work.finish(Outcome.EXPIRED, "A later snapshot of this scope was recorded before this one.")
    except TriedByAnother:
        work.leave_for_later()
    except AwsFailure as failure:
        work.finish(Outcome(failure.kind.value), failure.reason, error_code=failure.code, action=failure.action)
    except OperationForbidden as forbidden:
        logger.exception("Visit %s (%s) asked for what is not declared.", visit.pk, visit)
        work.finish(Outcome.FAILED, str(forbidden), error_code=type(forbidden).__name__)
    except Exception as error:
        logger.exception("Visit %s (%s) failed in attempt %s.", visit.pk, visit, visit.attempts)
        work.give_back_or_bury(error)


class _Work:
    """One attempt at one visit."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.began = time.monotonic()
        self.calls_before = 0
        self.clients: Clients | None = None
        self.unread: list[dict[str, Any]] = []

    def look(self, lease: Lease) -> None:
        """Read the scope and publish. Raises AwsFailure, Fenced, TooLate or TriedByAnother."""
        kind = resource_type(self.visit.type)
        account = self.visit.account
        self.clients = clients_for(account)
        self.calls_before = self.clients.calls
        scope = Scope(
            account_id=account.account_id or "",
            region=self.visit.scope_region,
            partition=self.clients.access.partition,
            switches=account.switches,
        )
        home = self.clients.home_region
        region = home if scope.region == GLOBAL else scope.region
        circuit = Circuit(account=account, service=kind.call.service, region=region, home_region=home)
        circuit.check()
        try:
            self._look_until_whole(kind, scope, self.clients, lease)
        except AwsFailure as failure:
            circuit.failed(failure)
            raise
        circuit.answered()

    def _look_until_whole(self, kind: ResourceType, scope: Scope, clients: Clients, lease: Lease) -> None:
        """Begin again when the listing broke, or when another visit published meanwhile."""
        for attempt in range(1, LISTINGS + 1):
            try:
                self._list_and_publish(kind, scope, clients, lease)
            except (ListingBroken, Overtaken) as broken:
                if attempt == LISTINGS:
                    raise _given_up(broken) from broken
            else:
                return

    def _list_and_publish(self, kind: ResourceType, scope: Scope, clients: Clients, lease: Lease) -> None:
        recorder = Recorder(self.visit, kind, scope)
        if recorder.is_too_late:
            raise TooLate
        listing = Listing(kind, recorder.freshness, self.visit.taken_at)
        collector = Collector(
            kind, scope, clients, self.visit.taken_at, listing.arguments, is_measuring=recorder.is_measuring
        )
        try:
            found = self._take_all(collector, listing, recorder, lease)
            self.unread = list(collector.unread.values())
            recorder.take_measurements(collector.measured)
            outcome = recorder.publish(**found, **self._measured())
            if outcome == Outcome.UNCONFIRMED:
                recorder.discard()
        except BaseException:
            recorder.discard()
            raise

    def _take_all(self, collector: Collector, listing: Listing, recorder: Recorder, lease: Lease) -> dict[str, Any]:
        """Compare everything that is listed, or as much as time allows; answers what may be published of it."""
        asked = pumped(self._ask(collector), listing.deadline(lease))
        try:
            with closing(asked):
                for batch in asked:
                    lease.check()
                    recorder.take(batch)
                    listing.note(batch)
        except TimeIsUp as over:
            return listing.part(over.silent)
        finally:
            collector.stop()
        return listing.whole()

    def _ask(self, collector: Collector) -> Iterator[list[Answers]]:
        """Everything of a visit that speaks to AWS, and nothing that speaks to the database."""
        check_identity(self.visit.account, collector.clients)
        yield from collector.batches()

    def _measured(self) -> dict[str, Any]:
        return {
            "api_calls": self.clients.calls - self.calls_before if self.clients else 0,
            "seconds": Decimal(str(round(time.monotonic() - self.began, 3))),
            "unread": self.unread,
        }

    def finish(self, outcome: Outcome, reason: str, *, error_code: str = "", action: str = "") -> None:
        """End the visit without having read its scope: what we knew stays, with the reason beside it."""
        finish_unread(self.visit, outcome, reason, error_code=error_code, action=action, **self._measured())

    def leave_for_later(self) -> None:
        """Give the visit back as if it had not been claimed; the tick hints at it again."""
        self._give_back(attempts=F("attempts") - 1)

    def give_back_or_bury(self, error: Exception) -> None:
        """Let another attempt have it, unless this was the last one."""
        if self.visit.attempts >= ATTEMPTS:
            self.finish(
                Outcome.FAILED,
                f"poison: it failed {ATTEMPTS} times, last with {type(error).__name__}; the log has the traceback.",
                error_code=type(error).__name__,
            )
            return
        self._give_back()

    def _give_back(self, **columns: Any) -> None:
        Visit.objects.filter(pk=self.visit.pk, fence=self.visit.fence, state=VisitState.RUNNING).update(
            state=VisitState.WAITING, lease_until=None, **columns
        )


def finish_unread(visit: Visit, outcome: Outcome, reason: str, **columns: Any) -> bool:
    """End a visit that could not read its scope, under its fence; false if another worker has it by now.

    Only the latest visit and the start of the failing stretch are noted on the scope: a failure refreshes nothing.
    """
    with transaction.atomic():
        freshness, _ = Freshness.objects.select_for_update().get_or_create(
            account=visit.account, scope_region=visit.scope_region, type=visit.type
        )
        ended = (
            Visit.objects.filter(pk=visit.pk, fence=visit.fence)
            .exclude(state=VisitState.FINISHED)
            .update(
                state=VisitState.FINISHED,
                outcome=outcome,
                reason=reason,
                finished_at=Now(),
                lease_until=None,
                **columns,
            )
        )
        if ended and outcome != Outcome.EXPIRED:
            note_failure(freshness, visit)
            freshness.save(update_fields=["latest_visit", "failing_since"])
        return bool(ended)


def _given_up(broken: ListingBroken | Overtaken) -> AwsFailure:
    if isinstance(broken, Overtaken):
        return AwsFailure(FailureKind.FAILED, "Other visits of this scope kept publishing while this one compared.")
    return AwsFailure(
        broken.kind, f"{broken.reason} The listing was begun {LISTINGS} times.", code=broken.code, action=broken.action
    )
