from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import DjangoDbBlocker

from api.models import Scope, Token
from inventory.registry import resource_type
from inventory.resource_types.ebs_volume import EbsVolume
from tests.access.world import Estate
from tests.support.once import written_once
from tests.support.rows import add_rows

LIST = "/api/v1/resources/ebs-volume"
MANY = "&".join(f"name={number}" for number in range(101))


@pytest.fixture(scope="module")
def _estate(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Estate]:
    with written_once(django_db_blocker):
        yield Estate("acme", "111122223333", "eu-west-1")


@pytest.fixture
def acme(_estate: Estate, db: None) -> Estate:
    return _estate


@pytest.fixture
def client(db: None) -> Client:
    """Somebody who may see everything."""
    owner = User.objects.create(username="ada", is_superuser=True)
    _, secret = Token.objects.issue(owner, name="answers", scopes=list(Scope), lifetime=timedelta(days=1))
    return Client(raise_request_exception=False, headers={"authorization": f"Bearer {secret}"})


def ask(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_pages_by_cursor_hold_what_the_list_exports_in_its_order(acme, client):
    add_rows(resource_type("ebs-volume"), acme.account, [{"size_gib": number % 4 or None} for number in range(25)])
    browser = Client()
    browser.force_login(User.objects.get(username="ada"))
    export = browser.get("/types/ebs-volume/?sort=-size_gib&format=json").getvalue().decode()

    found, cursor, pages = [], "", 0
    while cursor is not None:
        page = ask(client, f"{LIST}?sort=-size_gib&limit=10&cursor={cursor}")
        found += [item["native_id"] for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1

    assert pages == 3
    assert (len(found), len(set(found)), page["total"]) == (26, 26, 26)
    assert sorted(found, key=export.index) == found


def test_what_was_never_read_is_null_and_unknown_and_never_zero(acme, client):
    EbsVolume.revisions.update(size_gib=None, unknown={"size_gib": None})

    (item,) = ask(client, LIST)["items"]

    assert item["size_gib"] is None
    assert item["unknown"]["size_gib"] == {"why": "never read", "since": None}


def test_what_could_not_be_read_is_named_with_the_action_to_grant(acme, client):
    answer = ask(client, LIST)

    assert [one["actions"] for one in answer["unread"]] == [["ec2:DescribeVolumes"]]


def test_chosen_columns_are_given_and_no_others(acme, client):
    (item,) = ask(client, "/api/v1/resources/ec2-instance?columns=state")["items"]

    assert item["state"] == "running"
    assert not {"instance_type", "costs"} & item.keys()


def test_money_has_its_currency_and_unit_or_a_reason(acme, client):
    (item,) = ask(client, "/api/v1/resources/ec2-instance")["items"]

    money = item["costs"]["on_demand_monthly_usd"]
    assert (money["amount"], money["currency"], money["unit"]) == (None, "USD", "month")
    assert money["reason"]


@pytest.mark.parametrize(
    ("address", "parameter"),
    [
        (f"{LIST}?size_gib__gte=large", "size_gib__gte"),
        (f"{LIST}?size=8", "size"),
        (f"{LIST}?format=csv", "format"),
        (f"{LIST}?limit=0", "limit"),
        (f"{LIST}?limit=501", "limit"),
        (f"{LIST}?cursor=x", "cursor"),
        (f"{LIST}?sort=tags", "sort"),
        (f"{LIST}?as_of=2999-01-01", "as_of"),
        ("/api/v1/accounts?account=acme", "account"),
        ("/api/v1/changes?kind=none", "kind"),
        ("/api/v1/changes?limit=x", "limit"),
        ("/api/v1/open-ports?port=99999", "port"),
        ("/api/v1/open-ports?cursor=nowhere", "cursor"),
        ("/api/v1/coverage?type=lake", "type"),
        ("/api/v1/costs/comparison?as_of=2026-01-01", "as_of"),
        ("/api/v1/costs/commitments?region=eu-west-1", "region"),
        ("/api/v1/costs/waste?format=csv", "format"),
        ("/api/v1/costs/budgets?region=eu-west-1", "region"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(acme, client, address, parameter):
    answer = client.get(address)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]


def test_costs_by_something_tell_what_has_no_value_and_what_has_no_price(acme, client):
    answer = ask(client, "/api/v1/costs/by?by=tag:team")

    (line,) = answer["items"]
    assert (answer["currency"], line["value"], line["without"]) == ("USD", None, "none")
    assert (line["monthly_usd"], line["unpriced"]) == (None, sum(line["things"].values()))


def test_the_days_end_in_a_month_between_bounds_and_a_budget_says_what_is_not_known(acme, client):
    days = ask(client, "/api/v1/costs/days")
    (budget,) = ask(client, "/api/v1/costs/budgets")["items"]

    assert days["items"][-1]["unpriced"] > 0
    assert days["month"] is None or days["month"]["forecast_least_usd"] is None
    assert (budget["view"], budget["budget_usd"]) == ("acme view", "100")
    assert budget["verdict"] in ("unknown", "within")


@pytest.mark.parametrize("address", ["/api/v1/costs/by?by=colour", "/api/v1/costs/days?q=cost>5"])
def test_what_costs_cannot_be_told_by_is_a_problem(acme, client, address):
    answer = client.get(address)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


def test_the_parameter_that_was_probably_meant_is_told(acme, client):
    told = client.get(f"{LIST}?size=8").json()

    assert "There is no column “size”. Did you mean size_gib?" in told["detail"] == told["errors"][0]["detail"]


def test_too_many_conditions_are_refused_also_beside_one_that_cannot_be_met(acme, client):
    assert client.get(f"{LIST}?{MANY}&size=8").status_code == 400


def test_what_leads_nowhere_is_a_problem_too(acme, client):
    for path in ("resources/lake", f"{LIST}/0".removeprefix("/api/v1/"), "accounts/", ""):
        answer = client.get(f"/api/v1/{path or 'x'}")

        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json"), path


def test_a_moment_before_the_first_look_is_no_empty_ledger(acme, client):
    answer = ask(client, "/api/v1/regions?as_of=2020-01-01")

    assert (answer["was_never_read"], answer["items"]) == (True, [])


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (ZeroDivisionError(), 500)], ids=repr)
def test_a_database_that_is_away_is_told_from_a_fault_of_ours(acme, client, error, status):
    def refuse(*call: Any) -> Any:
        raise error

    with connection.execute_wrapper(refuse):
        answer = client.get(LIST)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert "gone" not in answer.json()["detail"]
