"""Add an AWS account: by a role that we assume, by a named profile, or by the host's own credentials."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import IntegrityError, transaction

from audit.models import COMMAND_LINE, Kind, record
from inventory.aws import AwsFailure, FailureKind
from inventory.management.accounts import check_name, check_way_in, chosen_interval, chosen_regions
from inventory.management.command import LedgerCommand
from inventory.models import Account
from inventory.snapshots.access import OpenRole, identify, prepare_or_warn
from inventory.snapshots.trust import trust_policy
from inventory.snapshots.way_in import new_external_id


class Command(LedgerCommand):
    """`manage.py add_account NAME [--role-arn ARN [--external-id ID]] [--profile NAME] [--regions a,b] ...`."""

    help = "Add an AWS account, whose 12-digit id is read with GetCallerIdentity. No access key is ever asked for."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to call it, how to reach it, and what to read of it how often."""
        parser.add_argument("name", help="what to call the account")
        parser.add_argument("--role-arn", default="", help="a role to assume; without it, the credentials themselves")
        parser.add_argument("--external-id", default="", help="for a role that already demands one; else made up")
        parser.add_argument(
            "--profile", default="", help="a profile of the host's AWS configuration; without it, the host's own chain"
        )
        parser.add_argument("--regions", default="", help="visit these regions only, separated by commas")
        parser.add_argument("--interval", metavar="SECONDS", help="seconds between two snapshots")
        parser.add_argument(
            "--collect-user-data",
            action="store_true",
            help="also look into the boot scripts of instances, which may hold secrets; what is found is masked",
        )
        parser.add_argument(
            "--ask-cost-explorer",
            action="store_true",
            help="also ask Cost Explorer what was billed, once a day; AWS bills USD 0.01 for each page",
        )

    def handle(
        self,
        *,
        name: str,
        role_arn: str,
        external_id: str,
        profile: str,
        regions: str,
        interval: str | None,
        collect_user_data: bool,
        ask_cost_explorer: bool,
        **_: Any,
    ) -> None:
        """Add it, if it is nobody else's; kept as pending while its role cannot be assumed."""
        check_name(name)
        check_way_in(role_arn, external_id, profile)
        account = Account(
            name=name,
            role_arn=role_arn,
            external_id=external_id or (new_external_id() if role_arn else ""),
            profile=profile,
            only_regions=chosen_regions(regions),
            interval_seconds=chosen_interval(interval),
            collects_user_data=collect_user_data,
            asks_cost_explorer=ask_cost_explorer,
        )
        if Account.objects.filter(name=name).exists():
            raise CommandError(f"There is already an account called {name}: choose another name.")
        self._identify(account)
        try:
            with transaction.atomic():
                account.save()
                record(COMMAND_LINE, Kind.ACCOUNT_ADDED, f"added {name}", account=name)
        except IntegrityError:
            raise CommandError("Somebody else added this account, or this name, at the same moment.") from None
        if account.is_pending:
            raise CommandError(f"{name} is kept as pending until its role can be assumed.\n{_what_to_do(account)}")
        warning = prepare_or_warn(account)
        self.stdout.write(f"Added {name}: account {account.account_id}, {len(account.regions)} regions.")
        if warning:
            self.stderr.write(f"Its regions are not known yet. {warning}")

    def _identify(self, account: Account) -> None:
        """Give it its id, or the reason why its role cannot be used yet; nothing else is worth keeping it for."""
        try:
            account.account_id = identify(account)
        except AwsFailure as failure:
            is_the_roles_fault = failure.kind is FailureKind.DENIED and failure.action == "sts:AssumeRole"
            if not account.role_arn or not (is_the_roles_fault or isinstance(failure, OpenRole)):
                raise CommandError(f"{account.name} was not added. {failure.reason}") from failure
            account.pending_because = failure.reason


def _what_to_do(account: Account) -> str:
    try:
        policy = trust_policy(account)
    except AwsFailure as failure:
        policy = f'(It names us and demands {{"sts:ExternalId": "{account.external_id}"}}. {failure.reason})\n'
    return (
        f"{account.pending_because}\n\n"
        f"Give {account.role_arn} this trust policy:\n\n{policy}\n"
        f"`manage.py trust_policy {account.name} --format cloudformation` (or terraform) makes the role with all that "
        f"it needs. It is tried again by itself; `manage.py check_account {account.name}` tries it now."
    )
