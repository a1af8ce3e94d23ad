"""The waste list: on its page, and as `manage.py waste`."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from costs.models import PriceDocument
from costs.waste import Kind
from costs.waste_search import find_waste
from inventory.models import Account, Freshness, Link, Outcome, Visit
from tests.costs import cast
from tests.support.rows import FIRST_LOOK, read_everything

pytestmark = pytest.mark.django_db

WASTE = "/costs/waste/"
SECOND, THIRD = (datetime(2026, month, 1, 6, tzinfo=UTC) for month in (2, 3))
EBS_PRICES = (
    "us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,R1",
    "us-east-1,N. Virginia,gp3,storage_gb_mo,0.08,R2",
    "us-east-1,N. Virginia,gp3,iops_mo,0.005,R3",
    "us-east-1,N. Virginia,gp3,throughput_gibps_mo,40.96,R4",
)
ON_DEMAND = ("us-east-1,m4.xlarge,0.2", "us-east-1,m6a.xlarge,0.1728", "us-east-1,m7i.xlarge,0.2016")


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account that was read three times, and prices in Virginia."""
    cast.load(
        cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *EBS_PRICES),
        cast.table(tmp_path, "prices_2026-07.csv", cast.ON_DEMAND, *ON_DEMAND),
    )
    owner = cast.account()
    for moment in (FIRST_LOOK, SECOND, THIRD):
        read_everything(owner, moment, cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def waste(*arguments: str) -> dict[str, dict[str, Any]]:
    """The lines of `manage.py waste` by name; every name has one line."""
    out = StringIO()
    call_command("waste", *arguments, "--format=json", stdout=out)
    rows = json.loads(out.getvalue())
    found = {row["name"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def text(client: Client, query: str = "") -> str:
    response = client.get(WASTE + query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def attach(volume: Any, *instances: Any) -> None:
    for instance in instances:
        Link.objects.create(
            account=volume.account,
            resource=volume.resource,
            role="attachments",
            target_type="ec2-instance",
            target=instance.resource.native_id,
            valid_from=volume.valid_from,
        )


def again(revision: Any, state: str, moment: datetime) -> Any:
    """The same thing, in another state from this moment on."""
    model = type(revision)
    model.revisions.filter(pk=revision.pk).update(valid_to=moment)
    revision.pk, revision.state, revision.valid_from, revision.valid_to = None, state, moment, None
    revision.save()
    return revision


def test_a_volume_attached_to_nothing_costs_all_of_its_price_and_no_cheaper_type_is_told(acme):
    cast.volume(acme, name="left", state="available", size_gib=800)

    line = waste()["left"]

    assert (line["waste"], line["monthly_usd"], line["instead"]) == ("unattached-volume", "80", None)
    assert line["what"] == "800 GiB gp2"
    assert (line["price_dates"], line["sources"]) == (["2024-07"], ["ebs_2024-07.csv"])


def test_since_when_a_volume_is_attached_to_nothing_lies_between_two_looks(acme):
    cast.volume(acme, name="always", state="available")
    again(cast.volume(acme, name="lately"), "available", THIRD)
    again(again(cast.volume(acme, name="twice", state="available"), "in-use", SECOND), "available", THIRD)
    cast.volume(acme, name="new", state="available", valid_from=SECOND)
    resized = cast.volume(acme, name="resized", state="available")
    resized.size_gib = 200
    again(resized, "available", SECOND)

    lines = waste()

    since = {name: (line["since"], line["since_after"]) for name, line in lines.items()}
    first, second, third = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (FIRST_LOOK, SECOND, THIRD))
    assert since == {
        "always": (first, None),
        "lately": (third, second),
        "twice": (third, second),
        "new": (second, first),
        "resized": (first, None),
    }


def test_a_stopped_instance_costs_no_compute_and_its_volumes_have_lines_of_their_own(acme):
    rest = again(cast.instance(acme, name="rest"), "stopped", SECOND)
    disk = cast.volume(acme, name="its disk", size_gib=100)
    attach(disk, rest)

    lines = waste()

    assert {name: (line["waste"], line["monthly_usd"]) for name, line in lines.items()} == {
        "rest": ("stopped-instance", "0"),
        "its disk": ("volume-of-stopped-instance", "10"),
    }
    assert {line["since"] for line in lines.values()} == {"2026-02-01T06:00:00Z"}


def test_a_volume_that_a_running_instance_shares_is_not_wasted(acme):
    rest, runs = cast.instance(acme, name="rest", state="stopped"), cast.instance(acme, name="runs")
    shared = cast.volume(acme, name="shared", volume_type="gp3", size_gib=100, iops=3000, throughput_mibps=125)
    attach(shared, rest, runs)

    assert set(waste()) == {"rest"}


def test_a_running_instance_of_an_older_generation_has_the_saving_of_the_cheapest_newer_one(acme):
    cast.instance(acme, name="old", instance_type="m4.xlarge", architecture="x86_64")

    line = waste()["old"]

    assert (line["waste"], line["what"], line["instead"]) == ("older-instance-type", "m4.xlarge", "m6a.xlarge")
    assert line["monthly_usd"] == "19.856"
    assert line["price_dates"] == ["2026-07"]


@pytest.mark.parametrize(
    "fields", [{"state": "stopped"}, {"lifecycle": "spot"}, {"architecture": None}, {"architecture": "arm64"}]
)
def test_only_running_on_demand_instances_of_the_same_architecture_are_compared(acme, fields):
    cast.instance(acme, name="old", **{"instance_type": "m4.xlarge", "architecture": "x86_64"} | fields)

    assert {line["waste"] for line in waste().values()} <= {"stopped-instance"}


def test_a_volume_in_use_of_a_dearer_type_has_the_difference(acme):
    cast.volume(acme, name="old", size_gib=500)

    line = waste()["old"]

    assert (line["waste"], line["monthly_usd"]) == ("dearer-volume-type", "5")
    assert line["instead"] == "500 GiB gp3 with 3,000 IOPS and 250 MiB/s"


def test_the_total_counts_each_dollar_once_and_says_what_has_no_price(acme, operator):
    rest = cast.instance(acme, name="rest", state="stopped", instance_type="m4.xlarge", architecture="x86_64")
    attach(cast.volume(acme, name="its disk", size_gib=500), rest)
    cast.volume(acme, name="left", state="available", size_gib=500)
    cast.volume(acme, name="in use", size_gib=500)
    cast.volume(acme, name="far", state="available", region="sa-east-1")

    lines, page = waste(), text(operator)

    assert sum(Decimal(line["monthly_usd"]) for line in lines.values() if line["monthly_usd"]) == Decimal(105)
    assert "<b>$105.00</b> a month could be saved" in page
    assert lines["far"]["monthly_usd"] is None
    assert "sa-east-1" in lines["far"]["unpriced_reason"]
    assert "1 unpriced" in page


def test_without_prices_every_line_is_unpriced_and_the_total_says_so(acme, operator):
    cast.volume(acme, name="left", state="available")
    PriceDocument.objects.all().delete()

    assert waste()["left"]["unpriced_reason"] == "no price list is loaded"
    assert "1 unpriced" in text(operator)


def test_what_could_not_be_compared_is_counted_by_its_reason(acme, operator, capsys):
    cast.volume(acme, name="far", region="sa-east-1")
    cast.instance(acme, name="old", region="sa-east-1", instance_type="m4.xlarge", architecture="x86_64")

    assert waste() == {}
    assert "no loaded list has instance prices for sa-east-1" in capsys.readouterr().err
    assert "not compared" in text(operator)


def test_a_denied_region_could_not_be_looked_at(acme, operator, capsys):
    scope = Freshness.objects.get(account=acme, type="ebs-volume", scope_region=cast.REGION)
    scope.failing_since = THIRD
    scope.save()
    Visit.objects.filter(account=acme, type=scope.type, scope_region=scope.scope_region).update(outcome=Outcome.DENIED)

    assert "EBS volumes in N. Virginia (acme) could not be looked at" in text(operator)
    assert waste() == {}
    assert "Could not be looked at: ebs-volume in us-east-1" in capsys.readouterr().err


def test_the_list_can_be_narrowed_to_a_region_an_account_and_a_moment(acme):
    cast.volume(acme, name="here", state="available", valid_to=THIRD)
    cast.volume(acme, name="there", state="available", region="eu-west-1")
    cast.volume(cast.account("other"), name="theirs", state="available")

    assert set(waste()) == {"there", "theirs"}
    assert set(waste("--region=us-east-1")) == {"theirs"}
    assert set(waste("--account=acme")) == {"there"}
    assert set(waste("--as-of=2026-02-15T00:00:00Z", "--account=acme")) == {"here", "there"}


def test_page_and_command_write_the_same_rows(acme, operator):
    cast.volume(acme, name="left", state="available")
    out = StringIO()
    call_command("waste", "--format=csv", stdout=out)

    page = operator.get(f"{WASTE}?format=csv").getvalue().decode()

    assert page == out.getvalue()
    assert [line["name"] for line in csv.DictReader(StringIO(page))] == ["left"]


def test_a_wrong_argument_is_told(acme, operator):
    with pytest.raises(CommandError, match="no region"):
        waste("--region=mars")
    assert "is no format" in operator.get(f"{WASTE}?format=yaml").content.decode()


def test_what_was_never_read_is_not_told_as_no_waste(operator):
    cast.account()

    assert "nobody knows what is wasted" in text(operator)


def test_lines_that_are_not_shown_count_in_number_money_and_lists(acme, operator):
    for number in range(70):
        cast.volume(acme, name=f"volume-{number}", size_gib=100 + number % 8)
        cast.instance(acme, name=f"host-{number}", instance_type="m4.xlarge", architecture="x86_64")

    everything, most = find_waste([acme], None), find_waste([acme], None, most_alike=25)

    kinds = {total.kind: total for total in everything.kinds}
    assert {kind: total.number for kind, total in kinds.items()} == {Kind.OLDER_TYPE: 70, Kind.DEARER_VOLUME_TYPE: 70}
    for total in most.kinds:
        of_all = kinds[total.kind]
        assert total.lines == of_all.lines[:25]
        assert (total.number, total.monthly_usd) == (70, of_all.monthly_usd)
    assert most.documents == everything.documents
    page = text(operator)
    assert f"140 things in all regions cost more than they must: <b>${everything.monthly_usd:,.2f}</b>" in page
    assert page.count("the 25 that save most of 70") == 2


def test_the_page_asks_as_much_for_many_lines_as_for_few(acme, operator):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            text(operator)
        return len(asked)

    def add(number: int) -> None:
        for size_gib in range(1, number + 1):
            cast.volume(acme, state="available", size_gib=size_gib)
            attach(cast.volume(acme, size_gib=size_gib), cast.instance(acme, state="stopped"))
            cast.instance(acme, instance_type="m4.xlarge", architecture="x86_64")
            cast.volume(acme, size_gib=size_gib + 100)

    add(1)
    few = queries()
    add(20)

    assert queries() == few
