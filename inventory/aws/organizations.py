"""AWS Organizations: every account of an organization with its state, and the tree of units that they stand in.

Only the management account, or a member that is a delegated administrator, may ask. The tree is walked while accounts
may be moving in it, so which accounts there are comes from ListAccounts alone; one that the walk has missed is in the
organization with a unit that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from inventory.aws.clients import Clients

SERVICE = "organizations"
PAGE = 20
"""The most that one page of Organizations holds."""

UNIT = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
"""The id of a root or of a unit, as the API reference of Organizations gives it."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One account of the organization; `state` is ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED or PENDING_ACTIVATION."""

    account_id: str
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One organizational unit, or the root, which has no parent."""

    unit_id: str
    name: str
    parent_id: str | None


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A whole organization: its accounts by their ids, its units by theirs, and the unit of each account."""

    members: Mapping[str, Member]
    units: Mapping[str, Unit]
    unit_of: Mapping[str, str]

    def units_above(self, account_id: str) -> list[Unit] | None:
        """The units that an account stands in, from the root down; None where that is not known."""
        unit_id = self.unit_of.get(account_id)
        if unit_id is None:
            return None
        found: list[Unit] = []
        while unit_id is not None:
            found.append(self.units[unit_id])
            unit_id = self.units[unit_id].parent_id
        return found[::-1]


def organization_id(clients: Clients) -> str:
    """The id of the organization that the account belongs to. Raises AwsFailure."""
    operation = "DescribeOrganization"
    answer = clients.ask(SERVICE, operation, clients.home_region, f"{SERVICE}:{operation}")
    return str(answer["Organization"]["Id"])


def list_organization(clients: Clients) -> Listing:
    """Every account and every unit. Raises AwsFailure when any page of anything cannot be read."""
    members = {
        account["Id"]: Member(
            account_id=account["Id"],
            name=account.get("Name", ""),
            # AWS retires Status in favour of State, which knows more.
            state=account.get("State") or account.get("Status") or "",
        )
        for account in _all(clients, "ListAccounts", "Accounts")
    }
    roots = [Unit(unit_id=one["Id"], name=one["Name"], parent_id=None) for one in _all(clients, "ListRoots", "Roots")]
    units: dict[str, Unit] = {}
    unit_of: dict[str, str] = {}
    to_visit = roots
    while to_visit:
        unit = to_visit.pop()
        if unit.unit_id in units:  # it was moved while we walked
            continue
        units[unit.unit_id] = unit
        for account in _all(clients, "ListAccountsForParent", "Accounts", ParentId=unit.unit_id):
            unit_of[account["Id"]] = unit.unit_id
        below = _all(clients, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=unit.unit_id)
        to_visit += [Unit(unit_id=one["Id"], name=one["Name"], parent_id=unit.unit_id) for one in below]
    return Listing(members=members, units=units, unit_of=unit_of)


def _all(clients: Clients, operation: str, items: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    action = f"{SERVICE}:{operation}"
    for page in clients.pages(SERVICE, operation, clients.home_region, action, items, MaxResults=PAGE, **arguments):
        yield from page
