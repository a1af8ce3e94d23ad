"""The storage page."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account, Freshness, Outcome, Visit
from tests.costs import cast
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

STORAGE = "/costs/storage/"
BEFORE = datetime(2026, 1, 1, 6, tzinfo=UTC)
EBS_PRICES = (
    "us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,R1",
    "us-east-1,N. Virginia,gp3,storage_gb_mo,0.08,R2",
    "us-east-1,N. Virginia,gp3,iops_mo,0.005,R3",
    "us-east-1,N. Virginia,gp3,throughput_gibps_mo,40.96,R4",
    "eu-west-1,Ireland,gp2,storage_gb_mo,0.11,R5",
)


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account that was read, and prices of gp2 and gp3 in Virginia, of gp2 alone in Ireland."""
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *EBS_PRICES))
    owner = cast.account()
    for region in (cast.REGION, "eu-west-1"):
        read_everything(owner, BEFORE, region)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def text(client: Client, query: str = "") -> str:
    response = client.get(STORAGE + query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def records(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    rows = json.loads(client.get(f"{STORAGE}?format=json{query}").getvalue())
    return {row["name"]: row for row in rows}


def test_each_volume_is_taken_apart_and_the_sum_says_what_a_cheaper_type_saves(acme, operator):
    cast.volume(acme, name="fast", volume_type="gp3", size_gib=500, iops=6000, throughput_mibps=250)
    cast.volume(acme, name="old", volume_type="gp2", size_gib=500, iops=1500)

    page = text(operator)
    row = records(operator)["fast"]

    assert "<b>$110.00</b> a month" in page
    assert "<b>$5.00</b>" in page
    parts = ("storage_monthly_usd", "iops_monthly_usd", "throughput_monthly_usd", "monthly_usd")
    assert [row[part] for part in parts] == ["40", "15", "5", "60"]
    assert (row["price_dates"], row["sources"]) == (["2024-07"], ["ebs_2024-07.csv"])
    assert row["cheaper_type"] is None
    old = records(operator)["old"]
    assert (old["cheaper_type"], old["cheaper_iops"], old["cheaper_throughput_mibps"]) == ("gp3", 3000, 250)
    assert (old["cheaper_monthly_usd"], old["saving_monthly_usd"]) == ("45", "5")


def test_a_volume_is_priced_in_its_own_region_and_unpriced_where_no_list_speaks_of_it(acme, operator):
    cast.volume(acme, name="dublin", region="eu-west-1", size_gib=100)
    cast.volume(acme, name="sao paulo", region="sa-east-1", size_gib=100)

    page, rows = text(operator), records(operator)

    assert rows["dublin"]["monthly_usd"] == "11"
    assert rows["sao paulo"]["monthly_usd"] is None
    assert "sa-east-1" in rows["sao paulo"]["unpriced_reason"]
    assert "1 of 2 volumes" in page
    assert "1 unpriced" in page
    assert "no loaded list has a price for gp3" in page


def test_a_deleted_volume_is_not_there(acme, operator):
    cast.volume(acme, name="going", state="deleting")

    assert records(operator) == {}
    assert "There is no volume" in text(operator)


def test_the_page_can_be_narrowed_to_a_region_and_an_account(acme, operator):
    cast.volume(acme, name="here")
    cast.volume(acme, name="dublin", region="eu-west-1")
    cast.volume(cast.account("other"), name="theirs")

    assert set(records(operator)) == {"here", "dublin", "theirs"}
    assert set(records(operator, "&region=us-east-1")) == {"here", "theirs"}
    assert set(records(operator, "&account=acme&region=us-east-1")) == {"here"}
    assert "N. Virginia" in text(operator, "?region=us-east-1")


def test_at_a_past_moment_the_volumes_are_those_of_then(acme, operator):
    cast.volume(acme, name="gone", valid_from=BEFORE, valid_to=datetime(2026, 2, 1, tzinfo=UTC))

    assert "There is no volume" in text(operator)
    assert "<b>$10.00</b>" in text(operator, "?as_of=2026-01-15T00:00:00Z")


def test_what_was_never_read_is_not_told_as_nothing(operator):
    cast.account()

    assert "nobody knows what they cost" in text(operator)


def test_a_region_that_denies_is_named(acme, operator):
    cast.volume(acme, region="eu-west-1")
    scope = Freshness.objects.get(account=acme, type="ebs-volume", scope_region="eu-west-1")
    scope.failing_since = BEFORE
    scope.save()
    Visit.objects.filter(account=acme, type=scope.type, scope_region=scope.scope_region).update(outcome=Outcome.DENIED)

    page = text(operator)

    assert "EBS volumes in Ireland (acme) could not be looked at" in page
    assert "denied" in page


def test_an_unknown_format_is_told(acme, operator):
    assert "is no format" in operator.get(f"{STORAGE}?format=yaml").content.decode()


def test_the_page_asks_as_much_for_many_volumes_as_for_few(acme, operator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            text(operator)
        return len(asked)

    cast.volume(acme)
    few = queries()
    for size_gib in range(1, 90):
        cast.volume(acme, size_gib=size_gib)

    assert queries() == few
