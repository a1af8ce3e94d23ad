"""What the product's commands have in common."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


class LedgerCommand(BaseCommand):
    """A command that works on the ledger. It starts without checking pages: loading them takes longer than its work."""

    requires_system_checks = ()

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run it; a CommandError says what to do where the database does not answer or was not migrated."""
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if missing := _what_is_missing():
                raise CommandError(f"The database is not ready: {missing}") from error
            raise


def _what_is_missing() -> str:
    """What has to be done before the database can be used; empty where nothing has."""
    try:
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        return f"it does not answer ({str(error).strip()}). See DATABASE_URL in docs/settings.md."
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "its tables are missing or old. Run: python manage.py migrate"
    return ""
