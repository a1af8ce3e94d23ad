"""The changes between two moments, against what a plain comparison of the listings says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import connection
from django.test import Client

from inventory.models import Account
from inventory.pages import changes as page_of_changes
from tests.pages.changes.listed import (
    AN_HOUR,
    AN_HOUR_AGO,
    HERE,
    INSTANCES,
    LONG_AGO,
    THERE,
    VOLUMES,
    YESTERDAY,
    page,
    records,
    rows,
    spelled,
    told,
)
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look, reader, rule, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

# --- which changes ----------------------------------------------------------------------------------------------------


def expected(looks: list[tuple[datetime, dict[str, object] | None]], since: datetime, until: datetime):
    """What a comparison of complete listings with each other says, without any ledger; None is a refused look."""
    known: dict[str, object] | None = None
    looked_before = LONG_AGO
    for at, listing in looks:
        if listing is None:
            continue
        if known is not None and since < at <= until:
            for native_id in known.keys() | listing.keys():
                if native_id not in known:
                    yield "added", native_id, spelled(at), spelled(looked_before)
                elif native_id not in listing:
                    yield "gone", native_id, spelled(at), spelled(looked_before)
                elif known[native_id] != listing[native_id]:
                    yield "changed", native_id, spelled(at), spelled(looked_before)
        known, looked_before = listing, at


@pytest.mark.parametrize("seed", range(4))
def test_the_changes_are_what_a_comparison_of_the_listings_says(client, seed):
    random, acme = Random(seed), account()
    looks: dict[str, list[tuple[datetime, dict[str, object] | None]]] = {HERE: [], THERE: []}
    for number in range(8):
        at = NOW - timedelta(hours=20 - 2 * number)
        listings = {}
        for region in (HERE, THERE):
            sizes = {n: random.choice((8, 16)) for n in random.sample(range(1, 7), 3)}
            is_refused = random.random() < 0.25
            looks[region].append((at, None if is_refused else {f"vol-{n:017x}": size for n, size in sizes.items()}))
            listings[region, "ebs-volume"] = (
                Refused() if is_refused else [volume(n, zone=f"{region}a", Size=size) for n, size in sizes.items()]
            )
        look(acme, at, listings, (HERE, THERE))

    for first, last in [(0, 8), (2, 6), (5, 5)]:
        since, until = (NOW - timedelta(hours=21 - 2 * number) for number in (first, last))
        both = f"?from={spelled(since)}&to={spelled(until)}"
        for region in (HERE, THERE):
            found = records(client, f"{both}&region={region}&type=ebs-volume")
            assert told(found) == set(expected(looks[region], since, until))
        assert len(records(client, both)) == sum(len(list(expected(looks[one], since, until))) for one in looks)


def test_a_change_says_what_was_and_what_is_in_fields_names_tags_and_links(client):
    acme = account()
    groups = [{"GroupId": f"sg-{1:017x}"}]
    look(acme, YESTERDAY, {INSTANCES: [instance(1, name="api", Tags=[{"Key": "team", "Value": "red"}])]})
    changed = instance(
        1,
        InstanceType="m5.xlarge",
        SecurityGroups=groups,
        Tags=[{"Key": "team", "Value": "blue"}, {"Key": "Name", "Value": "front"}],
    )
    look(acme, AN_HOUR_AGO, {INSTANCES: [changed]})

    (one,) = records(client)
    words = page(client).words

    said = {item["what"]: (item["before"], item["after"]) for item in one["differences"]}
    assert said["type"] == ("m5.large", "m5.xlarge")
    assert said["tag team"] == ("red", "blue")
    assert said["name"][1] == "front"
    assert f"sg-{1:017x}" in said["security groups"][1]
    assert "m5.large to m5.xlarge" in words
    assert "1 altered" in words


def test_a_bucket_that_was_deleted_and_created_anew_is_gone_and_added(client):
    acme = account()
    anew = bucket("logs")
    anew["ListBuckets"]["CreationDate"] = NOW - timedelta(hours=2)
    look(acme, YESTERDAY, {("global", "s3-bucket"): [bucket("logs")]})
    look(acme, AN_HOUR_AGO, {("global", "s3-bucket"): [anew]})

    assert sorted(one["change"] for one in records(client)) == ["added", "gone"]


# --- conditions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ("", {1, 2, 3, 7, 8, "volume"}),
        ("?kind=added", {3, 8}),
        ("?kind=added&kind=gone", {2, 3, 7, 8}),
        ("?type=ebs-volume", {"volume"}),
        ("?region=us-east-1", {"volume"}),
        ("?region=unknown", set()),
        ("?account=zephyr", {7, 8}),
        ("?account=444455556666&kind=gone", {7}),
        ("?tag:team", {2, 3, "volume"}),
        ("?tag:team=red", {2, "volume"}),
        ("?tag:team=red&tag:team=blue", {2, 3, "volume"}),
        ("?-tag:team", {1, 7, 8}),
        ("?tag=team%3Dred", {2, "volume"}),
        ("?tag=-team", {1, 7, 8}),
        (f"?from={spelled(YESTERDAY)}", {1, 2, 3, "volume"}),
        (f"?to={spelled(YESTERDAY)}", {7, 8}),
        (f"?as_of={spelled(YESTERDAY)}", {7, 8}),
    ],
)
def test_conditions_narrow_down_what_is_shown_counted_and_exported(client, estate, query, changed):
    ids = {"volume" if one == "volume" else f"i-{one:017x}" for one in changed}

    found = records(client, query)
    reading = page(client, query)
    written = csv.DictReader(
        io.StringIO(client.get(f"/changes/{query}{'&' if query else '?'}format=csv").getvalue().decode())
    )

    assert {"volume" if str(one["native_id"]).startswith("vol") else one["native_id"] for one in found} == ids
    assert [one["native_id"] for one in written] == [one["native_id"] for one in found]
    assert len(rows(reading)) == len(found)
    assert (f"{len(found)} change" in reading.words) is bool(found)


def test_a_change_of_the_very_moment_is_after_from_and_until_to(client, estate):
    moment = spelled(AN_HOUR_AGO)

    assert not records(client, f"?from={moment}")
    assert len(records(client, f"?from={spelled(AN_HOUR_AGO - timedelta(microseconds=1))}&to={moment}")) == 4


@pytest.mark.parametrize(
    "query",
    [
        "?from=then",
        "?to=2027-01-01",
        "?from=2026-11-02&to=2026-11-01",
        "?kind=moved",
        "?type=lambda",
        "?tag:=x",
        "?tag:a%00=x",
        "?cursor=eW91",
        "?cursor=%F0%9F%92%A9",
        "?format=xml",
    ],
)
def test_an_address_that_cannot_be_met_says_so(client, estate, query):
    assert client.get(f"/changes/{query}").status_code == 400


def test_home_leads_to_exactly_the_rows_that_it_counts(client):
    acme = account()
    look(acme, YESTERDAY, {VOLUMES: [volume(1)]})
    look(acme, AN_HOUR_AGO, {VOLUMES: [volume(n) for n in range(2, 30)], INSTANCES: [instance(n) for n in range(5)]})

    home = Reading(client.get("/"))

    for words, number in {"27 more": 28, "4 more": 5, "33 added": 33, "1 gone": 1, "0 altered": 0}.items():
        address = home.links[words]
        assert len(json.loads(client.get(f"{address}&format=json").getvalue())) == number, words


# --- pages ------------------------------------------------------------------------------------------------------------


def test_pages_show_every_change_once_in_the_order_of_the_export(client, monkeypatch):
    monkeypatch.setattr(page_of_changes, "SIZE", 3)
    acme = account()
    for number in range(5):
        listed = [volume(n, Size=100 + number * (n % 3 == 0)) for n in range(number, number + 5)]
        look(acme, YESTERDAY + number * AN_HOUR, {VOLUMES: listed, INSTANCES: [instance(number)]})

    shown, reading = [], page(client)
    shown += rows(reading)
    while address := reading.links.get("Next"):
        reading = Reading(client.get(address))
        shown += rows(reading)
    exported = records(client)

    assert len(exported) > 9
    assert [row[0].split()[-1] for row in shown] == [one["name"] for one in exported]
    assert len({(one["seen_at"], one["native_id"]) for one in exported}) == len(exported)


def test_what_cannot_be_counted_in_time_says_what_to_do(client, estate, monkeypatch):
    monkeypatch.setattr(page_of_changes, "SECONDS", 0.0)
    monkeypatch.setattr(page_of_changes, "count", never_ending)

    words = page(client).words

    assert "too many changes to count in time" in words
    assert "No change" not in words


def never_ending(*_: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more) SELECT max(n) FROM more")


# --- whose they are ---------------------------------------------------------------------------------------------------


def test_accounts_that_were_not_granted_leave_no_trace(estate):
    acme, _ = estate
    client = Client()
    client.force_login(reader(acme))

    reading = page(client)

    assert "zephyr" not in reading.words
    assert {one["account"] for one in records(client)} == {acme.account_id}
    assert "4 changes were seen" in reading.words
    assert client.get("/changes/?account=zephyr").status_code == 404


def test_an_archived_account_is_left_out_unless_it_is_named(client, estate):
    Account.objects.filter(name="zephyr").update(archived_at=NOW - AN_HOUR)

    assert {one["account"] for one in records(client)} == {"111122223333"}
    assert len(records(client, "?account=zephyr")) == 2


def test_a_rule_that_opened_a_port_is_a_change_like_any_other(client):
    acme = account()
    look(acme, YESTERDAY, {(HERE, "security-group"): [group(1)]})
    look(acme, AN_HOUR_AGO, {(HERE, "security-group"): [group(1)], (HERE, "security-group-rule"): [rule(1, 1, 22)]})

    (one,) = records(client)

    assert (one["type"], one["change"]) == ("security-group-rule", "added")
