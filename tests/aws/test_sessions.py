"""Roles, with their external ids, and the credentials that come of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.client import Emulator
from inventory.aws import Access, AwsFailure, Clients, FailureKind, clients_of
from inventory.aws.sessions import (
    Sts,
    accepts_wrong_external_id,
    open_session,
    own_principal,
    own_region,
    session_name,
)
from tests.aws.scripted import ScriptedAws, assumed, caller, ec2_error, identity, query_error, volumes

Make = Callable[..., Clients]
ROLE = "arn:aws:iam::111122223333:role/reader"


def in_minutes(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def at_emulator(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, as the environment names it."""
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    return emulator


def test_a_role_is_assumed_with_its_external_id(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)))
    aws.answers("GetCallerIdentity", identity("111122223333"))

    make_clients(role_arn=ROLE, external_id="between-us").identity()

    asked = aws.asked[0]
    assert (asked["RoleArn"], asked["ExternalId"]) == (ROLE, "between-us")
    assert asked["RoleSessionName"].startswith("skyledger-")
    assert asked["RoleSessionName"].endswith(f"-{os.getpid()}")


def test_the_name_of_a_session_is_one_that_aws_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "wörker one." + "x" * 80)

    assert session_name() == "skyledger-w-rker-one." + "x" * 43


def test_a_role_without_external_id_is_assumed_without_one(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)))
    aws.answers("GetCallerIdentity", identity("111122223333"))

    make_clients(role_arn=ROLE).identity()

    assert "ExternalId" not in aws.asked[0]


def test_a_role_is_assumed_once_for_many_calls(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)))
    aws.answers("GetCallerIdentity", identity("111122223333"))
    clients = make_clients(role_arn=ROLE)

    for _ in range(3):
        clients.identity()

    assert [asked["Action"] for asked in aws.asked].count("AssumeRole") == 1


def test_credentials_that_are_about_to_expire_renew_and_are_identified_anew(
    aws: ScriptedAws, make_clients: Make
) -> None:
    # botocore must renew what expires within ten minutes.
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(1)), assumed("ASIATWO", in_minutes(60)))
    aws.answers("GetCallerIdentity", identity("111122223333"), identity("444455556666"))
    clients = make_clients(role_arn=ROLE)

    found = [clients.identity(), clients.identity()]

    assert [asked["Action"] for asked in aws.asked].count("AssumeRole") == 2
    assert found[-1] in {"111122223333", "444455556666"}


def test_an_edited_role_gets_clients_of_its_own() -> None:
    one = clients_of(Access(role_arn=ROLE, external_id="x"))

    assert clients_of(Access(role_arn=ROLE, external_id="x")) is one
    assert clients_of(Access(role_arn=ROLE, external_id="y")) is not one


def test_the_external_id_is_not_shown_where_access_is() -> None:
    assert "secret-between-us" not in repr(Access(role_arn=ROLE, external_id="secret-between-us"))


@pytest.mark.parametrize(
    ("role_arn", "home"),
    [
        ("", "us-east-1"),
        (ROLE, "us-east-1"),
        ("arn:aws-cn:iam::111122223333:role/reader", "cn-north-1"),
        ("arn:aws-us-gov:iam::111122223333:role/reader", "us-gov-west-1"),
    ],
)
def test_global_services_are_asked_in_the_partitions_first_region(make_clients: Make, role_arn: str, home: str) -> None:
    assert make_clients(role_arn=role_arn).home_region == home


def test_the_emulators_roles_lead_to_their_accounts(at_emulator: Emulator, make_clients: Make) -> None:
    for account in (one for one in at_emulator.accounts if one.name in {"production", "research"}):
        clients = make_clients(role_arn=account.role_arn, external_id=account.external_id)

        assert clients.identity() == account.account_id


def test_a_wrong_external_id_is_denied(at_emulator: Emulator, make_clients: Make) -> None:
    role_arn = next(one.role_arn for one in at_emulator.accounts if one.name == "production")

    with pytest.raises(AwsFailure) as failure:
        make_clients(role_arn=role_arn, external_id="guessed").identity()

    assert (failure.value.kind, failure.value.action) == (FailureKind.DENIED, "sts:AssumeRole")


# --- regional STS -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("endpoints", ["legacy", "regional"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "af-south-1"])
def test_the_global_endpoint_of_sts_is_never_asked(
    monkeypatch: pytest.MonkeyPatch, region: str, endpoints: str
) -> None:
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", endpoints)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)

    session = open_session(Access())

    assert Sts(session, "aws").regions[0] == region
    assert session.client("sts").meta.endpoint_url == f"https://sts.{region}.amazonaws.com"


@pytest.mark.parametrize("code", ["RegionDisabledException", "AuthFailure", "InvalidClientTokenId"])
def test_where_sts_is_switched_off_the_home_region_is_asked(aws: ScriptedAws, make_clients: Make, code: str) -> None:
    """Fault matrix rows 4 and 5."""
    for operation, answer in (
        ("AssumeRole", assumed("ASIAONE", in_minutes(60))),
        ("GetCallerIdentity", identity("111122223333")),
    ):
        aws.answers(f"{operation}@eu-west-1", query_error(code, 403))
        aws.answers(operation, answer)

    found = make_clients(role_arn=ROLE, external_id="between-us").identity()

    assert found == "111122223333"
    assert [(one.action, one.region) for one in aws.signed] == [
        ("AssumeRole", "eu-west-1"),
        ("AssumeRole", "us-east-1"),
        ("GetCallerIdentity", "eu-west-1"),
        ("GetCallerIdentity", "us-east-1"),
    ]


def test_where_no_region_of_sts_answers_it_is_told(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 5."""
    aws.answers("AssumeRole", query_error("RegionDisabledException", 403))

    with pytest.raises(AwsFailure) as failure:
        make_clients(role_arn=ROLE).identity()

    assert failure.value.kind is FailureKind.DISABLED
    assert [one.region for one in aws.signed] == ["eu-west-1", "us-east-1", "us-west-2"]


def test_a_refusal_of_the_role_itself_is_asked_for_once(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 7."""
    aws.answers("AssumeRole", query_error("AccessDenied", 403))

    with pytest.raises(AwsFailure) as failure:
        make_clients(role_arn=ROLE, external_id="wrong").identity()

    assert (failure.value.kind, failure.value.action) == (FailureKind.DENIED, "sts:AssumeRole")
    assert len(aws.asked) == 1


def test_a_role_of_another_partition_is_asked_for_there(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)))
    aws.answers("GetCallerIdentity", identity("111122223333"))

    make_clients(role_arn="arn:aws-cn:iam::111122223333:role/reader").identity()

    assert {one.region for one in aws.signed} == {"cn-north-1"}


# --- credentials that end -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_credentials_that_expire_in_the_middle_of_a_listing_renew_and_it_goes_on(
    aws: ScriptedAws, make_clients: Make, code: str
) -> None:
    """Fault matrix row 6."""
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)), assumed("ASIATWO", in_minutes(60)))
    aws.answers("DescribeVolumes", volumes(["vol-1"], "two"), ec2_error(code), volumes(["vol-2"]))
    clients = make_clients(role_arn=ROLE, external_id="between-us")

    pages = list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))

    assert [[volume["VolumeId"] for volume in page] for page in pages] == [["vol-1"], ["vol-2"]]
    assert aws.tokens_asked("DescribeVolumes") == ["", "two", "two"]
    assert [one.key for one in aws.signed if one.service == "ec2"] == ["ASIAONE", "ASIAONE", "ASIATWO"]


def test_sessions_shorter_than_a_listing_renew_as_it_goes(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 6."""
    keys = [f"ASIA{number}" for number in range(20)]
    aws.answers("AssumeRole", *[assumed(key, in_minutes(1)) for key in keys])
    pages = [volumes([f"vol-{number}"], f"page-{number}") for number in range(4)]
    aws.answers("DescribeVolumes", *pages, volumes(["vol-4"]))
    clients = make_clients(role_arn=ROLE)

    found = list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))

    assert [volume["VolumeId"] for page in found for volume in page] == [f"vol-{number}" for number in range(5)]
    assert len({one.key for one in aws.signed if one.service == "ec2"}) == 5


def test_credentials_that_stay_expired_are_renewed_once_and_then_told(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 6."""
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)), assumed("ASIATWO", in_minutes(60)))
    aws.answers("DescribeVolumes", ec2_error("RequestExpired"))
    clients = make_clients(role_arn=ROLE)

    with pytest.raises(AwsFailure) as failure:
        list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))

    assert (failure.value.kind, failure.value.code) == (FailureKind.DENIED, "RequestExpired")
    assert [one.action for one in aws.signed] == ["AssumeRole", "DescribeVolumes", "AssumeRole", "DescribeVolumes"]


def test_a_role_that_is_removed_before_its_session_ends_is_told_as_such(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 7."""
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)), query_error("AccessDenied", 403))
    aws.answers("DescribeVolumes", ec2_error("RequestExpired"))
    clients = make_clients(role_arn=ROLE)

    with pytest.raises(AwsFailure) as failure:
        list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))

    assert (failure.value.kind, failure.value.action) == (FailureKind.DENIED, "sts:AssumeRole")


def test_credentials_that_are_expired_when_they_come_name_the_clock(aws: ScriptedAws, make_clients: Make) -> None:
    """Fault matrix row 25."""
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(-5)))

    with pytest.raises(AwsFailure) as failure:
        make_clients(role_arn=ROLE).identity()

    assert failure.value.kind is FailureKind.DENIED
    assert "clock" in failure.value.reason


# --- profiles -----------------------------------------------------------------------------------------------------


@pytest.fixture
def write_profile(tmp_path: Path, aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Write the key of the host's profile `audit`."""
    file = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    aws.answers("GetCallerIdentity", identity("111122223333"))

    def write(key: str) -> None:
        file.write_text(f"[audit]\naws_access_key_id = {key}\naws_secret_access_key = secret\n")

    write("AKIAAUDIT")
    return write


@pytest.mark.usefixtures("write_profile")
def test_a_named_profile_is_used_as_it_is(aws: ScriptedAws, make_clients: Make) -> None:
    make_clients(profile="audit").identity()

    assert {one.key for one in aws.signed} == {"AKIAAUDIT"}


@pytest.mark.usefixtures("write_profile")
def test_a_role_is_assumed_from_a_named_profile(aws: ScriptedAws, make_clients: Make) -> None:
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(60)))

    make_clients(profile="audit", role_arn=ROLE).identity()

    assert [one.key for one in aws.signed] == ["AKIAAUDIT", "ASIAONE"]


def test_a_profile_that_got_another_key_is_read_again(
    aws: ScriptedAws, make_clients: Make, write_profile: Callable[[str], None]
) -> None:
    clients = make_clients(profile="audit")
    clients.identity()
    write_profile("AKIANEW")
    aws.answers("DescribeVolumes", ec2_error("RequestExpired"), volumes(["vol-1"]))

    list(clients.pages("ec2", "DescribeVolumes", "eu-west-1", "ec2:DescribeVolumes", "Volumes"))

    assert [one.key for one in aws.signed if one.service == "ec2"] == ["AKIAAUDIT", "AKIANEW"]


def test_a_profile_that_is_not_there_is_named(make_clients: Make) -> None:
    with pytest.raises(AwsFailure) as failure:
        make_clients(profile="no-such").identity()

    assert "no-such" in failure.value.reason


def test_a_profile_of_another_partition_stays_in_it(
    tmp_path: Path, make_clients: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text("[profile shanghai]\nregion = cn-northwest-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    own_region.cache_clear()

    assert make_clients(profile="shanghai").home_region == "cn-north-1"


# --- who we are, and who else could be ----------------------------------------------------------------------------


def test_a_role_that_refuses_a_wrong_external_id_is_told_from_one_that_accepts_any(aws: ScriptedAws) -> None:
    access = Access(role_arn=ROLE, external_id="between-us")

    aws.answers("AssumeRole", query_error("AccessDenied", 403))
    refused = accepts_wrong_external_id(access)
    aws.answers("AssumeRole", assumed("ASIAONE", in_minutes(15)))
    accepted = accepts_wrong_external_id(access)

    assert (refused, accepted) == (False, True)
    tried = {asked["ExternalId"] for asked in aws.asked}
    assert len(tried) == 2
    assert "between-us" not in tried
    assert all(len(one) >= 32 for one in tried)


def test_whether_it_accepts_a_wrong_one_stays_open_while_sts_does_not_say(
    aws: ScriptedAws, monkeypatch: pytest.MonkeyPatch, no_pauses: list[float]
) -> None:
    aws.answers("AssumeRole", query_error("Throttling", 400))

    with pytest.raises(AwsFailure) as failure:
        accepts_wrong_external_id(Access(role_arn=ROLE, external_id="between-us"))

    assert failure.value.kind is FailureKind.THROTTLED


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        ("arn:aws:iam::111122223333:user/ops/me", "arn:aws:iam::111122223333:user/ops/me"),
        ("arn:aws:sts::111122223333:assumed-role/Worker/i-0abc", "arn:aws:iam::111122223333:role/Worker"),
        ("arn:aws-cn:sts::111122223333:assumed-role/Worker/me@x", "arn:aws-cn:iam::111122223333:role/Worker"),
    ],
)
def test_our_principal_is_the_role_behind_a_session(aws: ScriptedAws, arn: str, principal: str) -> None:
    aws.answers("GetCallerIdentity", caller(arn))

    assert own_principal() == principal
