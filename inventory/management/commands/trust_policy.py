"""Print the role by which an account is read: its trust policy, or a template that makes it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from inventory.aws import AwsFailure
from inventory.management.choices import chosen_accounts
from inventory.management.command import LedgerCommand
from inventory.snapshots import trust

FORMATS = {"json": trust.trust_policy, "cloudformation": trust.cloudformation, "terraform": trust.terraform}


class Command(LedgerCommand):
    """`manage.py trust_policy NAME --format json|cloudformation|terraform`."""

    help = "Print the trust policy of an account's role, or a template that makes the role with all that it needs."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account and the format."""
        parser.add_argument("name", help="an account's name or 12-digit id")
        parser.add_argument("--format", choices=tuple(FORMATS), default="json", help="default: json")

    def handle(self, *, name: str, format: str, **_: Any) -> None:  # noqa: A002
        """Write it to stdout."""
        (account,) = chosen_accounts(name)
        try:
            self.stdout.write(FORMATS[format](account), ending="")
        except trust.NoTrustPolicy as refusal:
            raise CommandError(str(refusal)) from refusal
        except AwsFailure as failure:
            raise CommandError(failure.reason) from failure
