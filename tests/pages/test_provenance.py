from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from costs.priceable import priceables
from inventory.models import Outcome, Resource, Visit
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look, operator, reader, rule, volume
from tests.pages.reading import Reading
from tests.support.rows import enabled

# What the page says is the same on either database; what it asks is tested on both elsewhere.
pytestmark = [pytest.mark.django_db, pytest.mark.any_database]

HERE, THERE = "eu-central-1", "us-east-1"
JUST_NOW = NOW - timedelta(minutes=4)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    client = Client()
    client.force_login(operator())
    return client


def looks(page):
    """The looks that a coverage page lists: type, region and account of each, in order."""
    return [tuple(row[:1]) + tuple(row[1:3]) for row in page.tables["Looks"][1:]]


def test_a_list_leads_to_exactly_the_looks_behind_it(client):
    acme = account()
    look(acme, JUST_NOW, {(HERE, "ebs-volume"): [volume(1)]}, (HERE, THERE))

    whole = Reading(client.get("/types/ebs-volume/"))
    here = Reading(client.get(f"/types/ebs-volume/?region={HERE}"))
    behind = Reading(client.get(here.links["read 07:38 UTC, 1 look, all complete"]))

    assert whole.links["read 07:38 UTC, 2 looks, all complete"] == "/coverage/?type=ebs-volume#looks"
    assert looks(behind) == [("EBS volumes, Frankfurt, acme", HERE, "acme")]
    assert "Counted from 1 look." in here.words


def test_a_figure_that_rests_on_an_old_look_says_how_many_are_not_complete(client):
    acme = account()
    look(acme, YESTERDAY, {(HERE, "ebs-volume"): [volume(1)]}, (HERE, THERE))
    look(acme, JUST_NOW, {(HERE, "ebs-volume"): Refused(action="ec2:DescribeVolumes")}, (HERE, THERE))

    page = Reading(client.get("/types/ebs-volume/"))
    behind = Reading(
        client.get(page.links["read yesterday 07:42 to today 07:38 UTC, 2 looks, 1 of them old or incomplete"])
    )

    assert looks(behind)[0] == ("EBS volumes, Frankfurt, acme", HERE, "acme")
    first = behind.tables["Looks"][1]
    assert first[3:6] == ["yesterday 07:42", "24 h", "denied 07:38, grant ec2:DescribeVolumes"]


def test_home_leads_from_heads_and_ages_to_their_looks(client):
    look(account(), JUST_NOW, {("global", "s3-bucket"): [bucket("logs")], (HERE, "ebs-volume"): [volume(1)]})

    page = Reading(client.get("/"))

    assert page.links["Volumes"] == "/coverage/?type=ebs-volume#looks"
    assert page.links["Open to the world"] == "/coverage/?type=security-group-rule#looks"
    assert page.links["4 min"] == f"/coverage/?region={HERE}#looks"
    behind_prices = re.findall(r"type=([\w-]+)", page.links["List price, $ a month"])
    assert sorted(behind_prices) == sorted(one.slug for one in priceables())
    assert {"ec2-instance", "ebs-volume", "s3-bucket", "elastic-ip"} < set(behind_prices)


def test_buckets_of_a_region_rest_on_the_one_listing_of_the_account(client):
    look(account(), JUST_NOW, {("global", "s3-bucket"): [bucket("logs")], (HERE, "ebs-volume"): [volume(1)]})

    html = client.get(f"/regions/{HERE}/").content.decode()

    assert 'href="/coverage/?type=s3-bucket&amp;region=global#looks"' in html


@pytest.mark.parametrize("path", ["/ports/", "/costs/"])
def test_open_ports_and_costs_lead_to_their_looks(client, path):
    rows = {(HERE, "security-group"): [group(1)], (HERE, "security-group-rule"): [rule(1, 1, 22)]}
    look(account(), JUST_NOW, {**rows, (HERE, "ec2-instance"): [instance(1)]})

    page = Reading(client.get(path))

    words = next(words for words in page.links if "all complete" in words)
    assert page.links[words].startswith("/coverage/?type=")
    assert len(looks(Reading(client.get(page.links[words])))) == int(words.split(", ")[1].split()[0])


def test_a_thing_leads_to_the_visit_that_read_it(client):
    snapshot = look(account(), JUST_NOW, {(HERE, "ec2-instance"): [instance(1)]})
    visit = Visit.objects.get(snapshot=snapshot, type="ec2-instance")

    page = Reading(client.get(f"/types/ec2-instance/{Resource.objects.get(type='ec2-instance').pk}/"))

    assert page.links["Read 07:38 UTC"] == f"/coverage/visits/{visit.pk}/"


def test_what_nobody_has_looked_at_is_listed(client):
    acme = account(region_states=enabled(HERE, THERE))
    look(acme, JUST_NOW, {}, (HERE,))

    page = Reading(client.get("/coverage/?type=ebs-volume"))

    assert looks(page) == [
        ("EBS volumes, N. Virginia, acme", THERE, "acme"),
        ("EBS volumes, Frankfurt, acme", HERE, "acme"),
    ]
    assert page.tables["Looks"][1][3:6] == ["never read", "\N{EN DASH}", "never looked at"]
    assert "Never looked at 1 scope" in page.words


def test_an_unknown_type_is_refused_with_those_that_there_are(client):
    answer = client.get("/coverage/?type=lambda")

    assert answer.status_code == 400
    assert "Possible are auto-scaling-group" in Reading(answer).words


def test_a_visit_tells_everything_that_was_recorded_of_it(client):
    note = {"action": "s3:GetBucketAcl", "code": "AccessDenied", "reason": "You may not ask for ACLs.", "count": 3}
    snapshot = look(
        account(), JUST_NOW, {("global", "s3-bucket"): [bucket("logs")]}, unread=[note], quarantined=2, api_calls=7
    )
    visit = Visit.objects.get(snapshot=snapshot, type="s3-bucket")

    page = Reading(client.get(f"/coverage/visits/{visit.pk}/"))

    assert "complete" in page.words
    assert "API calls 7, none that writes" in page.words
    assert "Listed 1" in page.words
    assert "2 listed items" in page.words
    assert "Grant s3:GetBucketAcl 3 unread You may not ask for ACLs. AccessDenied" in page.words


def test_a_held_listing_names_what_it_lacked(client):
    acme = account()
    look(acme, YESTERDAY, {(HERE, "ec2-instance"): [instance(number) for number in range(1, 25)]})
    snapshot = look(acme, JUST_NOW, {(HERE, "ec2-instance"): []})
    visit = Visit.objects.get(snapshot=snapshot, type="ec2-instance")

    page = Reading(client.get(f"/coverage/visits/{visit.pk}/"))

    assert visit.outcome == Outcome.UNCONFIRMED
    assert "Missing from it, and kept 24" in page.words
    assert "web-1," in page.words
    assert "and 4 more" in page.words
    assert "until a second complete listing lacks them too" in page.words


def test_a_visit_of_an_account_that_was_not_granted_does_not_exist():
    acme, zephyr = account(), account("zephyr", "444455556666")
    look(zephyr, JUST_NOW, {})
    client = Client()
    client.force_login(reader(acme))

    answers = {client.get(f"/coverage/visits/{visit.pk}/").status_code for visit in Visit.objects.all()}

    assert answers == {404}


def test_a_pruned_moment_says_so_instead_of_an_empty_list(client):
    acme = account(history_from=YESTERDAY)
    look(acme, NOW - timedelta(days=3), {(HERE, "ec2-instance"): [instance(1, name="relic")]})
    look(acme, JUST_NOW, {(HERE, "ec2-instance"): [instance(1, name="relic")]})
    before = "2026-11-18T00:00"

    pages = {
        path: Reading(client.get(path, {"as_of": before}))
        for path in ("/", "/types/ec2-instance/", "/coverage/", "/ports/")
    }
    kept = Reading(client.get("/types/ec2-instance/", {"as_of": "2026-11-19T12:00"}))

    for path, page in pages.items():
        assert "was pruned" in page.words or "was deleted" in page.words, path
        assert "relic" not in page.words, path
    assert pages["/"].links["Go to the first moment that was kept"] == "/?as_of=2026-11-19T07%3A42%3A00Z"
    assert "relic" in kept.words


def test_changes_happened_between_two_looks_and_what_was_not_read_is_hatched(client):
    acme = account()
    place = (HERE, "ec2-instance")
    look(acme, NOW - timedelta(hours=5), {place: [instance(1)]})
    look(acme, NOW - timedelta(hours=4), {place: Refused()})
    look(acme, NOW - timedelta(hours=3), {place: [instance(1, InstanceType="m5.xlarge")]})
    resource = Resource.objects.get(type="ec2-instance")

    answer = client.get(f"/types/ec2-instance/{resource.pk}/")

    page = Reading(answer)
    assert "2 fields changed between 02:42 and 04:42" in page.words
    assert "not read completely from 02:42 to 04:42" in page.words
    assert 'class="gap"' in answer.content.decode()


def test_a_field_that_an_older_release_did_not_read_is_no_change(client):
    acme = account()
    place = (HERE, "ebs-volume")
    look(acme, NOW - timedelta(hours=5), {place: [volume(1, Iops=None)]})
    look(acme, NOW - timedelta(hours=4), {place: [volume(1, Iops=300)]})
    resource = Resource.objects.get(type="ebs-volume")
    from inventory.resource_types.ebs_volume import EbsVolume

    EbsVolume.revisions.filter(resource=resource, valid_to__isnull=False).update(reading_version=0)

    page = Reading(client.get(f"/types/ebs-volume/{resource.pk}/"))

    assert "fields recorded for the first time" in page.words
    assert "not recorded then" in page.words
