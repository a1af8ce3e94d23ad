"""Only a visit that completed may say that something is gone."""

from __future__ import annotations

import pytest

from inventory.aws import FailureKind, OperationForbidden
from inventory.models import Account, Outcome
from inventory.registry import GLOBAL
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.resource_types.ec2_instance import EC2_INSTANCE
from inventory.resource_types.s3_bucket import S3_BUCKET
from tests.snapshots.cast import (
    BEGIN,
    DAY,
    IRELAND,
    Fails,
    Take,
    broken,
    bucket,
    denied,
    freshness,
    history,
    ids,
    instance,
    unreachable,
    volume,
)

HERE = (IRELAND, EBS_VOLUME.slug)
FAILURES = [Fails(kind=kind, code="SomeCode") for kind in FailureKind] + [broken(), unreachable()]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda one: one.kind.value + "-broken" * one.is_broken)
def test_a_region_that_fails_keeps_everything(acme: Account, take_snapshot: Take, failure: Fails) -> None:
    things = {IRELAND: [volume(), instance()], GLOBAL: [bucket()]}
    take_snapshot(acme, things)

    visits = take_snapshot(acme, {IRELAND: [failure], GLOBAL: [failure]})

    for kind in (EBS_VOLUME, EC2_INSTANCE, S3_BUCKET):
        assert len(ids(kind)) == 1
    assert {visit.outcome for visit in visits.values()} == {failure.kind.value}
    assert {visit.gone for visit in visits.values()} == {0}
    assert {visit.resources for visit in visits.values()} == {None}


def test_a_denied_visit_says_which_permission_is_missing(acme: Account, take_snapshot: Take) -> None:
    visit = take_snapshot(acme, {IRELAND: [denied("DescribeVolumes")]})[HERE]

    assert visit.outcome == Outcome.DENIED
    assert visit.action == "ec2:DescribeVolumes"
    assert visit.error_code == "UnauthorizedOperation"
    assert visit.reason
    assert visit.finished_at is not None
    assert visit.seconds is not None
    assert visit.api_calls == 1


def test_a_failure_in_one_scope_is_none_in_another(acme: Account, take_snapshot: Take) -> None:
    visits = take_snapshot(acme, {IRELAND: [denied("DescribeInstances"), volume()]})

    assert visits[IRELAND, EC2_INSTANCE.slug].outcome == Outcome.DENIED
    assert visits[HERE].outcome == Outcome.COMPLETE
    assert ids(EBS_VOLUME) == {"vol-1"}


@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_listing_that_fails_half_way_publishes_nothing(acme: Account, take_snapshot: Take, after: int) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})

    four = [volume("vol-1", Size=200), volume("vol-2"), volume("vol-3"), volume("vol-4")]
    take_snapshot(acme, {IRELAND: [*four, denied("DescribeVolumes", after=after)]}, page_size=1)

    assert ids(EBS_VOLUME) == {"vol-1"}
    assert history(EBS_VOLUME, "vol-1") == [(BEGIN, None)]


def test_a_failure_refreshes_nothing_and_is_dated_from_the_first(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    first = take_snapshot(acme, {IRELAND: [denied()]})[HERE]

    latest = take_snapshot(acme, {IRELAND: [unreachable()]})[HERE]

    scope = freshness(acme, EBS_VOLUME)
    assert scope.last_complete_at == BEGIN
    assert scope.failing_since == first.taken_at
    assert scope.latest_visit == latest


def test_a_scope_that_answers_again_is_fresh_again(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume()]})
    take_snapshot(acme, {IRELAND: [denied()]})

    take_snapshot(acme, {IRELAND: []})

    scope = freshness(acme, EBS_VOLUME)
    assert ids(EBS_VOLUME) == set()
    assert scope.failing_since is None
    assert (scope.first_complete_at, scope.last_complete_at) == (BEGIN, BEGIN + 2 * DAY)


def test_a_scope_that_was_never_read_has_no_first_moment(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [denied()]})

    scope = freshness(acme, EBS_VOLUME)
    assert scope.first_complete_at is None
    assert scope.last_complete_at is None
    assert scope.failing_since == BEGIN


def test_a_broken_listing_is_begun_again_at_most_twice(acme: Account, take_snapshot: Take) -> None:
    twice = broken("DescribeVolumes", times=2, after=1)
    visits = take_snapshot(acme, {IRELAND: [volume("vol-1"), volume("vol-2"), twice]})

    assert visits[HERE].outcome == Outcome.COMPLETE
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}

    thrice = broken("DescribeVolumes", times=3, after=1)
    visits = take_snapshot(acme, {IRELAND: [volume("vol-1"), thrice]})

    assert visits[HERE].outcome == Outcome.FAILED
    assert ids(EBS_VOLUME) == {"vol-1", "vol-2"}


def test_credentials_that_lead_to_another_account_read_nothing(acme: Account, take_snapshot: Take) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})

    visits = take_snapshot(acme, {IRELAND: [volume("vol-of-others")]}, account_id="999988887777")

    assert ids(EBS_VOLUME) == {"vol-1"}
    for visit in visits.values():
        assert visit.outcome == Outcome.FAILED
        assert "999988887777" in visit.reason
        assert "111122223333" in visit.reason
        assert visit.action == "sts:GetCallerIdentity"


def test_what_the_guard_refuses_fails_its_visit_at_once_and_takes_nothing_away(
    acme: Account, take_snapshot: Take
) -> None:
    take_snapshot(acme, {IRELAND: [volume("vol-1")]})

    def refuse(operation: str) -> None:
        raise OperationForbidden(f"ec2:{operation} was refused before it was sent.")

    visit = take_snapshot(acme, {IRELAND: []}, before_page=refuse)[HERE]

    assert (visit.outcome, visit.attempts, visit.error_code) == (Outcome.FAILED, 1, "OperationForbidden")
    assert visit.reason == "ec2:DescribeVolumes was refused before it was sent."
    assert ids(EBS_VOLUME) == {"vol-1"}
