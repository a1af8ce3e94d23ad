"""What changes cost, and what nobody knows of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.test import Client

from inventory.pages import change_costs
from inventory.pages import changes as page_of_changes
from inventory.pages.changes_query import ChangesQuery
from inventory.snapshots.prune import prune_history
from tests.costs import cast
from tests.pages.changes.listed import (
    AN_HOUR,
    AN_HOUR_AGO,
    HERE,
    INSTANCES,
    LAST_WEEK,
    LONG_AGO,
    THERE,
    YESTERDAY,
    page,
    records,
    rows,
    spelled,
    told,
)
from tests.pages.ledgers import NOW, Refused, account, bucket, group, instance, look

pytestmark = pytest.mark.django_db

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
