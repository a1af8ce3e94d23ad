"""The cost pages."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from inventory.models import Account, AccountGrant
from inventory.pages.extensions import extensions
from tests.costs import cast
from tests.pages.reading import Reading
from tests.support.rows import read_everything

pytestmark = pytest.mark.django_db

FLEET = "/costs/"
BEFORE = datetime(2026, 1, 1, 6, tzinfo=UTC)
AFTER = datetime(2026, 2, 1, 6, tzinfo=UTC)


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account, and prices of m5.large."""
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    read_everything(owner, BEFORE, cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def records(client: Client, url: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return cast.by_way(json.loads(client.get(url).getvalue()))


def costs_of(instance) -> str:
    return reverse("instance-costs", args=[instance.resource_id])


def test_the_fleet_page_shows_every_priced_way_with_its_figures_and_date(acme, operator):
    cast.instance(acme)
    cast.instance(acme)

    page = text(operator, FLEET)

    for figure in ("140.16", "59.86", "57.3 %", "312", "2025-04", "2024-04", "prices_2025-04.csv"):
        assert figure in page


def test_html_json_and_csv_say_the_same(acme, operator):
    cast.instance(acme)

    rows = records(operator, f"{FLEET}?format=json")
    lines = list(csv.DictReader(StringIO(operator.get(f"{FLEET}?format=csv").getvalue().decode())))

    standard = rows["reserved", "standard", 3, "no-upfront"]
    assert (standard["monthly_usd"], standard["fits"], standard["price_dates"]) == ("29.93", 1, ["2025-04"])
    assert "29.93" in text(operator, FLEET)
    assert [line["monthly_usd"] for line in lines] == [row["monthly_usd"] or "" for row in rows.values()]


def test_a_way_that_no_list_has_is_unpriced_and_not_zero(acme, operator):
    cast.instance(acme)

    row = records(operator, f"{FLEET}?format=json")["reserved", "standard", 1, "all-upfront"]

    assert (row["monthly_usd"], row["fits"]) == (None, 0)
    assert row["unpriced_reason"]


def test_totals_say_how_many_have_no_price_and_why(acme, operator):
    cast.instance(acme)
    cast.instance(acme, region="sa-east-1")

    page = text(operator, FLEET)

    assert "1 of 2" in page
    assert "1 unpriced" in page
    assert "instance prices for sa-east-1" in page


def test_stopped_instances_add_nothing_until_they_are_asked_for(acme, operator):
    cast.instance(acme)
    cast.instance(acme, state="stopped")

    assert records(operator, f"{FLEET}?format=json")["on-demand", None, None, None]["monthly_usd"] == "70.08"
    assert "1 stopped instance" in text(operator, FLEET)
    assert "If they ran" in text(operator, f"{FLEET}?state=stopped")


def test_the_page_can_be_limited_to_a_region_and_an_account(acme, operator):
    cast.instance(acme)
    cast.instance(acme, region="eu-west-1")
    cast.instance(cast.account("other"))

    def instances(query: str) -> Any:
        on_demand = records(operator, f"{FLEET}?format=json&{query}")["on-demand", None, None, None]
        return on_demand["priced"] + on_demand["unpriced"]

    assert instances("region=us-east-1") == 2
    assert instances("account=acme") == 2
    assert instances("account=acme&region=eu-west-1") == 1


def test_the_instances_behind_it_stand_with_the_dearest_first_where_a_list_can_be_sorted_so(acme, operator):
    cast.instance(acme, name="web", valid_from=BEFORE)

    now, then = (Reading(operator.get(FLEET, query)).links for query in ({}, {"as_of": AFTER.isoformat()}))

    dearest = now["1 running instance"]
    at_that_time = then["1 running instance"]
    assert "sort=-on_demand_monthly_usd" in dearest
    assert "sort=" not in at_that_time
    assert [operator.get(url).status_code for url in (dearest, at_that_time)] == [200, 200]


@pytest.mark.parametrize("query", ["state=flying", "format=xml", "as_of=soon", "as_of=2999-01-01"])
def test_what_the_address_cannot_mean_is_explained(acme, operator, query):
    response = operator.get(f"{FLEET}?{query}")

    assert response.status_code == 400
    assert "Write" in response.content.decode()


def test_a_past_moment_shows_what_was_there_at_todays_prices(acme, operator):
    cast.instance(acme, valid_from=BEFORE, valid_to=AFTER)

    assert "70.08" in text(operator, f"{FLEET}?as_of=2026-01-15")
    assert "There is no running instance" in text(operator, FLEET)


def test_where_nobody_has_looked_nothing_is_claimed(acme, operator):
    assert "There is no running instance" in text(operator, FLEET)
    assert "No instance was read by then" in text(operator, f"{FLEET}?as_of=2025-12-31")
    assert "No instance in Tokyo was read yet" in text(operator, f"{FLEET}?region=ap-northeast-1")


def test_a_ledger_without_accounts_says_that_nothing_was_read(operator):
    assert "was read yet" in text(operator, FLEET)


def test_an_empty_book_says_what_to_do(operator):
    owner = cast.account()
    read_everything(owner, BEFORE, cast.REGION)
    instance = cast.instance(owner)

    assert "manage.py load_prices" in text(operator, FLEET)
    assert "no price list is loaded" in text(operator, costs_of(instance))


def test_a_derived_system_is_marked_beside_the_price(acme, operator):
    instance = cast.instance(acme, usage_operation=None, operating_system_source="Platform")

    assert "derived from Platform" in text(operator, FLEET)
    assert "derived from Platform" in text(operator, costs_of(instance))


def test_the_page_of_one_instance_shows_the_same_figures_as_compare_costs(acme, operator):
    instance = cast.instance(acme)

    page, rows = text(operator, costs_of(instance)), records(operator, f"{costs_of(instance)}?format=json")

    assert rows == cast.by_way(cast.compare())
    for figure in ("70.08", "43.80", "29.93", "51.83", "35.77", "28.03", "456", "37.5 %", "60.0 %", "2024-04"):
        assert figure in page


def test_a_stopped_instance_says_that_it_costs_no_compute(acme, operator):
    instance = cast.instance(acme, state="stopped")

    assert "costs no compute now" in text(operator, costs_of(instance))


def test_an_instance_that_is_gone_keeps_its_page_and_says_so(acme, operator):
    instance = cast.instance(acme, valid_from=BEFORE, valid_to=AFTER)

    now, then = text(operator, costs_of(instance)), text(operator, f"{costs_of(instance)}?as_of=2026-01-15")

    assert "70.08" in now
    assert "It is gone since" in now
    assert "It is gone since" not in then


def test_before_an_instance_was_first_seen_it_has_no_page(acme, operator):
    instance = cast.instance(acme, valid_from=AFTER)

    assert operator.get(f"{costs_of(instance)}?as_of=2026-01-15").status_code == 404


def test_what_is_no_instance_has_no_comparison(acme, operator):
    volume = cast.volume(acme)

    assert operator.get(costs_of(volume)).status_code == 404


def test_a_stranger_sees_no_instance_and_no_figure(acme, client):
    instance = cast.instance(acme)
    client.force_login(User.objects.create_user("stranger"))

    assert client.get(costs_of(instance)).status_code == 404
    assert client.get(f"{costs_of(instance)}?format=json").status_code == 404
    assert client.get(f"{FLEET}?account=acme").status_code == 404
    assert records(client, f"{FLEET}?format=json")["on-demand", None, None, None]["priced"] == 0
    assert "70.08" not in text(client, FLEET)


def test_a_granted_user_sees_the_granted_account_only(acme, client):
    cast.instance(acme)
    cast.instance(cast.account("other"))
    reader = User.objects.create_user("reader")
    AccountGrant.objects.create(account=acme, user=reader)
    client.force_login(reader)

    assert records(client, f"{FLEET}?format=json")["on-demand", None, None, None]["priced"] == 1


def test_nobody_sees_costs_without_signing_in(acme, client):
    instance = cast.instance(acme)

    for url in (FLEET, costs_of(instance)):
        assert client.get(url).status_code == 302


def test_a_hostile_name_is_shown_as_text(acme, operator):
    instance = cast.instance(acme, name="<script>alert(1)</script>")

    assert "<script>alert" not in text(operator, costs_of(instance))


def test_the_number_of_queries_does_not_grow_with_the_fleet(acme, operator):
    cast.instance(acme)
    with CaptureQueriesContext(connection) as of_one:
        operator.get(FLEET)
    for number in range(20):
        cast.instance(acme, instance_type=f"m{number}.large", region=f"eu-west-{number % 3}")

    with CaptureQueriesContext(connection) as of_many:
        operator.get(FLEET)

    assert len(of_many) == len(of_one) <= 23


def panel_of(revision, slug: str) -> str:
    """The panel "What it costs" on the detail page, as the page includes it."""
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("somebody")
    gathered = [(one.template, one.gather(revision.resource, revision, None)) for one in extensions.panels_of(slug)]
    shown = [render_to_string(template, {"panel": panel}, request) for template, panel in gathered if panel is not None]
    (panel,) = (one for one in shown if "<h2>What it costs" in one)
    return " ".join(panel.split())


def test_the_panel_of_an_instance_shows_what_has_a_price_and_counts_the_rest(acme):
    panel = panel_of(cast.instance(acme), "ec2-instance")

    assert all(figure in panel for figure in ("70.08", "29.93", "57.3 %", "2024-04"))
    assert "28 more ways" in panel


def test_the_panel_of_an_instance_without_a_price_says_why(acme):
    panel = panel_of(cast.instance(acme, region="sa-east-1"), "ec2-instance")

    assert "unpriced" in panel
    assert "instance prices for sa-east-1" in panel


def test_the_panel_of_a_volume_adds_up_its_lines(acme, tmp_path):
    line = "us-east-1,x,gp3,{},{},RATE"
    prices = {"storage_gb_mo": "0.08", "iops_mo": "0.005", "throughput_gibps_mo": "40.96"}
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *(line.format(*one) for one in prices.items())))

    panel = panel_of(cast.volume(acme, volume_type="gp3", size_gib=500, iops=6000, throughput_mibps=250), "ebs-volume")

    assert all(figure in panel for figure in ("40.00", "15.00", "5.00", "60.00", "2024-07"))


def test_the_panel_of_a_volume_says_why_it_has_no_price(acme):
    assert "IOPS were not read" in panel_of(cast.volume(acme, volume_type="io2", iops=None), "ebs-volume")


def test_costs_stands_in_the_navigation(operator):
    assert f'href="{FLEET}"' in text(operator, FLEET)
