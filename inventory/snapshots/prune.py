"""Pruning: forgetting the far past, without making any answer about the kept past wrong.

A row that ended before the kept window holds at no moment of it, so deleting it changes no answer there. What still
holds is never touched, however old. Moments before the window are marked as pruned on the account before anything is
deleted, so that nobody reads a half-deleted past as the whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.history import Period, ResourceRevision
from inventory.models import (
    Account,
    Finding,
    Freshness,
    LedgerDay,
    Link,
    Measurement,
    Outcome,
    Resource,
    ResourceTag,
    Snapshot,
    Visit,
    VisitState,
)
from inventory.registry import resource_types

ROWS_AT_ONCE = 1_000
"""Deleted in one transaction: SQLite has one writer, and workers want to write too."""


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What was deleted, in rows."""

    revisions: int
    tags: int
    links: int
    findings: int
    measurements: int
    resources: int
    visits: int
    snapshots: int


def prune_history(account: Account, before: datetime) -> Pruned:
    """Forget what ended before a moment, in one account; everything that held at it or later stays as it was.

    May be interrupted and begun again.
    """
    Account.objects.filter(Q(history_from__isnull=True) | Q(history_from__lt=before), pk=account.pk).update(
        history_from=before
    )
    LedgerDay.objects.filter(account=account, day__lt=before.astimezone(UTC).date()).delete()
    revisions = sum(_delete(_ended(kind.model, account, before)) for kind in resource_types())
    return Pruned(
        revisions=revisions,
        tags=_delete(_ended(ResourceTag, account, before)),
        links=_delete(_ended(Link, account, before)),
        findings=_delete(_ended(Finding, account, before)),
        measurements=_delete(_superseded_measurements(account, before)),
        resources=sum(_delete(one) for one in _forgotten_resources(account)),
        visits=sum(_delete(one) for one in _superseded_visits(account, before)),
        snapshots=_delete(_empty_snapshots(account, before)),
    )


def count_prunable(account: Account, before: datetime) -> int:
    """How many revisions `prune_history` would delete."""
    return sum(_ended(kind.model, account, before).count() for kind in resource_types())


def _ended(
    model: type[ResourceRevision] | type[ResourceTag] | type[Link] | type[Finding], account: Account, before: datetime
) -> QuerySet[Period]:
    return model._default_manager.filter(account=account, valid_to__lte=before, valid_from__isnull=False)


def _superseded_measurements(account: Account, before: datetime) -> QuerySet[Measurement]:
    """Figures after which another day was known of the same resource at the first kept moment."""
    newer = Measurement.objects.filter(
        resource=OuterRef("resource"),
        metric=OuterRef("metric"),
        taken_at__lte=before,
        measured_at__gt=OuterRef("measured_at"),
    )
    return Measurement.objects.filter(Exists(newer), account=account)


def _forgotten_resources(account: Account) -> Iterator[QuerySet[Resource]]:
    """Identities of which nothing is kept any more.

    A running visit may be about to give one of them a revision, so its scope is left for the next time. One that
    begins just now fails at its foreign key, and its next attempt makes a new identity.
    """
    running = Visit.objects.filter(
        account=account, type=OuterRef("type"), scope_region=OuterRef("scope_region"), state=VisitState.RUNNING
    )
    for kind in resource_types():
        kept = kind.model.revisions.filter(resource=OuterRef("pk"))
        yield Resource.objects.filter(~Exists(kept), ~Exists(running), account=account, type=kind.slug)


def _superseded_visits(account: Account, before: datetime) -> Iterator[QuerySet[Visit]]:
    """Visits that tell nothing of the kept window.

    How fresh a scope was at its first moment is told by the last complete visit until then, by the first that failed
    afterwards, and by the last one of all.
    """
    for scope in Freshness.objects.filter(account=account):
        past = Visit.objects.filter(
            account=account,
            scope_region=scope.scope_region,
            type=scope.type,
            taken_at__lte=before,
            state=VisitState.FINISHED,
        )
        by_moment = past.order_by("taken_at", "pk")
        complete = by_moment.filter(outcome=Outcome.COMPLETE).last()
        failed = by_moment.filter(taken_at__gt=complete.taken_at) if complete else by_moment
        told = [one.pk for one in (complete, failed.first(), by_moment.last()) if one is not None]
        yield past.exclude(pk__in=told)


def _empty_snapshots(account: Account, before: datetime) -> QuerySet[Snapshot]:
    visits = Visit.objects.filter(snapshot=OuterRef("pk"))
    return Snapshot.objects.filter(
        ~Exists(visits), account=account, taken_at__lte=before, finished_at__isnull=False, announced_at__isnull=False
    )


def _delete(
    rows: QuerySet[Period] | QuerySet[Measurement] | QuerySet[Resource] | QuerySet[Visit] | QuerySet[Snapshot],
) -> int:
    """Delete rows, some at a time, and say how many."""
    deleted = 0
    while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_AT_ONCE]):
        rows.model._default_manager.filter(pk__in=pks).delete()
        deleted += len(pks)
    return deleted
