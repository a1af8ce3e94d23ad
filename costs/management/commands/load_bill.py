"""Load what AWS billed, from files of CUR 2.0 or FOCUS 1.0."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError
from django.db.models import Sum

from costs.bills.charge import ChargeKind
from costs.bills.gather import Gatherer, Part, Wanted
from costs.bills.load import BillRefused, Outcome, parts_of, store
from costs.bills.read import export_of, missing_parts, read
from costs.bills.table import NoBill
from costs.management.arguments import existing_path
from costs.models import BillSource
from costs.sources.document import UnreadableDocument
from inventory.management.command import LedgerCommand

REASONS_SHOWN = 12
DONE = {
    Outcome.NEW: "taken",
    Outcome.REPLACED: "taken in the place of the previous version",
    Outcome.SAME: "loaded already; nothing changed",
}


class Command(LedgerCommand):
    """Loads bills."""

    help = (
        "Load what AWS billed: exports of CUR 2.0 or FOCUS 1.0 in CSV, gzipped or not, or Parquet; what a file is, its"
        " columns tell. A directory is walked. All parts of an export are named at once. Charges are kept as sums. The"
        " same bill twice changes nothing; a newer version takes the place of the previous one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The files, and how much of each charge is kept."""
        parser.add_argument(
            "paths", nargs="+", metavar="PATH", type=existing_path, help="a file of a bill, or where some are"
        )
        parser.add_argument(
            "--tag", action="append", default=[], metavar="KEY", help="keep the value of this tag; may be repeated"
        )
        parser.add_argument("--resources", action="store_true", help="keep the id of the resource: many more lines")
        parser.add_argument("--by", choices=("day", "month"), default="day", help="what is added up; default: day")
        parser.add_argument(
            "--replace", action="store_true", help="take a version that ends earlier or holds fewer charges, too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read every file, then keep each bill whole or not at all."""
        self.failed = 0
        wanted = Wanted(
            by_day=options["by"] == "day", resources=options["resources"], tags=tuple(sorted(set(options["tag"])))
        )
        with Gatherer(wanted) as gatherer:
            if not self._read(options["paths"], gatherer):
                raise CommandError("Nothing was loaded, because a part of a bill would pass for the whole.")
            for part in parts_of(gatherer):
                self._store(gatherer, part, replace=options["replace"])
            reasons = [one for one in gatherer.skipped.most_common() if one[1]]
            for reason, number in reasons[:REASONS_SHOWN]:
                self.stderr.write(f"    skipped {number:,} {reason}")
            if rest := sum(number for _, number in reasons[REASONS_SHOWN:]):
                self.stderr.write(f"    skipped {rest:,} for other reasons")
            if not gatherer.bills:
                raise CommandError("No charge was found: nothing was loaded.")
        if self.failed:
            raise CommandError(f"Bills that were not taken: {self.failed}. What was there before stays.")

    def _read(self, paths: list[Path], gatherer: Gatherer) -> bool:
        """Add up what the files hold; whether all of them could be read to their ends."""
        files = [file for path in paths for file in _files(path)]
        gaps = missing_parts(files)
        for name, numbers in gaps.items():
            self.stderr.write(f"{name}: parts are missing: {', '.join(f'{number:05}' for number in numbers)}.")
        broken = bool(gaps)
        for file in files:
            if export_of(file) in gaps:
                continue
            try:
                name = read(file, gatherer)
                self.stderr.write(f"{file}: {BillSource(name).label}, read.")
            except NoBill as reason:
                # Who names a file means it; a directory holds manifests and what else there is.
                broken = broken or file in paths
                self.stderr.write(f"{file}: skipped, because {reason}")
            except (OSError, UnreadableDocument) as error:
                broken = True
                self.stderr.write(f"{file}: {error}")
        return not broken

    def _store(self, gatherer: Gatherer, part: Part, *, replace: bool) -> None:
        what = f"{part[0]} in {part[1][:7]}"
        try:
            stored = store(gatherer, part, replace=replace)
        except BillRefused as reason:
            self.failed += 1
            self.stderr.write(f"{what}: not taken, because {reason}")
            return
        except IntegrityError:
            self.failed += 1
            self.stderr.write(f"{what}: not taken, because somebody else loaded it at this moment. Try again.")
            return
        bill = stored.bill
        sums = bill.lines.values_list("currency").annotate(total=Sum("billed")).order_by("currency")
        money = " and ".join(f"{total:,.2f} {currency}" for currency, total in sums)
        self.stderr.write(
            f"{what}: {bill.charges:,} charges until {bill.charged_until:%Y-%m-%d %H:%M} UTC as {stored.lines:,} lines,"
            f" {money}, {DONE[stored.outcome]}."
        )
        if unknown := bill.lines.filter(kind=ChargeKind.OTHER).aggregate(charges=Sum("charges"))["charges"]:
            self.stderr.write(f"    {unknown:,} of them are of kinds that are not known here; they are in the sum")


def _files(path: Path) -> list[Path]:
    """The file itself, or those in a directory in the order of their names."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
