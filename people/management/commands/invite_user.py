"""manage.py invite_user: make a user, and print the address by which he or she chooses a password."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from audit.models import COMMAND_LINE
from inventory.management.command import LedgerCommand
from inventory.models import Account
from people import decisions
from people.forms import InviteForm
from people.management.finding import account_called, group_called
from sign_in.links import new_invitation
from sign_in.models import INVITED_FOR


class Command(LedgerCommand):
    """Invites somebody."""

    help = "Make a user, and print the address by which he or she chooses a password, once, within a week."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say who it is, and what he or she will see."""
        parser.add_argument("name", metavar="NAME", help="the user name to sign in with")
        parser.add_argument("--email", default="", help="the e-mail address, to sign in with beside the name")
        parser.add_argument("--group", action="append", default=[], help="put the person into a group; may be repeated")
        parser.add_argument("--account", action="append", default=[], help="grant an account; may be repeated")
        parser.add_argument("--superuser", action="store_true", help="sees every account, manages people and accounts")

    def handle(self, *args: Any, name: str, email: str, superuser: bool, **options: Any) -> None:
        """The address goes to stdout, what to know about it to stderr."""
        groups = [group_called(one) for one in options["group"]]
        accounts: list[Account] = [account_called(one) for one in options["account"]]
        form = InviteForm(
            {
                "username": name,
                "email": email,
                "is_superuser": superuser,
                "groups": [group.pk for group in groups],
                "accounts": [account.pk for account in accounts],
            }
        )
        if not form.is_valid():
            reasons = " ".join(str(error) for errors in form.errors.values() for error in errors)
            raise CommandError(reasons, returncode=2)
        user = decisions.add(decisions.Newcomer(**form.cleaned_data), COMMAND_LINE)
        self.stdout.write(new_invitation(user))
        self.stderr.write(f"It lets {name} choose a password, once, within {INVITED_FOR.days} days.", style_func=str)
