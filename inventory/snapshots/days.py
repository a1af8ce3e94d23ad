"""What each snapshot and each day found, in sums: noted once a snapshot is complete, for pages of all time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum

from inventory.models import Account, Freshness, LedgerDay, Outcome, Snapshot, Visit

CHANGES = ("added", "changed", "gone")


def note(*, snapshot_id: int, account_id: int, **news: object) -> None:
    """Sum up a snapshot and its day; listens to `snapshot_completed`.

    Whatever was summed up before is summed up anew, so that hearing of a snapshot twice changes nothing. The lock on
    the account makes a second, simultaneous call wait, so that the older of two sums never comes last. A snapshot that
    was removed with its account, or pruned, before anybody heard of it leaves nothing to sum up.
    """
    with transaction.atomic():
        Account.objects.select_for_update().filter(pk=account_id).first()
        snapshot = Snapshot.objects.filter(pk=snapshot_id).first()
        if snapshot is None:
            return
        Snapshot.objects.filter(pk=snapshot_id).update(**_found(snapshot))
        _note_day(account_id, snapshot.taken_at.astimezone(UTC).date())


def _found(snapshot: Snapshot) -> dict[str, int]:
    """What its visits found. A first look at a place is no change: what it found may have been there for years."""
    first = Freshness.objects.filter(
        account=OuterRef("account"),
        type=OuterRef("type"),
        scope_region=OuterRef("scope_region"),
        first_complete_at=OuterRef("taken_at"),
    )
    return Visit.objects.filter(snapshot=snapshot).aggregate(
        complete_visits=Count("pk", filter=Q(outcome=Outcome.COMPLETE)),
        incomplete_visits=Count("pk", filter=~Q(outcome=Outcome.COMPLETE)),
        **{name: Sum(name, filter=~Exists(first), default=0) for name in CHANGES},
    )


def _note_day(account_id: int, day: date) -> None:
    midnight = datetime.combine(day, time(), UTC)
    noted = Snapshot.objects.filter(
        account=account_id,
        taken_at__gte=midnight,
        taken_at__lt=midnight + timedelta(days=1),
        complete_visits__isnull=False,
    )
    sums = noted.aggregate(
        snapshots=Count("pk"),
        incomplete=Count("pk", filter=Q(incomplete_visits__gt=0)),
        unread=Count("pk", filter=Q(complete_visits=0)),
        **{name: Sum(name, default=0) for name in CHANGES},
    )
    LedgerDay.objects.update_or_create(account_id=account_id, day=day, defaults=sums)
