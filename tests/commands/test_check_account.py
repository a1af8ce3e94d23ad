"""`manage.py check_account` and `manage.py trust_policy`: what a role lets us do, and how to make one that does."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from demo.accounts import HOST_USER_ARN
from demo.client import Emulator
from inventory.models import Account
from inventory.snapshots import iam_policy
from tests.commands.running import Run, runner

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_emulator")]

OUR_ID = "k3Jp0l9Yd2Wq7Zr5Tn8Vb1Xc6Mh4Gs0A"


@pytest.fixture
def check_account(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("check_account", capsys)


@pytest.fixture
def trust_policy(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("trust_policy", capsys)


@pytest.fixture
def production(emulator: Emulator) -> Account:
    """An account of the emulator, with the regions that the story uses most."""
    known = next(account for account in emulator.accounts if account.name == "production")
    return Account.objects.create(
        name="production",
        account_id=known.account_id,
        role_arn=known.role_arn,
        external_id=known.external_id,
        only_regions=["eu-west-1", "us-east-1"],
    )


@pytest.fixture
def role_to_make(db: None) -> Account:
    """An account whose role is still to be made."""
    role = "arn:aws:iam::111122223333:role/SkyledgerReader"
    return Account.objects.create(name="new", role_arn=role, external_id=OUR_ID)


def test_a_role_that_allows_everything_passes(check_account: Run, production: Account) -> None:
    ran = check_account("production")

    assert ran.code == 0, ran.out
    assert "0 failed" in ran.out


def test_what_is_denied_is_named_with_action_and_region_and_how_to_allow_it(
    check_account: Run, production: Account, emulator: Emulator
) -> None:
    emulator.deny("eu-west-1", "ec2:DescribeVolumes")

    ran = check_account("production", "--json")

    result: dict[str, Any] = json.loads(ran.out)
    failed = [one for one in result["results"] if one["result"] == "failed"]
    assert ran.code == 1
    assert [(one["action"], one["region"]) for one in failed] == [("ec2:DescribeVolumes", "eu-west-1")]
    assert "Allow ec2:DescribeVolumes" in failed[0]["reason"]
    assert result["accepts_wrong_external_id"] is False
    kept = Account.objects.get().check_result
    assert kept == {**result, "principal": "arn:aws:iam::210987654321:user/skyledger"}


def test_in_words_it_says_the_same(check_account: Run, production: Account, emulator: Emulator) -> None:
    emulator.deny("eu-west-1", "ec2:DescribeVolumes")

    ran = check_account("production")

    assert ran.code == 1
    assert "ec2:DescribeVolumes in eu-west-1 failed" in ran.out
    assert "1 failed" in ran.out


def test_a_role_that_is_not_there_says_so(check_account: Run, role_to_make: Account) -> None:
    ran = check_account("new")

    assert ran.code == 1
    assert "sts:AssumeRole in us-east-1 failed" in ran.out
    assert Account.objects.get().is_pending


def test_an_account_that_is_not_known_is_a_mistake_of_usage(check_account: Run, trust_policy: Run) -> None:
    assert check_account("nobody").code == 2
    assert trust_policy("nobody").code == 2


def test_the_trust_policy_names_one_principal_and_demands_the_external_id(
    trust_policy: Run, role_to_make: Account
) -> None:
    ran = trust_policy("new")

    (statement,) = json.loads(ran.out)["Statement"]
    assert ran.code == 0
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"AWS": HOST_USER_ARN}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": OUR_ID}}


def test_the_cloudformation_template_makes_the_role_that_is_assumed(trust_policy: Run, role_to_make: Account) -> None:
    ran = trust_policy("new", "--format", "cloudformation")

    template = yaml.safe_load(ran.out)
    kinds = sorted(one["Type"] for one in template["Resources"].values())
    given = {name: one.get("Default") for name, one in template["Parameters"].items()}
    allowed = _actions(
        one["Properties"]["PolicyDocument"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::ManagedPolicy"
    )
    assert kinds[-1] == "AWS::IAM::Role"
    assert given == {"PrincipalArn": HOST_USER_ARN, "ExternalId": OUR_ID, "RoleName": "SkyledgerReader"}
    assert allowed == iam_policy.actions()


def test_a_role_with_a_path_is_made_in_its_path(trust_policy: Run, role_to_make: Account) -> None:
    role_to_make.role_arn = "arn:aws:iam::111122223333:role/audit/readers/SkyledgerReader"
    role_to_make.save()

    template = yaml.safe_load(trust_policy("new", "--format", "cloudformation").out)
    module = trust_policy("new", "--format", "terraform").out

    assert template["Resources"]["Role"]["Properties"]["Path"] == "/audit/readers/"
    assert template["Parameters"]["RoleName"]["Default"] == "SkyledgerReader"
    assert 'path                 = "/audit/readers/"' in module


def test_the_terraform_module_makes_the_same_role(trust_policy: Run, role_to_make: Account) -> None:
    ran = trust_policy("new", "--format", "terraform")

    policies = [json.loads(found) for found in re.findall(r"policy = jsonencode\((.*?)\)\n\}", ran.out, re.DOTALL)]
    assert ran.out.count("{") == ran.out.count("}")
    assert ran.out.count("(") == ran.out.count(")")
    for value in (HOST_USER_ARN, OUR_ID, "SkyledgerReader"):
        assert f'default     = "{value}"' in ran.out
    assert 'resource "aws_iam_role"' in ran.out
    assert _actions(policies) == iam_policy.actions()


def test_where_the_switch_is_on_the_role_may_read_boot_scripts(trust_policy: Run, role_to_make: Account) -> None:
    role_to_make.collects_user_data = True
    role_to_make.save()

    template = yaml.safe_load(trust_policy("new", "--format", "cloudformation").out)

    documents = [one["Properties"].get("PolicyDocument") for one in template["Resources"].values()]
    assert _actions(filter(None, documents)) == iam_policy.actions(role_to_make.switches)


def test_an_external_id_that_can_be_guessed_makes_no_role(trust_policy: Run, role_to_make: Account) -> None:
    role_to_make.external_id = "between-us"
    role_to_make.save()

    assert trust_policy("new").code == 0
    assert trust_policy("new", "--format", "terraform").code == 1
    assert "guessed" in trust_policy("new", "--format", "cloudformation").err


def test_an_account_without_a_role_has_no_trust_policy(trust_policy: Run) -> None:
    Account.objects.create(name="host", account_id="111122223333")

    ran = trust_policy("host")

    assert ran.code == 1
    assert "iam_policy" in ran.err


def _actions(documents: Any) -> frozenset[str]:
    statements = [one for document in documents for one in document["Statement"] if one["Effect"] == "Allow"]
    return frozenset(action for one in statements for action in one["Action"])
