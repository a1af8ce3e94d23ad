"""Reconciling: whatever stands in the database unfinished is found here and moved on.

The queue only carries hints. Every function looks for rows in one state and moves them on with conditional UPDATEs, so
that running it twice, or in two processes at once, changes nothing the second time.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from inventory.models import ATTEMPTS, Account, Outcome, Snapshot, Visit, VisitState
from inventory.registry import resource_types
from inventory.signals import snapshot_completed
from inventory.snapshots.carry_out import finish_unread
from inventory.snapshots.draft import delete_staged
from inventory.snapshots.record import STAGES_PER_VISIT

logger = logging.getLogger(__name__)

EXPIRES_AFTER = timedelta(minutes=10)
HINT_EVERY = timedelta(seconds=30)
BEGIN_AGAIN = timedelta(minutes=5)
PENDING_RETRY = timedelta(minutes=1)
PENDING_RETRY_AT_LEAST = timedelta(minutes=15)

DUE = Q(next_due_at__isnull=True) | Q(next_due_at__lte=Now())


def visits_to_hint(among: Q | None = None) -> list[int]:
    """Visits that a worker could claim and of which the queue has not heard for a while; now it is about to."""
    stale = Visit.objects.claimable().filter(hinted_at__lt=Now() - HINT_EVERY)
    if among is not None:
        stale = stale.filter(among)
    ids = list(stale.order_by("planned_at", "pk").values_list("pk", flat=True))
    Visit.objects.filter(pk__in=ids).update(hinted_at=Now())
    return ids


def expire_waiting() -> None:
    """End visits that nobody began in time, and make their account due: their moment has passed."""
    waiting = Visit.objects.filter(
        state=VisitState.WAITING,
        attempts=0,
        planned_at__lt=Now() - EXPIRES_AFTER,
        snapshot__has_given_moment=False,
    ).select_related("account")
    for visit in waiting:
        if finish_unread(visit, Outcome.EXPIRED, "No worker began it within 10 minutes of being planned."):
            Account.objects.filter(pk=visit.account_id).update(next_due_at=Now())


def bury_poison() -> None:
    """End visits whose worker died in every attempt."""
    dead = Visit.objects.filter(state=VisitState.RUNNING, lease_until__lt=Now(), attempts__gte=ATTEMPTS)
    for visit in dead.select_related("account"):
        finish_unread(
            visit,
            Outcome.FAILED,
            f"poison: its worker died {ATTEMPTS} times. Look at the workers' log, and at their memory.",
        )


def complete(snapshots: Q | None = None) -> bool:
    """Mark the snapshots complete whose visits have all finished; whether there was any."""
    unfinished = Visit.objects.filter(snapshot=OuterRef("pk")).exclude(state=VisitState.FINISHED)
    open_ones = Snapshot.objects.filter(snapshots or Q(), finished_at__isnull=True)
    return bool(open_ones.filter(~Exists(unfinished)).update(finished_at=Now()))


def unannounced(snapshots: Q | None = None) -> list[int]:
    """Complete snapshots that not every listener has heard of."""
    waiting = Snapshot.objects.filter(snapshots or Q(), finished_at__isnull=False, announced_at__isnull=True)
    return list(waiting.order_by("taken_at").values_list("pk", flat=True))


def announce(snapshot_id: int) -> None:
    """Tell every listener that the snapshot is complete; it stays unannounced until all of them have coped."""
    snapshot = Snapshot.objects.get(pk=snapshot_id)
    answers = snapshot_completed.send_robust(sender=Snapshot, snapshot_id=snapshot.pk, account_id=snapshot.account_id)
    failed = [(receiver, error) for receiver, error in answers if isinstance(error, Exception)]
    for receiver, error in failed:
        logger.error("%s could not follow snapshot %s.", receiver, snapshot_id, exc_info=error)
    if not failed:
        Snapshot.objects.filter(pk=snapshot_id).update(announced_at=Now())


def due_accounts() -> list[int]:
    """Accounts whose next snapshot is due and whose last one is not under way any more."""
    under_way = Snapshot.objects.filter(account=OuterRef("pk"), finished_at__isnull=True)
    due = Account.objects.collecting().filter(~Exists(under_way), DUE)
    return list(due.values_list("pk", flat=True))


def take_due(account: Account) -> bool:
    """Whether this caller is the one to begin the account's due snapshot; a doubled tick gets false.

    Planning sets when the next one is due. Until then it is due again soon, for this worker may die before it plans.
    """
    pause = _until_tried_again(account) if account.is_pending else BEGIN_AGAIN
    due = Account.objects.collecting().filter(DUE, pk=account.pk)
    return bool(due.update(next_due_at=Now() + pause))


def _until_tried_again(pending: Account) -> timedelta:
    """A minute, and longer the longer its role is awaited: an organization may have hundreds that nobody prepares."""
    return min(max(PENDING_RETRY, (timezone.now() - pending.added_at) / 20), PENDING_RETRY_AT_LEAST)


def sweep_stages() -> None:
    """Delete staged rows whose attempt is over: a dead worker left them, and nobody will publish them."""
    for resource_type in resource_types():
        staged = resource_type.model.revisions.filter(staged_by__isnull=False)
        for stage in filter(None, staged.order_by().values_list("staged_by", flat=True).distinct()):
            visit_id, fence = divmod(stage, STAGES_PER_VISIT)
            if not Visit.objects.filter(pk=visit_id, fence=fence, state=VisitState.RUNNING).exists():
                delete_staged(resource_type.model, stage)
