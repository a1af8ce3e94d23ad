"""How an account is confirmed, and what a check of it says: which actions fail where, and why others were not tried."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inventory import tasks
from inventory.aws import AwsFailure, FailureKind
from inventory.models import Account, Outcome
from inventory.registry import Ask, resource_types
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.snapshots import access, trial
from inventory.snapshots.trial import Check, Tried
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    Answer,
    Aws,
    Take,
    bucket,
    denied,
    freshness,
    ids,
    instance,
    volume,
)
from tests.support.rows import enabled

pytestmark = pytest.mark.usefixtures("every_type")

ROLE = "arn:aws:iam::111122223333:role/reader"
HOME = "us-east-1"

AwsAnswers = Callable[..., Aws]
Outcomes = dict[tuple[str, str], Tried]


@pytest.fixture
def pending(db: None) -> Account:
    """An account whose role nobody has assumed yet."""
    return Account.objects.create(name="later", role_arn=ROLE, external_id="between-us", only_regions=[IRELAND])


@pytest.fixture
def regions(monkeypatch: pytest.MonkeyPatch) -> None:
    """DescribeRegions answers with two regions."""
    for module in (access, trial):
        monkeypatch.setattr(module, "region_states", lambda clients: enabled(IRELAND, HOME))


def outcomes(check: Check) -> Outcomes:
    return {(one.action, one.region): one.result for one in check.results}


def stored(account: Account) -> Account:
    return Account.objects.get(pk=account.pk)


# --- confirming ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("regions")
def test_a_role_that_accepts_a_wrong_external_id_keeps_its_account_pending(
    pending: Account, aws_answers: AwsAnswers
) -> None:
    aws_answers({}, takes_any_external_id=True)

    access.prepare_or_warn(pending)

    found = stored(pending)
    assert found.is_pending
    assert found.regions_read_at is None
    assert ROLE in found.pending_because
    assert "trust_policy later" in found.pending_because


@pytest.mark.usefixtures("regions")
def test_a_role_that_was_mended_is_confirmed_and_nothing_is_held_against_it(
    pending: Account, aws_answers: AwsAnswers
) -> None:
    aws_answers({}, takes_any_external_id=True)
    access.prepare_or_warn(pending)
    aws_answers({})

    access.prepare_or_warn(pending)

    assert stored(pending).account_id == "111122223333"
    assert stored(pending).pending_because == ""


@pytest.mark.parametrize("kind", list(FailureKind))
def test_why_an_account_is_pending_is_kept_whatever_the_reason_is(
    pending: Account, aws_answers: AwsAnswers, kind: FailureKind
) -> None:
    aws_answers({}, unreached=AwsFailure(kind, f"{kind.value} today", action="sts:AssumeRole"))

    access.prepare_or_warn(pending)

    assert stored(pending).is_pending
    assert stored(pending).pending_because == f"{kind.value} today"


def test_whether_a_wrong_external_id_is_refused_must_be_known_before_anything_is_collected(
    pending: Account, aws_answers: AwsAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = aws_answers({})

    def throttled() -> bool:
        raise AwsFailure(FailureKind.THROTTLED, "too many", action="sts:AssumeRole")

    monkeypatch.setattr(aws, "accepts_wrong_external_id", throttled)

    access.prepare_or_warn(pending)

    assert stored(pending).is_pending
    assert stored(pending).pending_because == "too many"


def test_an_account_is_reached_as_it_was_added(db: None) -> None:
    account = Account(name="a", account_id="111122223333", role_arn=ROLE, external_id="between-us", profile="audit")

    reached = access.clients_for(account).access

    assert (reached.role_arn, reached.external_id, reached.profile) == (ROLE, "between-us", "audit")
    assert reached.account_id == "111122223333"


def test_a_role_that_is_removed_closes_nothing_and_dates_what_is_known(acme: Account, take_snapshot: Take) -> None:
    """Fault matrix row 7."""
    take_snapshot(acme, {IRELAND: [volume()], "global": [bucket()]})

    refused = AwsFailure(FailureKind.DENIED, "no such role", code="AccessDenied", action="sts:AssumeRole")
    visits = take_snapshot(acme, {}, unreached=refused)

    assert {visit.outcome for visit in visits.values()} == {Outcome.DENIED}
    assert {visit.action for visit in visits.values()} == {"sts:AssumeRole"}
    assert ids(EBS_VOLUME) == {"vol-1"}
    found = freshness(acme, EBS_VOLUME)
    assert (found.last_complete_at, found.failing_since) == (BEGIN, BEGIN + DAY)


# --- checking -----------------------------------------------------------------------------------------------------

EVERYTHING: list[Answer] = [instance(), volume()]


@pytest.mark.usefixtures("regions")
def test_every_action_of_every_type_is_tried_where_the_account_is_visited(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    acme.role_arn = ROLE
    aws_answers({IRELAND: EVERYTHING, "global": [bucket()]})

    found = outcomes(access.check(acme))

    declared = {call.action for kind in resource_types() for call in kind.calls}
    base = {"sts:AssumeRole", "sts:GetCallerIdentity", "ec2:DescribeRegions"}
    assert {action for action, _ in found} == declared | base
    assert found["ec2:DescribeInstances", IRELAND] is Tried.OK
    assert found["ec2:DescribeInstanceTypes", IRELAND] is Tried.OK
    assert found["s3:ListAllMyBuckets", HOME] is Tried.OK
    assert found["s3:GetBucketTagging", IRELAND] is Tried.OK
    assert Tried.FAILED not in found.values()


@pytest.mark.usefixtures("regions")
def test_what_fails_is_named_with_its_region_and_what_depends_on_it_is_not_tried(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    acme.only_regions = [IRELAND, "eu-west-2"]
    aws_answers({IRELAND: EVERYTHING, "eu-west-2": [denied("DescribeInstances"), volume()], "global": [bucket()]})

    check = access.check(acme)

    found = outcomes(check)
    assert not check.is_good
    assert [(one.action, one.region) for one in check.failed] == [("ec2:DescribeInstances", "eu-west-2")]
    assert found["ec2:DescribeInstances", IRELAND] is Tried.OK
    assert found["ec2:DescribeInstanceTypes", "eu-west-2"] is Tried.NOT_TRIED
    assert check.failed[0].reason


@pytest.mark.usefixtures("regions")
def test_a_question_that_fails_is_named_where_it_was_asked(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: EVERYTHING, "global": [bucket(region="eu-central-1", GetBucketAcl=denied())]})

    check = access.check(acme)

    assert [(one.action, one.region) for one in check.failed] == [("s3:GetBucketAcl", "eu-central-1")]
    assert outcomes(check)["s3:GetBucketVersioning", "eu-central-1"] is Tried.OK


@pytest.mark.usefixtures("regions")
def test_without_anything_to_ask_about_a_question_is_not_tried(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({})

    check = access.check(acme)

    listings = {call.action for kind in resource_types() for call in kind.listings}
    questions = {question.call.action for kind in resource_types() for question in kind.enrich} - listings
    untried = {one.action: one.reason for one in check.results if one.result is Tried.NOT_TRIED}
    assert set(untried) == questions
    assert all(untried.values())
    assert check.is_good


@pytest.mark.usefixtures("regions")
def test_what_is_behind_a_switch_is_asked_only_where_that_is_on(acme: Account, aws_answers: AwsAnswers) -> None:
    switched = [
        (kind, question)
        for kind in resource_types()
        for question in kind.enrich
        if isinstance(question, Ask) and question.switch is not None
    ]
    actions = {question.call.action for _, question in switched}
    aws = aws_answers({IRELAND: EVERYTHING})

    check = access.check(acme)

    assert not {question.call.operation for _, question in switched} & set(aws.asked)
    for one in check.results:
        if one.action in actions:
            assert one.result is Tried.NOT_TRIED
            assert "switched on" in one.reason


@pytest.mark.usefixtures("regions")
def test_a_confirmed_role_that_came_to_accept_a_wrong_external_id_fails_the_check(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    acme.role_arn = ROLE
    aws_answers({}, takes_any_external_id=True)

    check = access.check(acme)

    assert check.accepts_wrong_external_id
    assert not check.is_good
    assert "trust_policy acme" in check.failed[0].reason


def test_an_account_that_cannot_be_reached_says_so_once(acme: Account, aws_answers: AwsAnswers) -> None:
    aws = aws_answers({}, unreached=AwsFailure(FailureKind.DENIED, "no such role", action="sts:AssumeRole"))

    check = access.check(acme)

    assert [(one.action, one.reason) for one in check.failed] == [("sts:AssumeRole", "no such role")]
    assert {one.result for one in check.results if one.action != "sts:AssumeRole"} == {Tried.NOT_TRIED}
    assert check.accepts_wrong_external_id is None
    assert aws.asked == []


@pytest.mark.usefixtures("regions")
def test_credentials_of_another_account_are_tried_no_further(acme: Account, aws_answers: AwsAnswers) -> None:
    aws = aws_answers({IRELAND: EVERYTHING}, account_id="999988887777")

    check = access.check(acme)

    assert [one.action for one in check.failed] == ["sts:GetCallerIdentity"]
    assert "999988887777" in check.failed[0].reason
    assert aws.asked == []


def test_a_list_of_regions_that_is_refused_leaves_the_known_ones_to_be_tried(
    acme: Account, aws_answers: AwsAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault matrix row 22."""
    acme.only_regions, acme.region_states = [], enabled("eu-west-2")
    aws_answers({})

    def refuse(clients: object) -> dict[str, str]:
        raise AwsFailure(FailureKind.DENIED, "allow it", action="ec2:DescribeRegions")

    monkeypatch.setattr(trial, "region_states", refuse)

    found = outcomes(access.check(acme))

    assert found["ec2:DescribeRegions", HOME] is Tried.FAILED
    assert found["ec2:DescribeVolumes", "eu-west-2"] is Tried.OK


@pytest.mark.usefixtures("regions")
def test_the_account_remembers_what_its_check_said(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: [denied("DescribeVolumes")]})

    tasks.check_account(acme.pk)

    found = stored(acme)
    assert found.checked_at is not None
    assert found.check_result is not None
    assert found.check_result["is_good"] is False
    failed = [one for one in found.check_result["results"] if one["result"] == "failed"]
    assert [(one["action"], one["region"]) for one in failed] == [("ec2:DescribeVolumes", IRELAND)]


def test_the_check_of_an_account_that_was_removed_is_no_error(db: None) -> None:
    tasks.check_account(4711)

    assert not Account.objects.exists()
