"""Accounts: how each is reached, whether it is collected, and when its next snapshot is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from inventory.models import Account, Organization, Snapshot
from inventory.pages.freshness import Mark
from inventory.pages.operators import for_operators
from inventory.pages.region_names import region_name
from inventory.snapshots.plan import interval_of

STATE_WORDS: Mapping[str, str] = {
    "opt-in-not-required": "on, as in every account",
    "opted-in": "opted in",
    "not-opted-in": "not opted in",
    "opting-in": "being opted in",
    "opting-out": "being opted out",
}
"""What AWS says of a region, in words."""


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """Whether an account is collected: a word, since when it is so, and why."""

    word: str
    mark: Mark
    since: datetime | None = None
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class RegionLine:
    """One region of an account, as DescribeRegions last answered."""

    region: str
    words: str
    is_usable: bool
    is_visited: bool

    @property
    def name(self) -> str:
        """Its name in words."""
        return region_name(self.region)


@dataclass(frozen=True)
class AccountFacts:
    """What the list and the page of an account say alike."""

    account: Account

    @property
    def reached(self) -> str:
        """How it is reached."""
        return reached_words(self.account)

    @property
    def interval(self) -> timedelta:
        """The time between two snapshots."""
        return interval_of(self.account)

    @property
    def due(self) -> str:
        """When the next snapshot is due, if that is not a moment to come."""
        return due_words(self.account)


@dataclass(frozen=True, kw_only=True)
class AccountLine(AccountFacts):
    """One account in the list."""

    state: AccountState
    last_taken_at: datetime | None
    is_running: bool
    regions: Sequence[RegionLine]

    @property
    def visited(self) -> int:
        """How many regions snapshots visit."""
        return sum(one.is_visited for one in self.regions)

    @property
    def unused(self) -> int:
        """How many regions are known and not visited."""
        return len(self.regions) - self.visited


@dataclass(frozen=True, kw_only=True)
class AccountsPage:
    """All that the list shows: those that are not archived, then the others."""

    live: Sequence[AccountLine]
    archived: Sequence[AccountLine]
    organizations: Sequence[Organization]


@for_operators
def accounts(request: HttpRequest) -> HttpResponse:
    """The list of all accounts."""
    moments = Snapshot.objects.values_list("account").annotate(
        last=Max("taken_at", filter=Q(finished_at__isnull=False)),
        running=Count("pk", filter=Q(finished_at__isnull=True)),
    )
    taken = {pk: (last, running > 0) for pk, last, running in moments}
    lines = []
    for account in Account.objects.all():
        last, is_running = taken.get(account.pk, (None, False))
        lines.append(
            AccountLine(
                account=account,
                state=state_of(account),
                last_taken_at=last,
                is_running=is_running,
                regions=list(regions_of(account)),
            )
        )
    page = AccountsPage(
        live=[line for line in lines if not line.account.is_archived],
        archived=[line for line in lines if line.account.is_archived],
        organizations=list(Organization.objects.select_related("reader").order_by("organization_id")),
    )
    return render(request, "inventory/accounts.html", {"page": page})


def state_of(account: Account) -> AccountState:
    """Whether the account is collected now."""
    if account.archived_at is not None:
        return AccountState(
            word="archived", mark=Mark.LATE, since=account.archived_at, because=account.archived_because
        )
    if account.is_pending:
        because = account.pending_because or "Its identity was not confirmed yet; a worker tries every minute."
        return AccountState(word="pending", mark=Mark.DENIED, because=because)
    if account.paused_at is not None:
        return AccountState(word="paused", mark=Mark.LATE, since=account.paused_at, because="By choice.")
    return AccountState(word="collecting", mark=Mark.FRESH)


def reached_words(account: Account) -> str:
    """How the account is reached, in words."""
    profile = f"the profile {account.profile}" if account.profile else ""
    if account.role_arn:
        role = account.role_arn.rpartition("/")[2]
        return f"role {role} from {profile}" if profile else f"role {role}"
    return profile or "the host's own credentials"


def due_words(account: Account) -> str:
    """Why no moment to come can be named for the next snapshot; empty if one can."""
    if account.is_archived:
        return "never: archived"
    if account.paused_at is not None:
        return "not while paused"
    if account.next_due_at is None or account.next_due_at <= timezone.now():
        return "now"
    return ""


def regions_of(account: Account) -> Iterator[RegionLine]:
    """Every region that DescribeRegions named, and those that were chosen beside it; those visited first."""
    visited, usable = set(account.regions), set(account.enabled_regions)
    for region in sorted({*account.region_states, *visited}, key=lambda one: (one not in visited, one)):
        state = account.region_states.get(region, "")
        yield RegionLine(
            region=region,
            words=STATE_WORDS.get(state, state or "not in the account's list"),
            is_usable=region in usable,
            is_visited=region in visited,
        )
