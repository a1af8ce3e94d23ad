"""What happens to every figure when a price leaves the book: it is unpriced with the reason, and no total hides it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from costs import quotes
from costs.models import InstancePrice, PriceDocument, Quote, UnitPrice
from inventory.models import Account
from tests.costs import cast
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

REASON = "no loaded list has a price for c5.large with Linux in us-east-1"
VOLUME_REASON = "no loaded list has a price for gp2 (storage_gb_mo) in us-east-1"


@pytest.fixture
def things(tmp_path: Path) -> tuple[Account, Any, Any]:
    """An account with an m5.large, a c5.large and a volume, all of them priced."""
    cast.load(
        cast.table(
            tmp_path,
            "prices_2025-04.csv",
            cast.ON_DEMAND_AND_RESERVED,
            "us-east-1,m5.large,SKU1,0.096,0.06,0.041,0.071,0.049",
            "us-east-1,c5.large,SKU2,0.085,0.054,0.036,0.063,0.044",
        ),
        cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,x,gp2,storage_gb_mo,0.1,RATE"),
    )
    owner = cast.account()
    read_everything(owner, region=cast.REGION)
    cast.instance(owner)
    return owner, cast.instance(owner, instance_type="c5.large"), cast.volume(owner)


@pytest.fixture
def ask(client: Client) -> Callable[[str], str]:
    """The text of a page, as the user sees it who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))

    def text(url: str) -> str:
        response = client.get(url)
        assert response.status_code == 200
        body = response.getvalue() if response.streaming else response.content
        return " ".join(body.decode().split())

    return text


def remove_c5() -> None:
    """Take every price of c5.large out of the book, as if no list had ever had one."""
    InstancePrice.objects.filter(instance_type="c5.large").delete()
    quotes.refresh(Account.objects.all())


def test_the_instance_is_unpriced_with_the_reason_in_every_row_of_the_comparison(things):
    remove_c5()

    rows = [row for row in cast.compare() if row["instance_type"] == "c5.large"]

    assert rows
    assert {row["monthly_usd"] for row in rows} == {None}
    assert all(row["unpriced_reason"] for row in rows)
    assert cast.by_way(rows)["on-demand", None, None, None]["unpriced_reason"] == REASON


def test_the_fleet_counts_it_beside_each_total(things, ask):
    before = json.loads(ask("/costs/?format=json"))
    remove_c5()
    after = json.loads(ask("/costs/?format=json"))

    assert {(row["priced"], row["unpriced"]) for row in before} == {(2, 0)}
    assert {(row["priced"], row["unpriced"]) for row in after} == {(1, 1)}
    page = ask("/costs/")
    assert "1 of 2" in page
    assert "1 unpriced" in page
    assert REASON in page


def test_its_own_pages_say_why(things, ask):
    _, instance, _ = things
    remove_c5()

    for url in (f"/costs/{instance.resource_id}/", f"/types/ec2-instance/{instance.resource_id}/"):
        assert REASON in ask(url)


def test_its_quote_keeps_no_stale_figure(things):
    _, instance, _ = things
    remove_c5()

    quote = Quote.objects.get(resource=instance.resource)
    assert (quote.on_demand_monthly_usd, quote.reserved_monthly_usd) == (None, None)
    assert quote.on_demand_reason == REASON


def test_sums_over_lists_and_regions_say_how_many_they_leave_out(things, ask):
    assert "1 unpriced" not in ask("/types/ec2-instance/")
    remove_c5()

    assert "1 unpriced" in ask("/types/ec2-instance/")
    assert "unpriced" in ask("/")


def test_a_volume_without_its_price_is_unpriced_wherever_volumes_are_added_up(things, ask):
    _, _, volume = things
    UnitPrice.objects.filter(item="gp2").delete()
    quotes.refresh(Account.objects.all())

    assert VOLUME_REASON in ask(f"/types/ebs-volume/{volume.resource_id}/")
    assert "1 unpriced" in ask("/costs/")
    assert "no loaded list has a price for what is here" in ask("/types/ebs-volume/")
    storage = json.loads(ask("/costs/storage/?format=json"))
    assert [(row["monthly_usd"], row["unpriced_reason"]) for row in storage] == [(None, VOLUME_REASON)]
    assert "unpriced" in ask("/costs/storage/")


def test_a_list_that_leaves_the_book_takes_its_prices_along_and_nothing_else(things, ask):
    PriceDocument.objects.get(kind="ec2-on-demand-and-reserved").delete()
    quotes.refresh(Account.objects.all())

    rows = json.loads(ask("/costs/?format=json"))
    assert {(row["priced"], row["unpriced"]) for row in rows} == {(0, 2)}
    assert "None of the" in ask("/costs/")
    assert UnitPrice.objects.exists()


def written(command: str) -> list[dict[str, Any]]:
    """The rows that a command writes."""
    out = StringIO()
    call_command(command, "--format=json", stdout=out)
    rows: list[dict[str, Any]] = json.loads(out.getvalue())
    return rows


def test_a_wasted_volume_keeps_its_line_on_the_page_in_the_export_and_in_the_command(things, ask):
    owner, _, _ = things
    cast.volume(owner, name="left", state="available")
    assert [row["monthly_usd"] for row in written("waste")] == ["10"]
    UnitPrice.objects.filter(item="gp2").delete()

    for rows in (written("waste"), json.loads(ask("/costs/waste/?format=json"))):
        assert [(row["name"], row["monthly_usd"], row["unpriced_reason"]) for row in rows] == [
            ("left", None, VOLUME_REASON)
        ]
    page = ask("/costs/waste/")
    assert "1 unpriced" in page
    assert VOLUME_REASON in page


def test_what_to_buy_names_it_as_unpriced_on_the_page_and_in_the_export(things, ask):
    owner, _, _ = things
    now = timezone.now()
    for hours in (100, 0):
        read_everything(owner, now - timedelta(hours=hours), cast.REGION)
    remove_c5()

    rows = {row["family"]: row for row in json.loads(ask("/costs/buy/?format=json"))}
    assert rows["m5"]["unpriced_reason"] is None
    assert (rows["c5"]["buy"], rows["c5"]["saving_monthly_usd"]) == (None, None)
    assert REASON in rows["c5"]["unpriced_reason"]
    assert REASON in ask("/costs/buy/")


def test_a_commitment_of_it_has_an_unknown_saving_and_is_in_no_total_of_savings(things, ask):
    owner, _, _ = things
    now = timezone.now()
    read_everything(owner, now, cast.REGION)
    bought = cast.reserved(owner, now, count=1)
    type(bought).revisions.filter(pk=bought.pk).update(instance_type="c5.large")
    assert [row["net_saving_hourly_usd"] for row in written("commitments")] == ["0.025"]
    remove_c5()

    for rows in (written("commitments"), json.loads(ask("/costs/commitments/?format=json"))):
        assert [(row["used"], row["net_saving_hourly_usd"]) for row in rows] == [("1", None)]
        assert rows[0]["unknown"] == [REASON]
    assert REASON in ask("/costs/commitments/")


def test_the_page_of_its_type_says_that_no_list_has_it(things, ask):
    remove_c5()

    assert "No loaded list has any price for c5.large" in ask("/costs/types/c5.large/")
    assert json.loads(ask("/costs/types/c5.large/?format=json")) == []


def test_costs_by_anything_and_over_time_have_less_money_and_say_so(things, ask):
    owner, _, _ = things
    read_everything(owner, timezone.now() - timedelta(hours=1), cast.REGION)

    def lines() -> dict[str, tuple[str | None, int]]:
        rows = json.loads(ask("/costs/by/?by=family&format=json"))
        return {row["value"]: (row["monthly_usd"], row["unpriced"]) for row in rows}

    before = lines()
    remove_c5()

    after = lines()
    assert {family for family in after if after[family] != before[family]} == {"c5"}
    assert after["c5"] == (None, before["c5"][1] + 1)
    for page in ("/costs/by/?by=family", "/costs/over-time/"):
        assert REASON in ask(page), page
    assert json.loads(ask("/costs/over-time/?format=json"))[-1]["unpriced"] == 1
