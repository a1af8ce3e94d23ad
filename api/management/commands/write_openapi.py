"""manage.py write_openapi: write the description of the API into the repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from api.document import document, spelled
from inventory.management.command import LedgerCommand


class Command(LedgerCommand):
    """Writes docs/openapi.json."""

    help = "Write docs/openapi.json anew, after an operation or a resource type was added or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say which."""
        file = Path(settings.BASE_DIR) / "docs" / "openapi.json"
        file.write_text(spelled(document()))
        self.stderr.write(f"{file} is written.", style_func=str)
