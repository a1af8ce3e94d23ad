"""The accounts of the sample organisation, and the credentials with which Skyledger's host comes to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

HOST_ACCOUNT = "210987654321"
HOST_USER_ARN = f"arn:aws:iam::{HOST_ACCOUNT}:user/skyledger"
ACCESS_KEY_ID = "AKIASKYLEDGERDEMO000"
SECRET_ACCESS_KEY = "demo-only-and-never-verified"
ROLE_NAME = "SkyledgerReadOnly"
# AWS makes this role in every account that an organization creates; it trusts the whole management account.
ADMINISTRATOR_ROLE_NAME = "OrganizationAccountAccessRole"


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One account, with the regions that it uses, its place in the organization, and how long it has been there.

    `external_id` is what its role demands until somebody gives the role another trust policy.
    """

    name: str
    account_id: str
    regions: tuple[str, ...]
    unit: str
    joined: timedelta
    was_invited: bool = False
    opted_in: frozenset[str] = frozenset()
    external_id: str = ""

    @property
    def role_arn(self) -> str:
        """The role that Skyledger assumes; none in the account that Skyledger's host belongs to."""
        return "" if self.account_id == HOST_ACCOUNT else f"arn:aws:iam::{self.account_id}:role/{ROLE_NAME}"

    @property
    def administrator_role_arn(self) -> str:
        """The role by which the management account administers a member."""
        return f"arn:aws:iam::{self.account_id}:role/{ADMINISTRATOR_ROLE_NAME}"

    @property
    def email(self) -> str:
        """The address of the account's root user."""
        return f"aws+{self.name}@example.com"


MANAGEMENT = DemoAccount(
    name="management",
    account_id=HOST_ACCOUNT,
    regions=("us-east-1",),
    unit="Root",
    joined=timedelta(days=893),
    was_invited=True,
)
PRODUCTION = DemoAccount(
    name="production",
    account_id="418273645509",
    external_id="skyledger-5f0c1e2ab7d94c3e",
    regions=(
        *("us-east-1", "us-west-2", "eu-west-1", "eu-west-2", "eu-central-1"),
        *("ap-southeast-1", "ap-northeast-1", "sa-east-1"),
    ),
    unit="Production",
    joined=timedelta(days=884),
)
RESEARCH = DemoAccount(
    name="research",
    account_id="907215438876",
    external_id="skyledger-c41d7796e02b4a58",
    regions=("us-east-1", "us-east-2", "eu-west-1", "eu-south-1"),
    unit="Research",
    joined=timedelta(days=263),
    opted_in=frozenset({"eu-south-1"}),
)
ATELIER = DemoAccount(
    name="atelier",
    account_id="635902781146",
    external_id="skyledger-09b3f8d215ce47a6",
    regions=("eu-west-3",),
    unit="Workloads",
    joined=timedelta(days=352),
    was_invited=True,
)
MEMBERS = (PRODUCTION, RESEARCH, ATELIER)
ACCOUNTS = (MANAGEMENT, *MEMBERS)


def account_id(name_or_id: str) -> str:
    """The 12 digits of an account given by its name or by its digits. Raises ValueError."""
    for account in ACCOUNTS:
        if name_or_id in {account.name, account.account_id}:
            return account.account_id
    names = ", ".join(account.name for account in ACCOUNTS)
    raise ValueError(f"there is no account {name_or_id!r}; the accounts are {names}")
