"""Organizations: the accounts that AWS Organizations lists become ours, and go when it says that they are gone.

Failure is not absence here either: a listing that does not come to its end changes nothing but the note that it failed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from audit.models import Kind, record
from inventory.aws import AwsFailure, FailureKind
from inventory.aws.organizations import Listing, Member, list_organization, organization_id
from inventory.models import Account, Organization
from inventory.snapshots import control
from inventory.snapshots.access import check_identity, clients_for
from inventory.snapshots.way_in import new_external_id

logger = logging.getLogger(__name__)

READ_EVERY = timedelta(hours=1)
READ_AGAIN = timedelta(minutes=5)

GONE = frozenset({"SUSPENDED", "PENDING_CLOSURE", "CLOSED"})
ORGANIZATIONS = "AWS Organizations"
ARCHIVED_BY = f"{ORGANIZATIONS}: "
"""How the reason begins of what is archived here; only that is brought back here."""


@dataclass
class Changes:
    """What a reading changed: the names of accounts."""

    added: list[str] = field(default_factory=list)
    archived: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)


def due_organizations() -> list[int]:
    """Organizations that are to be read again."""
    reading = Organization.objects.filter(reader__archived_at__isnull=True, reader__paused_at__isnull=True)
    return list(reading.filter(_DUE).values_list("pk", flat=True))


def take_due(organization: Organization) -> bool:
    """Whether this caller is the one to read the organization now; a doubled tick gets false."""
    due = Organization.objects.filter(_DUE, pk=organization.pk)
    return bool(due.update(next_due_at=Now() + READ_AGAIN))


_DUE = Q(next_due_at__isnull=True) | Q(next_due_at__lte=Now())


def read_organization(organization: Organization, at: datetime | None = None) -> Changes:
    """List the organization, and let its accounts follow. Raises AwsFailure, having noted that and nothing else.

    What it archives counts as gone since `at` (None: now).
    """
    try:
        listing = _list(organization)
    except AwsFailure as failure:
        organization.failing_since = organization.failing_since or timezone.now()
        organization.reason = failure.reason
        organization.save(update_fields=["failing_since", "reason"])
        raise
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        changes = _Follower(organization, listing, at).follow()
        organization.read_at, organization.failing_since, organization.reason = timezone.now(), None, ""
        organization.next_due_at = timezone.now() + READ_EVERY
        organization.save(update_fields=["read_at", "failing_since", "reason", "next_due_at"])
    return changes


def _list(organization: Organization) -> Listing:
    """The whole organization, if it is this one. Raises AwsFailure."""
    reader = organization.reader
    clients = clients_for(reader)
    check_identity(reader, clients)
    if (found := organization_id(clients)) != organization.organization_id:
        raise AwsFailure(
            FailureKind.FAILED,
            f"{reader.name} belongs to the organization {found} by now, and not to {organization.organization_id}: "
            "nothing was changed. Add that one, or another reader.",
            action="organizations:DescribeOrganization",
        )
    listing = list_organization(clients)
    if reader.account_id not in listing.members:
        raise AwsFailure(
            FailureKind.FAILED,
            f"ListAccounts does not list {reader.name}, which asked it: such a list is not believed.",
            action="organizations:ListAccounts",
        )
    return listing


class _Follower:
    """Lets our accounts follow one listing of their organization."""

    def __init__(self, organization: Organization, listing: Listing, at: datetime | None) -> None:
        self._organization = organization
        self._listing = listing
        self._at = at
        self._partition = clients_for(organization.reader).access.partition
        self._accounts = {account_id: one for one in Account.objects.all() if (account_id := _id_of(one))}
        self._names = {one.name for one in Account.objects.all()}
        self._changes = Changes()

    def follow(self) -> Changes:
        """Add, archive, bring back, and keep the paths of the units."""
        for member in self._listing.members.values():
            self._follow_member(member)
        for account_id, account in self._accounts.items():
            if account.organization_id == self._organization.pk and account_id not in self._listing.members:
                self._leave(account)
        return self._changes

    def _follow_member(self, member: Member) -> None:
        account = self._accounts.get(member.account_id)
        path = self._path(member)
        if account is not None:
            self._keep_place(account, path)
        if member.state in GONE:
            self._archive(account, f"the account is {member.state}.")
        elif member.state == "ACTIVE" and path is not None:
            if self._is_wanted(member):
                self._welcome(account, member, path)
            elif account is not None and self._is_ours(account):
                self._archive(account, f"its unit {path} is left out.")

    def _path(self, member: Member) -> str | None:
        above = self._listing.units_above(member.account_id)
        return None if above is None else "/".join(unit.name for unit in above)

    def _is_wanted(self, member: Member) -> bool:
        above = {unit.unit_id for unit in self._listing.units_above(member.account_id) or ()}
        include, exclude = self._organization.include_units, self._organization.exclude_units
        return (not include or bool(above & set(include))) and not above & set(exclude)

    def _is_ours(self, account: Account) -> bool:
        """Whether it is read by the members' role; one that was added with another way in stays whoever leaves."""
        return account.role_arn.rpartition("/")[2] == self._organization.member_role

    def _keep_place(self, account: Account, path: str | None) -> None:
        account.organization = self._organization
        account.unit_path = account.unit_path if path is None else path
        account.save(update_fields=["organization", "unit_path"])

    def _welcome(self, account: Account | None, member: Member, path: str) -> None:
        """Add the account, or bring it back if it was archived here."""
        if account is None:
            made = Account.objects.create(
                name=unique_name(member.name, member.account_id, self._names),
                role_arn=f"arn:{self._partition}:iam::{member.account_id}:role/{self._organization.member_role}",
                external_id=new_external_id(),
                profile=self._organization.reader.profile,
                pending_because="Its role has not been assumed yet; that is tried within a minute.",
                organization=self._organization,
                unit_path=path,
            )
            record(ORGANIZATIONS, Kind.ACCOUNT_ADDED, f"added {made.name}", account=made.name)
            self._names.add(made.name)
            self._changes.added.append(made.name)
        elif account.is_archived and account.archived_because.startswith(ARCHIVED_BY):
            control.unarchive(account, ORGANIZATIONS)
            self._changes.back.append(account.name)

    def _leave(self, account: Account) -> None:
        if self._is_ours(account):
            self._archive(account, f"the account left the organization {self._organization.organization_id}.")
        else:
            account.organization, account.unit_path = None, ""
            account.save(update_fields=["organization", "unit_path"])

    def _archive(self, account: Account | None, because: str) -> None:
        if account is not None and not account.is_archived:
            control.archive(account, ARCHIVED_BY + because, ORGANIZATIONS, self._at)
            self._changes.archived.append(account.name)


def unique_name(name: str, account_id: str, taken: Collection[str]) -> str:
    """What to call a member: its name at AWS without what our names do not take, with its id where that is taken."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]+", "-", name).strip(" ._-")[:51].strip()
    if not plain or plain.isdigit():
        plain = "account"
    with_id = f"{plain} {account_id}"
    return with_id if plain in taken or plain == "account" else plain


def _id_of(account: Account) -> str | None:
    """The 12-digit id of an account; while it is pending, the one that its role names."""
    return account.account_id or (account.role_arn.split(":")[4] if account.role_arn else None)
