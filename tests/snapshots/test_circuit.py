"""A service that does not answer is left alone for a while, and tried again by one visit for all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from inventory.aws import FailureKind
from inventory.models import Account, Outcome, ServiceGate, Visit, VisitState
from inventory.registry import GLOBAL, Reach, resource_types
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.snapshots.carry_out import carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.snapshots.cast import IRELAND, Aws, Fails, Take, denied, ids, unreachable, volume
from tests.support.left_out import FEW

AwsAnswers = Callable[..., Aws]
REGIONS = ["eu-central-1", "eu-north-1", "eu-south-1", IRELAND, "eu-west-2", "eu-west-3"]
LISTED_FROM_EC2 = [
    one.slug
    for one in resource_types()
    if one.slug in FEW and one.call.service == "ec2" and one.reach is Reach.REGIONAL
]
OF_EC2 = len(LISTED_FROM_EC2)
"""Resource types that are listed from EC2 in every region."""

throttled = Fails(kind=FailureKind.THROTTLED, code="RequestLimitExceeded")


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inventory.snapshots.circuit.time.sleep", lambda seconds: None)


@pytest.fixture
def world(acme: Account) -> Account:
    """An account with six regions."""
    acme.only_regions = REGIONS
    acme.save()
    return acme


def gate(region: str = IRELAND, service: str = "ec2") -> ServiceGate:
    found: ServiceGate = ServiceGate.objects.get(service=service, region=region)
    return found


def pause() -> timedelta:
    """How long EC2 in Ireland is left alone from its last failure on."""
    row = gate()
    assert row.open_until is not None
    assert row.failed_at is not None
    return row.open_until - row.failed_at


def pause_is_over(region: str = IRELAND) -> None:
    ServiceGate.objects.filter(region=region, open_until__isnull=False).update(open_until=Now())


def visits(account: Account) -> list[Visit]:
    """The visits of a new snapshot, claimed, those of buckets left out."""
    planned = plan_snapshot(account, hint_workers=False).visits.filter(type__in=LISTED_FROM_EC2).order_by("pk")
    claimed = [Visit.objects.claim(pk) for pk in planned.values_list("pk", flat=True)]
    return [visit for visit in claimed if visit is not None]


def outcomes(carried_out: list[Visit]) -> list[str | None]:
    return [Visit.objects.get(pk=visit.pk).outcome for visit in carried_out]


@pytest.mark.parametrize("fails", [unreachable(), throttled], ids=["unreachable", "throttled"])
def test_after_three_failures_nothing_more_is_asked(acme: Account, aws_answers: AwsAnswers, fails: Fails) -> None:
    """Fault matrix row 14."""
    aws = aws_answers({IRELAND: [fails]})
    snapshot = visits(acme)

    for visit in snapshot:
        carry_out(visit)

    assert len(snapshot) == OF_EC2
    assert aws.calls == 3
    assert outcomes(snapshot) == [fails.kind.value] * OF_EC2


def test_a_refused_visit_says_why_and_until_when(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: [unreachable()]})
    snapshot = visits(acme)

    for visit in snapshot:
        carry_out(visit)

    refused = Visit.objects.get(pk=snapshot[-1].pk)
    assert refused.api_calls == 0
    assert refused.reason.startswith("ec2 in eu-west-1 failed 3 visits in a row and is left alone until ")
    assert f"{gate().open_until:%H:%M:%S} UTC" in refused.reason


@pytest.mark.parametrize("kind", [FailureKind.DENIED, FailureKind.DISABLED, FailureKind.FAILED])
def test_a_refusal_is_an_answer_and_never_counts(acme: Account, aws_answers: AwsAnswers, kind: FailureKind) -> None:
    aws = aws_answers({IRELAND: [Fails(kind=kind, code="Refused")]})

    for visit in [*visits(acme)]:
        carry_out(visit)

    assert aws.calls == OF_EC2
    assert gate().failures == 0


def test_failures_in_a_row_only_count(acme: Account, aws_answers: AwsAnswers) -> None:
    one, two, three, four, *_ = visits(acme)

    for visit, answer in [(one, unreachable()), (two, unreachable()), (three, denied()), (four, unreachable())]:
        aws_answers({IRELAND: [answer]})
        carry_out(visit)

    assert (gate().failures, gate().open_until) == (1, None)


def test_after_the_pause_one_visit_tries_and_its_success_closes(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: [unreachable()]})
    for visit in visits(acme):
        carry_out(visit)

    aws_answers({IRELAND: [volume()]})
    snapshot = visits(acme)
    for visit in snapshot:
        carry_out(visit)

    assert set(outcomes(snapshot)) == {Outcome.COMPLETE}
    assert ids(EBS_VOLUME) == {"vol-1"}
    assert (gate().failures, gate().open_until, gate().reason) == (0, None, "")


def test_after_the_pause_a_failure_of_the_one_that_tries_opens_it_for_longer(
    acme: Account, aws_answers: AwsAnswers
) -> None:
    aws = aws_answers({IRELAND: [unreachable()]})
    pauses = []
    for _ in range(5):
        for visit in visits(acme):
            carry_out(visit)
        pauses.append(pause())
        pause_is_over()

    assert aws.calls == 3 + 4
    assert [round(one.total_seconds()) for one in pauses] == [15, 30, 60, 60, 60]


def test_a_service_is_not_left_alone_for_longer_than_half_an_interval(acme: Account, aws_answers: AwsAnswers) -> None:
    acme.interval_seconds = 20
    acme.save()
    aws_answers({IRELAND: [unreachable()]})

    for visit in visits(acme):
        carry_out(visit)

    assert pause() <= timedelta(seconds=10.5)


def test_while_one_visit_tries_the_others_wait_and_are_not_lost(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: [unreachable()]})
    for visit in visits(acme):
        carry_out(visit)
    pause_is_over()
    tries, waits, *_ = visits(acme)

    def meanwhile(operation: str) -> None:
        aws.before_page = lambda operation: None
        carry_out(waits)

    aws = aws_answers({IRELAND: [volume()]}, before_page=meanwhile)
    carry_out(tries)

    left = Visit.objects.get(pk=waits.pk)
    assert (left.state, left.attempts, left.outcome) == (VisitState.WAITING, 0, None)
    assert outcomes([tries]) == [Outcome.COMPLETE]
    again = Visit.objects.claim(waits.pk)
    assert again is not None
    carry_out(again)
    assert outcomes([again]) == [Outcome.COMPLETE]


def test_who_died_while_trying_does_not_block_the_others_for_ever(acme: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({IRELAND: [unreachable()]})
    for visit in visits(acme):
        carry_out(visit)
    aws_answers({IRELAND: [volume()]})
    ServiceGate.objects.update(tried_until=Now() - timedelta(seconds=1))

    visit, *_ = visits(acme)
    carry_out(visit)

    assert outcomes([visit]) == [Outcome.COMPLETE]


def test_one_region_that_fails_is_none_of_the_others_business(world: Account, aws_answers: AwsAnswers) -> None:
    aws_answers({region: [unreachable()] if region == IRELAND else [] for region in REGIONS})
    snapshot = visits(world)

    for visit in snapshot:
        carry_out(visit)

    failed = {visit.scope_region for visit, end in zip(snapshot, outcomes(snapshot), strict=True) if end != "complete"}
    assert failed == {IRELAND}


def test_of_a_service_that_fails_everywhere_each_region_is_tried_once(world: Account, aws_answers: AwsAnswers) -> None:
    """Fault matrix row 14: of all visits, 8 ask anything at all."""
    aws = aws_answers({region: [unreachable()] for region in REGIONS})
    snapshot = visits(world)

    for visit in snapshot:
        carry_out(visit)

    assert len(snapshot) == OF_EC2 * len(REGIONS)
    # The first two regions were not yet known to be two of many when their first visits failed.
    assert aws.calls == len(REGIONS) + 2
    assert set(outcomes(snapshot)) == {Outcome.UNREACHABLE}


def test_a_region_that_answers_ends_the_suspicion_against_all(world: Account, aws_answers: AwsAnswers) -> None:
    down = REGIONS[:3]
    aws_answers({region: [unreachable()] if region in down else [] for region in REGIONS})
    snapshot = visits(world)

    for visit in snapshot:
        carry_out(visit)

    ended = zip(snapshot, outcomes(snapshot), strict=True)
    assert {visit.scope_region for visit, outcome in ended if outcome == Outcome.COMPLETE} == set(REGIONS[3:])


def test_when_sts_does_not_answer_no_service_is_asked(world: Account, aws_answers: AwsAnswers) -> None:
    aws = aws_answers({region: [] for region in REGIONS})
    asked = []

    def identity() -> str:
        asked.append("identity")
        raise unreachable().failure("sts:GetCallerIdentity")

    aws.identity = identity  # type: ignore[method-assign]
    snapshot = visits(world)
    for visit in snapshot:
        carry_out(visit)

    assert (len(asked), aws.calls) == (3, 0)
    assert set(outcomes(snapshot)) == {Outcome.UNREACHABLE}


def test_the_breaker_of_one_account_is_not_that_of_another(
    acme: Account, aws_answers: AwsAnswers, take_snapshot: Take
) -> None:
    take_snapshot(acme, {IRELAND: [unreachable()]})
    other = Account.objects.create(name="other", account_id="999988887777", only_regions=[IRELAND])

    taken = take_snapshot(other, {IRELAND: [volume()], GLOBAL: []}, account_id="999988887777")

    assert {visit.outcome for visit in taken.values()} == {Outcome.COMPLETE}
