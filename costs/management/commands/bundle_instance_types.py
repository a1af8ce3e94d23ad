"""Write a table of instance types as the sheet of facts that the product carries."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from costs.instance_types import FOLDER, PREVIOUS, InstanceType, architecture_of, write_facts
from costs.management.arguments import existing_file, month_in
from inventory.management.command import LedgerCommand

USAGE = 2
EBS_ONLY = "EBS only"
# "2 x 900 NVMe SSD", "900 GB NVMe SSD", "8 x 1000GB"
STORE = re.compile(r"^(?:(?P<disks>\d+) [xX] )?(?P<gb>\d+)(?: ?GB)?(?: .*)?$", re.ASCII)


class Command(LedgerCommand):
    """Renews the facts about instance types, for those who make a release."""

    help = "Write a CSV table of instance types as the sheet of facts that the product carries."

    def add_arguments(self, parser: CommandParser) -> None:
        """The table and where its facts come from."""
        parser.add_argument("file", metavar="FILE", type=existing_file, help="instance types in CSV, _YYYY-MM its name")
        parser.add_argument("--source", required=True, help="where the facts come from, as pages show it")
        parser.add_argument("--licence", default="", help="under which licence they were published")
        parser.add_argument(
            "--into", metavar="FOLDER", type=Path, default=FOLDER, help="default: costs/data/instance_types"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the sheet and its line."""
        path: Path = options["file"]
        month = month_in(path.name)
        if month is None:
            raise CommandError(f"{path}: put _YYYY-MM into its name, the month of its facts.", returncode=USAGE)
        with path.open(encoding="utf-8-sig", newline="") as lines:
            try:
                types = [_type(row) for row in csv.DictReader(lines, strict=True)]
            except (csv.Error, KeyError, ValueError, ArithmeticError, UnicodeDecodeError) as error:
                raise CommandError(f"{path}: {error!r} in a table of instance types.") from error
        sheet = write_facts(
            types,
            options["into"],
            month=f"{month:%Y-%m}",
            source=options["source"],
            licence=options["licence"],
        )
        self.stderr.write(f"{sheet}: {len(types):,} instance types.")


def _type(row: dict[str, str]) -> InstanceType:
    return InstanceType(
        name=row["instance_type"],
        vcpu=int(row["vcpu"]),
        memory_gib=Decimal(row["memory_gib"]),
        architecture=architecture_of(row["instance_type"]),
        is_previous=row["generation"] == PREVIOUS,
        category=row["instance_family"],
        store_gb=_store_gb(row["storage"]),
    )


def _store_gb(words: str) -> Decimal:
    """All disks of an instance store together; 0 where there is none."""
    if words == EBS_ONLY:
        return Decimal(0)
    found = STORE.match(words)
    if found is None:
        raise ValueError(f"{words!r} is no instance store")
    return Decimal(found["disks"] or 1) * Decimal(found["gb"])
