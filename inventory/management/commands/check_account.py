"""Try every IAM action that an account's snapshots need, and say which fail."""

from __future__ import annotations

import json as json_format
import sys
from collections import defaultdict
from typing import Any

from django.core.management.base import CommandParser

from inventory.management.choices import chosen_accounts
from inventory.management.command import LedgerCommand
from inventory.snapshots.access import check_and_keep
from inventory.snapshots.trial import Check, Tried


class Command(LedgerCommand):
    """`manage.py check_account NAME [--json]`; exits 1 when an action fails or a wrong external id is accepted."""

    help = "Try every IAM action that an account's snapshots need, in each of its regions, and say which fail."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account and the format."""
        parser.add_argument("name", help="an account's name or 12-digit id")
        parser.add_argument("--json", action="store_true", help="print every answer as a JSON object")

    def handle(self, *, name: str, json: bool, **_: Any) -> None:
        """Try, remember, and tell."""
        (account,) = chosen_accounts(name)
        self.stderr.write(f"Trying every action in {len(account.regions) or 'all'} regions of {account.name} ...")
        result = check_and_keep(account)
        if json:
            self.stdout.write(json_format.dumps(result.as_json(), indent=2))
        else:
            self._tell(result)
        if not result.is_good:
            sys.exit(1)

    def _tell(self, result: Check) -> None:
        """The failures one by one; what was not tried by reason."""
        for one in result.failed:
            self.stdout.write(f"{one.action} in {one.region} failed: {one.reason}")
        untried: dict[tuple[str, str], list[str]] = defaultdict(list)
        for one in result.results:
            if one.result is Tried.NOT_TRIED:
                untried[one.action, one.reason].append(one.region)
        for (action, reason), regions in untried.items():
            self.stdout.write(f"{action} in {', '.join(regions)} was not tried. {reason}")
        answered = sum(one.result is Tried.OK for one in result.results)
        self.stdout.write(f"{answered} of {len(result.results)} answered, {len(result.failed)} failed.")
