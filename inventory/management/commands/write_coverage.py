"""manage.py write_coverage: write what is read, of which types, into the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from inventory.management.command import LedgerCommand
from inventory.management.coverage_document import coverage_document


class Command(LedgerCommand):
    """Writes docs/coverage.md."""

    help = "Write docs/coverage.md anew, after a resource type or a rule was added or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say which."""
        file = Path(settings.BASE_DIR) / "docs" / "coverage.md"
        file.write_text(coverage_document())
        self.stderr.write(f"{file} is written.", style_func=str)
