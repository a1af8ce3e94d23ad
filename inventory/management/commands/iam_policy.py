"""Print the IAM policy that Skyledger needs, made of what its resource types declare."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from inventory.management.command import LedgerCommand
from inventory.registry import COST_EXPLORER, USER_DATA
from inventory.snapshots import iam_policy
from inventory.snapshots.role_templates import Role, cloudformation, terraform

TEMPLATES = {"cloudformation": cloudformation, "terraform": terraform}


class Command(LedgerCommand):
    """`manage.py iam_policy --format json|cloudformation|terraform [--organizations] [--user-data] ...`."""

    help = "Print the least that a role must allow, as a policy, or as a template that makes the role."

    def add_arguments(self, parser: CommandParser) -> None:
        """The format, and what goes beyond reading an account's resources."""
        parser.add_argument("--format", choices=("json", *TEMPLATES), default="json", help="default: json")
        parser.add_argument(
            "--organizations",
            action="store_true",
            help="json: the policy for listing an organization instead; a template: beside the other policy",
        )
        parser.add_argument("--user-data", action="store_true", help="for accounts where boot scripts are looked at")
        parser.add_argument("--cost-explorer", action="store_true", help="for accounts whose bill is asked for")

    def handle(
        self,
        *,
        format: str,  # noqa: A002
        organizations: bool,
        user_data: bool,
        cost_explorer: bool,
        **_: Any,
    ) -> None:
        """Write it to stdout."""
        chosen = {USER_DATA: user_data, COST_EXPLORER: cost_explorer}
        switches = {switch for switch, is_on in chosen.items() if is_on}
        own = iam_policy.split(iam_policy.document(switches))
        listing = iam_policy.split(iam_policy.organizations_document()) if organizations else ()
        if format in TEMPLATES:
            self.stdout.write(TEMPLATES[format](Role(policies=(*own, *listing))), ending="")
            return
        printed = listing or own
        if len(printed) > 1:
            self.stderr.write(
                f"This is too long for one managed policy, which takes {iam_policy.LONGEST} characters: "
                f"make {len(printed)} of it, and attach them all."
            )
        self.stdout.write(json.dumps(printed[0] if len(printed) == 1 else printed, indent=2))
