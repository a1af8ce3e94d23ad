"""Write the resources of one type, now or as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from inventory.history import RevisionQuerySet
from inventory.management.choices import USAGE, chosen_moment, chosen_region, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.management.missing import missing_words
from inventory.models import Account
from inventory.pages import formats
from inventory.pages.conditions import matching
from inventory.pages.filter_faults import FilterError
from inventory.pages.filters import from_expressions
from inventory.pages.nearest import hint, nearest
from inventory.pages.records import BATCH, gather, in_batches, row, row_keys
from inventory.registry import ResourceType, resource_type, resource_types


class Command(LedgerCommand):
    """`manage.py export TYPE [--account A] [--region R] [--as-of ISO] [--filter EXPR ...] --format json|csv|xlsx`."""

    help = "Write the resources of one type to stdout, one object for each, ordered by their native id."

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from a command line, where `--filter -state=running` may stand in two words."""
        super().run_from_argv(_with_joined_filters(argv))

    def add_arguments(self, parser: CommandParser) -> None:
        """Which resources, at which moment, and in which format."""
        parser.add_argument("type", metavar="TYPE", help="such as ec2-instance")
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--region", help="only resources of this region; a bucket's is its own")
        parser.add_argument("--as-of", metavar="ISO", help="as it was at this moment, such as 2026-04-01T06:00:00Z")
        parser.add_argument(
            "--filter",
            metavar="EXPR",
            action="append",
            default=[],
            dest="filters",
            help="a condition as in the address of a list, percent-encoded: size_gib__gte=500, -state=running, tag:env",
        )
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what is missing among them to stderr."""
        kind = _type(options["type"])
        region, as_of = chosen_region(options["region"]), chosen_moment(options["as_of"])
        accounts = shown_accounts(options["account"], as_of, self.stderr.write)
        try:
            conditions = from_expressions(kind, options["filters"], accounts)
        except FilterError as error:
            raise CommandError(str(error), returncode=USAGE) from None
        rows = kind.model.revisions.as_of(as_of)
        if as_of is not None or len(accounts) < Account.objects.count():
            rows = rows.filter(account__in=[account.pk for account in accounts])
        if region is not None:
            rows = rows.filter(region=region)
        for words in missing_words([kind], accounts, region, as_of):
            self.stderr.write(words)
        formats.write(
            _records(kind, matching(rows, conditions, as_of), as_of, accounts),
            keys=row_keys(kind.columns),
            output_format=options["format"],
            to=self.stdout,
        )


def _records(
    kind: ResourceType, rows: RevisionQuerySet, as_of: datetime | None, accounts: Sequence[Account]
) -> Iterator[dict[str, Any]]:
    ordered = rows.light().select_related("resource").order_by("resource__native_id", "resource_id")
    by_id = {account.pk: account for account in accounts}
    for revisions in in_batches(ordered.iterator(chunk_size=BATCH)):
        for record in gather(kind, revisions, as_of, accounts=by_id, columns=kind.columns):
            yield row(record, kind.columns)


def _with_joined_filters(argv: Sequence[str]) -> list[str]:
    # argparse would take a separate word that begins with - for an option of its own.
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] == "--filter":
            joined[-1] = f"--filter={word}"
        else:
            joined.append(word)
    return joined


def _type(slug: str) -> ResourceType:
    try:
        return resource_type(slug)
    except KeyError as error:
        near = hint(nearest(slug, [kind.slug for kind in resource_types()]))
        raise CommandError(f"{error.args[0]}{near}", returncode=USAGE) from None
