from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.exposure.stored import refresh
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
    zone,
)
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
ADDRESS = f"/regions/{HERE}/"
INSTANCES, VOLUMES, GROUPS, RULES = (
    (HERE, slug) for slug in ("ec2-instance", "ebs-volume", "security-group", "security-group-rule")
)
ZONES = (HERE, "availability-zone")
BUCKETS = ("global", "s3-bucket")
JUST_NOW = NOW - timedelta(minutes=4)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


def ask(user, address=ADDRESS, **parameters):
    client = Client()
    client.force_login(user)
    return client.get(address, parameters)


def types(page):
    """The table of what is there, by type, each row by the head of its column."""
    head, *rows = page.tables["Resources by type"]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def zones(page):
    """The table of zones, by what names the zone, each row by the head of its column."""
    head, *rows = page.tables["Zones, and what stands in each"]
    return {row[0]: dict(zip(head[1:], row[1:], strict=True)) for row in rows}


def test_everything_in_it_stands_by_type():
    look(account(), JUST_NOW, {INSTANCES: [instance(1), instance(2), instance(3)], GROUPS: [group(1)]})

    answer = ask(operator())

    page = Reading(answer)
    assert types(page)["EC2 instances"] == {"Type": "EC2 instances", "Number": "3", "Read": "4 min"}
    assert types(page)["Security groups"]["Number"] == "1"
    assert f'<a href="/types/ec2-instance/?region={HERE}"' in answer.content.decode()


def test_a_zone_stands_by_its_id_with_what_is_in_it():
    look(
        account(),
        JUST_NOW,
        {
            INSTANCES: [instance(1), instance(2), instance(3, zone="eu-central-1b")],
            VOLUMES: [volume(1, zone="eu-central-1b")],
            ZONES: [zone("euc1-az2", "eu-central-1a"), zone("euc1-az3", "eu-central-1b", State="impaired")],
        },
    )

    page = Reading(ask(operator()))

    assert zones(page) == {
        "euc1-az2": {"Called": "eu-central-1a", "State": "available", "Hosts": "0", "Instances": "2", "Volumes": "0"},
        "euc1-az3": {"Called": "eu-central-1b", "State": "impaired", "Hosts": "0", "Instances": "1", "Volumes": "1"},
    }
    assert page.links["2"] == f"/types/ec2-instance/?region={HERE}&availability_zone=eu-central-1a"
    assert page.links["euc1-az2"] == "/types/availability-zone/?native_id=euc1-az2"


def test_a_zone_that_accounts_call_differently_is_one_place():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    a, b = "eu-central-1a", "eu-central-1b"
    look(acme, JUST_NOW, {INSTANCES: [instance(1)], ZONES: [zone("euc1-az2", a), zone("euc1-az3", b)]})
    look(zephyr, JUST_NOW, {INSTANCES: [instance(2), instance(3, zone=b)], ZONES: [zone("euc1-az2", b)]})

    answer = ask(operator())

    page, addresses = Reading(answer), unescape(answer.content.decode())
    assert zones(page)["euc1-az2"]["Called"] == f"{a} in acme {b} in zephyr"
    assert zones(page)["euc1-az2"]["Instances"] == "1 acme 1 zephyr"
    assert zones(page)["id unknown"]["Called"] == f"{a} in zephyr"
    here = f"/types/ec2-instance/?region={HERE}&availability_zone="
    assert f'"{here}{a}&account=acme">1<' in addresses
    assert f'"{here}{b}&account=zephyr">1<' in addresses
    assert f'"{here}{a}&account=zephyr">1<' in addresses


def test_zones_that_were_not_read_are_unknown_and_not_none():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)], ZONES: Refused(action="ec2:DescribeAvailabilityZones")})

    page = Reading(ask(operator()))

    row = zones(page)["id unknown"]
    assert (row["Called"], row["State"], row["Instances"]) == ("eu-central-1a in acme", "unknown", "1")
    assert "not known which zones there are" in page.words


def test_local_zones_stand_there_once_somebody_opted_in_or_uses_them():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    local = {"ZoneType": "local-zone", "OptInStatus": "not-opted-in"}
    look(acme, JUST_NOW, {ZONES: [zone("euc1-ham1-az1", "ham-1a", **local), zone("euc1-waw1-az1", "waw-1a", **local)]})
    look(zephyr, JUST_NOW, {ZONES: [zone("euc1-ham1-az1", "ham-1a", **local | {"OptInStatus": "opted-in"})]})

    page = Reading(ask(operator()))

    assert zones(page).keys() == {"euc1-ham1-az1 local zone"}
    assert zones(page)["euc1-ham1-az1 local zone"]["State"] == "available opted in by 1 of 2 accounts"
    assert "1 more local and wavelength zone that nobody has opted in to" in page.words
    assert page.links["1 more"] == f"/types/availability-zone/?region={HERE}&opt_in_status=not-opted-in"


def test_other_regions_are_left_out():
    look(account(), JUST_NOW, {(THERE, "ec2-instance"): [instance(1)], INSTANCES: [instance(2)]}, (HERE, THERE))

    assert types(Reading(ask(operator())))["EC2 instances"]["Number"] == "1"


def test_buckets_are_counted_in_their_own_region():
    look(account(), JUST_NOW, {BUCKETS: [bucket("here", HERE), bucket("there", THERE)]})

    page = Reading(ask(operator(), f"/regions/{THERE}/"))

    assert types(page)["S3 buckets"]["Number"] == "1"
    assert types(page)["EC2 instances"]["Number"] == "unknown"
    assert "No account looks at this region" in page.words
    assert "Everything was read" not in page.words


def test_each_account_stands_with_its_numbers_and_their_age():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})
    look(zephyr, YESTERDAY, {INSTANCES: [instance(2), instance(3)]})
    look(zephyr, JUST_NOW, {INSTANCES: Refused()})

    page = Reading(ask(operator()))

    rows = page.table("What each account has here")
    assert rows["acme 111122223333"][2:3] == ["1"]
    assert rows["acme 111122223333"][-1] == "4 min"
    assert rows["zephyr 444455556666"][2:3] == ["2"]
    assert rows["zephyr 444455556666"][-1] == "since 07:38, partly"
    assert "Frankfurt, zephyr denied since 07:38" in page.words


def test_ports_open_to_the_world_stand_beside_it():
    acme = account()
    look(acme, JUST_NOW, {GROUPS: [group(1)], RULES: [rule(1, 1, 22), rule(2, 1, 443)]})
    refresh(account_id=acme.pk)

    page = Reading(ask(operator()))

    assert page.links["1 critical"] == f"/ports/?region={HERE}&source=world&severity=critical"


def test_changes_of_other_regions_are_left_out():
    acme = account()
    look(acme, YESTERDAY, {}, (HERE, THERE))
    look(
        acme,
        JUST_NOW,
        {INSTANCES: [instance(1, name="here")], (THERE, "ec2-instance"): [instance(2, name="there")]},
        (HERE, THERE),
    )

    page = Reading(ask(operator()))

    assert "1 added · 0 gone · 0 altered" in page.words
    assert [row[0] for row in page.tables["The newest changes"]][1:] == ["+ added: here"]


def test_a_past_moment_shows_what_was_there():
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1), instance(2)]})
    look(acme, JUST_NOW, {INSTANCES: [instance(1)]})

    page = Reading(ask(operator(), as_of="2026-11-20T00:00"))

    assert types(page)["EC2 instances"]["Number"] == "2"


def test_a_moment_before_its_first_look_says_never_seen():
    look(account(), JUST_NOW, {INSTANCES: [instance(1)]})

    answer = ask(operator(), as_of="2026-11-19T00:00")

    assert answer.status_code == 200
    assert "Nothing of Frankfurt had been seen by 19 Nov 2026, 00:00 UTC" in Reading(answer).words


@pytest.mark.parametrize("region", ["mars-north-1", "global", THERE])
def test_a_region_in_which_nothing_was_ever_seen_does_not_exist(region):
    look(account(), JUST_NOW, {INSTANCES: [instance(1)], BUCKETS: [bucket("logs", HERE)]})

    assert ask(operator(), f"/regions/{region}/").status_code == 404


def test_a_region_whose_last_bucket_is_gone_is_still_known():
    acme = account()
    look(acme, YESTERDAY, {BUCKETS: [bucket("logs", THERE)]})
    look(acme, JUST_NOW, {})

    answer = ask(operator(), f"/regions/{THERE}/")

    assert "is there any more" in Reading(answer).words


def test_a_region_of_accounts_that_were_not_granted_does_not_exist():
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    look(acme, JUST_NOW, {(THERE, "ec2-instance"): [instance(1)]}, (THERE,))
    look(zephyr, JUST_NOW, {INSTANCES: [instance(2)]})
    user = reader(acme)

    assert ask(user).status_code == 404
    assert ask(user, f"/regions/{THERE}/").status_code == 200


@pytest.mark.parametrize(("as_of", "most"), [("", 43), ("2026-11-20T07:40", 43)])
def test_the_number_of_queries_does_not_grow_with_the_estate(as_of, most):
    client, acme = Client(), account()
    client.force_login(operator())
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, JUST_NOW, {INSTANCES: [instance(1, InstanceType="c5.large"), instance(9)], VOLUMES: [volume(1)]})
    with CaptureQueriesContext(connection) as few:
        client.get(ADDRESS, {"as_of": as_of})

    zephyr = account("zephyr", "444455556666")
    for moment, size in ((YESTERDAY, 8), (JUST_NOW, 16)):
        look(zephyr, moment, {INSTANCES: [instance(n, InstanceType=f"m{size}.large") for n in range(size)]})
    with CaptureQueriesContext(connection) as many:
        client.get(ADDRESS, {"as_of": as_of})

    assert len(many) == len(few)
    assert len(many) <= most


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole, whatever their indexes")
def test_zones_are_counted_along_an_index():
    acme = account()
    look(acme, JUST_NOW, {INSTANCES: [instance(1)], VOLUMES: [volume(1)]})
    with CaptureQueriesContext(connection) as asked:
        ask(operator())
    (statement,) = [one["sql"] for one in asked if "GROUP BY 2, 3, 4" in one["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
        plan = " ".join(row[-1] for row in cursor.fetchall())

    for type_name in ("ec2instance", "ebsvolume"):
        assert f"INDEX {type_name}_account_open (account_id=? AND region=? AND availability_zone>?)" in plan
