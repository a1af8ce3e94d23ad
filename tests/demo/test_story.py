"""The story: the same each time it is told, with the right times, and forgotten by AWS as it goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from demo.accounts import ATELIER, MANAGEMENT
from demo.client import Emulator, EmulatorError, address_file
from demo.emulator import running
from tests.demo.listing import Truth, host_client, instances, named, tags
from tests.support.environment import ROOT

ZERO = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
DENIED = "UnauthorizedOperation"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a plain client saw after one moment: Virginia's instances, London's or the code of a refusal, Ohio's, and
    how AWS speaks of the studio's account.
    """

    name: str
    virginia: list[dict[str, Any]]
    london: list[dict[str, Any]] | str
    ohio: list[dict[str, Any]]
    atelier: str


@dataclass(frozen=True, kw_only=True)
class Telling:
    """One whole telling of the story: the instances before it, what was seen after each moment, and all in the end."""

    start: list[dict[str, Any]]
    scenes: list[Scene]
    end: list[Any]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Telling:
    """The story, told while somebody looks on."""
    with running(tmp_path_factory.mktemp("watched"), zero=ZERO) as emulator:
        virginia, london = (emulator.client("ec2", "production", region) for region in ("us-east-1", "eu-west-2"))
        ohio = emulator.client("ec2", "research", "us-east-2")
        organizations = host_client(emulator, "organizations")
        emulator.client("ec2", "research", "us-west-1").describe_security_groups()
        start = [*instances(virginia), *instances(london)]
        scenes = []
        for _ in emulator.status()["moments"]:
            name = emulator.play()["name"]
            try:
                seen: list[dict[str, Any]] | str = instances(london)
            except ClientError as refusal:
                seen = refusal.response["Error"]["Code"]
            atelier = organizations.describe_account(AccountId=ATELIER.account_id)["Account"]["State"]
            scenes.append(
                Scene(name=name, virginia=instances(virginia), london=seen, ohio=instances(ohio), atelier=atelier)
            )
        return Telling(start=start, scenes=scenes, end=_everything(emulator))


def test_another_process_tells_the_same_story_whoever_looks_on(
    told: Telling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "2026")

    with running(tmp_path, zero=ZERO) as emulator:
        emulator.play_all()
        again = _everything(emulator)

    assert again == told.end


def test_an_emulator_that_is_started_again_is_where_it_was(tmp_path: Path) -> None:
    with running(tmp_path, zero=ZERO) as emulator:
        emulator.play()
        emulator.play()
        before, address = _everything(emulator), emulator.endpoint_url

    with running(tmp_path) as emulator:
        after = _everything(emulator)
        next_one = emulator.play()

    assert after == before
    assert emulator.endpoint_url == address
    assert next_one["number"] == 3


def test_an_emulator_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from demo.emulator import running\n"
        "with running(Path(sys.argv[1])) as emulator: print(emulator.endpoint_url, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        emulator = psutil.Process(json.loads(address_file(tmp_path).read_text())["pid"])

        process.kill()

    assert psutil.wait_procs([emulator], timeout=30)[1] == []


def test_terminated_instances_are_seen_at_their_moment_and_gone_at_the_next(told: Telling) -> None:
    modernisation, incident = told.scenes[2:4]

    ended = [instance for instance in modernisation.virginia if instance["State"]["Name"] == "terminated"]

    assert modernisation.name == "modernisation"
    assert {tags(instance)["Name"] for instance in ended} >= {"web-sale-01", "batch-sale-04"}
    assert not _ids(ended) & _ids(incident.virginia)
    for detail in ("SubnetId", "VpcId", "PrivateIpAddress", "PublicIpAddress"):
        assert all(detail not in instance for instance in ended)
    for detail in ("NetworkInterfaces", "SecurityGroups", "BlockDeviceMappings"):
        assert all(instance[detail] == [] for instance in ended)


def test_a_region_can_be_read_until_the_policy_denies_it(told: Telling) -> None:
    denied = [scene.name for scene in told.scenes if scene.london == DENIED]

    assert denied == ["a region is denied", "quiet weeks", "this morning"]
    assert {len(scene.london) for scene in told.scenes if scene.london != DENIED} == {4}


def test_an_account_is_live_until_aws_suspends_it(told: Telling) -> None:
    names = [scene.name for scene in told.scenes]
    suspended = [scene.name for scene in told.scenes if scene.atelier == "SUSPENDED"]

    assert suspended == names[names.index("an account is suspended") :]
    assert {scene.atelier for scene in told.scenes} == {"ACTIVE", "SUSPENDED"}


def test_more_than_half_of_one_region_ends_at_once_and_stays_away(told: Telling) -> None:
    denied, quiet_weeks, this_morning = told.scenes[-3:]

    gone = _ids(denied.ohio) - _ids(quiet_weeks.ohio)

    assert quiet_weeks.name == "quiet weeks"
    assert len(gone) > max(20, len(denied.ohio) / 2)
    assert not gone & _ids(this_morning.ohio)


def test_before_the_story_there_is_nothing_in_the_accounts(told: Telling) -> None:
    assert told.start == []


def test_the_story_covers_ninety_days_and_ends_without_a_termination(emulator: Emulator, organisation: Truth) -> None:
    status = emulator.status()
    zero = datetime.fromisoformat(status["zero"])

    ages = [zero - datetime.fromisoformat(moment["at"]) for moment in status["moments"]]

    assert ages == sorted(ages, reverse=True)
    assert ages[0] == timedelta(days=90)
    assert timedelta() < ages[-1] < timedelta(hours=2) < ages[-2]
    assert "terminated" not in {instance["State"]["Name"] for instance in organisation.instances}


def test_things_have_the_age_that_the_story_gives_them(emulator: Emulator) -> None:
    zero = datetime.fromisoformat(emulator.status()["zero"])
    virginia = emulator.client("ec2", "production", "us-east-1")
    buckets = emulator.client("s3", "production", "us-east-1").list_buckets()["Buckets"]

    web = named(instances(virginia), "web-01")
    volume = named(virginia.describe_volumes()["Volumes"], "orders-db-restore")

    ages = {bucket["Name"]: _days(zero - bucket["CreationDate"]) for bucket in buckets}
    assert _days(zero - web["LaunchTime"]) == 871
    assert _days(zero - volume["CreateTime"]) == 12
    assert ages["storefront-assets-4182"] == 871
    assert ages["tmp-export"] == 35, "made again under its old name"


def test_after_the_last_moment_there_is_nothing_left_to_play(emulator: Emulator) -> None:
    with pytest.raises(EmulatorError, match="every moment of the story has been played"):
        emulator.play()


def _ids(fleet: list[dict[str, Any]]) -> set[str]:
    return {instance["InstanceId"] for instance in fleet}


def _days(age: timedelta) -> int:
    return round(age / timedelta(days=1))


def _everything(emulator: Emulator) -> list[Any]:
    """Every answer about the five types, in every region and account that may be read, and the default networks."""
    answers: list[Any] = []
    for account in (MANAGEMENT, *emulator.accounts):
        for region in (*account.regions, "us-west-1"):
            emulator.allow(region, "ec2:*")
            ec2 = emulator.client("ec2", account.name, region)
            answers += [
                instances(ec2),
                ec2.describe_volumes()["Volumes"],
                ec2.describe_security_groups()["SecurityGroups"],
                ec2.describe_security_group_rules()["SecurityGroupRules"],
            ]
        answers.append(emulator.client("s3", account.name, "us-east-1").list_buckets(MaxBuckets=100)["Buckets"])
    return answers
