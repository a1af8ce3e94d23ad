"""Add an AWS organization: its members become accounts, and stay in step with it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction

from audit.models import COMMAND_LINE, Kind, record
from inventory.aws import AwsFailure
from inventory.aws.organizations import organization_id
from inventory.management.accounts import check_role_name, check_units
from inventory.management.choices import chosen_accounts
from inventory.management.command import LedgerCommand
from inventory.models import Organization
from inventory.snapshots.access import clients_for
from inventory.snapshots.organizations import read_organization


class Command(LedgerCommand):
    """`manage.py add_organization READER --member-role NAME [--include-unit ID ...] [--exclude-unit ID ...]`."""

    help = "Add an AWS organization; its active members become accounts, each pending until its role can be assumed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who lists the members, and by which role they are read."""
        parser.add_argument("reader", help="the account that lists the members: the management one or a delegated one")
        parser.add_argument("--member-role", required=True, help="the role to assume in each member, by its name")
        parser.add_argument(
            "--include-unit",
            action="append",
            default=[],
            metavar="ID",
            help="only members of this unit; may be repeated",
        )
        parser.add_argument(
            "--exclude-unit", action="append", default=[], metavar="ID", help="no members of this unit; may be repeated"
        )

    def handle(
        self, *, reader: str, member_role: str, include_unit: list[str], exclude_unit: list[str], **_: Any
    ) -> None:
        """Add it, and read it for the first time."""
        check_role_name(member_role)
        check_units([*include_unit, *exclude_unit])
        (account,) = chosen_accounts(reader)
        if account.is_pending:
            raise CommandError(f"{account.name} is pending and can list nothing yet. {account.pending_because}")
        try:
            found = organization_id(clients_for(account))
        except AwsFailure as failure:
            raise CommandError(f"No organization was added. {failure.reason}") from failure
        try:
            with transaction.atomic():
                organization = Organization.objects.create(
                    organization_id=found,
                    reader=account,
                    member_role=member_role,
                    include_units=include_unit,
                    exclude_units=exclude_unit,
                )
                words = f"added the organization {found}, which {account.name} reads"
                record(COMMAND_LINE, Kind.ACCOUNT_ADDED, words, account=account.name)
        except IntegrityError:
            raise CommandError(
                f"{found} was already added, or {account.name} already reads an organization: its units can be changed "
                "on the admin pages."
            ) from None
        try:
            changes = read_organization(organization)
        except AwsFailure as failure:
            raise CommandError(f"{found} was added, but could not be read yet. {failure.reason}") from failure
        members = organization.members.count()
        self.stdout.write(f"Added {found}: {members} accounts, {len(changes.added)} of them new.")
        for name in changes.added:
            self.stdout.write(f"  {name}")
        for name in changes.archived:
            self.stdout.write(f"  {name} is archived.")
        self.stderr.write(
            "Each new one is pending until its role can be assumed with an external id of its own: "
            "`manage.py trust_policy NAME --format cloudformation` prints the role."
        )
