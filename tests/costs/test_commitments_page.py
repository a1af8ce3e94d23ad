"""The page and the command of what was committed to."""

from __future__ import annotations

import csv
import html
import json
import re
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from costs.commitments.rows import COVERAGE_KEYS, KEYS
from inventory.models import Account, AccountGrant
from tests.costs import cast
from tests.costs.test_commitments_in_the_ledger import organization, reserve, sign
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

PAGE = "/costs/commitments/"
PINNED = 40
"""Queries of the page with its frame, at most."""


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account that was read, and prices of m5.large."""
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    read_everything(owner, timezone.now(), cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def text(client: Client, url: str = PAGE) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def rows(client: Client, url: str = f"{PAGE}?format=json") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(client.get(url).getvalue())
    return found


def written(*arguments: str) -> Any:
    out = StringIO()
    call_command("commitments", *arguments, stdout=out)
    return json.loads(out.getvalue())


def test_the_page_says_what_is_owned_used_and_wasted(acme, operator):
    cast.instance(acme)
    reserve(acme, instance_count=4)
    page = text(operator)

    assert "1 commitment</a> is in force for <b>$175.20</b> a month." in page
    assert "<b>$131.40</b></a> of it is paid for nothing." in page
    assert "4 m5.large, Linux/UNIX" in page
    assert "25.0 %" in page


def test_the_rows_are_exact(acme, operator):
    cast.instance(acme)
    reserve(acme, instance_count=4)
    (row,) = rows(operator)

    assert tuple(row) == KEYS
    assert (row["size"], row["used"], row["unused"], row["utilisation_percent"]) == ("4", "1", "3", "25")
    assert (row["cost_hourly_usd"], row["waste_hourly_usd"], row["waste_monthly_usd"]) == ("0.24", "0.18", "131.4")
    assert row["net_saving_hourly_usd"] == "-0.144"
    assert (row["unit"], row["days_left"], row["unknown"]) == ("instances", 264, [])


def test_an_end_within_thirty_days_stands_in_the_sentence_and_in_the_drawing(acme, operator):
    reserve(acme, end=timezone.now() + timedelta(days=20, hours=1))
    page = text(operator)

    assert '<a href="#expiry">1</a> ends within 30 days.' in page
    assert "1 within 30 days, 1 within 60 days, 1 within 90 days" in page
    assert '<td class="r">20</td>' in page


def test_what_has_run_out_is_listed_apart(acme, operator):
    reserve(acme, state="retired", end=timezone.now() - timedelta(days=3))
    page = text(operator)

    assert "Nothing is committed to: what runs is paid on-demand" in page
    assert "Not in force" in page
    assert "<td>retired</td>" in page


def test_a_plan_without_rates_is_unknown_with_its_reason_and_in_no_total(acme, operator):
    cast.instance(acme)
    sign(acme)
    page = text(operator)

    assert "paid for nothing" not in page
    assert "Compute plan: no loaded list has this m5.large as Savings Plan, compute, 1 year" in page
    assert "Fargate and Lambda" in page
    (row,) = rows(operator)
    assert (row["used"], row["waste_monthly_usd"], row["cost_hourly_usd"]) == (None, None, "1")


def test_before_anybody_looked_nothing_is_said_to_be_committed_to(operator):
    cast.account()

    assert "Nobody has read what was committed to, so it is not known." in text(operator)


def test_another_account_is_neither_shown_nor_named_though_it_uses_what_is_shared(acme, client):
    member = cast.account("hidden-member")
    organization(acme, member)
    cast.instance(member)
    reserve(acme, instance_count=2)
    reserve(member)
    user = User.objects.create_user("reader")
    AccountGrant.objects.create(account=acme, user=user)
    client.force_login(user)
    page = text(client)

    assert "hidden-member" not in page
    assert str(member.account_id) not in page
    assert "may be used by an account that is not shown here" in page
    assert [row["account"] for row in rows(client)] == [acme.account_id]


def test_at_a_past_moment_the_page_shows_what_was_then_in_force(acme, operator):
    now = timezone.now()
    bought = reserve(acme, start=now - timedelta(days=20), end=now - timedelta(days=1))
    type(bought).revisions.filter(pk=bought.pk).update(valid_from=now - timedelta(days=20))
    past = (now - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    read_everything(acme, now - timedelta(days=3), cast.REGION)

    assert "1 commitment</a> is in force" in text(operator, f"{PAGE}?as_of={past}")
    assert [row["state"] for row in rows(operator, f"{PAGE}?as_of={past}&format=json")] == ["active"]


def test_a_pool_leads_to_the_instances_that_it_counts(acme, operator):
    cast.instance(acme, name="counted")
    cast.instance(acme, name="another-family", instance_type="c5.large")
    cast.instance(acme, name="on-spot", lifecycle="spot")
    reserve(acme)
    address = re.search(r'<a href="([^"]+)">m5</a>', text(operator))
    assert address is not None
    listed = text(operator, html.unescape(address[1]))

    assert "counted" in listed
    assert "another-family" not in listed
    assert "on-spot" not in listed


def test_the_page_asks_as_many_queries_for_many_as_for_few(acme, operator):
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            text(operator)
        return len(captured)

    cast.instance(acme)
    reserve(acme)
    few = asked()
    for number in range(5):
        cast.instance(acme, instance_type=f"m{number}.large")
        reserve(acme, native_id=f"ri-{number}", instance_type=f"m{number}.large")

    assert asked() == few <= PINNED


def test_a_format_that_does_not_exist_says_which_do(operator):
    response = operator.get(f"{PAGE}?format=pdf")

    assert response.status_code == 400
    assert "is no format. Write csv, json or xlsx" in " ".join(response.content.decode().split())


def test_the_command_writes_what_the_page_offers(acme, operator):
    cast.instance(acme)
    reserve(acme, instance_count=4)

    assert written() == rows(operator)


def test_the_command_writes_csv(acme):
    reserve(acme)
    out = StringIO()
    call_command("commitments", "--format=csv", stdout=out)
    (row,) = csv.DictReader(StringIO(out.getvalue()))

    assert tuple(row) == KEYS
    assert (row["native_id"], row["waste_monthly_usd"]) == ("ri-acme", "43.8")


def test_the_command_writes_coverage(acme):
    cast.instance(acme)
    cast.instance(acme, instance_type="m5.xlarge")
    reserve(acme, instance_count=2)
    (row,) = written("--coverage")

    assert tuple(row) == COVERAGE_KEYS
    assert (row["family"], row["running_units"], row["covered_units"]) == ("m5", "12", "8")
    assert Decimal(row["coverage_percent"]) == Decimal("66.6666666667")


def test_the_command_for_one_account_leaves_out_the_others(acme):
    other = cast.account("other")
    reserve(acme)
    reserve(other)

    assert [row["account"] for row in written("--account=other")] == [other.account_id]


def detail(one: Any) -> str:
    return f"/types/ec2-instance/{one.resource_id}/"


def test_an_instance_says_which_share_of_it_is_paid_by_what(acme, operator):
    small = cast.instance(acme, instance_type="m5.xlarge")
    reserve(acme, name="web")
    page = text(operator, detail(small))

    assert "<b>50.0 %</b> by" in page
    assert "1 m5.large, Linux/UNIX" in page
    assert "<b>50.0 %</b> on-demand" in page


def test_of_instances_that_look_the_same_as_many_are_covered_as_were_reserved(acme, operator):
    fleet = [cast.instance(acme, native_id=f"i-{number}") for number in range(3)]
    reserve(acme, instance_count=2)

    said = ["<b>100.0 %</b> by" in text(operator, detail(one)) for one in fleet]

    assert said == [True, True, False]
    assert "3 instances of the account look the same" in text(operator, detail(fleet[0]))
    assert "<b>100.0 %</b> on-demand: no commitment covers it" in text(operator, detail(fleet[2]))


def test_a_commitment_of_another_account_is_not_named(acme, client):
    member = cast.account("member")
    organization(acme, member)
    one = cast.instance(member)
    reserve(acme, name="secret-name")
    user = User.objects.create_user("reader")
    AccountGrant.objects.create(account=member, user=user)
    client.force_login(user)
    page = text(client, detail(one))

    assert "by a commitment of another account of its organization" in page
    assert "secret-name" not in page


def test_an_instance_that_a_plan_may_pay_says_that_this_is_not_known(acme, operator):
    one = cast.instance(acme)
    sign(acme)

    assert "whether a Savings Plan pays it: no loaded list has this m5.large" in text(operator, detail(one))


@pytest.mark.parametrize("strange", [{"state": "stopped"}, {"lifecycle": "spot"}])
def test_what_no_commitment_could_pay_says_nothing_of_it(acme, operator, strange):
    one = cast.instance(acme, **strange)
    reserve(acme)

    assert "How it is paid" not in text(operator, detail(one))
