"""Write what is paid for and does nothing, or would cost less."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from costs.models import PriceDocument
from costs.waste import LOOKED_AT
from costs.waste_rows import KEYS, waste_rows
from costs.waste_search import find_waste
from inventory.management.choices import chosen_moment, chosen_region, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.pages import formats
from inventory.pages.freshness import Mark, scope_states


class Command(LedgerCommand):
    """Lists waste."""

    help = "Write what is paid for and does nothing, or would cost less, with the list price that a month would save."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to look, and in which format to write."""
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--region", help="only what is in this region")
        parser.add_argument("--as-of", metavar="ISO", help="what there was at this moment, at today's prices")
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what they leave out to stderr."""
        when = chosen_moment(options["as_of"])
        accounts = shown_accounts(options["account"], when, self.stderr.write)
        region = chosen_region(options["region"]) or ""
        if not PriceDocument.objects.exists():
            self.stderr.write("No price list is loaded. Load the bundled one with: manage.py load_prices")
        waste = find_waste(accounts, when, region)
        for reason, number in waste.not_compared.most_common():
            self.stderr.write(f"Not compared: {number:,}: {reason}")
        for reason, number in waste.not_judged.most_common():
            self.stderr.write(f"Not judged: {number:,}: {reason}")
        for state in scope_states(accounts, when):
            if state.type in LOOKED_AT and state.mark is not Mark.FRESH and region in ("", state.region):
                self.stderr.write(f"Could not be looked at: {state.type} in {state.region}; it may hold more.")
        self.stdout.ending = ""
        formats.write(waste_rows(waste), keys=KEYS, output_format=options["format"], to=self.stdout)
