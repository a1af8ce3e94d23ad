"""What the documents say about permissions is what is asked for."""

from __future__ import annotations

import re
from collections import defaultdict

from inventory.registry import COST_EXPLORER, USER_DATA, Call, resource_types
from inventory.snapshots import iam_policy
from tests.support.environment import ROOT

DOCUMENT = (ROOT / "docs" / "iam-policy.md").read_text()
ROW = re.compile(r"^\| `(?P<operation>[^`]+)` \| `(?P<action>[^`]+)` \| (?P<purpose>.+) \|$", re.MULTILINE)


def rows(heading: str) -> dict[str, tuple[str, str]]:
    """The table under a heading: action and purpose by operation."""
    return {row["operation"]: (row["action"], row["purpose"]) for row in ROW.finditer(section(heading))}


def section(heading: str) -> str:
    """What stands under a heading."""
    return DOCUMENT.split(f"## {heading}\n")[1].split("\n## ")[0]


def actions_of(calls: tuple[Call, ...]) -> dict[str, str]:
    """Operation to action."""
    return {f"{call.service}:{call.operation}": call.action for call in calls}


def test_every_call_of_every_type_is_listed_with_its_action_and_its_types() -> None:
    types = defaultdict(set)
    for kind in resource_types():
        for operation, action in actions_of(kind.calls).items():
            types[operation, action].add(kind.plural)

    expected = {operation: (action, ", ".join(sorted(plurals))) for (operation, action), plurals in types.items()}
    assert rows("What the resource types ask") == expected


def test_the_calls_of_every_account_and_of_organizations_are_listed() -> None:
    base, organizations = rows("What is asked of every account"), rows("What is asked of an organization")

    assert {operation: action for operation, (action, _) in base.items()} == actions_of(iam_policy.BASE_CALLS)
    assert {operation: action for operation, (action, _) in organizations.items()} == actions_of(
        iam_policy.ORGANIZATION_CALLS
    )


def test_what_is_never_asked_is_listed() -> None:
    listed = set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", section("What is never asked")))

    assert listed == iam_policy.NEVER_ASKED


def test_user_data_is_explained() -> None:
    assert iam_policy.SWITCHED_ACTIONS[USER_DATA] in section("User data")


def test_cost_explorer_is_explained() -> None:
    assert iam_policy.SWITCHED_ACTIONS[COST_EXPLORER] in section("Cost Explorer")


def test_the_readme_lists_the_actions_that_an_ordinary_account_takes() -> None:
    readme = (ROOT / "README.md").read_text()
    block = next(part for part in readme.split("```") if "ec2:DescribeRegions" in part)

    assert set(re.findall(r"\w+:\w+", block)) == iam_policy.actions()
