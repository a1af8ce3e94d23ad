"""What the ledger already knows of the story, and the looks that are still to be taken.

A look may have been interrupted anywhere. What is planned stands in the database and is finished by the workers as soon
as they are reminded of it; what was not planned is planned now.
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.db.models import Q

from inventory.models import Account, Organization, Snapshot, Visit, VisitState
from inventory.snapshots import reconcile
from inventory.snapshots.access import prepare
from inventory.snapshots.organizations import read_organization
from inventory.snapshots.trust import trust_policy
from inventory.tasks import hint, visit

from .accounts import ACCOUNTS, MANAGEMENT, MEMBERS, ROLE_NAME
from .client import Emulator

REMIND_SECONDS = 5
POLL_SECONDS = 0.3


class SnapshotRefused(Exception):
    """A snapshot could not be taken; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at the whole organisation: its visits by outcome, and the resources that they found."""

    outcomes: dict[str, int]
    resources: int

    def __str__(self) -> str:
        others = [f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()) if outcome != "complete"]
        visits = ", ".join([f"{self.outcomes.get('complete', 0)} visits complete", *others])
        return f"{self.resources} resources, {visits}"


def holds_accounts() -> bool:
    """Whether the ledger holds any account; a ledger that was never migrated holds none."""
    try:
        return Account.objects.exists()
    except DatabaseError:
        return False


def holds_our_accounts() -> bool:
    """Whether any account of the organisation is in the ledger."""
    return Account.objects.filter(_ours()).exists()


def holds_unfinished_visits() -> bool:
    """Whether there are visits that a worker would make as soon as it is reminded of them."""
    return Visit.objects.exclude(state=VisitState.FINISHED).exists()


def add_organization() -> list[str]:
    """Add the management account and its organization, as far as they are not there yet, and name what was added.

    Its members are pending until their roles let us in. Raises AwsFailure.
    """
    organization = Organization.objects.first()
    if organization is not None and organization.read_at is not None:
        return []
    if not Account.objects.filter(account_id=MANAGEMENT.account_id).exists():
        call_command("add_account", MANAGEMENT.name, regions=",".join(MANAGEMENT.regions), stdout=io.StringIO())
    if organization is None:
        call_command(
            "add_organization", MANAGEMENT.name, member_role=ROLE_NAME, stdout=io.StringIO(), stderr=io.StringIO()
        )
    else:
        read_organization(organization)
    return list(Account.objects.filter(_ours()).values_list("name", flat=True))


def let_in(emulator: Emulator) -> None:
    """Give the role of each live member the trust policy that the ledger asks for, as its operator does.

    Those who were not let in before are confirmed, and visited in the regions that they use. Raises AwsFailure.
    """
    for member in MEMBERS:
        account = Account.objects.live().filter(role_arn=member.role_arn).first()
        if account is None:
            continue
        emulator.trust(member.name, trust_policy(account))
        if account.is_pending:
            account.only_regions = list(member.regions)
            account.save(update_fields=["only_regions"])
            prepare(account)


def follow_organization(moment: datetime) -> list[str]:
    """Read the organization as of a moment, and name the accounts that were archived then. Raises AwsFailure."""
    return read_organization(Organization.objects.get(), at=moment).archived


def looks_taken(moments: Iterable[datetime]) -> int:
    """How many of these moments, from the first on without a gap, were looked at to the end."""
    taken = 0
    for moment in moments:
        archived = Account.objects.filter(_ours(), archived_at__lte=moment).count()
        if Snapshot.objects.filter(_of(moment), finished_at__isnull=False).count() < len(ACCOUNTS) - archived:
            return taken
        taken += 1
    return taken


def take_look(moment: datetime) -> Look:
    """Let the workers look at every live account as of a moment, as far as they have not. Raises SnapshotRefused."""
    planned = set(Snapshot.objects.filter(_of(moment)).values_list("account__name", flat=True))
    _finish(moment)
    live = Account.objects.live().filter(_ours()).values_list("name", flat=True)
    if missing := [name for name in live if name not in planned]:
        said = io.StringIO()
        try:
            # It exits with 1 when a visit was denied, as some are in the story.
            with suppress(SystemExit):
                call_command("take_snapshot", *missing, taken_at=moment.isoformat(), stdout=io.StringIO(), stderr=said)
        except CommandError as refusal:
            raise SnapshotRefused(f"{said.getvalue()}{refusal}") from refusal
    visits = Visit.objects.filter(snapshot__in=Snapshot.objects.filter(_of(moment)))
    outcomes: dict[str, int] = {}
    resources = 0
    for outcome, found in visits.values_list("outcome", "resources"):
        outcomes[str(outcome)] = outcomes.get(str(outcome), 0) + 1
        resources += found or 0
    return Look(outcomes=outcomes, resources=resources)


def _finish(moment: datetime) -> None:
    """Remind the workers of visits that an earlier start left behind, until all are done."""
    left = Q(snapshot__in=Snapshot.objects.filter(_of(moment), finished_at__isnull=True))
    unfinished = Visit.objects.filter(left).exclude(state=VisitState.FINISHED)
    reminded = 0.0
    while unfinished.exists():
        if time.monotonic() - reminded > REMIND_SECONDS:
            reconcile.bury_poison()
            hint(visit, reconcile.visits_to_hint(left))
            reminded = time.monotonic()
        time.sleep(POLL_SECONDS)
    reconcile.complete(Q(pk__in=Snapshot.objects.filter(_of(moment), finished_at__isnull=True).values("pk")))


def _ours() -> Q:
    """The accounts of the organization; a member is known by its role before it is by its id."""
    return Q(account_id__in=[account.account_id for account in ACCOUNTS]) | Q(
        role_arn__in=[account.role_arn for account in MEMBERS]
    )


def _of(moment: datetime) -> Q:
    return Q(taken_at=moment, account__in=Account.objects.filter(_ours()))
