"""The AWS organization as a tree: its units, the accounts in them, and what became of each account."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from demo.accounts import HOST_ACCOUNT, DemoAccount

ORGANIZATION_ID = "o-sk4l7d9r2e"
ROOT_ID = "r-7k2m"
ROOT_NAME = "Root"
ARN = f"arn:aws:organizations::{HOST_ACCOUNT}"


@dataclass(frozen=True, kw_only=True)
class Unit:
    """An organizational unit, by its id and that of the unit, or root, that holds it."""

    unit_id: str
    name: str
    parent: str


@dataclass(kw_only=True)
class Member:
    """An account of the organization. `state` is AWS's word: ACTIVE or SUSPENDED."""

    account: DemoAccount
    joined_at: datetime
    parent: str
    state: str = "ACTIVE"


@dataclass
class Tree:
    """The organization. Units and accounts are listed in the order in which they came."""

    units: dict[str, Unit] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def grow(self, name: str, parent: str = ROOT_NAME) -> None:
        """A new unit below another one or the root, by their names."""
        unit_id = f"ou-{ROOT_ID.removeprefix('r-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self.units[unit_id] = Unit(unit_id=unit_id, name=name, parent=self._id_of(parent))

    def join(self, account: DemoAccount, joined_at: datetime) -> None:
        """An account joins, in its unit."""
        self.members[account.account_id] = Member(
            account=account, joined_at=joined_at, parent=self._id_of(account.unit)
        )

    def move(self, account: DemoAccount, unit: str) -> None:
        """Move an account into another unit."""
        self.members[account.account_id].parent = self._id_of(unit)

    def suspend(self, account: DemoAccount) -> None:
        """Let AWS suspend an account: nobody can do anything in it any more."""
        self.members[account.account_id].state = "SUSPENDED"

    def is_suspended(self, account_id: str) -> bool:
        """Whether AWS suspended the account of these 12 digits."""
        return account_id in self.members and self.members[account_id].state == "SUSPENDED"

    def parent_of(self, child_id: str) -> str | None:
        """The id of the unit or root that holds a unit or an account; nothing for what is not in the organization."""
        child = self.units.get(child_id) or self.members.get(child_id)
        return child.parent if child else None

    def accounts_in(self, parent: str) -> Iterator[Member]:
        """The accounts that stand directly in a unit or in the root."""
        return (member for member in self.members.values() if member.parent == parent)

    def units_in(self, parent: str) -> Iterator[Unit]:
        """The units that stand directly in a unit or in the root."""
        return (unit for unit in self.units.values() if unit.parent == parent)

    def path_to(self, child_id: str) -> str:
        """AWS's path to a unit or an account: the ids from the organization down, each followed by a slash."""
        parent = self.parent_of(child_id)
        return f"{self.path_to(parent) if parent else ORGANIZATION_ID + '/'}{child_id}/"

    def _id_of(self, name: str) -> str:
        return ROOT_ID if name == ROOT_NAME else next(each.unit_id for each in self.units.values() if each.name == name)
