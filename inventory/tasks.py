"""Doorways for the workers: each task takes ids, and running it twice changes nothing the second time."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from celery import Task, shared_task
from django.db import IntegrityError
from django.db.models import Q
from django.dispatch import receiver
from kombu.exceptions import OperationalError

from inventory.aws import AwsFailure
from inventory.models import Account, Organization, Snapshot, Visit
from inventory.signals import check_wanted, visits_planned
from inventory.snapshots import organizations, reconcile
from inventory.snapshots.access import check_and_keep, prepare_or_warn
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import NotCollected, plan_snapshot

logger = logging.getLogger(__name__)


@shared_task
def visit(visit_id: int) -> None:
    """Look at one account, region and type, and record what is there."""
    claimed = Visit.objects.claim(visit_id)
    if claimed is None:
        return
    try:
        carry_out(claimed)
    except IntegrityError:
        if Visit.objects.filter(pk=visit_id).exists():
            raise
        logger.warning("Visit %s ended with its account, which was removed.", visit_id)
        return
    snapshot = Q(pk=claimed.snapshot_id)
    if reconcile.complete(snapshot):
        hint(announce, reconcile.unannounced(snapshot))


@shared_task
def announce(snapshot_id: int) -> None:
    """Tell the listeners that a snapshot is complete."""
    with suppress(Snapshot.DoesNotExist):  # its account was removed
        reconcile.announce(snapshot_id)


@shared_task
def begin(account_id: int) -> None:
    """Begin the due snapshot of an account, after confirming a pending one and reading its list of regions."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None or not reconcile.take_due(account):
        return
    prepare_or_warn(account)
    if account.is_pending:
        return
    with suppress(NotCollected):  # paused or archived since it was found due
        plan_snapshot(account)


@shared_task
def check_account(account_id: int) -> None:
    """Try what an account lets us do, and let it remember the answers."""
    account = Account.objects.filter(pk=account_id).first()
    if account is not None:
        check_and_keep(account)


@shared_task
def read_organization(organization_id: int) -> None:
    """Let the accounts of a due organization follow it; a failure is noted on it, and tried again."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is not None and organizations.take_due(organization):
        with suppress(AwsFailure):
            organizations.read_organization(organization)


@shared_task
def tick() -> None:
    """Move on whatever stands still; harmless when doubled."""
    reconcile.expire_waiting()
    reconcile.bury_poison()
    reconcile.sweep_stages()
    reconcile.complete()
    hint(read_organization, organizations.due_organizations())
    hint(begin, reconcile.due_accounts())
    hint(visit, reconcile.visits_to_hint())
    hint(announce, reconcile.unannounced())


def hint(task: Task[..., Any], ids: Iterable[int]) -> None:
    """Put tasks on the queue. Without a broker nothing is lost: the next tick finds the same rows in the database."""
    try:
        for one in ids:
            task.apply_async((one,), retry=False)
    except OperationalError as error:
        logger.warning("The broker cannot be reached (%s); work waits in the database until it can.", error)


@receiver(visits_planned)
def hint_planned(visit_ids: list[int], **_: Any) -> None:
    """Let the workers know of visits that were just planned."""
    hint(visit, visit_ids)


@receiver(check_wanted)
def hint_check(account_id: int, **_: Any) -> None:
    """Let a worker test an account, because somebody pressed the button."""
    hint(check_account, [account_id])
