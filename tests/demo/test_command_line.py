"""`python -m demo.emulator`: exit codes and messages."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.client import Emulator, address_file
from tests.demo.listing import refused
from tests.support.environment import ROOT


def command(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command for a state folder."""
    return subprocess.run(
        [sys.executable, "-m", "demo.emulator", *arguments],
        cwd=ROOT,
        env={"SKYLEDGER_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def state(emulator: Emulator, tmp_path: Path) -> Path:
    """A state folder that names the running emulator."""
    address_file(tmp_path).write_text(json.dumps({"endpoint_url": emulator.endpoint_url}))
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "COMMAND"),
        (("forbid", "eu-west-1", "DescribeInstances"), "invalid choice"),
        (("deny", "eu-west-1"), "ACTION"),
        (("deny", "eu-west-9", "DescribeInstances"), "no region 'eu-west-9'"),
        (("deny", "eu-west-1", "ec2:DescribeInstence"), "no action 'ec2:DescribeInstence'"),
        (("deny", "eu-west-1", "elastic:DescribeInstances"), "no action 'elastic:DescribeInstances'"),
        (("deny", "eu-west-1", "DescribeInstances", "--account", "prod"), "the accounts are management, production"),
        (("deny", "eu-west-1", "DescribeInstances", "--times", "-1"), "cannot be negative"),
        (("delay", "eu-west-1", "DescribeInstances"), "SECONDS"),
        (("delay", "eu-west-1", "DescribeInstances", "soon"), "SECONDS"),
        (("trickle", "eu-west-1", "DescribeInstances", "0"), "a trickle needs its seconds"),
        (("error", "eu-west-1", "DescribeInstances"), "CODE"),
        (("error", "eu-west-1", "DescribeInstances", "InternalError", "--status", "200"), "from 400 to 599"),
    ],
)
def test_a_command_that_cannot_be_understood_exits_2_and_says_why(
    tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    done = command(tmp_path, *arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("address", [None, '{"endpoint_url": "http://127.0.0.1:1"}'])
def test_without_a_running_emulator_a_command_exits_1_and_says_how_to_start_one(
    tmp_path: Path, address: str | None
) -> None:
    if address:
        address_file(tmp_path).write_text(address)

    done = command(tmp_path, "deny", "eu-west-1", "DescribeInstances")

    assert done.returncode == 1
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_deny_and_allow_take_effect_at_once(emulator: Emulator, state: Path) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")

    denied = command(state, "deny", "us-east-1", "DescribeVolumes", "--account", "production")
    refusal = refused(ec2.describe_volumes)[1]
    allowed = command(state, "allow", "us-east-1", "DescribeVolumes")

    assert (denied.returncode, allowed.returncode) == (0, 0)
    assert refusal == "UnauthorizedOperation"
    assert ec2.describe_volumes()["Volumes"]


def test_any_error_may_be_ordered(emulator: Emulator, state: Path) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")

    done = command(state, "error", "us-east-1", "DescribeVolumes", "RegionDisabledException", "--status", "403")

    assert done.returncode == 0
    assert refused(ec2.describe_volumes)[:2] == (403, "RegionDisabledException")


def test_clear_forgets_what_was_ordered(emulator: Emulator, state: Path) -> None:
    ec2 = emulator.client("ec2", "production", "us-east-1")
    command(state, "throttle", "*", "ec2:*")
    command(state, "truncate", "us-east-1", "ec2:DescribeVolumes")

    done = command(state, "clear")

    assert done.returncode == 0
    assert ec2.describe_volumes()["Volumes"]


def test_the_log_is_printed_for_people_and_for_programs(emulator: Emulator, state: Path) -> None:
    emulator.client("ec2", "research", "eu-south-1").describe_volumes()

    for_people = command(state, "log").stdout.splitlines()[-1]
    for_programs = json.loads(command(state, "log", "--json").stdout)[-1]

    assert "200  907215438876  eu-south-1      ec2:DescribeVolumes" in for_people
    assert for_programs["operation"] == "DescribeVolumes"


def test_the_status_shows_the_story_the_accounts_and_the_orders(emulator: Emulator, state: Path) -> None:
    emulator.deny("us-east-1", "DescribeVolumes")

    for_people = command(state, "status").stdout
    for_programs = json.loads(command(state, "status", "--json").stdout)

    assert "a region is denied" in for_people
    assert "ordered  deny us-east-1 ec2:DescribeVolumes" in for_people
    assert "account  635902781146  SUSPENDED  atelier" in for_people
    assert all(moment["played"] for moment in for_programs["moments"])
    assert {account["name"] for account in for_programs["accounts"]} == {
        *("management", "production", "research", "atelier")
    }
