"""Forget the far past of the ledger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from inventory.management.choices import USAGE, chosen_accounts
from inventory.management.command import LedgerCommand
from inventory.snapshots.prune import count_prunable, prune_history

LONGEST_DAYS = 36_500


class Command(LedgerCommand):
    """`manage.py prune_history --older-than DAYS [--account NAME] [--dry-run]`; what still holds is never touched."""

    help = "Forget what ended more than DAYS ago; every answer about a later moment stays the same."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS", help="days of history to keep")
        parser.add_argument("--account", metavar="NAME", help="an account's name or 12-digit id (default: all)")
        parser.add_argument("--dry-run", action="store_true", help="say what would be forgotten, and do nothing")

    def handle(self, *, older_than: int, account: str | None, dry_run: bool, **_: Any) -> None:
        if not 1 <= older_than <= LONGEST_DAYS:
            raise CommandError(f"--older-than takes 1 to {LONGEST_DAYS} days.", returncode=USAGE)
        before = timezone.now() - timedelta(days=older_than)
        for one in chosen_accounts(account):
            if dry_run:
                self.stdout.write(
                    f"{one.name}: {count_prunable(one, before)} revisions ended before {before:%Y-%m-%d}."
                )
                continue
            pruned = prune_history(one, before)
            self.stdout.write(
                f"{one.name}: forgot {pruned.revisions} revisions, {pruned.tags} tags, {pruned.links} links, "
                f"{pruned.resources} resources, {pruned.visits} visits and {pruned.snapshots} snapshots."
            )
