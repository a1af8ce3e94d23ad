"""Planning: one visit for each region and resource type, all speaking of the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from inventory.models import Account, Freshness, Snapshot, Visit
from inventory.registry import GLOBAL, Reach, collected_types, partition_of, resource_type
from inventory.signals import visits_planned

NEVER = datetime.min.replace(tzinfo=UTC)


class NotCollected(ValueError):
    """No snapshot of this account is taken, because it is paused or archived; the text says so."""


class BadMoment(ValueError):
    """A snapshot cannot speak of this moment; the text says why."""


def plan_snapshot(account: Account, taken_at: datetime | None = None, *, hint_workers: bool = True) -> Snapshot:
    """Plan a snapshot of an account that speaks of `taken_at` (None: now).

    Raises BadMoment for a moment in the future or not later than the account's last snapshot, and NotCollected for an
    account that is paused or archived.
    """
    now = timezone.now()
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        check_collected(account)
        if taken_at is not None:
            check_moment(account, taken_at)
        snapshot = Snapshot.objects.create(
            account=account, taken_at=taken_at or now, has_given_moment=taken_at is not None
        )
        visits = Visit.objects.bulk_create(
            Visit(snapshot=snapshot, account=account, scope_region=region, type=slug, taken_at=snapshot.taken_at)
            for region, slug in _scopes(account, snapshot.taken_at)
        )
        account.next_due_at = now + interval_of(account)
        account.save(update_fields=["next_due_at"])
        if hint_workers:
            transaction.on_commit(
                lambda: visits_planned.send(sender=Snapshot, visit_ids=[visit.pk for visit in visits])
            )
    return snapshot


def interval_of(account: Account) -> timedelta:
    """The time between two snapshots of the account."""
    return timedelta(seconds=account.interval_seconds or settings.SNAPSHOT_INTERVAL)


def check_collected(account: Account) -> None:
    """Make sure that snapshots of the account are taken. Raises NotCollected."""
    if account.archived_at is not None:
        raise NotCollected(f"{account.name} is archived since {account.archived_at:%Y-%m-%d}: no snapshot is taken.")
    if account.paused_at is not None:
        raise NotCollected(f"{account.name} is paused: resume it before a snapshot is taken.")


def check_moment(account: Account, taken_at: datetime) -> None:
    """Make sure that a snapshot of the account may speak of the moment. Raises BadMoment."""
    if taken_at > timezone.now():
        raise BadMoment(f"{taken_at:%Y-%m-%dT%H:%M:%SZ} is in the future: give a moment that has passed.")
    last = Snapshot.objects.filter(account=account).order_by("-taken_at").values_list("taken_at", flat=True).first()
    if last is not None and taken_at <= last:
        raise BadMoment(
            f"{account.name} already has a snapshot of {last:%Y-%m-%dT%H:%M:%SZ}: give a later moment, because the "
            "ledger is only ever written forwards."
        )


def _scopes(account: Account, taken_at: datetime) -> list[tuple[str, str]]:
    """Global types once for the account, the others once for each region; those read longest ago come first.

    When there is more to do than time to begin it in, it is then not always the same visits that expire. A type with
    an interval of its own is left out until it would be late at the account's next snapshot, unless its last visit left
    something unread: early beats late. What AWS tells every account alike is read by one account for all.
    """
    reads_for_all = _reads_for_all(account)
    scopes = [
        (region, resource_type.slug)
        for resource_type in collected_types()
        if reads_for_all or not resource_type.is_public
        for region in ([GLOBAL] if resource_type.reach is Reach.GLOBAL else account.regions)
    ]
    rows = Freshness.objects.filter(account=account, last_complete_at__isnull=False)
    looks = {
        (region, slug): (at, bool(unread))
        for region, slug, at, unread in rows.values_list(
            "scope_region", "type", "last_complete_at", "last_complete_visit__unread"
        )
    }
    next_at = taken_at + interval_of(account)
    due = [
        (region, slug)
        for region, slug in scopes
        if (interval := resource_type(slug).interval) is None
        or (look := looks.get((region, slug))) is None
        or look[1]
        or look[0] + interval < next_at
    ]
    return sorted(due, key=lambda scope: looks[scope][0] if scope in looks else NEVER)


def _reads_for_all(account: Account) -> bool:
    """Whether it is the first collected account of its partition."""
    confirmed = Account.objects.collecting().filter(account_id__isnull=False).order_by("pk")
    partition = _partition(account)
    return next((one.pk == account.pk for one in confirmed if _partition(one) == partition), True)


def _partition(account: Account) -> str:
    return partition_of(next(iter(account.regions), None))
