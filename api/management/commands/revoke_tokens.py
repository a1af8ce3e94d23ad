"""manage.py revoke_tokens: take back every API token of a user."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from api.models import Token
from audit.models import COMMAND_LINE
from inventory.management.command import LedgerCommand


class Command(LedgerCommand):
    """Revokes tokens."""

    help = "Take back every API token of a user, who stays signed in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whose."""
        parser.add_argument("user", metavar="USER", help="the user's name")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        """How many there were goes to stdout."""
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is no user named {user}.", returncode=2)
        self.stdout.write(f"{Token.objects.revoke(COMMAND_LINE, owner=owner)} tokens of {user} are revoked.")
