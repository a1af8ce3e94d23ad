"""Types that keep what never changes again are listed by what is new, and now and then from beginning to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from inventory.models import Account, Freshness, Outcome, Snapshot, Visit
from inventory.registry import ResourceType
from inventory.snapshots import access, carry_out
from inventory.snapshots.plan import plan_snapshot
from tests.snapshots import jobs
from tests.snapshots.cast import BEGIN, DAY, IRELAND, freshness, history, ids
from tests.snapshots.jobs import PAGE, Jobs

MANY = 2_000
LONG_AGO = BEGIN - timedelta(days=400)
HOUR = timedelta(hours=1)

Look = Callable[..., Visit]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(transactional_db: None) -> Iterator[ResourceType]:
    with jobs.registered() as kind:
        yield kind


@pytest.fixture
def aws(acme: Account, job: ResourceType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    """An account with many jobs that ended long ago."""
    made = Jobs(str(acme.account_id))
    made.add(MANY, LONG_AGO)
    for module in (access, carry_out):
        monkeypatch.setattr(module, "clients_for", lambda account: made)
    yield made
    made.silence.set()


@pytest.fixture
def look(acme: Account, job: ResourceType) -> Look:
    """Look at the jobs, an hour after the last time unless told; answers the visit as it ended."""

    def look(after: timedelta = HOUR) -> Visit:
        last = Snapshot.objects.order_by("-taken_at").first()
        moment = last.taken_at + after if last else BEGIN
        visit = Visit.objects.claim(plan_snapshot(acme, moment, hint_workers=False).visits.get(type=job.slug).pk)
        assert visit is not None
        carry_out.carry_out(visit)
        return Visit.objects.get(pk=visit.pk)

    return look


def scope(acme: Account, job: ResourceType) -> Freshness:
    return freshness(acme, job, IRELAND)


def newest(aws: Jobs) -> datetime:
    return max(at for at, _ in aws.jobs.values())


def test_after_the_first_look_only_what_is_new_is_listed(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    first = look()
    calls_at_first, aws.calls = aws.calls, 0
    aws.add(300, BEGIN)

    second = look()

    assert (first.outcome, first.added) == (Outcome.COMPLETE, MANY)
    assert (second.outcome, second.added, second.changed, second.gone) == (Outcome.COMPLETE, 300, 0, 0)
    assert calls_at_first == MANY // PAGE
    # The 300 new ones, and those of the last quarter of an hour before them.
    assert aws.calls == 4
    assert aws.asked[0] == {"SortBy": "LastModifiedTime", "SortOrder": "Ascending"}
    assert aws.asked[1]["LastModifiedTimeAfter"] == LONG_AGO + (MANY - 1) * timedelta(minutes=1) - timedelta(minutes=15)
    assert len(ids(job)) == MANY + 300
    assert scope(acme, job).listed_until == newest(aws)


def test_a_thing_that_changed_is_seen_to_have_changed(aws: Jobs, job: ResourceType, look: Look) -> None:
    look()
    aws.jobs["job-00007"] = (BEGIN, "Stopped")

    visit = look()

    assert (visit.added, visit.changed) == (0, 1)
    assert history(job, "job-00007") == [(BEGIN, BEGIN + HOUR), (BEGIN + HOUR, None)]


def test_what_aws_lists_late_is_listed_all_the_same(aws: Jobs, job: ResourceType, look: Look) -> None:
    look()
    aws.jobs["job-late"] = (newest(aws) - timedelta(minutes=14), "Completed")

    assert look().added == 1


def test_what_is_gone_is_found_by_a_listing_of_everything_only(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    look()
    del aws.jobs["job-00007"]

    soon = look()
    in_a_week = look(jobs.FULL_EVERY)

    assert (soon.outcome, soon.gone) == (Outcome.COMPLETE, 0)
    assert (in_a_week.outcome, in_a_week.gone) == (Outcome.COMPLETE, 1)
    assert "LastModifiedTimeAfter" not in aws.asked[-1]
    assert "job-00007" not in ids(job)
    assert scope(acme, job).listed_fully_at == in_a_week.taken_at


def test_without_time_for_all_each_visit_goes_on_where_the_last_one_stopped(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    aws.time_is_up_before = 8
    ends = [look(), look()]
    seen = len(ids(job))
    aws.time_is_up_before = None

    last = look()

    assert [visit.outcome for visit in ends] == [Outcome.PARTIAL, Outcome.PARTIAL]
    assert [visit.resources for visit in ends] == [None, None]
    assert "The next snapshot goes on there" in ends[0].reason
    # The second one began a quarter of an hour before the end of the first.
    assert seen == 2 * 8 * PAGE - 15
    assert (last.outcome, last.gone) == (Outcome.COMPLETE, 0)
    assert len(ids(job)) == MANY
    assert all(len(history(job, name)) == 1 for name in ("job-00000", "job-00790", "job-01999"))


def test_a_part_is_not_fresh(acme: Account, aws: Jobs, job: ResourceType, look: Look, settings: Settings) -> None:
    settings.VISIT_TIME_LIMIT = 5
    aws.silent_before = 1

    visit = look()

    found = scope(acme, job)
    assert (found.first_complete_at, found.last_complete_at) == (None, None)
    assert (found.failing_since, found.latest_visit) == (visit.taken_at, visit)
    assert found.listed_until == LONG_AGO + timedelta(minutes=PAGE - 1)


def test_a_listing_of_everything_that_does_not_come_to_its_end_closes_nothing_and_does_not_keep_the_new_waiting(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    look()
    del aws.jobs["job-00007"]
    aws.add(10, BEGIN)
    aws.time_is_up_before = 5

    everything = look(jobs.FULL_EVERY)
    soon = look()

    assert (everything.outcome, everything.gone) == (Outcome.PARTIAL, 0)
    assert "what is new is listed at the next snapshot" in everything.reason
    assert (soon.outcome, soon.added) == (Outcome.COMPLETE, 10)
    assert "LastModifiedTimeAfter" in aws.asked[-1]
    assert "job-00007" in ids(job)
    assert scope(acme, job).listed_fully_at == BEGIN


def test_a_visit_that_saw_nothing_before_its_time_was_up_records_nothing(
    acme: Account, aws: Jobs, job: ResourceType, look: Look, settings: Settings
) -> None:
    settings.VISIT_TIME_LIMIT = 1
    aws.silent_before = 0

    visit = look()

    assert visit.outcome == Outcome.UNREACHABLE
    assert scope(acme, job).listed_until is None


def test_no_part_is_taken_of_a_listing_that_is_not_in_order(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    aws.order = lambda found: sorted(found, reverse=True)
    aws.time_is_up_before = 3

    visit = look()

    assert visit.outcome == Outcome.FAILED
    assert ids(job) == set()
    assert scope(acme, job).listed_until is None


def test_a_visit_of_an_earlier_moment_than_a_recorded_part_records_nothing(
    acme: Account, aws: Jobs, job: ResourceType, look: Look
) -> None:
    early = Visit.objects.claim(plan_snapshot(acme, BEGIN - DAY, hint_workers=False).visits.get(type=job.slug).pk)
    assert early is not None
    aws.time_is_up_before = 3
    look()
    aws.time_is_up_before = None

    carry_out.carry_out(early)

    assert Visit.objects.get(pk=early.pk).outcome == Outcome.EXPIRED
