"""The role by which an account is read, ready to be copied: who may assume it, on what condition, to do what."""

from __future__ import annotations

import json

from inventory.aws.sessions import own_principal
from inventory.models import Account
from inventory.snapshots import iam_policy, role_templates
from inventory.snapshots.role_templates import LEAST_EXTERNAL_ID, Role


class NoTrustPolicy(ValueError):
    """The account is not read by a role that we could describe; the text says why."""


def trust_policy(account: Account) -> str:
    """The trust policy of the account's role, as JSON: one principal, and only with the account's external id.

    Raises NoTrustPolicy, and AwsFailure when who we are cannot be asked.
    """
    _check(account)
    document = role_templates.trust_document(own_principal(account.profile), account.external_id)
    return json.dumps(document, indent=2) + "\n"


def cloudformation(account: Account) -> str:
    """A CloudFormation template, in JSON, that makes the account's role. Raises as `trust_policy` does."""
    return role_templates.cloudformation(_role(account))


def terraform(account: Account) -> str:
    """A Terraform module, in HCL, that makes the account's role. Raises as `trust_policy` does."""
    return role_templates.terraform(_role(account))


def _role(account: Account) -> Role:
    _check(account)
    if len(account.external_id) < LEAST_EXTERNAL_ID:
        raise NoTrustPolicy(
            f"The external id of {account.name} was given and is so short that it can be guessed: no role is made for "
            "it. Add the account again without --external-id, and one is made up."
        )
    path, slash, name = account.role_arn.partition(":role")[2].rpartition("/")
    return Role(
        policies=iam_policy.split(iam_policy.document(account.switches)),
        principal=own_principal(account.profile),
        external_id=account.external_id,
        name=name,
        path=path + slash,
    )


def _check(account: Account) -> None:
    if not account.role_arn:
        raise NoTrustPolicy(
            f"{account.name} is read with {'the profile ' + account.profile if account.profile else 'our own'} "
            "credentials and not by a role: there is no trust policy. Attach what `manage.py iam_policy` prints to "
            "these credentials."
        )
