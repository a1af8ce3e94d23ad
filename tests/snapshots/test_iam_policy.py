"""The IAM policy holds what is declared, and every action of it is one that AWS knows and that only reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data, get_actions_for_service
from pytest_django import Settings

from inventory.aws import guard
from inventory.registry import COST_EXPLORER, USER_DATA, Ask, Call, resource_types
from inventory.snapshots import iam_policy

pytestmark = pytest.mark.usefixtures("every_type")

DECLARED = sorted({(call.service, call.operation): call for kind in resource_types() for call in kind.calls}.items())
GRANTED = [call for _, call in DECLARED] + [
    iam_policy.DESCRIBE_REGIONS,
    iam_policy.COST_CALL,
    *iam_policy.ORGANIZATION_CALLS,
]


def access_level(action: str) -> str | None:
    """What kind of access an action gives, as AWS's service authorization reference says; None if it knows none."""
    service, _, name = action.partition(":")
    found: Any = get_action_data(service, name)
    return found[service][0]["access_level"] if found else None


def allowed_and_denied(policy: iam_policy.Document) -> tuple[list[str], list[str]]:
    """The actions of a policy, in its order."""
    return tuple(  # type: ignore[return-value]
        [action for one in policy["Statement"] if one["Effect"] == effect for action in one["Action"]]
        for effect in ("Allow", "Deny")
    )


@pytest.mark.parametrize("call", GRANTED, ids=lambda call: call.action)
def test_every_action_exists_and_is_of_a_level_that_changes_nothing(call: Call) -> None:
    assert access_level(call.action) in {"Read", "List"}


@pytest.mark.parametrize("call", GRANTED, ids=lambda call: call.action)
def test_an_action_has_another_name_than_its_operation_only_where_aws_has_none_of_that_name(call: Call) -> None:
    of_the_same_name = f"{call.service}:{call.operation}"

    assert (call.action == of_the_same_name) == (of_the_same_name in get_actions_for_service(call.service))


def test_the_policy_allows_what_every_type_declares_and_the_regions_and_nothing_else() -> None:
    ordinary = {
        call.action
        for kind in resource_types()
        for call in (*kind.listings, *(one.call for one in kind.enrich if not (isinstance(one, Ask) and one.switch)))
    }

    allowed, _ = allowed_and_denied(iam_policy.document())

    assert set(allowed) == ordinary | {"ec2:DescribeRegions"}


def test_what_is_left_out_needs_no_action(settings: Settings) -> None:
    settings.LEFT_OUT_TYPES = frozenset({"key-pair"})

    assert "ec2:DescribeKeyPairs" not in iam_policy.actions()
    assert "ec2:DescribeVolumes" in iam_policy.actions()


def test_with_its_switch_the_policy_allows_user_data_too() -> None:
    without, _ = allowed_and_denied(iam_policy.document())
    allowed, denied = allowed_and_denied(iam_policy.document({USER_DATA}))

    assert set(allowed) - set(without) == {"ec2:DescribeInstanceAttribute"}
    assert "ec2:DescribeInstanceAttribute" not in denied


def test_with_its_switch_the_policy_allows_cost_explorer_and_denies_it_otherwise() -> None:
    _, denied = allowed_and_denied(iam_policy.document())
    allowed, denied_no_more = allowed_and_denied(iam_policy.document({COST_EXPLORER}))

    assert "ce:GetCostAndUsage" in denied
    assert "ce:GetCostAndUsage" in allowed
    assert "ce:GetCostAndUsage" not in denied_no_more


@pytest.mark.parametrize("switches", [set(), {USER_DATA}, {COST_EXPLORER}, {USER_DATA, COST_EXPLORER}])
def test_the_deny_hits_nothing_that_is_asked(switches: set[str]) -> None:
    allowed, denied = allowed_and_denied(iam_policy.document(switches))

    assert set(allowed) & set(denied) == set(iam_policy.ALLOWED_ON)
    assert not {call.action for call in iam_policy.ORGANIZATION_CALLS} & set(denied)


@pytest.mark.parametrize("action", sorted(iam_policy.NEVER_ASKED))
def test_what_is_denied_exists(action: str) -> None:
    assert access_level(action)


@pytest.mark.parametrize(
    "action",
    [
        "s3:GetObject",
        "ec2:GetPasswordData",
        "ec2:GetConsoleOutput",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
    ],
)
def test_contents_and_secrets_are_denied_outright(action: str) -> None:
    _, denied = allowed_and_denied(iam_policy.document())

    assert action in denied


def test_parameters_are_allowed_below_the_public_path_alone_and_denied_everywhere_else() -> None:
    about = [one for one in iam_policy.document()["Statement"] if "ssm:GetParametersByPath" in one["Action"]]

    assert iam_policy.PUBLIC_PARAMETERS == guard.PUBLIC_PARAMETERS
    public = "arn:*:ssm:*:*:parameter/aws/service/global-infrastructure/*"
    assert [(one["Effect"], one.get("Resource"), one.get("NotResource")) for one in about] == [
        ("Allow", public, None),
        ("Deny", None, public),
    ]


def test_every_switch_of_a_question_names_the_action_that_it_opens() -> None:
    questions = [one for kind in resource_types() for one in kind.enrich if isinstance(one, Ask) and one.switch]

    asked = {one.switch: one.call.action for one in questions}
    assert asked | {COST_EXPLORER: iam_policy.COST_CALL.action} == iam_policy.SWITCHED_ACTIONS


def test_the_organization_has_a_document_of_its_own() -> None:
    allowed, denied = allowed_and_denied(iam_policy.organizations_document())

    assert allowed == sorted(call.action for call in iam_policy.ORGANIZATION_CALLS)
    assert not denied


@pytest.mark.parametrize("policy", [iam_policy.document(), iam_policy.organizations_document()])
def test_a_policy_reads_the_same_every_time(policy: iam_policy.Document) -> None:
    sids = [statement["Sid"] for statement in policy["Statement"]]

    assert len(set(sids)) == len(sids)
    assert all(sid.isalnum() for sid in sids)
    assert all(statement["Action"] == sorted(statement["Action"]) for statement in policy["Statement"])


def test_the_policy_is_short_enough_for_iam() -> None:
    assert iam_policy.size(iam_policy.document({USER_DATA, COST_EXPLORER})) <= 6_144
    assert iam_policy.split(iam_policy.document()) == (iam_policy.document(),)


def test_one_that_is_too_long_becomes_several_that_say_the_same() -> None:
    whole = iam_policy.document()

    parts = iam_policy.split(whole, longest=iam_policy.size(whole) - 1)

    assert len(parts) == 2
    assert [statement for part in parts for statement in part["Statement"]] == whole["Statement"]
    assert all(iam_policy.size(part) < iam_policy.size(whole) for part in parts)


def test_its_size_is_counted_as_iam_counts_it() -> None:
    policy = iam_policy.document()

    assert iam_policy.size(policy) == len("".join(json.dumps(policy, indent=4).split()))
