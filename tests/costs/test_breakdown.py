"""Costs by account, region, type, family, way of paying and tag: on their page, and as data."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.breakdown import By, Dimension, Key, Line, Place, breakdown, change_of, lines_together
from costs.chosen import Chosen
from costs.price_book import Unpriced
from costs.priceable import Monthly
from inventory.models import Account, AccountGrant, Freshness, ResourceTag, SavedView
from tests.costs import cast
from tests.support.rows import FIRST_LOOK, read_everything

pytestmark = pytest.mark.django_db

BY = "/costs/by/"
EBS_PRICES = ("us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,R1",)
LATER = datetime(2026, 2, 1, 6, tzinfo=UTC)
MONTH = datetime(2025, 4, 1, tzinfo=UTC).date()


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account that was read in January and February, with prices of m5.large and of gp2 in Virginia."""
    cast.load_m5_large(tmp_path)
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *EBS_PRICES))
    owner = cast.account()
    for moment in (FIRST_LOOK, LATER):
        read_everything(owner, moment, cast.REGION)
    return owner


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def lines(client: Client, **query: str) -> dict[str | None, dict[str, Any]]:
    """The lines of an export by their values; what has none is under `none` or `unread`."""
    answer: Any = client.get(BY, query | {"format": "json"})
    rows = json.loads(b"".join(answer.streaming_content))
    return {row["value"] if row["without"] is None else row["without"]: row for row in rows}


def text(client: Client, **query: str) -> str:
    return " ".join(client.get(BY, query).content.decode().split())


def tag(revision: Any, key: str, value: str) -> None:
    ResourceTag.objects.create(
        account=revision.account, resource=revision.resource, key=key, value=value, valid_from=revision.valid_from
    )


def test_every_dimension_comes_to_the_same_total(acme, operator):
    other = cast.account("beta")
    read_everything(other, LATER, cast.REGION)
    cast.instance(acme)
    cast.instance(acme, lifecycle="spot")
    cast.instance(other)
    cast.volume(acme)
    cast.bucket(acme)

    for by in ("account", "region", "type", "instance_type", "family", "payment", "tag:team"):
        found = lines(operator, by=by)
        assert sum(Decimal(row["monthly_usd"] or 0) for row in found.values()) == Decimal("220.24"), by
        assert sum(row["unpriced"] for row in found.values()) == 1, by


def test_by_account_each_line_tells_its_share_and_the_list_that_it_rests_on(acme, operator):
    cast.instance(acme)
    cast.volume(acme, size_gib=300)

    found = lines(operator)["acme"]

    assert (found["monthly_usd"], found["share_percent"]) == ("100.08", "100")
    assert found["things"] == {"ec2-instance": 1, "ebs-volume": 1}
    assert (found["price_dates"], found["sources"]) == (
        ["2024-07", "2025-04"],
        ["prices_2025-04.csv", "ebs_2024-07.csv"],
    )


def test_what_has_no_price_is_in_no_sum_and_told_with_its_reason(acme, operator):
    cast.instance(acme)
    cast.instance(acme, instance_type="m5.huge")

    row = lines(operator, by="family")["m5"]
    page = text(operator, by="family")

    assert (row["monthly_usd"], row["priced"], row["unpriced"]) == ("70.08", 1, 1)
    assert row["unpriced_reasons"] == ["no loaded list has a price for m5.huge with Linux in us-east-1"]
    assert "1 unpriced" in page
    assert "no loaded list has a price for m5.huge with Linux in us-east-1" in page


def test_a_line_without_any_price_has_no_money(acme, operator):
    cast.instance(acme, region="sa-east-1")

    assert lines(operator, by="region")["sa-east-1"]["monthly_usd"] is None


def test_what_has_no_such_tag_and_what_was_never_read_are_lines_of_their_own(acme, operator):
    tag(cast.instance(acme), "team", "web")
    cast.instance(acme)
    cast.instance(acme, unknown={"tags": None})
    tag(cast.volume(acme), "team", "web")

    found = lines(operator, by="tag:team")
    page = text(operator, by="tag:team")

    assert {value: row["monthly_usd"] for value, row in found.items()} == {
        "web": "80.08",
        "none": "70.08",
        "unread": "70.08",
    }
    assert "<b>31.8 %</b> of it carries no tag team." in page


def test_an_empty_value_of_a_tag_is_a_value(acme, operator):
    tag(cast.instance(acme), "team", "")

    assert set(lines(operator, by="tag:team")) == {""}


def test_each_line_leads_to_the_list_of_exactly_what_it_counts(acme, operator):
    tag(cast.instance(acme, name="mine"), "team", "web")
    cast.instance(acme, name="nobody's")
    cast.instance(acme, name="resting", state="stopped")

    for by, value in (("region", "N. Virginia"), ("instance_type", "m5.large"), ("family", "m5")):
        page = operator.get(BY, {"by": by}).content.decode()
        assert names_behind(operator, page, value) == {"mine", "nobody's"}, by
    page = operator.get(BY, {"by": "tag:team"}).content.decode()
    assert names_behind(operator, page, "web") == {"mine"}
    assert names_behind(operator, page, "Without the tag team") == {"nobody's"}


def names_behind(client: Client, page: str, label: str) -> set[str]:
    """The names in the list that a line of the page leads to."""
    link = unescape(page.split(f'">{label}</a>', maxsplit=1)[0].rpartition('href="')[2])
    answer: Any = client.get(f"{link}&format=json")
    return {row["name"] for row in json.loads(b"".join(answer.streaming_content))}


def test_by_way_of_paying_commitments_pay_for_what_they_cover(acme, operator):
    for _ in range(4):
        cast.instance(acme)
    cast.instance(acme, lifecycle="spot")
    cast.volume(acme)
    cast.reserved(acme, datetime.now(UTC), count=1)

    found = lines(operator, by="payment")

    assert {payer: row["monthly_usd"] for payer, row in found.items()} == {
        "on-demand": "210.24",
        "reserved": "70.08",
        "spot": "70.08",
        "storage": "10",
    }


def test_a_change_counts_what_came_and_went_at_the_same_prices(acme, operator):
    cast.instance(acme)
    cast.instance(acme, valid_from=LATER)
    cast.volume(acme, valid_to=LATER)

    found = lines(operator, by="type", **{"from": "2026-01-15"})

    assert found["ec2-instance"]["change_monthly_usd"] == "70.08"
    assert (found["ebs-volume"]["monthly_usd"], found["ebs-volume"]["change_monthly_usd"]) == (None, "-10")


def test_where_nobody_had_looked_by_then_no_change_is_told(acme, operator):
    cast.instance(acme)

    row = lines(operator, **{"from": "2025-12-01"})["acme"]

    assert (row["change_monthly_usd"], row["first_looked_at_monthly_usd"]) == (None, "70.08")
    assert "not compared" in text(operator, **{"from": "2025-12-01"})


def test_a_query_narrows_the_sums_and_one_that_cannot_be_read_adds_nothing_up(acme, operator):
    tag(cast.instance(acme), "team", "web")
    cast.instance(acme)
    cast.volume(acme)

    assert lines(operator, q="tag:team=web")["acme"]["monthly_usd"] == "70.08"
    assert lines(operator, q="type:ebs-volume")["acme"]["monthly_usd"] == "10"
    answer = operator.get(BY, {"q": "nonsense:1"})
    assert (answer.status_code, b"There is no field" in answer.content) == (400, True)
    assert operator.get(BY, {"q": "nonsense:1", "format": "csv"}).status_code == 400


def test_a_query_about_what_has_no_price_says_so(acme, operator):
    assert "Nothing that this asks for has a price" in text(operator, q="type:security-group")


def test_a_price_in_the_query_leaves_changes_untold_and_says_why(acme, operator):
    cast.instance(acme)

    page = text(operator, q="cost>5")

    assert "Changes are not told: Prices at a past moment are" in page


def test_an_unknown_dimension_is_refused_with_what_is_possible(operator):
    answer = operator.get(BY, {"by": "colour"})

    assert answer.status_code == 400
    assert "Write account, region, type, instance_type, family, payment or tag:KEY" in answer.content.decode()
    assert operator.get(BY, {"by": "tag:"}).status_code == 400
    assert operator.get(BY, {"from": "2200-01-01"}).status_code == 400


def test_a_reader_sees_the_own_accounts_alone(acme, client):
    read_everything(other := cast.account("secret"), LATER, cast.REGION)
    cast.instance(acme)
    cast.instance(other)
    reader = User.objects.create(username="rita")
    AccountGrant.objects.create(account=acme, user=reader)
    SavedView.objects.create(
        owner=User.objects.create(username="ada"), name="hush", query="account:secret", is_shared=True
    )
    client.force_login(reader)

    page = text(client, by="account")

    assert set(lines(client)) == {"acme"}
    assert "secret" not in page
    assert "hush" not in page


def test_without_any_look_nobody_knows_what_it_costs(operator):
    owner = cast.account()
    Freshness.objects.filter(account=owner).delete()

    assert "so nobody knows what it costs" in text(operator)


PLACES = [Place(account, slug, region) for account in (1, 2) for slug in ("a", "b") for region in ("x", None)]
PRICES = st.one_of(
    st.builds(lambda micros: Monthly(Decimal(micros).scaleb(-6), MONTH), st.integers(0, 10**12)),
    st.just(Unpriced("why not")),
)
COUNTED = st.lists(st.tuples(st.sampled_from(PLACES), PRICES, st.integers(1, 10**6)), max_size=20)


def line_of(counted: list[tuple[Place, Any, int]]) -> Line:
    line = Line(Key("one"))
    for place, price, number in counted:
        line.add(place, price, Fraction(number))
    return line


@settings(max_examples=200, deadline=None)
@given(COUNTED, COUNTED, st.sets(st.sampled_from(PLACES)))
def test_sums_and_changes_agree_with_fractions(now, then, looked_at):
    def total(counted: list[tuple[Place, Any, int]], where: Any) -> Fraction:
        return sum(
            (Fraction(price.usd) * n for place, price, n in counted if isinstance(price, Monthly) and place in where),
            Fraction(0),
        )

    change = change_of(line_of(now), line_of(then), looked_at)

    assert Fraction(line_of(now).usd) == total(now, PLACES)
    assert Fraction(lines_together([line_of(now), line_of(then)]).usd) == total(now, PLACES) + total(then, PLACES)
    known = [place for place, _, _ in now + then if place in looked_at]
    expected = total(now, looked_at) - total(then, looked_at) if known else None
    assert (None if change.usd is None else Fraction(change.usd)) == expected
    assert Fraction(change.new_usd) == total(now, set(PLACES) - looked_at)


def test_at_a_past_moment_things_count_as_they_were(acme):
    cast.instance(acme, valid_to=LATER)

    def usd(when: datetime | None) -> Decimal:
        chosen = Chosen(accounts=[acme], nameable=[acme], when=when)
        return breakdown(chosen, By(Dimension.ACCOUNT)).total.usd

    assert (usd(LATER - timedelta(days=1)), usd(None)) == (Decimal("70.08"), Decimal(0))


def test_more_lines_than_are_shown_stand_together_priced_or_not(acme, operator):
    for number in range(60):
        cast.instance(acme, instance_type=f"x{number}.large")

    assert "10 more, each of them less" in text(operator, by="instance_type")
    assert len(lines(operator, by="instance_type")) == 60
