from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Outcome, Snapshot, Visit, VisitState
from inventory.registry import resource_types
from inventory.signals import visits_planned
from tests.pages.ledgers import NOW, Refused, account, bucket, instance, look, operator, reader, volume
from tests.pages.reading import Reading
from tests.support.rows import enabled

pytestmark = pytest.mark.django_db

ADDRESS, START = "/coverage/", "/coverage/snapshot/"
HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, VOLUMES = (HERE, "ec2-instance"), (HERE, "ebs-volume")
BUCKETS = ("global", "s3-bucket")
EACH = sum(1 for _ in resource_types())
EACH_AGAIN = sum(one.interval is None for one in resource_types())
"""What a snapshot plans of which everything was read a day ago."""
"""Visits of a snapshot of one region: every type has one, there or as global."""
FEW = ["ec2-instance", "ebs-volume", "security-group", "s3-bucket"]
"""Types for which the grid has room for words."""
JUST_NOW = NOW - timedelta(minutes=4)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def hinted():
    """Visits that workers would hear of; nobody tells them in these tests."""
    heard, receivers = [], visits_planned.receivers
    visits_planned.receivers = []

    def listen(visit_ids, **_):
        heard.extend(visit_ids)

    visits_planned.connect(listen)
    yield heard
    visits_planned.receivers = receivers
    visits_planned.sender_receivers_cache.clear()


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def open_coverage(user, **parameters):
    return Reading(client_of(user).get(ADDRESS, parameters))


def grid(page):
    """The grid, by the words of its row, each row by type."""
    head, *rows = page.tables["Outcome and age by account, region and type"]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows if len(row) == len(head)}


def told(user, cell):
    """What the link of a cell is called, behind its type, account and region."""
    html = client_of(user).get(ADDRESS).content.decode()
    (name,) = re.findall(f'aria-label="{cell}: ([^"]+)"', html)
    return name


def test_each_scope_says_how_old_it_is_and_how_it_ended():
    acme = account()
    look(acme, YESTERDAY, {})
    look(
        acme,
        JUST_NOW,
        {
            INSTANCES: Refused(),
            VOLUMES: Refused(outcome=Outcome.THROTTLED),
            BUCKETS: Refused(outcome=Outcome.UNCONFIRMED),
        },
    )

    page = open_coverage(operator(), type=FEW)

    assert grid(page)[HERE]["EC2 instances"] == "24h denied"
    assert grid(page)[HERE]["EBS volumes"] == "24h throttled"
    assert grid(page)[HERE]["Security groups"] == "4m"
    assert grid(page)[HERE]["S3 buckets"] == "·not listed there"
    assert grid(page)["global"]["S3 buckets"] == "24h unconfirmed"


def test_a_grid_of_too_many_types_for_words_has_them_in_the_names_of_its_cells():
    acme = account()
    look(acme, YESTERDAY, {})
    look(acme, JUST_NOW, {INSTANCES: Refused()})
    user = operator()

    assert grid(open_coverage(user))[HERE]["EC2 instances"] == "24h"
    assert told(user, f"EC2 instances, acme, {HERE}") == "denied, 24 h old"
    assert told(user, f"EBS volumes, acme, {HERE}") == "complete, 4 min old"


def test_the_reason_names_the_iam_action_and_what_is_kept():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, JUST_NOW, {INSTANCES: Refused(reason="The role may not list instances. Allow it.")})

    page = open_coverage(operator())

    assert "1 scope denied" in page.words
    assert "ec2:DescribeInstances" in page.words
    assert "The role may not list instances. Allow it." in page.words
    assert "What was there yesterday 07:42 is kept." in page.words


def test_a_cell_leads_to_its_rows_or_to_its_reason():
    look(account(), JUST_NOW, {INSTANCES: Refused()})

    html = client_of(operator()).get(ADDRESS).content.decode()

    visit = Visit.objects.get(type="ec2-instance")
    assert f'href="#reason-{visit.pk}"' in html
    assert f'id="reason-{visit.pk}"' in html
    assert f"/types/ebs-volume/?account=acme&amp;region={HERE}" in html


def test_the_same_refusal_in_many_regions_is_one_reason():
    places = (HERE, THERE, "sa-east-1", "us-west-2")
    look(account(), JUST_NOW, {(place, "ec2-instance"): Refused() for place in places}, places)

    assert "4 scopes denied" in open_coverage(operator()).words


def test_what_was_left_open_by_a_complete_listing_is_told():
    note = {"action": "s3:GetBucketAcl", "code": "AccessDenied", "reason": "You may not ask for ACLs.", "count": 3}
    look(account(), JUST_NOW, {BUCKETS: [bucket("logs")]}, regions=(), unread=[note], quarantined=2)

    page = open_coverage(operator())

    assert grid(page)["global"]["S3 buckets"] == "4m*"
    assert "You may not ask for ACLs. (3 unread)" in page.words
    assert "2 listed items could not be understood" in page.words


def test_figures_add_up_the_newest_snapshot_of_each_account():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, YESTERDAY, {}, api_calls=100)
    look(acme, JUST_NOW, {INSTANCES: Refused()}, api_calls=3)
    look(zephyr, JUST_NOW, {}, api_calls=3)

    page = open_coverage(operator())

    every, read = 2 * EACH, 2 * EACH - 1
    assert f"{read} complete of {every}" in page.words
    assert f"API calls {3 * read} " in page.words
    assert f"Read completely {1000 * read // every / 10} %" in page.words
    assert "Not readable 1 " in page.words


def test_a_past_moment_shows_how_things_stood_then():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: Refused()})
    look(acme, JUST_NOW, {})
    user = operator()

    then = open_coverage(user, type=FEW, as_of="2026-11-19T08:42")

    assert grid(then)[HERE]["EC2 instances"] == "never denied"
    assert grid(then)[HERE]["EBS volumes"] == "60m"
    assert grid(open_coverage(user))[HERE]["EC2 instances"] == "4m"


def test_a_moment_before_the_first_look_says_so():
    look(account(), JUST_NOW, {})

    page = open_coverage(operator(), as_of="2026-01-01")

    assert "Nothing had been read by 1 Jan 2026, 00:00 UTC" in page.words
    assert page.tables == {}


def test_pending_accounts_say_what_they_wait_for():
    role = "arn:aws:iam::999988887777:role/Skyledger"
    new = account("new", None, role_arn=role, external_id="f00d", pending_because="It trusts nobody.")

    page = open_coverage(operator())

    assert "new is pending" in page.words
    assert role in page.words
    assert "It trusts nobody." in page.words
    assert page.links["How to set it up"] == f"/settings/accounts/{new.pk}/"
    assert "Take a snapshot" not in page.words


def test_a_snapshot_is_planned_and_hinted_to_workers(hinted, django_capture_on_commit_callbacks):
    account(region_states=enabled(HERE))
    client = client_of(operator())

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(START, follow=True)

    planned = Visit.objects.filter(state=VisitState.WAITING)
    assert planned.count() == EACH
    assert sorted(hinted) == sorted(planned.values_list("pk", flat=True))
    page = Reading(answer)
    assert "A snapshot of acme is planned" in page.words
    assert f"0 of {EACH} visits" in page.words
    assert grid(Reading(client.get(ADDRESS, {"type": FEW})))[HERE]["EC2 instances"] == "first waiting"


def test_a_second_snapshot_waits_for_the_first():
    account(region_states=enabled(HERE))
    client = client_of(operator())

    client.post(START)
    answer = client.post(START, follow=True)

    assert Snapshot.objects.count() == 1
    assert "under way already" in Reading(answer).words


def test_an_account_that_cannot_be_read_yet_is_not_planned():
    account("new", None)
    account("unprepared")

    answer = client_of(operator()).post(START, follow=True)

    assert not Snapshot.objects.exists()
    assert "new is pending" in Reading(answer).words
    assert "The regions of unprepared are not known yet" in Reading(answer).words


def test_a_granted_user_starts_snapshots_of_granted_accounts_only():
    acme = account("acme", region_states=enabled(HERE))
    account("zephyr", "444455556666", region_states=enabled(HERE))
    client = client_of(reader(acme))

    client.post(START)
    answer = client.post(f"{START}?account=zephyr")

    assert [snapshot.account for snapshot in Snapshot.objects.all()] == [acme]
    assert answer.status_code == 404


def test_a_snapshot_is_not_started_by_a_link_or_by_another_site():
    account(region_states=enabled(HERE))
    user = operator()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)

    assert client.get(START).status_code == 405
    assert client.post(START).status_code == 403
    assert not Snapshot.objects.exists()


def test_progress_is_shown_while_workers_read():
    acme = account(region_states=enabled(HERE))
    look(acme, YESTERDAY, {})
    client = client_of(operator())
    client.post(START)
    Visit.objects.filter(type="ebs-volume", state=VisitState.WAITING).update(state=VisitState.RUNNING, attempts=1)
    Visit.objects.filter(type="s3-bucket", state=VisitState.WAITING).update(
        state=VisitState.FINISHED, attempts=1, outcome=Outcome.COMPLETE, api_calls=7
    )

    answer = client.get(ADDRESS, {"type": FEW})

    page = Reading(answer)
    assert f"1 of {EACH_AGAIN} visits · 7 calls" in page.words
    assert grid(page)[HERE]["EBS volumes"] == "24h reading"
    assert grid(page)[HERE]["EC2 instances"] == "24h waiting"
    assert 'data-live="3"' in answer.content.decode()


def test_visits_that_no_worker_takes_say_how_to_start_one():
    account(region_states=enabled(HERE))
    client = client_of(operator())
    client.post(START)
    Visit.objects.update(planned_at=NOW - timedelta(minutes=2))

    page = Reading(client.get(ADDRESS))

    assert "No worker has begun the snapshot of acme in 2 min" in page.words
    assert "python manage.py take_snapshot acme --inline" in page.words


def test_of_many_accounts_those_with_troubles_are_drawn_and_the_others_are_named():
    accounts = [account(f"member-{number:02}", f"{number:012}") for number in range(12)]
    for one in accounts:
        look(one, JUST_NOW, {INSTANCES: Refused()} if one is accounts[-1] else {})

    user = operator()
    page = open_coverage(user, type="ec2-instance")
    alone = open_coverage(user, type="ec2-instance", account="member-10")

    drawn = [row[0].split()[0] for row in page.tables["Outcome and age by account, region and type"] if len(row) == 1]
    assert drawn == [*(one.name for one in accounts[:9]), "member-11"]
    assert "10 accounts are drawn" in page.words
    assert "2 more: member-09, member-10" in page.words
    assert "are drawn" not in alone.words


def test_a_granted_user_sees_only_granted_scopes():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {})
    look(zephyr, JUST_NOW, {(THERE, "ec2-instance"): Refused()}, (THERE,))

    page = open_coverage(reader(acme))

    assert set(grid(page)) == {"global", HERE}
    assert "denied" not in " ".join(grid(page)[HERE].values())
    assert f"{EACH} complete of {EACH}" in page.words
    assert "zephyr" not in page.words


@pytest.mark.parametrize(("as_of", "most"), [("", 16), ("2026-11-20T07:40", 14)])
def test_the_number_of_queries_does_not_grow_with_the_estate(as_of, most):
    client, acme = client_of(operator()), account()
    look(acme, JUST_NOW, {INSTANCES: Refused(), VOLUMES: [volume(1)]})
    with CaptureQueriesContext(connection) as few:
        client.get(ADDRESS, {"as_of": as_of})

    for number in range(3):
        other = account(f"other-{number}", f"44445555666{number}", region_states=enabled(HERE))
        look(other, JUST_NOW, {INSTANCES: Refused(), (THERE, "ec2-instance"): [instance(1)]}, (HERE, THERE))
    with CaptureQueriesContext(connection) as many:
        client.get(ADDRESS, {"as_of": as_of})

    assert len(many) == len(few)
    assert len(many) <= most
