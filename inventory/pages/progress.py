"""Snapshots that are under way: how far they are, and whether anybody works on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.pages.frame import address
from inventory.pages.scope import PageScope
from inventory.snapshots.plan import plan_snapshot

Key = tuple[int, str, str]
"""Account, region and type."""


@dataclass
class Progress:
    """One snapshot that is under way."""

    pk: int
    account: Account
    planned_at: datetime
    total: int = 0
    finished: int = 0
    incomplete: int = 0
    """Finished visits that did not read their scope."""
    api_calls: int = 0
    was_claimed: bool = False
    unfinished: dict[Key, VisitState] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return 100 * self.finished // self.total if self.total else 0

    @property
    def is_unclaimed(self) -> bool:
        """Whether no worker has begun it in the time that it takes a worker to notice."""
        waited = timezone.now() - self.planned_at
        return not self.was_claimed and waited > timedelta(seconds=settings.CLAIM_WAIT)


def running_snapshots(scope: PageScope) -> list[Progress]:
    """The unfinished snapshots of the page's accounts, in one query; none at a past moment."""
    if scope.as_of is not None:
        return []
    by_pk: Mapping[int, Account] = {account.pk: account for account in scope.chosen}
    found: dict[int, Progress] = {}
    visits = Visit.objects.filter(account__in=list(by_pk), snapshot__finished_at__isnull=True)
    for visit in visits.only(
        "snapshot_id", "account_id", "scope_region", "type", "state", "attempts", "planned_at", "api_calls", "outcome"
    ):
        one = found.setdefault(
            visit.snapshot_id,
            Progress(pk=visit.snapshot_id, account=by_pk[visit.account_id], planned_at=visit.planned_at),
        )
        one.total += 1
        one.api_calls += visit.api_calls
        one.was_claimed = one.was_claimed or visit.attempts > 0
        if visit.state == VisitState.FINISHED:
            one.finished += 1
            one.incomplete += visit.outcome != Outcome.COMPLETE
        else:
            one.unfinished[visit.account_id, visit.scope_region, visit.type] = VisitState(visit.state)
    return list(found.values())


@require_POST
def start_snapshot(request: HttpRequest) -> HttpResponse:
    """Plan a snapshot of each account of the page, and tell which could not be planned and why."""
    scope = PageScope.from_request(request)
    unfinished = Snapshot.objects.filter(account__in=scope.accounts, finished_at__isnull=True)
    under_way = set(unfinished.values_list("account", flat=True))
    planned = []
    for account in scope.chosen:
        if account.paused_at or account.archived_at:
            messages.warning(request, f"{account.name} is {'archived' if account.archived_at else 'paused'}.")
        elif account.is_pending:
            messages.warning(request, f"{account.name} is pending: its role could not be assumed yet.")
        elif not account.regions:
            messages.warning(request, f"The regions of {account.name} are not known yet; a worker reads them first.")
        elif account.pk in under_way:
            messages.info(request, f"A snapshot of {account.name} is under way already.")
        else:
            plan_snapshot(account)
            planned.append(account.name)
    if planned:
        messages.success(request, f"A snapshot of {', '.join(planned)} is planned; workers take it up at once.")
    return redirect(address(scope, "coverage"))
