"""Write a price list as a sheet of the bundled price book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from costs.management.arguments import existing_file, month, month_in
from costs.sources.document import UnreadableDocument
from costs.sources.recognise import Asking, read_file, recognise
from costs.sources.sheets import BUNDLE, MANIFEST, read_manifest, write_manifest, write_sheet
from costs.sources.spool import Spool
from inventory.management.command import LedgerCommand

USAGE = 2


class Command(LedgerCommand):
    """Adds to the bundled price book, for those who make a release."""

    help = "Write a price list as sheets of the bundled price book, with their lines in the manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        """The list and where its figures come from."""
        parser.add_argument("file", metavar="FILE", type=existing_file, help="a price list that load_prices reads")
        parser.add_argument("--source", required=True, help="where the figures come from, as pages show it")
        parser.add_argument("--licence", default="", help="under which licence they were published")
        parser.add_argument(
            "--date", metavar="YYYY-MM", type=month, help="the month of the prices, where FILE's name has no _YYYY-MM"
        )
        parser.add_argument("--into", metavar="FOLDER", type=Path, default=BUNDLE, help="default: costs/data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the sheets, and the manifest with them."""
        path: Path = options["file"]
        folder: Path = options["into"]
        of_month = month_in(path.name) or options["date"]
        asking = Asking(source=options["source"], today=timezone.now().date(), month=of_month)
        try:
            if recognise(path).needs_month and of_month is None:
                raise CommandError(
                    f"{path}: nothing tells the month of its prices. Give --date YYYY-MM.", returncode=USAGE
                )
            with Spool() as spool:
                reading = read_file(path, spool, asking)
                if not reading.documents:
                    raise CommandError(f"{path}: {reading.note or 'it holds no price of use here'}.", returncode=USAGE)
                folder.mkdir(parents=True, exist_ok=True)
                for document in reading.documents:
                    name = f"{document.kind}_{document.month:%Y-%m}.tsv.gz"
                    entry = write_sheet(replace(document, licence=options["licence"]), name, folder)
                    others = [other for other in _manifest(folder) if other.file != entry.file]
                    write_manifest([*others, entry], folder)
                    self.stderr.write(f"{folder / entry.file}: {len(document):,} prices.")
        except (UnreadableDocument, ValueError) as error:
            raise CommandError(f"{path}: {error}") from error


def _manifest(folder: Path) -> list[Any]:
    return read_manifest(folder) if (folder / MANIFEST).exists() else []
