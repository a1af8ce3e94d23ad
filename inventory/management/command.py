"""What the product's commands have in common."""

from __future__ import annotations

from django.core.management.base import BaseCommand


class LedgerCommand(BaseCommand):
    """A command that works on the ledger. It starts without checking pages: loading them takes longer than its work."""

    requires_system_checks = ()
