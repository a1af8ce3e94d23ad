"""Write what was committed to, and what becomes of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandParser

from costs.commitments.ledger import standing_of
from costs.commitments.rows import COVERAGE_KEYS, KEYS, commitment_rows, coverage_rows
from inventory.management.choices import chosen_moment, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.pages import formats


class Command(LedgerCommand):
    """Applies Reserved Instances, Savings Plans and host reservations to what runs."""

    help = "Write every Reserved Instance, Savings Plan and host reservation: used, wasted, saved, and when it ends."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, when, and in which format."""
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--as-of", metavar="MOMENT", help="a past moment, such as 2026-07-01T12:00:00Z")
        parser.add_argument(
            "--coverage",
            action="store_true",
            help="write how much of each family, region, system and tenancy is covered",
        )
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout."""
        moment = chosen_moment(options["as_of"])
        accounts = shown_accounts(options["account"], moment, self.stderr.write)
        digits = {account.account_id for account in accounts if account.account_id}
        standing = standing_of(accounts, moment)
        self.stdout.ending = ""
        if options["coverage"]:
            write = partial(formats.write, coverage_rows(standing, digits), keys=COVERAGE_KEYS)
        else:
            write = partial(formats.write, commitment_rows(standing, digits), keys=KEYS)
        write(output_format=options["format"], to=self.stdout)
