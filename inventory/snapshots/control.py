"""What an operator decides about collecting: to pause, to resume, to cancel, to archive.

Each decision stands in the database, where every worker and every tick finds it, and is kept with who made it. None of
them touches what is known.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from audit.models import Kind, record
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState

logger = logging.getLogger(__name__)


@transaction.atomic
def pause(account: Account, by: str) -> None:
    """Begin no further snapshot of the account; one that runs goes on to its end."""
    if Account.objects.filter(pk=account.pk, paused_at__isnull=True).update(paused_at=timezone.now()):
        record(by, Kind.PAUSED, f"paused {account.name}", account=account.name)


@transaction.atomic
def resume(account: Account, by: str) -> None:
    """Let the account be collected again, at the next tick."""
    if Account.objects.filter(pk=account.pk, paused_at__isnull=False).update(paused_at=None, next_due_at=Now()):
        record(by, Kind.RESUMED, f"resumed {account.name}", account=account.name)


def cancel(snapshot: Snapshot, by: str) -> int:
    """End the visits of a snapshot that are not finished, and say how many; what the others recorded stays.

    A worker that is at one of them finds itself fenced out and records nothing.
    """
    with transaction.atomic():
        cancelled = (
            Visit.objects.filter(snapshot=snapshot)
            .exclude(state=VisitState.FINISHED)
            .update(
                state=VisitState.FINISHED,
                outcome=Outcome.CANCELLED,
                reason=f"Cancelled by {by}.",
                finished_at=Now(),
                lease_until=None,
                fence=F("fence") + 1,
            )
        )
        if cancelled:
            Snapshot.objects.filter(pk=snapshot.pk).update(
                cancelled_at=Now(), finished_at=Coalesce(F("finished_at"), Now())
            )
            logger.info("%s visits of the snapshot of %s were cancelled by %s.", cancelled, snapshot, by)
    return cancelled


@transaction.atomic
def archive(account: Account, because: str, by: str, at: datetime | None = None) -> None:
    """Let the account count as gone since `at` (None: now): nothing is collected any more, its rows stay, dated.

    `because` is kept as a sentence.
    """
    moment = at or timezone.now()
    archived = Account.objects.filter(pk=account.pk, archived_at__isnull=True).update(
        archived_at=moment, archived_because=f"{because.rstrip(' .')}."
    )
    if archived:
        words = f"archived {account.name}: {because.rstrip(' .')}"
        record(by, Kind.ARCHIVED, words, account=account.name)
        for snapshot in Snapshot.objects.filter(account=account, finished_at__isnull=True):
            cancel(snapshot, "the archiving of its account")


@transaction.atomic
def unarchive(account: Account, by: str) -> None:
    """Let an archived account be collected again, at the next tick."""
    back = Account.objects.filter(pk=account.pk, archived_at__isnull=False).update(
        archived_at=None, archived_because="", next_due_at=Now()
    )
    if back:
        record(by, Kind.UNARCHIVED, f"brought {account.name} back from the archive", account=account.name)
