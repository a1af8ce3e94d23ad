"""The changes between two moments, against what a plain comparison of the listings says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from inventory.models import Account
from inventory.pages import change_costs
from inventory.pages import changes as page_of_changes
from inventory.pages.changes_query import ChangesQuery
from inventory.snapshots.prune import prune_history
from tests.costs import cast
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look, operator, reader, rule, volume
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

HERE, THERE = "eu-central-1", "us-east-1"
INSTANCES, VOLUMES = (HERE, "ec2-instance"), (HERE, "ebs-volume")
AN_HOUR = timedelta(hours=1)
AN_HOUR_AGO, YESTERDAY = NOW - AN_HOUR, NOW - timedelta(days=1)
LAST_WEEK, LONG_AGO = NOW - timedelta(days=6), NOW - timedelta(days=40)


@pytest.fixture(autouse=True)
def _one_moment():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client():
    client = Client()
    client.force_login(operator())
    return client


def page(client: Client, query: str = "") -> Reading:
    answer = client.get(f"/changes/{query}")
    assert answer.status_code == 200, answer.content
    return Reading(answer)


def records(client: Client, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        client.get(f"/changes/{query}{'&' if query else '?'}format=json").getvalue()
    )
    return found


def told(found: list[dict[str, Any]]) -> set[tuple[object, ...]]:
    return {(one["change"], one["native_id"], one["seen_at"], one["looked_before"]) for one in found}


def rows(reading: Reading) -> list[list[str]]:
    """Resource, differences, place, moments and cost of each change that is shown."""
    tables = [table for caption, table in reading.tables.items() if "Changes seen" in caption]
    return [row for table in tables for row in table if len(row) == 5 and row[0] != "Resource"]


def spelled(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


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


@pytest.fixture
def estate():
    """Two accounts with a change of each kind, tagged and in two regions."""
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    red = [{"Key": "team", "Value": "red"}]
    before = {
        INSTANCES: [instance(1), instance(2, Tags=red)],
        (THERE, "ebs-volume"): [volume(1, zone="us-east-1a", Tags=red)],
    }
    after = {
        INSTANCES: [instance(1, State={"Name": "stopped"}), instance(3, Tags=[{"Key": "team", "Value": "blue"}])],
        (THERE, "ebs-volume"): [volume(1, zone="us-east-1a")],
    }
    look(acme, LAST_WEEK, before, (HERE, THERE))
    look(acme, AN_HOUR_AGO, after, (HERE, THERE))
    look(zephyr, LAST_WEEK, {INSTANCES: [instance(7)]})
    look(zephyr, YESTERDAY, {INSTANCES: [instance(8)]})
    return acme, zephyr


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
    while address := reading.links.get("Next 3"):
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


# --- costs ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def priced(tmp_path):
    """A price for m5.large in us-east-1 only."""
    cast.load(
        cast.table(tmp_path, "prices_2025-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,0.1", "us-east-1,m5.xlarge,0.2")
    )


def at(number: int, **answer: Any):
    return instance(number, zone="us-east-1a", **answer)


def test_costs_are_the_difference_and_what_has_no_price_is_told_apart(client, priced):
    acme = account()
    place = (THERE, "ec2-instance")
    stopped = {"State": {"Name": "stopped"}}
    look(acme, YESTERDAY, {place: [at(1), at(2), at(3, **stopped), at(4)]}, (THERE,))
    now = [at(1, InstanceType="m5.xlarge"), at(3), at(5), at(4, InstanceType="x9.huge"), at(6, **stopped)]
    look(acme, AN_HOUR_AGO, {place: now}, (THERE,))

    found = {str(one["native_id"])[-1]: one for one in records(client)}
    words = page(client).words

    month = Decimal(73)
    differences = {key: one["monthly_usd_difference"] for key, one in found.items()}
    assert differences == {"1": "73", "2": "-73", "3": "73", "4": None, "5": "73", "6": "0"}
    assert found["4"]["monthly_usd_before"] == str(month)
    assert found["4"]["unpriced_reason"]
    assert "Together they cost $146.00 a month more , without 1 unpriced." in words.replace("more,", "more ,")
    assert "unpriced" in next(row for row in rows(page(client)) if "web-4" in row[0])[4]


def test_a_saving_is_called_one(client, priced):
    acme = account()
    look(acme, YESTERDAY, {(THERE, "ec2-instance"): [at(1)]}, (THERE,))
    look(acme, AN_HOUR_AGO, {}, (THERE,))

    assert "Together they save $73.00 a month" in page(client).words


def test_where_nothing_has_a_price_the_cost_is_unknown_and_not_zero(client):
    acme = account()
    look(acme, YESTERDAY, {})
    look(acme, AN_HOUR_AGO, {("global", "s3-bucket"): [bucket("logs")]})

    words = page(client).words

    assert "What they cost is unknown: 1 unpriced" in words
    assert "$0" not in words


def test_what_has_no_price_of_its_own_has_no_cost(client):
    acme = account()
    look(acme, YESTERDAY, {})
    look(acme, AN_HOUR_AGO, {(HERE, "security-group"): [group(1)]})

    ((*_, cost),) = rows(page(client))

    assert cost == "\N{EN DASH}"
    assert "cost" not in page(client).words.split("What was")[0]


def test_too_many_changes_are_not_added_up(client, priced, monkeypatch):
    monkeypatch.setattr(page_of_changes, "MOST_SUMMED", 1)
    acme = account()
    look(acme, YESTERDAY, {}, (THERE,))
    look(acme, AN_HOUR_AGO, {(THERE, "ec2-instance"): [at(1), at(2)]}, (THERE,))

    assert "too many to add up" in page(client).words


def test_the_sum_is_the_sum_of_the_rows(client, priced):
    random, acme = Random(7), account()
    for number in range(6):
        kinds = [random.choice(("m5.large", "m5.xlarge", "x9.huge")) for _ in range(8)]
        listed = [at(n, InstanceType=kind) for n, kind in enumerate(kinds) if random.random() < 0.7]
        look(acme, YESTERDAY + number * AN_HOUR, {(THERE, "ec2-instance"): listed}, (THERE,))

    found = records(client, f"?from={spelled(YESTERDAY + AN_HOUR)}")
    query = ChangesQuery.from_request(request_of(client, f"?from={spelled(YESTERDAY + AN_HOUR)}"))
    total = change_costs.cost_of_all(query.stretches, query.asked_kinds)

    known = [Decimal(str(one["monthly_usd_difference"])) for one in found if one["monthly_usd_difference"] is not None]
    assert total.difference == sum(known)
    assert (total.priced, total.unpriced) == (len(known), len(found) - len(known))
    assert total.unpriced


def request_of(client: Client, query: str):
    return client.get(f"/changes/{query}").wsgi_request


# --- what is not known ------------------------------------------------------------------------------------------------


def test_a_change_lies_between_the_complete_look_before_it_and_the_one_that_saw_it(client):
    acme = account()
    look(acme, YESTERDAY, {INSTANCES: [instance(1)]})
    look(acme, NOW - timedelta(hours=3), {INSTANCES: Refused()})
    look(acme, AN_HOUR_AGO, {INSTANCES: []})

    ((_, _, _, between, _),) = rows(page(client))
    ((_, _, _, late, _),) = rows(page(client, f"?from={spelled(NOW - timedelta(hours=2))}"))

    assert between == "yesterday 07:42 and 06:42"
    assert late == "yesterday 07:42 and 06:42 perhaps before this stretch"


def test_what_could_not_be_read_is_named_and_no_change_is_claimed_for_it(client):
    acme = account()
    look(acme, LAST_WEEK, {INSTANCES: [instance(1)]})
    look(acme, AN_HOUR_AGO, {INSTANCES: Refused()})

    words = page(client, f"?from={spelled(YESTERDAY)}").words

    assert "as far as we could read" in words
    assert "Frankfurt, acme denied since 06:42" in words
    assert "ec2:DescribeInstances" in words


def test_the_conditions_decide_which_unread_places_are_named(client):
    acme = account()
    look(acme, LAST_WEEK, {}, (HERE, THERE))
    look(acme, AN_HOUR_AGO, {INSTANCES: Refused()}, (HERE, THERE))

    assert "acme denied since" in page(client, "?type=ec2-instance").words
    assert "acme denied since" not in page(client, "?type=ebs-volume").words
    assert "acme denied since" not in page(client, "?region=us-east-1").words


def test_a_first_look_is_no_change_and_is_named(client):
    acme = account()
    look(acme, LAST_WEEK, {INSTANCES: [instance(1)]})
    look(
        acme,
        YESTERDAY,
        {INSTANCES: [instance(1)], (THERE, "ec2-instance"): [instance(2, zone="us-east-1a")]},
        (HERE, THERE),
    )

    reading = page(client, f"?from={spelled(LAST_WEEK)}")

    assert rows(reading) == []
    assert "acme , N. Virginia: something there was read for the first time" in reading.words.replace("acme,", "acme ,")


def test_a_stretch_before_the_first_look_is_never_seen_and_not_empty(client):
    look(account(), LAST_WEEK, {INSTANCES: [instance(1)]})

    words = page(client, f"?from={spelled(LONG_AGO)}&to={spelled(LONG_AGO + AN_HOUR)}").words

    assert "Nothing had been seen by then" in words
    assert "No change" not in words


def test_a_ledger_that_was_never_filled_says_what_to_do(client):
    account()

    assert "Nothing was read yet" in page(client).words


def test_where_nobody_looked_in_the_stretch_it_says_so(client):
    look(account(), LAST_WEEK, {INSTANCES: [instance(1)]})

    words = page(client, f"?from={spelled(YESTERDAY)}").words

    assert "not everything there was looked at in this stretch" in words
    assert "as far as we could read" in words


def test_what_was_pruned_is_told_and_nothing_is_made_up_from_what_is_left(client):
    acme = account()
    look(acme, LONG_AGO, {INSTANCES: [instance(1), instance(2)]})
    look(acme, LAST_WEEK, {INSTANCES: [instance(1, State={"Name": "stopped"}), instance(3)]})
    look(acme, AN_HOUR_AGO, {INSTANCES: [instance(3)]})
    prune_history(acme, YESTERDAY)

    whole = f"?from={spelled(LONG_AGO)}"
    past = f"?from={spelled(LONG_AGO)}&to={spelled(LAST_WEEK)}"

    assert told(records(client, whole)) == {("gone", f"i-{1:017x}", spelled(AN_HOUR_AGO), spelled(LAST_WEEK))}
    assert "until 19 Nov 2026, 07:42 UTC was pruned" in page(client, whole).words
    assert records(client, past) == []
    assert "The history of this time was pruned" in page(client, past).words


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
