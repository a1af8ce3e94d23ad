"""Load price lists: AWS's own documents, known tables, or the product's own bundled book."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from costs import budgets, loading, quotes
from costs.management.arguments import existing_path, month, month_in, region_in
from costs.sources.document import Document, Reading, UnreadableDocument
from costs.sources.offerings import RegionNeeded
from costs.sources.recognise import Asking, read_file, recognise
from costs.sources.sheets import read_sheet
from costs.sources.spool import Spool
from inventory.management.command import LedgerCommand
from inventory.models import Account

USAGE = 2
REASONS_SHOWN = 12


class Found(NamedTuple):
    """A file to read; `is_named` says whether it was named itself, and not its directory."""

    path: Path
    is_named: bool


class Command(LedgerCommand):
    """Loads price lists."""

    help = (
        "Load price lists, or without FILE the bundled price book. A FILE is any document of AWS's (bulk offer files"
        " and Savings Plan files in JSON or CSV, answers of GetProducts, DescribeSavingsPlansOfferingRates,"
        " DescribeSpotPriceHistory, DescribeReservedInstancesOfferings and DescribeHostReservationOfferings, the spot"
        " advisor) or a known table; what it is, its contents tell. A directory is walked. Loading twice changes"
        " nothing; an older list never displaces a newer one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, and what some of them do not say themselves."""
        parser.add_argument(
            "files", nargs="*", metavar="FILE|DIRECTORY", type=existing_path, help="a price list, or where some are"
        )
        parser.add_argument(
            "--date", metavar="YYYY-MM", type=month, help="the month of the prices, where FILE's name has no _YYYY-MM"
        )
        parser.add_argument(
            "--region", default="", help="the region of answers that tell none, and FILE's name neither"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what was asked for, then price the inventory by it."""
        self.failed = 0
        if options["files"]:
            self._load_files(list(_files(options["files"])), options["date"], options["region"])
        else:
            self._load_bundle()
        # Also when nothing was new: an earlier run may have been interrupted after loading.
        quotes.refresh(Account.objects.all())
        budgets.refresh(Account.objects.all())
        if self.failed:
            raise CommandError(f"Price lists that could not be read: {self.failed}. Nothing of them was loaded.")

    def _load_files(self, files: list[Found], given: date | None, region: str) -> None:
        """Load each file on its own, so that a corrupt one does not keep the others out."""
        # All of them are recognised before the first is loaded: a usage error must leave everything as it was.
        for found in list(self._dated(files, given)):
            path = found.path
            asking = Asking(
                source=path.name,
                today=timezone.now().date(),
                month=month_in(path.name) or given,
                region=region_in(path.name) or region,
            )
            try:
                # The documents lie in the spool until all of them are stored.
                with Spool() as spool:
                    self._report(path, read_file(path, spool, asking))
            except RegionNeeded:
                reason = (
                    "nothing tells the region of its prices. Give --region, or put the region's code into its name."
                )
                if found.is_named:
                    self._fail(path, reason)
                else:
                    self.stderr.write(f"{path}: skipped, because {reason}")
            except (OSError, UnreadableDocument) as error:
                self._fail(path, error)

    def _dated(self, files: list[Found], given: date | None) -> Iterator[Found]:
        """The files that can be read with what is known of their month."""
        for found in files:
            path = found.path
            try:
                needs_month = recognise(path).needs_month
            except (OSError, UnreadableDocument) as error:
                self._fail(path, error)
                continue
            if not needs_month or month_in(path.name) or given:
                yield found
                continue
            reason = "nothing tells the month of its prices. Give --date YYYY-MM, or put _YYYY-MM into its name."
            if found.is_named:
                raise CommandError(f"{path}: refused, because {reason}", returncode=USAGE)
            self.stderr.write(f"{path}: skipped, because {reason}")

    def _load_bundle(self) -> None:
        missing = loading.missing_from_bundle()
        if not missing:
            self.stderr.write("The bundled price book is loaded already; nothing changed.")
        for entry in missing:
            try:
                self._store(entry.file, read_sheet(entry))
            except (OSError, EOFError, UnreadableDocument) as error:
                self._fail(entry.file, error)

    def _report(self, path: Path, reading: Reading) -> None:
        """Store what a file says, and tell what was taken of it, what was not, and why."""
        if reading.note:
            self.stderr.write(f"{path}: {reading.note}.")
        elif not reading.documents:
            self.stderr.write(f"{path}: it holds no price of use here.")
        for document in reading.documents:
            self._store(path, document)
        reasons = reading.skipped.most_common()
        for reason, number in reasons[:REASONS_SHOWN]:
            self.stderr.write(f"    skipped {number:,} {reason}")
        if rest := sum(number for _, number in reasons[REASONS_SHOWN:]):
            self.stderr.write(f"    skipped {rest:,} for other reasons")

    def _store(self, name: Path | str, document: Document) -> None:
        what = f"{document.kind} of {document.published_on or f'{document.month:%Y-%m}'}"
        if document.currency != "USD":
            what += f" in {document.currency}, which is kept apart"
        if loading.store(document):
            self.stderr.write(f"{name}: {what}, {len(document):,} prices loaded.")
        else:
            self.stderr.write(f"{name}: {what}, loaded already; nothing changed.")

    def _fail(self, name: Path | str, error: Exception | str) -> None:
        self.failed += 1
        self.stderr.write(f"{name}: {error}")


def _files(paths: list[Path]) -> Iterator[Found]:
    """The files themselves, and those in directories, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from (Found(file, is_named=False) for file in sorted(path.rglob("*")) if file.is_file())
        else:
            yield Found(path, is_named=True)
