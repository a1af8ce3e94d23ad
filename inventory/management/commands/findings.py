"""Write what the rules found, now or as it was."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import CommandParser

from inventory.findings.counts import judged
from inventory.findings.rule import rules
from inventory.management.choices import chosen_moment, chosen_region, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.management.missing import missing_words
from inventory.pages import formats
from inventory.pages.finding_query import SEVERITIES, STATES, FindingQuery
from inventory.pages.finding_rows import RECORD_KEYS, every_row
from inventory.pages.moments import spell_moment
from inventory.pages.scope import PageScope
from inventory.registry import resource_type


class Command(LedgerCommand):
    """`manage.py findings [--account A] [--region R] [--rule R] [--severity S] [--state S] [--as-of ISO]`."""

    help = "Write every finding to stdout, the most severe first; without --state those that are open and not muted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose findings, which of them, at which moment, and in which format."""
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--region", help="only resources of this region")
        known = [one.slug for one in rules()]
        parser.add_argument("--rule", action="append", choices=known, metavar="RULE", help=f"any of {', '.join(known)}")
        parser.add_argument("--severity", action="append", choices=SEVERITIES, help="may be given several times")
        parser.add_argument("--state", choices=[*STATES, "all"], help="open, unsure, muted, closed, or all but closed")
        parser.add_argument("--as-of", metavar="ISO", help="as it was at this moment, such as 2026-04-01T06:00:00Z")
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what the rules could not read to stderr."""
        region, as_of = chosen_region(options["region"]), chosen_moment(options["as_of"])
        accounts = shown_accounts(options["account"], as_of, self.stderr.write)
        slugs = options["rule"] or [one.slug for one in rules()]
        wanted = {slug for one in rules() if one.slug in slugs for slug in one.types}
        for words in missing_words([resource_type(slug) for slug in sorted(wanted)], accounts, region, as_of):
            self.stderr.write(words)
        known = judged([one.pk for one in accounts], as_of)
        for account in accounts:
            if account.pk not in known:
                when = f"by {spell_moment(as_of)}" if as_of else "yet; its next snapshot will be"
                self.stderr.write(f"{account.name}: no rule had judged it {when}. Nothing is known, and not: none.")
        named = accounts[0] if len(accounts) == 1 else None
        scope = PageScope(user=AnonymousUser(), visible=tuple(accounts), account=named, as_of=as_of)
        states = ("", "muted") if options["state"] == "all" else (options["state"] or "",)
        rows = (
            row.record()
            for state in states
            for row in every_row(
                scope,
                FindingQuery(
                    severity=tuple(options["severity"] or ()),
                    rule=tuple(options["rule"] or ()),
                    region=(region,) if region else (),
                    state=state,
                ).findings(scope),
            )
        )
        formats.write(rows, keys=RECORD_KEYS, output_format=options["format"], to=self.stdout)
