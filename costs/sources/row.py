"""One line of a CSV table, read by column name and refused with its line number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from costs.sources.document import UnreadableDocument

Choice = TypeVar("Choice")

AMOUNT = re.compile(r"\d{1,9}(\.\d{1,10})?", re.ASCII)
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
INSTANCE_TYPE = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+", re.ASCII)

REGION_BY_PREFIX = {"EU": "eu-west-1"}
"""The prefix of a usage type is AWS's billing code of the region; these are the ones that the tables use."""


@dataclass(frozen=True)
class Row:
    """One line; every method raises UnreadableDocument where the cell does not fit."""

    line: int
    cells: Mapping[str, str]

    def text(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not self.cells[column]:
            raise self.problem(f"{column} is empty")
        return self.cells[column]

    def region(self) -> str:
        """The region code in the `region` column."""
        return self._matching("region", REGION, "a region code")

    def instance_type(self) -> str:
        """The name in the `instance_type` column."""
        return self._matching("instance_type", INSTANCE_TYPE, "an instance type")

    def region_of_usage(self, column: str) -> str:
        """The region whose billing code a usage type begins with."""
        prefix = self.cells[column].partition("-")[0]
        if prefix not in REGION_BY_PREFIX:
            raise self.problem(f"no region is known for the usage type prefix {prefix[:20]}")
        return REGION_BY_PREFIX[prefix]

    def amount(self, column: str) -> Decimal | None:
        """The amount in US dollars; None where the cell is empty."""
        if not self.cells[column]:
            return None
        return Decimal(self._matching(column, AMOUNT, "an amount"))

    def choice(self, column: str, choices: Mapping[str, Choice]) -> Choice:
        """What the cell's word stands for."""
        word = self.cells[column]
        if word not in choices:
            raise self.problem(f"{column} is {word[:40]!r}, not one of {', '.join(choices)}")
        return choices[word]

    def problem(self, words: str) -> UnreadableDocument:
        """The error that names this line."""
        return UnreadableDocument(self.line, words)

    def _matching(self, column: str, pattern: re.Pattern[str], meaning: str) -> str:
        word = self.cells[column]
        if not pattern.fullmatch(word):
            raise self.problem(f"{column} is not {meaning}: {word[:40]!r}")
        return word
