"""Remove an account with everything that is known of it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from audit.models import COMMAND_LINE
from inventory.management.choices import chosen_accounts
from inventory.management.command import LedgerCommand
from inventory.models import Organization
from inventory.snapshots.removal import holdings, remove


class Command(LedgerCommand):
    """`manage.py remove_account NAME --yes`; without --yes it says what would go, and exits 1."""

    help = "Remove an account with its whole history. To stop collecting and keep what is known, archive it instead."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account, and that it is meant."""
        parser.add_argument("name", help="an account's name or 12-digit id")
        parser.add_argument("--yes", action="store_true", help="do it; nothing brings the rows back")

    def handle(self, *, name: str, yes: bool, **_: Any) -> None:
        """Say what goes, and let it go."""
        (account,) = chosen_accounts(name)
        for kind, number in sorted(holdings(account).items()):
            self.stderr.write(f"  {number} {kind}")
        for organization in Organization.objects.filter(reader=account):
            self.stderr.write(f"  the organization {organization}, which it reads; its members stay")
        if not yes:
            raise CommandError(f"Nothing was removed. To remove {account.name} with all of this, add --yes.")
        followed = account.organization
        remove(account, COMMAND_LINE)
        self.stdout.write(f"Removed {account.name}.")
        if followed is not None and followed.reader_id != account.pk:
            self.stderr.write(
                f"The organization {followed} may still list it, and then adds it again: leave its unit out, on "
                "the admin pages."
            )
