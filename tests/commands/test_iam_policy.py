"""`manage.py iam_policy`: the same actions in every format, and templates that make the whole role."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from inventory.registry import COST_EXPLORER, USER_DATA
from inventory.snapshots import iam_policy
from inventory.snapshots.role_templates import Role, cloudformation, terraform
from tests.commands.hcl import blocks, encoded
from tests.commands.running import Ran, runner

Printed = Callable[..., Ran]
PRINCIPAL = "arn:aws:iam::999988887777:role/skyledger"
EXTERNAL_ID = "kQ3-between-us-and-nobody-else"


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    """Run the command."""
    return runner("iam_policy", capsys)


def policies(ran: Ran, output_format: str) -> list[iam_policy.Document]:
    """The policy documents in what was printed."""
    match output_format:
        case "json":
            return [json.loads(ran.out)]
        case "cloudformation":
            resources = json.loads(ran.out)["Resources"].values()
            managed = [one["Properties"] for one in resources if one["Type"] == "AWS::IAM::ManagedPolicy"]
            assert all(one["Roles"] == [{"Ref": "Role"}] for one in managed)
            return [one["PolicyDocument"] for one in managed]
        case _:
            resources = blocks(ran.out, "resource")
            attached = {body.get("policy_arn") for body in resources.values()} - {None}
            return [
                encoded(resources[address.removeprefix("${").removesuffix(".arn}")]["policy"]) for address in attached
            ]


@pytest.mark.parametrize("output_format", ["json", "cloudformation", "terraform"])
@pytest.mark.parametrize("switches", [(), (USER_DATA,), (COST_EXPLORER,)])
def test_every_format_holds_exactly_the_policy(printed: Printed, output_format: str, switches: tuple[str, ...]) -> None:
    ran = printed("--format", output_format, *(f"--{one.replace(' ', '-')}" for one in switches))

    assert (ran.code, ran.err) == (0, "")
    assert policies(ran, output_format) == [iam_policy.document(switches)]


def test_the_policy_for_organizations_is_a_document_of_its_own(printed: Printed) -> None:
    assert policies(printed("--organizations"), "json") == [iam_policy.organizations_document()]


@pytest.mark.parametrize("output_format", ["cloudformation", "terraform"])
def test_a_template_for_organizations_makes_a_role_with_both(printed: Printed, output_format: str) -> None:
    found = policies(printed("--format", output_format, "--organizations"), output_format)

    assert sorted(found, key=str) == sorted([iam_policy.document(), iam_policy.organizations_document()], key=str)


def test_what_is_too_long_for_one_policy_is_printed_as_several(
    printed: Printed, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = iam_policy.split(iam_policy.document(), longest=500)
    monkeypatch.setattr(iam_policy, "split", lambda policy: parts)

    ran = printed()

    assert tuple(ran.rows) == parts
    assert f"make {len(parts)} of it" in ran.err


def test_cloudformation_asks_for_the_principal_and_a_long_enough_external_id(printed: Printed) -> None:
    template = json.loads(printed("--format", "cloudformation").out)

    parameters = template["Parameters"]
    assert parameters["ExternalId"]["NoEcho"] is True
    assert parameters["ExternalId"]["MinLength"] * 6 >= 128
    assert "Default" not in parameters["ExternalId"]
    assert "Default" not in parameters["PrincipalArn"]
    assert used(template) == {*parameters, "Role"}


def test_the_role_of_cloudformation_trusts_one_principal_with_the_external_id(printed: Printed) -> None:
    role = json.loads(printed("--format", "cloudformation").out)["Resources"]["Role"]["Properties"]

    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": {"Ref": "PrincipalArn"}}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_the_role_of_terraform_trusts_one_principal_with_the_external_id(printed: Printed) -> None:
    module = printed("--format", "terraform").out

    role = blocks(module, "resource")["aws_iam_role.skyledger"]
    (statement,) = encoded(role["assume_role_policy"])["Statement"]
    assert statement["Principal"] == {"AWS": "${var.principal_arn}"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "${var.external_id}"}}


def test_terraform_declares_every_variable_that_it_uses_and_hides_the_external_id(printed: Printed) -> None:
    module = printed("--format", "terraform").out

    variables = blocks(module, "variable")
    assert set(re.findall(r"var\.(\w+)", module)) == variables.keys()
    assert variables["external_id"]["sensitive"] is True
    assert "default" not in variables["external_id"]
    assert "default" not in variables["principal_arn"]


def test_what_is_known_of_an_account_is_filled_in() -> None:
    role = Role(policies=(iam_policy.document(),), principal=PRINCIPAL, external_id=EXTERNAL_ID, name="Reader")

    in_cloudformation = json.loads(cloudformation(role))["Parameters"]
    in_terraform = blocks(terraform(role), "variable")

    assert [in_cloudformation[name]["Default"] for name in ("PrincipalArn", "ExternalId", "RoleName")] == [
        in_terraform[name]["default"] for name in ("principal_arn", "external_id", "role_name")
    ]
    assert in_terraform["external_id"]["default"] == EXTERNAL_ID


def test_the_external_id_is_not_shown_where_a_role_is() -> None:
    assert EXTERNAL_ID not in repr(Role(policies=(), external_id=EXTERNAL_ID))


def test_nothing_of_what_is_filled_in_is_run_by_terraform() -> None:
    role = Role(policies=(), principal='a"b', name="${file(1)}%{if}")

    variables = blocks(terraform(role), "variable")

    assert variables["role_name"]["default"] == "$${file(1)}%%{if}"
    assert variables["principal_arn"]["default"] == 'a"b'


def used(template: Any) -> set[str]:
    """The names that a template refers to."""
    return set(re.findall(r'"Ref": "(\w+)"', json.dumps(template)))
