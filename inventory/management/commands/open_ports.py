"""Write what the rules of security groups open, now or as they were."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from inventory.exposure.ledger import RECORD_KEYS, open_groups
from inventory.management.choices import chosen_moment, chosen_region, shown_accounts
from inventory.management.command import LedgerCommand
from inventory.management.missing import missing_words
from inventory.pages import formats
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.security_group_rule import SECURITY_GROUP_RULE


class Command(LedgerCommand):
    """`manage.py open_ports [--account A] [--region R] [--as-of ISO] --format json|csv`."""

    help = "Write every opening of every security group to stdout, by account, region, group and port."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose openings, at which moment, and in which format."""
        parser.add_argument("--account", metavar="ACCOUNT", help="name or 12 digits; without it: all but archived ones")
        parser.add_argument("--region", help="only groups of this region")
        parser.add_argument("--as-of", metavar="ISO", help="as it was at this moment, such as 2026-04-01T06:00:00Z")
        parser.add_argument("--format", choices=formats.FORMATS, default="json", help="default: json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the rows to stdout, and what is missing among them to stderr."""
        region, as_of = chosen_region(options["region"]), chosen_moment(options["as_of"])
        accounts = shown_accounts(options["account"], as_of, self.stderr.write)
        for words in missing_words((SECURITY_GROUP_RULE, EC2_INSTANCE), accounts, region, as_of):
            self.stderr.write(words)
        rows = open_groups(accounts, as_of, region)
        formats.write((row.record() for row in rows), keys=RECORD_KEYS, output_format=options["format"], to=self.stdout)
