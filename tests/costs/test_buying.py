"""What to buy, from what ran: the demand that the ledger knows, what is covered already, and the page."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from costs.demand import Group, past_of
from costs.operations import WINDOWS
from inventory.models import Account, Outcome, Snapshot, Visit, VisitState
from tests.costs import cast
from tests.costs.cast import M5_LARGE, fact
from tests.pages.reading import Reading

pytestmark = pytest.mark.django_db

BUY = "/costs/buy/"
M5 = Group("m5", "us-east-1", "RunInstances", "default")


def look_at(owner: Account, *moments: datetime) -> None:
    """Complete looks at the instances of the region."""
    for moment in moments:
        Visit.objects.create(
            snapshot=Snapshot.objects.create(account=owner, taken_at=moment, finished_at=moment),
            account=owner,
            scope_region=cast.REGION,
            type="ec2-instance",
            taken_at=moment,
            state=VisitState.FINISHED,
            outcome=Outcome.COMPLETE,
        )


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def acme(now) -> Account:
    """An account that was looked at a hundred hours ago, and every ten hours since."""
    owner = cast.account()
    look_at(owner, *(now - timedelta(hours=hours) for hours in range(100, -1, -10)))
    return owner


@pytest.fixture
def prices() -> None:
    cast.store_facts(*cast.M5_LARGE_2020, fact("savings-plan-compute-1y-no-upfront", "0.07"))


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def ran(owner: Account, now: datetime, since: int, until: int | None = None, **fields):
    """An instance that looks saw from so many hours ago until so many hours ago."""
    end = None if until is None else now - timedelta(hours=until)
    return cast.instance(owner, valid_from=now - timedelta(hours=since), valid_to=end, **fields)


def lines(client: Client, query: str = "") -> dict[str, Any]:
    return {
        row["instance_type"] or row["family"]: row
        for row in json.loads(client.get(f"{BUY}?format=json{query}").getvalue())
    }


def test_what_ran_all_the_time_is_bought_and_what_ran_half_of_it_is_not(acme, now, prices, operator):
    ran(acme, now, 100)
    ran(acme, now, 100)
    ran(acme, now, 50)

    row = lines(operator)["m5.large"]

    assert (row["buy"], row["break_even_percent"]) == (2, "62.5")
    assert Decimal(row["last_used_percent"]) == 100
    assert Decimal(row["next_used_percent"]) == 50
    assert Decimal(row["saving_monthly_usd"]) == (Decimal("0.192") - Decimal("0.12")) * 730


def test_a_longer_term_pays_off_sooner(acme, now, prices, operator):
    ran(acme, now, 50)

    assert lines(operator)["m5.large"]["buy"] == 0
    assert lines(operator, "&years=3")["m5.large"]["buy"] == 1


def test_a_larger_size_is_bought_in_units_of_the_smallest_that_ran(acme, now, prices, operator):
    ran(acme, now, 100, instance_type="m5.2xlarge")
    ran(acme, now, 100)

    row = lines(operator)["m5.large"]

    assert (row["buy"], row["family"]) == (5, "m5")


def test_other_software_counts_for_itself_type_by_type(acme, now, prices, operator):
    windows = M5_LARGE._replace(usage_operation=WINDOWS)
    cast.store_facts(
        fact("on-demand", "0.2", sku=windows),
        fact("reserved-standard-1y-no-upfront", "0.1", sku=windows),
        month="2020-08",
    )
    ran(acme, now, 100, usage_operation=WINDOWS, operating_system="windows")
    ran(acme, now, 100, usage_operation=WINDOWS, operating_system="windows", instance_type="m5.xlarge")

    rows = json.loads(operator.get(f"{BUY}?format=json").getvalue())

    bought = {row["instance_type"]: row["buy"] for row in rows if row["buy"]}
    assert bought == {"m5.large": 1}
    assert [row["unpriced_reason"] for row in rows if not row["buy"]] == [
        "no loaded list has a price for m5.xlarge with Windows in us-east-1"
    ]


@pytest.mark.parametrize("fields", [{"lifecycle": "spot"}, {"tenancy": "host"}, {"state": "stopped"}])
def test_what_aws_does_not_bill_on_demand_is_not_bought(acme, now, prices, operator, fields):
    ran(acme, now, 100, **fields)

    assert lines(operator) == {}


def test_what_looks_did_not_see_is_not_counted_on_and_told_beside(acme, now, prices, operator):
    # Seen from the first look to the one 40 hours ago: at 30 it was gone. Bounds: 60 to 70 of 100 hours, 62.5 needed.
    ran(acme, now, 100, 30)

    row = lines(operator)["m5.large"]

    assert (row["buy"], row["buy_if_all_that_may_have_run_did"]) == (0, 1)
    assert "1 if everything ran as long as it may have" in Reading(operator.get(BUY)).words


def test_the_levels_of_demand_hold_for_as_long_as_they_ran(acme, now):
    ran(acme, now, 100)
    ran(acme, now, 60, 20)

    past = past_of([acme], 30, None)

    hour = 3_600_000_000
    assert past.demand(M5, Fraction(4), Fraction(0)).levels == {Fraction(1): 70 * hour, Fraction(2): 30 * hour}
    assert past.demand(M5, Fraction(4), Fraction(4)).levels == {Fraction(0): 70 * hour, Fraction(1): 30 * hour}
    assert past.demand(M5, Fraction(4), Fraction(0), is_possible=True).levels == {
        Fraction(1): 50 * hour,
        Fraction(2): 50 * hour,
    }


def test_only_the_days_that_are_asked_for_are_looked_at(acme, now):
    look_at(acme, now - timedelta(days=40))

    windows = [past_of([acme], days, None).window for days in (30, 60)]

    assert [window and window.length for window in windows] == [timedelta(hours=100), timedelta(days=40)]


def test_what_is_reserved_already_is_not_bought_again(acme, now, prices, operator):
    for _ in range(3):
        ran(acme, now, 100)
    cast.reserved(acme, now, count=2)

    row = lines(operator)["m5.large"]

    assert (row["buy"], Decimal(row["covered_already"])) == (1, Decimal(2))


def test_a_reservation_that_nothing_uses_is_used_before_another_is_bought(acme, now, prices, operator):
    ran(acme, now, 100, 10)
    ran(acme, now, 100, 10)
    cast.reserved(acme, now, count=1)

    row = lines(operator)["m5.large"]

    assert (row["buy"], Decimal(row["covered_already"])) == (1, Decimal(1))


def test_demand_that_ends_or_falls_is_counted_on_for_less(acme, now, prices, operator):
    ran(acme, now, 100)

    assert [
        lines(operator, f"&{query}")["m5.large"]["buy"] for query in ("months=8", "months=7", "falls=37", "falls=38")
    ] == [
        1,
        0,
        1,
        0,
    ]


def test_a_budget_limits_what_is_paid_upfront(acme, now, prices, operator):
    for _ in range(3):
        ran(acme, now, 100)

    row = lines(operator, "&payment=all-upfront&budget=1000")["m5.large"]
    page = Reading(operator.get(f"{BUY}?payment=all-upfront&budget=1000"))

    assert (row["buy"], Decimal(row["upfront_usd"])) == (2, Decimal(988))
    assert "The budget keeps more from being bought" in page.words


def test_a_savings_plan_is_told_as_dollars_an_hour(acme, now, prices, operator):
    for _ in range(2):
        ran(acme, now, 100)

    row = lines(operator, "&kind=savings-plan-compute")["m5.large"]

    assert (row["buy"], Decimal(row["commitment_usd_an_hour"])) == (2, Decimal("0.14"))
    assert "$0.14 an hour" in Reading(operator.get(f"{BUY}?kind=savings-plan-compute")).words


def test_the_page_and_the_csv_say_the_same(acme, now, prices, operator):
    ran(acme, now, 100)
    ran(acme, now, 100)

    page = Reading(operator.get(BUY))
    [line] = csv.DictReader(StringIO(operator.get(f"{BUY}?format=csv").getvalue().decode()))

    assert line["buy"] == "2"
    assert list(page.table("What to buy"))[1].startswith("2 \N{MULTIPLICATION SIGN} m5.large")
    assert "would save $52.56 a month" in page.words


def test_the_curve_marks_its_optimum_and_carries_its_figures(acme, now, prices, operator):
    ran(acme, now, 100)
    ran(acme, now, 100)
    ran(acme, now, 50)

    response = operator.get(BUY)
    figures = Reading(response).table("Figures of this curve")

    assert figures["0"][1] == "175.20"
    assert figures["2 least"][1] == "122.64"
    assert figures["3"][1] == "131.40"
    page = response.content.decode()
    assert page.count('<circle class="even"') == 1
    assert " style=" not in page


def test_another_curve_can_be_drawn(acme, now, prices, operator):
    windows = M5_LARGE._replace(usage_operation=WINDOWS)
    cast.store_facts(
        fact("on-demand", "0.2", sku=windows),
        fact("reserved-standard-1y-no-upfront", "0.1", sku=windows),
        month="2020-08",
    )
    ran(acme, now, 100)
    ran(acme, now, 100, usage_operation=WINDOWS, operating_system="windows")

    page = operator.get(f"{BUY}?group=m5/us-east-1/RunInstances/default").content.decode()

    assert "m5.large in N. Virginia, Linux; USD" in page


def test_where_nobody_looked_nothing_is_claimed(operator, prices):
    cast.account()

    assert "nobody knows what ran" in Reading(operator.get(BUY)).words


def test_a_short_window_is_called_short(acme, now, prices, operator):
    ran(acme, now, 100)

    assert "only 100 hours" in Reading(operator.get(BUY)).words


@pytest.mark.parametrize(
    "query",
    ["kind=gold", "years=2", "payment=later", "days=3", "months=0", "falls=100", "budget=-1", "format=xml"],
)
def test_what_the_address_cannot_mean_is_explained(operator, query):
    response = operator.get(f"{BUY}?{query}")

    assert response.status_code == 400
    assert "Write" in response.content.decode()


def test_nothing_is_bought_in_the_past(acme, now, operator):
    response = operator.get(BUY, {"as_of": (now - timedelta(hours=5)).isoformat()})

    assert response.status_code == 400
    assert "Go back to now" in response.content.decode()


def test_a_stranger_learns_nothing_of_what_ran(acme, now, prices, client):
    ran(acme, now, 100)
    client.force_login(User.objects.create_user("stranger"))

    assert lines(client) == {}
    assert "m5" not in Reading(client.get(BUY)).words


def test_the_number_of_queries_does_not_grow_with_the_fleet(acme, now, prices, operator):
    ran(acme, now, 100)
    with CaptureQueriesContext(connection) as of_one:
        operator.get(BUY)
    for number in range(20):
        ran(acme, now, 100 - number, instance_type=f"m{number}.large")

    with CaptureQueriesContext(connection) as of_many:
        operator.get(BUY)

    assert len(of_many) == len(of_one)
