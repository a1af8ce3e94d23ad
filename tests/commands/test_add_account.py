"""`manage.py add_account`: an account is added once its identity is known, and no mistake loses anything."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from demo.accounts import ACCESS_KEY_ID, HOST_ACCOUNT, HOST_USER_ARN, SECRET_ACCESS_KEY, DemoAccount
from demo.client import Emulator
from inventory.models import Account
from tests.commands.running import Ran, Run, runner
from tests.support.product import Product, free_port

# What is asked of AWS, and said of it, is the same on either database.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_emulator"), pytest.mark.any_database]
ROLE = "arn:aws:iam::111122223333:role/reader"


@pytest.fixture
def add_account(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner("add_account", capsys)


@pytest.fixture
def known(emulator: Emulator) -> DemoAccount:
    """An account of the emulator that has a role for us."""
    return next(account for account in emulator.accounts if account.name == "production")


@pytest.fixture
def add_production(add_account: Run, known: DemoAccount) -> Callable[..., Ran]:
    """Add that account, by its role."""

    def add(name: str = "production", external_id: str = known.external_id, *options: str) -> Ran:
        return add_account(name, "--role-arn", known.role_arn, "--external-id", external_id, *options)

    return add


def test_an_account_is_added_under_the_id_that_its_role_leads_to(
    add_production: Callable[..., Ran], known: DemoAccount
) -> None:
    ran = add_production()

    account = Account.objects.get()
    assert ran.code == 0
    assert account.account_id == known.account_id
    assert account.account_id in ran.out
    assert (account.role_arn, account.external_id) == (known.role_arn, known.external_id)
    assert {"us-east-1", "eu-west-2"} <= set(account.regions)
    assert "eu-south-1" not in account.regions


def test_without_a_role_it_is_the_hosts_own_account(add_account: Run) -> None:
    ran = add_account("host")

    account = Account.objects.get()
    assert ran.code == 0
    assert (account.account_id, account.role_arn, account.external_id) == (HOST_ACCOUNT, "", "")


def test_only_the_regions_that_are_named_are_visited(add_production: Callable[..., Ran], known: DemoAccount) -> None:
    ran = add_production("production", known.external_id, "--regions", "us-east-1, eu-west-1,us-east-1,")

    assert ran.code == 0
    assert Account.objects.get().regions == ["eu-west-1", "us-east-1"]
    assert "2 regions" in ran.out


def test_an_external_id_is_made_up_and_told_with_the_policy_that_needs_it(add_account: Run) -> None:
    first, second = add_account("one", "--role-arn", ROLE), add_account("two", "--role-arn", ROLE)

    one, two = Account.objects.order_by("name")
    assert first.code == second.code == 1
    assert len(base64.urlsafe_b64decode(one.external_id + "=")) * 8 >= 128
    assert one.external_id != two.external_id
    for told in (one.external_id, "sts:ExternalId", ROLE, HOST_USER_ARN, "trust_policy one", "check_account one"):
        assert told in first.err


def test_a_role_that_cannot_be_assumed_yet_keeps_the_account_pending(add_account: Run) -> None:
    ran = add_account("later", "--role-arn", ROLE, "--external-id", "between-us", "--regions", "eu-west-1")

    account = Account.objects.get()
    assert ran.code == 1
    assert ran.out == ""
    assert "pending" in ran.err
    assert account.is_pending
    assert "sts:AssumeRole" in account.pending_because
    assert (account.external_id, account.regions) == ("between-us", ["eu-west-1"])


def test_a_wrong_external_id_is_told_and_keeps_the_account_pending(add_production: Callable[..., Ran]) -> None:
    ran = add_production("production", "guessed")

    assert ran.code == 1
    assert "sts:AssumeRole" in ran.err
    assert Account.objects.get().is_pending


def test_the_same_account_twice_is_refused(add_production: Callable[..., Ran], known: DemoAccount) -> None:
    add_production("production")

    ran = add_production("the same")

    assert ran.code == 1
    assert known.account_id in ran.err
    assert "production" in ran.err
    assert Account.objects.get().name == "production"


def test_the_same_name_twice_is_refused(add_production: Callable[..., Ran], add_account: Run) -> None:
    add_production("production")

    ran = add_account("production")

    assert ran.code == 1
    assert "another name" in ran.err
    assert Account.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["acme", "--regions", "eu-wset-1"], "eu-wset-1"),
        (["acme", "--regions", "eu-west-1,global"], "global"),
        (["acme", "--role-arn", "reader"], "reader"),
        (["acme", "--role-arn", "arn:aws:iam::1:role/r"], "123456789012"),
        (["acme", "--role-arn", "arn:aws:iam::111122223333:user/u"], "user/u"),
        (["acme", "--external-id", "alone"], "--role-arn"),
        (["acme", "--role-arn", ROLE, "--external-id", "x"], "external id"),
        (["acme", "--role-arn", ROLE, "--external-id", "with blank"], "external id"),
        (["acme", "--role-arn", ROLE, "--external-id", "new\nline"], "external id"),
        (["acme", "--profile", "[default]"], "--profile"),
        (["acme", "--interval", "59"], "60"),
        (["acme", "--interval", "an hour"], "60"),
        (["acme", "--interval", "-3600"], "60"),
        ([""], "NAME"),
        (["<script>"], "NAME"),
        (["x" * 65], "NAME"),
        (["acme\n"], "NAME"),
        (["111122223333"], "NAME"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_of_usage(add_account: Run, arguments: list[str], said: str) -> None:
    ran = add_account(*arguments)

    assert ran.code == 2
    assert said in ran.err
    assert not Account.objects.exists()


def test_a_role_that_accepts_a_wrong_external_id_keeps_the_account_pending(
    add_account: Run, known: DemoAccount
) -> None:
    ran = add_account("production", "--role-arn", known.administrator_role_arn)

    account = Account.objects.get()
    assert ran.code == 1
    assert account.is_pending
    assert "any external id" in account.pending_because
    assert account.pending_because in ran.err
    assert "sts:ExternalId" in ran.err


def test_an_account_has_an_interval_and_a_switch_of_its_own(add_account: Run) -> None:
    ran = add_account("host", "--interval", "900", "--collect-user-data", "--ask-cost-explorer")

    account = Account.objects.get()
    assert ran.code == 0
    assert (account.interval_seconds, account.collects_user_data, account.asks_cost_explorer) == (900, True, True)


@pytest.mark.usefixtures("environment_changes")
@pytest.mark.parametrize("has_role", [True, False])
def test_a_named_profile_of_the_host_is_used(
    add_account: Run, known: DemoAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_role: bool
) -> None:
    keys = [f"aws_access_key_id = {ACCESS_KEY_ID}", f"aws_secret_access_key = {SECRET_ACCESS_KEY}"]
    (tmp_path / "credentials").write_text("\n".join(["[audit]", *keys]) + "\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    role = ["--role-arn", known.role_arn, "--external-id", known.external_id] if has_role else []

    ran = add_account("audited", "--profile", "audit", *role)

    account = Account.objects.get()
    assert ran.code == 0, ran.err
    assert account.profile == "audit"
    assert account.account_id == (known.account_id if has_role else HOST_ACCOUNT)


@pytest.mark.usefixtures("environment_changes")
def test_without_credentials_it_says_which_to_set(add_account: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    ran = add_account("host")

    assert ran.code == 1
    assert "AWS_PROFILE" in ran.err
    assert not Account.objects.exists()


@pytest.mark.usefixtures("environment_changes")
def test_a_profile_that_does_not_exist_is_named(add_account: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    ran = add_account("host", "--regions", "eu-west-1")

    assert ran.code == 1
    assert "no-such-profile" in ran.err


@pytest.mark.usefixtures("environment_changes")
@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "127.0.0.1:{port}"])
def test_an_endpoint_that_cannot_be_reached_is_told(
    add_production: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address.format(port=free_port()))

    ran = add_production()

    assert ran.code == 1
    assert "was not added" in ran.err
    assert "endpoint" in ran.err.lower()
    assert not Account.objects.exists()


def test_an_account_whose_regions_are_refused_is_added_with_a_warning(
    add_production: Callable[..., Ran], emulator: Emulator
) -> None:
    emulator.deny("us-east-1", "ec2:DescribeRegions")

    ran = add_production()

    assert ran.code == 0
    assert "ec2:DescribeRegions" in ran.err
    assert Account.objects.get().regions == []


def test_from_a_terminal_a_mistake_is_a_message_and_no_traceback(
    make_product: Callable[..., Product], emulator: Emulator
) -> None:
    product = make_product(**emulator.environment)

    refused = product.manage("add_account", "acme", "--role-arn", ROLE, exit_code=1)
    misspelt = product.manage("add_account", "other", "--regions", "eu-wset-1", exit_code=2)
    added = product.manage("add_account", "host")

    assert "pending" in refused.stderr
    assert "eu-wset-1" in misspelt.stderr
    assert HOST_ACCOUNT in added.stdout
    for ran in (refused, misspelt, added):
        assert "Traceback" not in ran.stderr
