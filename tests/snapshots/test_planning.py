"""Planning: which visits a snapshot has, which moment it speaks of, and when the next one is due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from inventory.models import Account, Freshness, Snapshot, Visit, VisitState
from inventory.registry import GLOBAL, Reach, check_left_out_types, resource_types
from inventory.resource_types.ebs_volume import EBS_VOLUME
from inventory.signals import visits_planned
from inventory.snapshots.plan import BadMoment, plan_snapshot
from tests.snapshots.cast import BEGIN, DAY, IRELAND, Take, denied

pytestmark = pytest.mark.usefixtures("every_type")


def scopes(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(visit.scope_region, visit.type) for visit in snapshot.visits.order_by("pk")]


def test_every_type_is_visited_in_every_region_and_global_types_once(acme: Account) -> None:
    acme.only_regions = [IRELAND, "us-east-1"]
    acme.save()

    snapshot = plan_snapshot(acme, hint_workers=False)

    regional = {kind.slug for kind in resource_types() if kind.reach is Reach.REGIONAL}
    globals_ = {kind.slug for kind in resource_types() if kind.reach is Reach.GLOBAL}
    assert len(scopes(snapshot)) == len(set(scopes(snapshot)))
    assert set(scopes(snapshot)) == {
        *((region, slug) for region in (IRELAND, "us-east-1") for slug in regional),
        *((GLOBAL, slug) for slug in globals_),
    }


def test_a_type_that_is_left_out_is_not_visited(acme: Account, settings: Settings) -> None:
    settings.LEFT_OUT_TYPES = frozenset({EBS_VOLUME.slug})

    snapshot = plan_snapshot(acme, hint_workers=False)

    every_type = {kind.slug for kind in resource_types()}
    assert {slug for _, slug in scopes(snapshot)} == every_type - {EBS_VOLUME.slug}


def test_leaving_out_what_is_no_type_is_refused_with_the_types_that_there_are(settings: Settings) -> None:
    settings.LEFT_OUT_TYPES = frozenset({EBS_VOLUME.slug, "ebs-volumes"})

    with pytest.raises(ImproperlyConfigured, match=r"names ebs-volumes, which.*ebs-snapshot, ebs-volume"):
        check_left_out_types()


def test_without_a_choice_of_its_own_an_account_is_visited_where_aws_lets_it(acme: Account) -> None:
    acme.only_regions = []
    acme.region_states = {
        "eu-north-1": "opt-in-not-required",
        "eu-south-1": "opted-in",
        "af-south-1": "not-opted-in",
    }
    acme.save()

    snapshot = plan_snapshot(acme, hint_workers=False)

    assert {region for region, _ in scopes(snapshot)} == {"eu-north-1", "eu-south-1", GLOBAL}


def test_all_visits_speak_of_the_same_moment(acme: Account) -> None:
    snapshot = plan_snapshot(acme, BEGIN, hint_workers=False)

    assert set(snapshot.visits.values_list("taken_at", "state")) == {(BEGIN, VisitState.WAITING)}
    assert snapshot.has_given_moment


def test_a_moment_in_the_future_is_refused(acme: Account) -> None:
    with pytest.raises(BadMoment, match="in the future"):
        plan_snapshot(acme, timezone.now() + timedelta(minutes=1), hint_workers=False)

    assert not Snapshot.objects.exists()


@pytest.mark.parametrize("earlier", [timedelta(0), DAY])
def test_a_moment_not_later_than_the_last_is_refused(acme: Account, earlier: timedelta) -> None:
    plan_snapshot(acme, BEGIN, hint_workers=False)

    with pytest.raises(BadMoment, match="later moment"):
        plan_snapshot(acme, BEGIN - earlier, hint_workers=False)

    assert Snapshot.objects.count() == 1


def test_another_account_may_have_a_snapshot_of_that_moment(acme: Account) -> None:
    other = Account.objects.create(name="other", account_id="444455556666")
    plan_snapshot(acme, BEGIN, hint_workers=False)

    assert plan_snapshot(other, BEGIN, hint_workers=False).taken_at == BEGIN


def test_what_aws_tells_everybody_is_read_by_the_first_account_of_each_partition_alone(acme: Account) -> None:
    def reads(account: Account, days: int) -> bool:
        snapshot = plan_snapshot(account, BEGIN + days * DAY, hint_workers=False)
        return (GLOBAL, "region-services") in scopes(snapshot)

    second = Account.objects.create(name="second", account_id="444455556666", only_regions=[IRELAND])
    chinese = Account.objects.create(name="chinese", account_id="777788889999", only_regions=["cn-north-1"])

    assert [reads(one, 0) for one in (acme, second, chinese)] == [True, False, True]
    acme.paused_at = BEGIN
    acme.save()
    assert reads(second, 1)


def test_a_type_with_an_interval_is_left_out_until_it_is_due_unless_something_was_left_unread(acme: Account) -> None:
    def is_planned(days: int) -> bool:
        snapshot = plan_snapshot(acme, BEGIN + days * DAY, hint_workers=False)
        return (GLOBAL, "region-services") in scopes(snapshot)

    look = plan_snapshot(acme, BEGIN, hint_workers=False).visits.get(type="region-services")
    Freshness.objects.create(
        account=acme, scope_region=GLOBAL, type="region-services", last_complete_at=BEGIN, last_complete_visit=look
    )

    assert not is_planned(10)
    look.unread = [{"action": "ssm:GetParametersByPath", "count": 30}]
    look.save()
    assert is_planned(11)
    look.unread = []
    look.save()
    assert is_planned(31)


def test_what_was_read_longest_ago_is_visited_first(acme: Account, take_snapshot: Take) -> None:
    slugs = [kind.slug for kind in resource_types() if kind.interval is None]
    take_snapshot(acme, {IRELAND: []})
    take_snapshot(acme, {IRELAND: [denied("DescribeVolumes")]})

    snapshot = plan_snapshot(acme, BEGIN + 2 * DAY, hint_workers=False)

    assert scopes(snapshot)[0] == (IRELAND, EBS_VOLUME.slug)
    assert sorted(slug for _, slug in scopes(snapshot)) == sorted(slugs)


def test_the_next_one_is_due_after_the_accounts_interval(acme: Account, settings: Settings) -> None:
    settings.SNAPSHOT_INTERVAL = 7200
    before = timezone.now()
    plan_snapshot(acme, hint_workers=False)
    acme.refresh_from_db()
    assert acme.next_due_at is not None
    assert acme.next_due_at >= before + timedelta(seconds=7200)

    acme.interval_seconds = 60
    acme.save()
    plan_snapshot(acme, hint_workers=False)

    acme.refresh_from_db()
    assert acme.next_due_at <= timezone.now() + timedelta(seconds=60)


def test_workers_are_hinted_once_the_plan_stands(
    acme: Account, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    heard: list[list[int]] = []

    def listen(visit_ids: list[int], **_: object) -> None:
        heard.append(visit_ids)

    visits_planned.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            snapshot = plan_snapshot(acme)
            assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            plan_snapshot(acme, hint_workers=False)
    finally:
        visits_planned.disconnect(listen)

    assert heard == [list(Visit.objects.filter(snapshot=snapshot).order_by("pk").values_list("pk", flat=True))]
