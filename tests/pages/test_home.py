from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.exposure.stored import refresh
from inventory.models import Outcome, Visit
from tests.pages.ledgers import (
    NOW,
    Refused,
    account,
    bucket,
    group,
    instance,
    look,
    operator,
    reader,
    rule,
    volume,
)
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, VOLUMES, GROUPS, RULES = (
    (HERE, slug) for slug in ("ec2-instance", "ebs-volume", "security-group", "security-group-rule")
)
BUCKETS = ("global", "s3-bucket")
JUST_NOW = NOW - timedelta(minutes=4)
AN_HOUR_AGO = NOW - timedelta(hours=1)
YESTERDAY = NOW - timedelta(days=1)
LAST_WEEK = NOW - timedelta(days=7)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def open_home(user, **parameters):
    client = Client()
    client.force_login(user)
    return Reading(client.get("/", parameters))


def regions(page):
    """The table of regions, by the name of the region, each row by the head of its column."""
    head, *rows = page.tables["Regions, the dearest first"]
    return {row[0].split(" ")[0]: dict(zip(head, row, strict=True)) for row in rows}


def test_a_fresh_installation_says_which_commands_fill_it():
    page = open_home(operator())

    assert "python manage.py add_account production" in page.words
    assert "python manage.py take_snapshot production --inline" in page.words


def test_a_user_without_grants_learns_whom_to_ask_and_not_what_there_is():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)]})

    page = open_home(reader())

    assert "has not been granted any account yet" in page.words
    assert "add_account" not in page.words
    assert "Frankfurt" not in page.words


def test_an_account_that_nobody_has_looked_at_yet_is_not_shown_as_empty():
    account()

    page = open_home(operator())

    assert "Nothing has been read yet" in page.words
    assert page.tables == {}


def test_a_moment_before_the_first_look_says_never_seen():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)]})

    page = open_home(operator(), as_of="2026-04-01")

    assert "Nothing had been seen by 1 Apr 2026, 00:00 UTC" in page.words
    assert page.tables == {}


def test_each_region_says_what_is_there_by_type_and_links_to_it():
    look(
        account(),
        JUST_NOW,
        {INSTANCES: [instance(1), instance(2)], VOLUMES: [volume(1)], BUCKETS: [bucket("logs", HERE)]},
    )

    page = open_home(operator())

    row = regions(page)["Frankfurt"]
    assert (row["Instances"], row["Volumes"], row["Buckets"], row["Groups"]) == ("2", "1", "1", "0")
    assert (row["Accounts"], row["Read"][-5:]) == ("1", "4 min")
    assert page.links["2"] == "/types/ec2-instance/"
    assert regions(page)["All"]["Instances"] == "2"


def test_what_was_never_read_is_unknown_and_not_zero():
    look(account(), JUST_NOW, {INSTANCES: Refused(), RULES: Refused(action="ec2:DescribeSecurityGroupRules")})

    row = regions(open_home(operator()))["Frankfurt"]

    assert row["Instances"] == "unknown"
    assert row["Volumes"] == "0"
    assert row["Open to the world"] == "not evaluated"


def test_what_one_of_two_accounts_could_not_read_is_marked_beside_the_number():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})
    look(zephyr, JUST_NOW, {INSTANCES: Refused()})

    row = regions(open_home(operator()))["Frankfurt"]

    assert row["Instances"] == "1 + ?"
    assert row["Read"].endswith("since 07:38, partly")


def test_what_can_no_longer_be_read_is_kept_and_says_since_when_and_why():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, AN_HOUR_AGO, {INSTANCES: Refused()})
    look(acme, JUST_NOW, {INSTANCES: Refused()})

    page = open_home(operator())

    assert regions(page)["Frankfurt"]["Instances"] == "1"
    assert regions(page)["Frankfurt"]["Read"].endswith("since 06:42, partly")
    assert "Frankfurt, acme denied since 06:42" in page.words
    assert "ec2:DescribeInstances" in page.words
    assert "What was there yesterday 07:42 is kept." in page.words
    assert page.links["1 place"] == "#unread"


def test_buckets_whose_region_could_not_be_read_have_a_row_of_their_own():
    look(account(), JUST_NOW, {BUCKETS: [bucket("logs", None)]})

    row = regions(open_home(operator()))["Region"]

    assert (row["Region"], row["Buckets"], row["Instances"]) == ("Region unknown", "1", "\N{EN DASH}")


def test_ports_open_to_the_world_are_counted_by_severity():
    acme = account()
    look(
        acme,
        JUST_NOW,
        {
            GROUPS: [group(1)],
            RULES: [rule(1, 1, 22), rule(2, 1, 443), rule(3, 1, 5432, "10.0.0.0/8"), rule(4, 1, 25, IsEgress=True)],
        },
    )
    refresh(account_id=acme.pk)

    page = open_home(operator())

    assert regions(page)["Frankfurt"]["Open to the world"] == "1 critical 1 low"
    assert "2 ports are open to the world, 1 of them critical" in page.words
    assert page.links["2 ports are open to the world"] == "/ports/?source=world"
    assert page.links["1 critical"] == "/ports/?source=world&severity=critical"


def test_ports_of_a_past_moment_are_those_of_that_moment():
    acme = account()
    look(acme, LAST_WEEK, {GROUPS: [group(1)], RULES: [rule(1, 1, 22)]})
    look(acme, JUST_NOW, {GROUPS: [group(1)]})
    refresh(account_id=acme.pk)

    then = open_home(operator(), as_of="2026-11-13T08:00")

    assert regions(then)["Frankfurt"]["Open to the world"] == "1 critical"


def test_a_past_moment_shows_what_was_there_and_how_fresh_it_was_then():
    acme = account()
    look(acme, LAST_WEEK, {INSTANCES: [instance(1), instance(2)]})
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})

    row = regions(open_home(operator(), as_of="2026-11-13T08:42"))["Frankfurt"]

    assert row["Instances"] == "2"
    assert row["Read"].endswith("60 min")


def test_a_past_failure_is_a_failure_at_that_moment_only():
    acme = account()
    look(acme, LAST_WEEK, {INSTANCES: [instance(1)]})
    look(acme, LAST_WEEK + timedelta(hours=1), {INSTANCES: Refused()})
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})
    user = operator()

    then = open_home(user, as_of="2026-11-13T09:00")
    now = open_home(user)

    assert "Frankfurt, acme denied since 13 Nov" in then.words
    assert "denied" not in now.words


def test_a_scope_that_nobody_looks_at_any_more_is_overdue():
    look(account(), YESTERDAY, {INSTANCES: [instance(1)]})

    page = open_home(operator())

    assert regions(page)["Frankfurt"]["Read"].endswith("24 h")
    assert "not looked at for a while" in page.words


def test_enrichments_that_failed_are_named_although_the_listing_was_complete():
    note = {"action": "s3:GetBucketAcl", "code": "AccessDenied", "reason": "You may not ask for ACLs.", "count": 3}
    look(account(), JUST_NOW, {BUCKETS: [bucket("logs")]}, regions=())
    Visit.objects.filter(type="s3-bucket").update(unread=[note])

    page = open_home(operator())

    assert "Global, acme partly read" in page.words
    assert "s3:GetBucketAcl : S3 buckets. You may not ask for ACLs." in page.words.replace("Acl:", "Acl :")


def test_a_region_denied_for_many_types_is_one_reason():
    refused = {(HERE, slug): Refused(action=f"ec2:{slug}") for _, slug in (INSTANCES, VOLUMES, GROUPS, RULES)}
    look(account(), JUST_NOW, refused)

    page = open_home(operator())

    assert page.links["1 place"] == "#unread"
    assert "4 types" in page.words


def test_the_first_look_is_no_change():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)]})

    page = open_home(operator())

    assert "seen for the first time" in page.words
    assert "The second snapshot will show what changed" in page.words


def test_changes_say_what_was_and_what_is():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1, name="api"), instance(2, name="old")]})
    changed = instance(1, name="api", InstanceType="m6i.xlarge")
    changed["DescribeInstances"]["Tags"].append({"Key": "team", "Value": "routing"})
    look(acme, JUST_NOW, {INSTANCES: [changed, instance(3, name="new")]})

    page = open_home(operator())

    lines = [row[0] for row in page.tables["The newest changes"]]
    assert "1 added · 1 gone · 1 altered" in page.words
    assert any(line.startswith("~ changed: api type m5.large to m6i.xlarge") for line in lines)
    assert any(line.startswith("+ added: new") for line in lines)
    assert any(line.startswith("\N{MINUS SIGN} gone: old no longer listed") for line in lines)
    assert page.links["3 changes were seen"] == "#changes"


def test_a_tag_that_came_is_a_change():
    acme = account()
    look(acme, YESTERDAY, {VOLUMES: [volume(1, Tags=[{"Key": "env", "Value": "stage"}])]})
    look(acme, JUST_NOW, {VOLUMES: [volume(1, Tags=[{"Key": "env", "Value": "prod"}])]})

    lines = [row[0] for row in open_home(operator()).tables["The newest changes"]]

    assert any("tag env stage to prod" in line for line in lines)


def test_things_that_came_together_are_one_line():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, JUST_NOW, {INSTANCES: [instance(number) for number in range(1, 6)]})

    page = open_home(operator())

    assert [row[0] for row in page.tables["The newest changes"]][1:] == ["+ added: web-2 and 3 more"]
    assert page.links["3 more"].startswith("/changes/?from=2026-11-20T07%3A37%3A59.999999Z&to=2026-11-20T07%3A38%3A00Z")
    assert page.links["3 more"].endswith(f"&kind=added&type=ec2-instance&region={HERE}")


def test_things_that_changed_alike_are_one_line():
    acme = account()
    look(acme, YESTERDAY, {VOLUMES: [volume(number) for number in range(1, 6)]})
    look(acme, JUST_NOW, {VOLUMES: [volume(number, VolumeType="gp3") for number in range(1, 6)]})

    lines = [row[0] for row in open_home(operator()).tables["The newest changes"]][1:]

    assert len(lines) == 1
    assert lines[0].endswith("and 4 more type gp2 to gp3")


def test_turning_unreadable_is_no_change():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, JUST_NOW, {INSTANCES: Refused(outcome=Outcome.UNREACHABLE)})

    page = open_home(operator())

    assert "No change was seen since yesterday 07:38" in page.words


@pytest.mark.parametrize("address", ["/", f"/regions/{HERE}/"])
def test_what_could_not_be_read_is_not_said_to_look_the_same(address):
    acme, user = account(), operator()
    client = Client()
    client.force_login(user)
    look(acme, LAST_WEEK, {INSTANCES: [instance(1)]})
    look(acme, AN_HOUR_AGO, {INSTANCES: [instance(1)]})
    while_readable = Reading(client.get(address))
    look(acme, JUST_NOW, {INSTANCES: Refused()})

    denied = Reading(client.get(address))

    assert "Everything looked the same at both moments." in while_readable.words
    assert "Everything looked the same" not in denied.words
    assert "What may have changed where we could not read, nobody knows." in denied.words


def test_a_place_that_was_first_read_later_adds_no_changes():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)], VOLUMES: Refused()})
    look(acme, JUST_NOW, {INSTANCES: [instance(1)], VOLUMES: [volume(1)]})

    assert "No change was seen" in open_home(operator()).words


def test_a_chosen_account_is_shown_alone():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})
    look(zephyr, JUST_NOW, {INSTANCES: [instance(2), instance(3)]})

    row = regions(open_home(operator(), account="zephyr"))["Frankfurt"]

    assert row["Instances"] == "2"


def test_a_granted_user_counts_only_what_was_granted():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    for one, number in ((acme, 1), (zephyr, 9)):
        look(one, YESTERDAY, {GROUPS: [group(number)], RULES: [rule(number, number, 22)]})
        look(one, JUST_NOW, {GROUPS: [group(number)], RULES: [rule(number, number, 22)], INSTANCES: [instance(number)]})
        refresh(account_id=one.pk)

    page = open_home(reader(acme))

    assert regions(page)["Frankfurt"]["Instances"] == "1"
    assert regions(page)["Frankfurt"]["Open to the world"] == "1 critical"
    assert "1 added · 0 gone · 0 altered" in page.words
    assert "web-9" not in page.words


@pytest.mark.parametrize(("as_of", "most"), [("", 44), ("2026-11-20T07:40", 43)])
def test_the_number_of_queries_does_not_grow_with_the_estate(as_of, most):
    client, acme = Client(), account()
    client.force_login(operator())
    look(acme, YESTERDAY, {INSTANCES: [instance(1)], VOLUMES: [volume(1)], RULES: [rule(1, 1, 22)]})
    look(acme, JUST_NOW, {INSTANCES: [instance(1, InstanceType="c5.large")], VOLUMES: [volume(1, Size=9)]})
    with CaptureQueriesContext(connection) as few:
        client.get("/", {"as_of": as_of})

    zephyr = account("zephyr", "444455556666")
    places = (HERE, THERE, "sa-east-1")
    for moment, size in ((YESTERDAY, 8), (JUST_NOW, 16)):
        listings = {
            (place, "ec2-instance"): [instance(n + 100 * i, InstanceType=f"m{size}.large") for n in range(size)]
            for i, place in enumerate(places)
        }
        listings |= {
            (place, "ebs-volume"): [volume(n + 100 * i, Size=size) for n in range(size)]
            for i, place in enumerate(places)
        }
        look(zephyr, moment, listings, places)
    with CaptureQueriesContext(connection) as many:
        client.get("/", {"as_of": as_of})

    assert len(many) == len(few)
    assert len(many) <= most


def test_changes_for_which_there_is_no_line_are_counted():
    acme = account()
    look(acme, YESTERDAY, {VOLUMES: [volume(number) for number in range(1, 21)]})
    look(acme, JUST_NOW, {VOLUMES: [volume(number, Size=number) for number in range(1, 21)]})

    page = open_home(operator())

    assert len(page.tables["The newest changes"]) == 1 + 12
    assert "8 more in this time" in page.words


def test_a_past_moment_is_as_fresh_as_the_look_before_it():
    acme = account()
    look(acme, NOW - timedelta(days=20), {INSTANCES: [instance(1)]})

    page = open_home(operator(), as_of=(NOW - timedelta(days=10)).isoformat())

    assert "not looked at for a while" not in page.words
