"""manage.py grant_account: show accounts to a user or a group, or take that back."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from audit.models import COMMAND_LINE
from inventory.management.command import LedgerCommand
from inventory.models import AccountGrant
from people import decisions
from people.management.finding import account_called, group_called, user_called


class Command(LedgerCommand):
    """Grants accounts."""

    help = "Show accounts to a user or a group; with --revoke, show them no more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what to whom."""
        parser.add_argument("accounts", metavar="ACCOUNT", nargs="+", help="a name or a 12-digit id")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--user", metavar="NAME", help="to whom")
        whom.add_argument("--group", metavar="NAME", help="to the members of which group")
        parser.add_argument("--revoke", action="store_true", help="take the grant back instead")

    def handle(
        self, *args: Any, accounts: list[str], user: str | None, group: str | None, revoke: bool, **options: Any
    ) -> None:
        """How many grants changed goes to stdout."""
        chosen = [account_called(name) for name in accounts]
        whom = user_called(user) if user else group_called(str(group))
        if not revoke:
            self.stdout.write(f"{len(decisions.grant(chosen, whom, COMMAND_LINE))} accounts are granted to {whom}.")
            return
        of_whom = {"user": whom} if user else {"group": whom}
        grants = list(AccountGrant.objects.filter(account__in=chosen, **of_whom))
        for one in grants:
            decisions.revoke(one, COMMAND_LINE)
        self.stdout.write(f"{len(grants)} grants are revoked from {whom}.")
