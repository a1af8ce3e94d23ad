"""What was billed, day by day, as the files of the state folder tell it once the demo has written its bills.

Cost Explorer names services otherwise than the reports do, and keeps virtual machines apart from the rest of EC2.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

COMPUTE = "Amazon Elastic Compute Cloud - Compute"
NAMES = {
    "AmazonEC2": "EC2 - Other",
    "AWSELB": "Amazon Elastic Load Balancing",
    "AmazonVPC": "Amazon Virtual Private Cloud",
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonRDS": "Amazon Relational Database Service",
    "AmazonSageMaker": "Amazon SageMaker",
    "AWSCloudTrail": "AWS CloudTrail",
    "AWSSupportBusiness": "AWS Support (Business)",
    "ComputeSavingsPlans": "Savings Plans for AWS Compute usage",
}
OF_MACHINES = ("BoxUsage:", "SpotUsage:", "HeavyUsage")

Sums = dict[tuple[str, str], Decimal]
"""By service or tag's value, and kind of charge."""


class Billed:
    """The bills of a folder, read when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: tuple[Path, ...] = ()
        self._by_service: Mapping[tuple[str, str], Sums] = {}
        self._by_tag: Mapping[tuple[str, str], Sums] = {}

    def of(self, account: str, day: date, tag: str) -> Sums | None:
        """What an account was billed on a day, by service or by the values of a tag; None where there is no bill."""
        files = tuple(sorted(self._folder.glob("*.csv.gz")))
        if files != self._known:
            self._read(files)
        if not self._known:
            return None
        return (self._by_tag if tag else self._by_service).get((account, day.isoformat()), {})

    def _read(self, files: tuple[Path, ...]) -> None:
        by_service: dict[tuple[str, str], Sums] = defaultdict(lambda: defaultdict(Decimal))
        by_tag: dict[tuple[str, str], Sums] = defaultdict(lambda: defaultdict(Decimal))
        for file in files:
            with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
                for row in csv.DictReader(lines):
                    place = (row["line_item_usage_account_id"], row["line_item_usage_start_date"][:10])
                    kind, usd = row["line_item_line_item_type"], Decimal(row["line_item_unblended_cost"])
                    value = next(iter(json.loads(row["resource_tags"]).values()), "")
                    by_service[place][
                        _name(row["line_item_product_code"], row["line_item_usage_type"], kind), kind
                    ] += usd
                    by_tag[place][value, kind] += usd
        self._known, self._by_service, self._by_tag = files, by_service, by_tag


def _name(code: str, usage_type: str, kind: str) -> str:
    if kind == "Tax":
        return "Tax"
    return COMPUTE if usage_type.startswith(OF_MACHINES) else NAMES[code]
