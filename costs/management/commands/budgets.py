"""Write what saved views may cost this month, what they have cost, and what they come to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from costs import budgets
from costs.budget_rows import KEYS, budget_rows
from costs.models import Budget
from inventory.management.choices import shown_accounts
from inventory.management.command import LedgerCommand
from inventory.pages import formats


class Command(LedgerCommand):
    """Tells how budgets stand."""

    help = "Write every budget of a saved view: spent so far, what the month comes to with its bounds, over or under."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to work them out, and in which format to write."""
        parser.add_argument("--refresh", action="store_true", help="work them out now, and not after the next snapshot")
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what they leave out to stderr."""
        accounts = shown_accounts(None, None, self.stderr.write)
        if options["refresh"]:
            budgets.refresh(accounts)
        found = budgets.standings(list(Budget.objects.select_related("view", "view__owner")), accounts)
        for one in found:
            if one.missing:
                self.stderr.write(f"{one.view.name}: {one.missing:,} of {len(accounts):,} accounts not worked out yet.")
            if one.problem:
                self.stderr.write(f"{one.view.name}: {one.problem}")
        self.stdout.ending = ""
        formats.write(budget_rows(found), keys=KEYS, output_format=options["format"], to=self.stdout)
