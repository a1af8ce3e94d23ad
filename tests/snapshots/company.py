"""An organization at AWS for tests: which accounts are in which unit, and in which state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from inventory.aws import AwsFailure, FailureKind
from tests.snapshots.cast import Aws

ROOT, WORK, LAB = "r-acme", "ou-acme-workload", "ou-acme-labora01"
READER = "111122223333"
ONE, TWO = "222233334444", "333344445555"


@dataclass
class Company(Aws):
    """AWS Organizations as its management account sees it: who is in which unit, and in which state."""

    answers: Any = field(default_factory=dict)
    account_id: str = READER
    organization_id: str = "o-acme"
    names: dict[str, str] = field(default_factory=lambda: {READER: "management", ONE: "one", TWO: "two"})
    units: dict[str, str] = field(default_factory=lambda: {READER: ROOT, ONE: WORK, TWO: LAB})
    states: dict[str, str] = field(default_factory=dict)
    refused: str = ""

    def ask(self, service: str, operation: str, region: str, action: str, **arguments: Any) -> Any:
        assert operation == "DescribeOrganization"
        self._refuse(operation)
        return {"Organization": {"Id": self.organization_id}}

    def pages(
        self, service: str, operation: str, region: str, action: str, items: str, **arguments: Any
    ) -> Iterator[list[Any]]:
        self._refuse(operation)
        parent = arguments.get("ParentId")
        match operation:
            case "ListAccounts":
                yield [self._account(one) for one in self.names]
            case "ListRoots":
                yield [{"Id": ROOT, "Name": "Root"}]
            case "ListAccountsForParent":
                yield [self._account(one) for one, unit in self.units.items() if unit == parent]
            case "ListOrganizationalUnitsForParent":
                below = [{"Id": WORK, "Name": "Workloads"}, {"Id": LAB, "Name": "Laboratory"}]
                yield below if parent == ROOT else []

    def _account(self, account_id: str) -> dict[str, str]:
        return {"Id": account_id, "Name": self.names[account_id], "State": self.states.get(account_id, "ACTIVE")}

    def _refuse(self, operation: str) -> None:
        if operation == self.refused:
            raise AwsFailure(FailureKind.DENIED, f"Allow organizations:{operation}.", code="AccessDeniedException")
