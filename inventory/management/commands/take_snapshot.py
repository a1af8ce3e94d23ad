"""Take a snapshot of accounts: by the workers, or in this process."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from inventory import tasks
from inventory.management.command import LedgerCommand
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from inventory.snapshots import reconcile
from inventory.snapshots.access import prepare_or_warn
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import BadMoment, NotCollected, check_collected, check_moment, plan_snapshot

POLL_SECONDS = 0.3
HINT_SECONDS = 5
ANNOUNCED_WITHIN_SECONDS = 60


class Command(LedgerCommand):
    """`manage.py take_snapshot [NAME ...] [--taken-at ISO] [--inline] [--json]`; exits 1 if any visit is incomplete."""

    help = "Take a snapshot of the accounts named and wait for it. Without a name: of all but paused and archived ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="an account's name or 12-digit id")
        parser.add_argument("--taken-at", help="the moment it speaks of, such as 2026-04-01T06:00:00Z (default: now)")
        parser.add_argument("--inline", action="store_true", help="do the visits in this process, without workers")
        parser.add_argument("--json", action="store_true", help="print the visits as a JSON array")

    def handle(self, *, names: list[str], taken_at: str | None, inline: bool, json: bool, **_: Any) -> None:
        moment = _moment(taken_at)
        accounts = _accounts(names)
        snapshots = self._plan(accounts, moment, hint_workers=not inline)
        if inline:
            self._do_all(snapshots)
        self._wait(snapshots)
        followed = self._follow(snapshots, inline=inline)
        visits = list(Visit.objects.filter(snapshot__in=snapshots).select_related("account").order_by("pk"))
        if json:
            _print_json(visits)
        incomplete = [visit for visit in visits if visit.outcome != Outcome.COMPLETE]
        self.stderr.write(f"{len(visits) - len(incomplete)} of {len(visits)} visits complete.")
        for visit in incomplete:
            self.stderr.write(f"  {visit.account} {visit.scope_region} {visit.type}: {visit.outcome}. {visit.reason}")
        has_no_regions = self._has_no_regions(snapshots)
        if incomplete or not followed or len(snapshots) < len(accounts) or has_no_regions:
            sys.exit(1)

    def _plan(self, accounts: list[Account], moment: datetime | None, *, hint_workers: bool) -> list[Snapshot]:
        for account in accounts:
            try:
                check_collected(account)
                if moment is not None:
                    check_moment(account, moment)
            except (BadMoment, NotCollected) as error:
                raise CommandError(str(error)) from error
        snapshots = []
        for account in accounts:
            if warning := prepare_or_warn(account):
                self.stderr.write(f"{account.name}: {warning}")
            if account.is_pending:
                self.stderr.write(f"{account.name} is pending: no snapshot of it was planned.")
                continue
            snapshots.append(plan_snapshot(account, moment, hint_workers=hint_workers))
        return snapshots

    def _do_all(self, snapshots: list[Snapshot]) -> None:
        """Do the visits here, unless a worker was quicker."""
        mine = Q(snapshot__in=snapshots)
        while waiting := list(Visit.objects.claimable().filter(mine).order_by("pk").values_list("pk", flat=True)):
            for pk in waiting:
                if claimed := Visit.objects.claim(pk):
                    carry_out(claimed)
            self._say_progress(mine)

    def _wait(self, snapshots: list[Snapshot]) -> None:
        """Wait for the workers, reminding them of visits that the queue has lost."""
        mine = Q(snapshot__in=snapshots)
        began = hinted = time.monotonic()
        visits = Visit.objects.filter(mine)
        while visits.exclude(state=VisitState.FINISHED).exists():
            time.sleep(POLL_SECONDS)
            if time.monotonic() - began > settings.CLAIM_WAIT and not visits.filter(attempts__gt=0).exists():
                raise CommandError(
                    f"No worker began within {settings.CLAIM_WAIT} s; the visits stay waiting. Start the product with "
                    "`make run`, or a worker with `celery -A config worker`, or use --inline."
                )
            if time.monotonic() - hinted > HINT_SECONDS:
                hinted = time.monotonic()
                reconcile.bury_poison()
                tasks.hint(tasks.visit, reconcile.visits_to_hint(mine))
                self._say_progress(mine)

    def _follow(self, snapshots: list[Snapshot], *, inline: bool) -> bool:
        """Let open ports, quotes and whatever else follows be worked out; false if that failed or takes too long."""
        these = Q(pk__in=[snapshot.pk for snapshot in snapshots])
        reconcile.complete(these)
        if inline:
            for pk in reconcile.unannounced(these):
                reconcile.announce(pk)
        else:
            tasks.hint(tasks.announce, reconcile.unannounced(these))
        behind = Snapshot.objects.filter(these, announced_at__isnull=True)
        deadline = time.monotonic() + (0 if inline else ANNOUNCED_WITHIN_SECONDS)
        while behind.exists() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        if behind.exists():
            self.stderr.write("Open ports and prices could not follow yet; they will. The log says what went wrong.")
            return False
        return True

    def _has_no_regions(self, snapshots: list[Snapshot]) -> bool:
        """Whether only global types were visited, because the regions of an account were never read."""
        without = [snapshot.account for snapshot in snapshots if not snapshot.account.regions]
        for account in without:
            self.stderr.write(f"  {account}: no region was visited, because its list of regions was never read.")
        return bool(without)

    def _say_progress(self, mine: Q) -> None:
        visits = Visit.objects.filter(mine)
        done = visits.filter(state=VisitState.FINISHED).count()
        self.stderr.write(f"{done} of {visits.count()} visits done")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
        if moment is not None:
            moment = (moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise CommandError(f"{text} is no moment: write it like 2026-04-01T06:00:00Z.", returncode=2)
    if moment > timezone.now():
        raise CommandError(f"{text} is in the future: give a moment that has passed.", returncode=2)
    return moment


def _accounts(names: list[str]) -> list[Account]:
    """The accounts of these names or ids, each once; all of them without a name."""
    if not names:
        accounts = list(Account.objects.collecting())
        if not accounts:
            raise CommandError("There is no account to take a snapshot of: add one with `manage.py add_account NAME`.")
        return accounts
    found: dict[int, Account] = {}
    for name in names:
        try:
            account = Account.objects.called(name)
        except Account.DoesNotExist:
            known = ", ".join(Account.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"There is no account called {name}; known: {known}.", returncode=2) from None
        found[account.pk] = account
    return list(found.values())


def _print_json(visits: list[Visit]) -> None:
    rows = [
        {
            "account": visit.account.account_id,
            "region": visit.scope_region,
            "type": visit.type,
            "outcome": visit.outcome,
            "reason": visit.reason,
            "resources": visit.resources,
            "api_calls": visit.api_calls,
            "seconds": str(visit.seconds) if visit.seconds is not None else None,
        }
        for visit in visits
    ]
    sys.stdout.write(json.dumps(rows, indent=2) + "\n")
