"""Write the resources of all types that meet a query, now or as they were."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import CommandError, CommandParser

from inventory.management.choices import USAGE, chosen_moment, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.management.missing import missing_words
from inventory.pages import formats
from inventory.pages.query.language import QueryError
from inventory.pages.query.meaning import read_query
from inventory.pages.query.rows import exported_keys, exported_rows, groups_of
from inventory.pages.scope import PageScope

TABLE = "table"
GAP = "  "
WIDEST = 60
"""Letters of one cell of a table; json and csv hold all of it."""


class Command(LedgerCommand):
    """`manage.py query "QUERY" [--account A] [--as-of ISO] --format table|json|csv|xlsx`."""

    help = (
        "Write the resources that meet a query to stdout, by type and name. docs/query-language.md describes queries."
    )

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from a command line, where a query may begin with -."""
        super().run_from_argv(with_query_last(argv))

    def add_arguments(self, parser: CommandParser) -> None:
        """Which resources, at which moment, and in which format."""
        parser.add_argument("query", metavar="QUERY", help='such as "type:ec2-instance state:running -tag:owner"')
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--as-of", metavar="ISO", help="as it was at this moment, such as 2026-04-01T06:00:00Z")
        parser.add_argument("--format", choices=(TABLE, *formats.FORMATS), default=TABLE, help="default: table")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what is missing among them to stderr."""
        as_of = chosen_moment(options["as_of"])
        accounts = tuple(shown_accounts(options["account"], as_of, self.stderr.write))
        named = accounts[0] if options["account"] is not None else None
        scope = PageScope(user=AnonymousUser(), visible=accounts, account=named, as_of=as_of)
        try:
            parts = read_query(options["query"], accounts, as_of)
        except QueryError as error:
            raise CommandError(pointed_at(options["query"], error), returncode=USAGE) from None
        groups = groups_of(parts, scope)
        for words in missing_words([part.kind for part in parts], accounts, None, as_of):
            self.stderr.write(words)
        keys, rows = exported_keys(groups), exported_rows(groups)
        if options["format"] == TABLE:
            self._write_table(rows, [key for key in keys if key not in ("tags", "unknown")])
        else:
            formats.write(rows, keys=keys, output_format=options["format"], to=self.stdout)

    def _write_table(self, rows: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> None:
        lines = [list(keys), *([_cell(row, key) for key in keys] for row in rows)]
        widths = [max(len(line[place]) for line in lines) for place in range(len(keys))]
        try:
            for line in lines:
                cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
                self.stdout.write(GAP.join(cells).rstrip())
            self.stdout.flush()
        except BrokenPipeError:
            # Python would flush stdout once more on its way out and complain again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        number = len(lines) - 1
        self.stderr.write(f"{number:,} resource{'' if number == 1 else 's'}")


def with_query_last(argv: Sequence[str]) -> list[str]:
    """The words of a command line, a query like `-tag:owner` behind a `--`, before which it would be an option."""
    queries = [word for word in argv if len(word) > 2 and word[0] == "-" != word[1]]
    return [*(word for word in argv if word not in queries), *(["--", *queries] if queries else [])]


def pointed_at(query: str, error: QueryError) -> str:
    """The message below the query, with a mark under the word: for a terminal, so all on lines of their own."""
    line = "".join(letter if letter.isprintable() else " " for letter in query)
    mark = " " * error.start + "^" * max(error.end - error.start, 1)
    return f"this query cannot be read.\n{line}\n{mark}\n{error.message}"


def _cell(row: Mapping[str, Any], key: str) -> str:
    """One cell: `?` for what is unknown, `-` for what there is none of. Nothing in it moves a terminal's cursor."""
    value = row[key]
    if value is None:
        return "?" if key in row["unknown"] else "-"
    text = "".join(letter if letter.isprintable() else " " for letter in formats.csv_cell(value))
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
