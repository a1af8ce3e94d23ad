"""Write what each instance costs under every way of paying."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from costs.models import PriceDocument
from costs.rows import KEYS, comparison_rows
from inventory.management.choices import chosen_region, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.pages import formats


class Command(LedgerCommand):
    """Compares ways of paying."""

    help = "Write what each instance costs on-demand, reserved and on spot, from the ledger and the loaded prices."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which instances, and in which format."""
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--region", help="only instances of this region")
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout."""
        accounts = shown_accounts(options["account"], None, self.stderr.write)
        region = chosen_region(options["region"])
        if not PriceDocument.objects.exists():
            self.stderr.write("No price list is loaded. Load the bundled one with: manage.py load_prices")
        rows = comparison_rows(accounts, region=region)
        self.stdout.ending = ""
        formats.write(rows, keys=KEYS, output_format=options["format"], to=self.stdout)
