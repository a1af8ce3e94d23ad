"""Check that the ledger keeps its own rules."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from django.core.management.base import CommandParser

from inventory.management.command import LedgerCommand
from inventory.snapshots.verify import verify_history

MOST_SHOWN = 20


class Command(LedgerCommand):
    """`manage.py verify_history`; may run beside the workers, changes nothing, and exits 1 when a rule is broken."""

    help = (
        "Check the rules that every answer about the past rests on: periods, fingerprints, freshness. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--all",
            action="store_true",
            dest="shows_all",
            help=f"name every place, not only {MOST_SHOWN} for each rule",
        )

    def handle(self, *, shows_all: bool, **_: Any) -> None:
        broken: Counter[str] = Counter()
        for breach in verify_history():
            broken[breach.rule] += 1
            if shows_all or broken[breach.rule] <= MOST_SHOWN:
                self.stdout.write(f"Not so: {breach.rule}: {breach.where}")
        for rule, count in sorted(broken.items()):
            self.stderr.write(f"{count} x not so: {rule}")
        if broken:
            sys.exit(1)
        self.stdout.write("The ledger keeps its rules.")
