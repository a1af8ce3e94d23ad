"""The bill beside our estimate: what each row is made of, and what is never taken to be known."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inventory.models import Account, AccountGrant, ResourceTag
from tests.costs import cast
from tests.costs.bill_documents import PAYER, cur_charge, focus_charge, written, written_focus
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

PAGE = "/costs/bill/"
OCTOBER = datetime(2026, 10, 1, tzinfo=UTC)
END = "2026-10-11T00:00:00Z"
HOURS = 240
"""From the first to the eleventh of October."""

USE = {"line_item_usage_start_date": "2026-10-01T00:00:00Z", "line_item_usage_end_date": END}


@pytest.fixture
def acme(tmp_path: Path) -> Account:
    """The payer's own account, read before October, and prices of m5.large and gp2."""
    cast.load_m5_large(tmp_path)
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,x,gp2,storage_gb_mo,0.1,RATE"))
    owner = Account.objects.create(name="acme", account_id=PAYER)
    read_everything(owner, datetime(2026, 9, 1, tzinfo=UTC), cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("operator"))
    return client


def load(folder: Path, *charges: dict[str, Any], tags: tuple[str, ...] = ()) -> None:
    chosen = [word for tag in tags for word in ("--tag", tag)]
    call_command("load_bill", str(written(folder / "cur.csv", charges)), *chosen)


def rows(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    found = json.loads(client.get(f"{PAGE}?format=json{query}").getvalue())
    return {row["name"]: row for row in found}


def text(client: Client, query: str = "") -> str:
    response = client.get(PAGE + query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_an_estimate_and_a_bill_of_the_same_use_leave_no_rest(acme, operator, tmp_path):
    cast.instance(acme)
    cast.volume(acme)
    instance, volume = Decimal("0.096") * HOURS, Decimal(10) * HOURS / 744
    load(
        tmp_path,
        cur_charge(str(instance), **USE),
        cur_charge(f"{volume:.10f}", **USE, line_item_usage_type="EBS:VolumeUsage.gp2"),
    )

    row = rows(operator)["AmazonEC2"]
    assert abs(Decimal(row["rest"])) < Decimal("0.0000001")
    assert Decimal(row["billed"]).quantize(Decimal("0.01")) == Decimal("26.27")
    assert (row["priced"], row["unpriced"]) == (2, 0)
    page = text(operator)
    assert "<b>$26.27</b> was billed" in page
    assert "our estimate for the same stretch is <b>$26.27</b>" in page


def test_an_instance_counts_for_the_hours_that_it_ran_in_the_stretch(acme, operator, tmp_path):
    cast.instance(acme, valid_from=datetime(2026, 10, 2, tzinfo=UTC), valid_to=datetime(2026, 10, 3, tzinfo=UTC))
    cast.instance(acme, valid_from=datetime(2026, 9, 2, tzinfo=UTC), valid_to=datetime(2026, 10, 1, 6, tzinfo=UTC))
    cast.instance(acme, state="stopped")
    cast.instance(acme, valid_from=datetime(2026, 10, 20, tzinfo=UTC))
    load(tmp_path, cur_charge("1", **USE))

    assert Decimal(rows(operator)["AmazonEC2"]["estimate"]) == Decimal("0.096") * 30


def test_the_way_from_the_estimate_to_the_bill_is_told_step_by_step(acme, operator, tmp_path):
    for _ in range(4):
        cast.instance(acme)
    whole = str(Decimal("0.096") * HOURS)
    load(
        tmp_path,
        cur_charge(whole, **USE),
        cur_charge("0", **USE, line_item_line_item_type="DiscountedUsage", pricing_public_on_demand_cost=whole),
        cur_charge("8", **USE, line_item_usage_type="SpotUsage:m5.large", pricing_public_on_demand_cost=whole),
        cur_charge(whole, **USE, line_item_line_item_type="SavingsPlanCoveredUsage"),
        cur_charge(f"-{whole}", **USE, line_item_line_item_type="SavingsPlanNegation"),
        cur_charge("14.40", line_item_line_item_type="RIFee"),
        cur_charge("-2", line_item_line_item_type="EdpDiscount"),
        cur_charge("-3", line_item_line_item_type="Credit"),
        cur_charge("4", line_item_line_item_type="Tax"),
        cur_charge("5", **USE, line_item_usage_type="DataTransfer-Out-Bytes"),
        cur_charge("29", line_item_product_code="AWSSupportBusiness"),
        cur_charge("60", line_item_product_code="AmazonRDS", line_item_usage_type="InstanceUsage:db.m5.large"),
    )

    found = rows(operator)
    row = found["AmazonEC2"]
    assert Decimal(row["estimate"]) == Decimal(whole) * 4
    assert Decimal(row["saved_by_commitments_and_spot"]) == 8 - 3 * Decimal(whole)
    assert (row["not_estimated"], row["commitment"], row["discount"], row["credit"], row["tax"]) == (
        "5",
        "14.4",
        "-2",
        "-3",
        "4",
    )
    assert row["rest"] == "0"
    assert (found["AmazonRDS"]["estimate"], found["AmazonRDS"]["rest"]) == (None, None)
    assert found["AmazonRDS"]["not_estimated"] == "60"
    assert found["AWSSupportBusiness"]["support"] == "29"
    assert "not estimated" in text(operator)


def test_a_rest_is_not_told_where_something_has_no_price(acme, operator, tmp_path):
    cast.instance(acme)
    cast.instance(acme, instance_type="x9.huge")
    load(tmp_path, cur_charge("40", **USE))

    row = rows(operator)["AmazonEC2"]
    assert (row["rest"], row["unpriced"], row["rest_unknown_because"]) == (None, 1, "1 things have no price")
    page = text(operator)
    assert "1 unpriced" in page
    assert "no loaded list has a price for x9.huge" in page


def test_a_rest_is_not_told_where_a_covered_charge_does_not_say_its_list_price(acme, operator, tmp_path):
    cast.instance(acme)
    load(tmp_path, cur_charge("0", **USE, line_item_line_item_type="DiscountedUsage", pricing_public_on_demand_cost=""))

    row = rows(operator)["AmazonEC2"]
    assert (row["saved_by_commitments_and_spot"], row["rest"]) == (None, None)
    assert "1 charges do not tell their list price" in row["rest_unknown_because"]


def test_a_rest_is_not_told_where_the_ledger_began_later(acme, operator, tmp_path):
    other = Account.objects.create(name="young", account_id="444455556666")
    read_everything(other, datetime(2026, 10, 5, tzinfo=UTC), cast.REGION)
    cast.instance(other)
    load(tmp_path, cur_charge("1", **USE, line_item_usage_account_id="444455556666"))

    assert rows(operator)["AmazonEC2"]["rest_unknown_because"] == "the ledger of young begins later than this bill"
    assert "The ledger of young begins later" in text(operator)


def test_what_is_estimated_and_not_in_the_bill_is_a_row_of_its_own(acme, operator, tmp_path):
    cast.instance(acme)
    load(tmp_path, cur_charge("60", **USE, line_item_product_code="AmazonRDS", line_item_usage_type="db"))

    row = rows(operator)["AmazonEC2"]
    assert (row["billed"], Decimal(row["rest"])) == ("0", -Decimal("0.096") * HOURS)


def test_what_is_billed_and_nothing_in_the_ledger_is_the_rest(acme, operator, tmp_path):
    load(tmp_path, cur_charge("9", **USE, resource_tags={"user_team": "web"}), tags=("Team",))

    for query, name in (("", "AmazonEC2"), ("&tag=Team", "web")):
        row = rows(operator, query)[name]
        assert (row["estimate"], row["rest"]) == ("0", "9")


def test_another_currency_is_shown_and_never_set_against_dollars(acme, operator, tmp_path):
    cast.instance(acme)
    load(tmp_path, cur_charge("700", **USE, line_item_currency_code="CNY"), cur_charge("20", **USE))

    found = json.loads(operator.get(f"{PAGE}?format=json").getvalue())
    assert [(row["currency"], row["billed"], row["rest"] is None) for row in found] == [
        ("USD", "20", False),
        ("CNY", "700", True),
    ]
    page = text(operator)
    assert "700.00 CNY" in page
    assert "720" not in page


def test_a_tag_takes_bill_and_estimate_apart_with_the_untagged_share(acme, operator, tmp_path):
    web = cast.instance(acme)
    cast.instance(acme)
    ResourceTag.objects.create(account=acme, resource=web.resource, key="Team", value="web", valid_from=web.valid_from)
    whole = str(Decimal("0.096") * HOURS)
    load(
        tmp_path,
        cur_charge(whole, **USE, resource_tags={"user_team": "web"}),
        cur_charge(whole, **USE),
        cur_charge(
            "9",
            **USE,
            line_item_product_code="AmazonRDS",
            line_item_usage_type="db",
            resource_tags={"user_team": "web"},
        ),
        tags=("Team",),
    )

    found = rows(operator, "&tag=Team")
    assert {name: (row["not_estimated"], row["rest"]) for name, row in found.items()} == {
        "web": ("9", "0"),
        "": ("0", "0"),
    }
    page = text(operator, "?tag=Team")
    assert "without the tag" in page
    assert "By Team" in page


def test_a_tag_that_the_bill_does_not_keep_is_told(acme, operator, tmp_path):
    load(tmp_path, cur_charge("1", **USE))

    assert "loaded without the tag Owner" in text(operator, "?tag=Owner")


def test_a_stranger_sees_nothing_of_the_bill_of_others(acme, client, operator, tmp_path):
    cast.instance(acme)
    load(tmp_path, cur_charge("1", **USE), cur_charge("77", **USE, line_item_usage_account_id="999900001111"))
    assert "77.00 USD is billed for 1 account that is not in the ledger" in text(operator)

    stranger = User.objects.create_user("stranger")
    client.force_login(stranger)
    assert rows(client) == {}
    assert "No bill is loaded yet" in text(client)

    AccountGrant.objects.create(account=acme, user=stranger)
    assert rows(client)["AmazonEC2"]["billed"] == "1"
    assert "77.00" not in text(client)


def test_a_bill_of_nobody_in_the_ledger_is_told_to_operators(acme, operator, tmp_path):
    load(tmp_path, cur_charge("77", **USE, line_item_usage_account_id="999900001111"))

    page = text(operator)
    assert "holds no charge for these accounts" in page
    assert "77.00 USD is billed for 1 account that is not in the ledger" in page


def test_the_newest_month_is_shown_and_others_can_be_chosen(acme, operator, tmp_path):
    september = {
        "bill_billing_period_start_date": "2026-09-01T00:00:00Z",
        "line_item_usage_start_date": "2026-09-10T00:00:00Z",
        "line_item_usage_end_date": "2026-10-01T00:00:00Z",
    }
    load(tmp_path, cur_charge("1", **USE), cur_charge("2", **september))

    assert rows(operator)["AmazonEC2"]["billed"] == "1"
    assert rows(operator, "&month=2026-09")["AmazonEC2"]["billed"] == "2"
    assert "No bill of 2026-01 is loaded" in text(operator, "?month=2026-01")


def test_focus_is_set_beside_the_estimate_in_the_same_way(acme, operator, tmp_path):
    cast.instance(acme)
    stretch = {"ChargePeriodStart": "2026-10-01T00:00:00Z", "ChargePeriodEnd": END}
    call_command(
        "load_bill", str(written_focus(tmp_path / "f.csv", [focus_charge(str(Decimal("0.096") * HOURS), **stretch)]))
    )

    assert rows(operator)["AmazonEC2"]["rest"] == "0"
    assert "FOCUS 1.0" in text(operator)


@pytest.mark.parametrize("query", ["?month=October", "?month=2026-13", "?format=pdf", "?tag=" + "x" * 129])
def test_what_the_address_cannot_mean_is_explained(acme, operator, query):
    assert operator.get(PAGE + query).status_code == 400


def test_the_page_asks_as_much_for_many_services_as_for_few(acme, operator, tmp_path):
    def asked(number: int) -> int:
        for _ in range(number):
            cast.instance(acme)
        load(tmp_path, *(cur_charge("1", **USE, line_item_product_code=f"Amazon{one}") for one in range(number)))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            text(operator)
        return len(queries)

    few = asked(2)
    assert asked(30) == few
    assert few <= 42
