"""How an account is reached, and whether what is reached is that account and nobody else's way in."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone

from inventory.aws import Access, AwsFailure, Clients, FailureKind, clients_of, region_states
from inventory.aws.gate import Gate
from inventory.aws.sessions import own_principal
from inventory.models import Account
from inventory.snapshots.gates import gates_of
from inventory.snapshots.trial import Check, Trial

logger = logging.getLogger(__name__)

REGION_LIST_AGE = timedelta(hours=6)


class OpenRole(AwsFailure):
    """A role that anybody may assume who knows its name: nothing is collected through it."""


def clients_for(account: Account) -> Clients:
    """The clients of an account; nothing is asked of AWS yet. One that is not stored yet has no request budget."""
    return clients_of(_access_to(account), gates_of(account.pk) if account.pk else None)


def clients_behind(account: Account, gate: Gate) -> Clients:
    """Clients of an account of which every request passes this gate; they are made anew each time."""
    return Clients(_access_to(account), gate)


def _access_to(account: Account) -> Access:
    return Access(
        role_arn=account.role_arn,
        external_id=account.external_id,
        profile=account.profile,
        account_id=account.account_id or "",
    )


def check_identity(account: Account, clients: Clients) -> None:
    """Make sure that the credentials belong to the account. Raises AwsFailure.

    A role that was edited to lead elsewhere would otherwise close one account's rows and mix in another's.
    """
    found = clients.identity()
    if found != account.account_id:
        raise AwsFailure(
            FailureKind.FAILED,
            f"The credentials for {account.name} lead to account {found}, not to {account.account_id}: nothing was "
            "read. Correct the role, or add the other account under a name of its own.",
            action="sts:GetCallerIdentity",
        )


def identify(account: Account) -> str:
    """The 12-digit id that a pending account's credentials lead to.

    Raises AwsFailure when they lead nowhere or to an account that another one stands for, and OpenRole for a role that
    accepts a wrong external id.
    """
    clients = clients_for(account)
    account_id = clients.identity()
    known = Account.objects.filter(account_id=account_id).first()
    if known is not None:
        raise AwsFailure(
            FailureKind.FAILED,
            f"The credentials of {account.name} lead to account {account_id}, which was already added as "
            f"{known.name}: correct the role, or remove one of them.",
            action="sts:GetCallerIdentity",
        )
    if clients.accepts_wrong_external_id():
        raise OpenRole(FailureKind.DENIED, open_role_words(account), action="sts:AssumeRole")
    return account_id


def open_role_words(account: Account) -> str:
    """Why nothing is collected through a role that accepts a wrong external id, and how to mend it."""
    return (
        f"The role {account.role_arn} can be assumed with any external id, so that whoever knows its name can have it "
        f"read through an installation like this one. Let its trust policy demand the external id of {account.name}; "
        f"`manage.py trust_policy {account.name}` prints it."
    )


def prepare(account: Account) -> None:
    """Confirm a pending account and read its list of regions when that is old. Raises AwsFailure.

    When the region list cannot be read, the previous one stays.
    """
    if account.is_pending:
        _confirm(account)
    if account.regions_read_at and timezone.now() - account.regions_read_at < REGION_LIST_AGE:
        return
    clients = clients_for(account)
    check_identity(account, clients)
    account.region_states = region_states(clients)
    account.regions_read_at = timezone.now()
    account.save(update_fields=["region_states", "regions_read_at"])


def _confirm(account: Account) -> None:
    """Give a pending account its id, or note why it cannot have one yet. Raises AwsFailure."""
    try:
        account.account_id = identify(account)
    except AwsFailure as failure:
        account.pending_because = failure.reason
        account.save(update_fields=["pending_because"])
        raise
    account.pending_because = ""
    account.save(update_fields=["account_id", "pending_because"])


def prepare_or_warn(account: Account) -> str:
    """Like `prepare`, but answers with what went wrong (empty if nothing did), so that a snapshot can go on."""
    try:
        prepare(account)
    except AwsFailure as failure:
        logger.warning("The account %s could not be prepared: %s", account.name, failure.reason)
        return failure.reason
    return ""


def check(account: Account) -> Check:
    """Try every IAM action that the account's snapshots need, and whether its role refuses a wrong external id.

    It asks AWS for as little as each action gives, in every region of the account, and changes nothing.
    """
    return Trial(account, clients_for(account), open_role_words(account)).run()


def check_and_keep(account: Account) -> Check:
    """Like `check`, and let the account remember the result."""
    result = check(account)
    account.check_result, account.checked_at = result.as_json() | _principal(account), timezone.now()
    account.save(update_fields=["check_result", "checked_at"])
    return result


def _principal(account: Account) -> dict[str, str]:
    """Who we are at AWS, so that the account's page can show its trust policy without asking; nothing if unknown."""
    with suppress(AwsFailure):
        return {"principal": own_principal(account.profile)} if account.role_arn else {}
    return {}
