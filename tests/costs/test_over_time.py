"""Costs over time and the forecast of the month: on their page, and as data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from costs.chosen import Chosen
from costs.forecast import Forecast, Level, Part, forecast_of, together
from costs.pages.over_time_chart import days_chart, month_chart
from costs.past import Day, past_of
from inventory.models import Account, AccountGrant, Freshness, Outcome, ResourceTag, Snapshot, Visit, VisitState
from tests.costs import cast

pytestmark = pytest.mark.django_db

PAGE = "/costs/over-time/"
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2026, 3, 11, tzinfo=UTC)
HOURLY = Fraction(96, 1000)
EBS_PRICES = ("us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,R1",)


def day(number: int, hour: int = 0) -> datetime:
    """A moment in March; day 0 and below lie in February."""
    return MARCH + timedelta(days=number - 1, hours=hour)


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account that was read at every midnight from 10 February until 11 March, with prices in Virginia."""
    cast.load_m5_large(tmp_path)
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *EBS_PRICES))
    owner = cast.account()
    look(owner, *(day(number) for number in range(-18, 12)))
    return owner


def look(owner: Account, *moments: datetime) -> None:
    """Instances and volumes were read completely at these moments."""
    snapshots = Snapshot.objects.bulk_create(
        Snapshot(account=owner, taken_at=moment, finished_at=moment) for moment in moments
    )
    for slug in ("ec2-instance", "ebs-volume"):
        place = {"account": owner, "scope_region": cast.REGION, "type": slug}
        visits = Visit.objects.bulk_create(
            Visit(
                snapshot=snapshot,
                taken_at=snapshot.taken_at,
                state=VisitState.FINISHED,
                outcome=Outcome.COMPLETE,
                **place,
            )
            for snapshot in snapshots
        )
        freshness, _ = Freshness.objects.get_or_create(**place, defaults={"first_complete_at": moments[0]})
        freshness.last_complete_at = moments[-1]
        freshness.last_complete_visit = freshness.latest_visit = visits[-1]
        freshness.save()


@pytest.fixture
def operator(client: Client) -> Client:
    """A browser of the user who sees every account."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


def days(client: Client, **query: str) -> dict[str, dict[str, Any]]:
    """The exported days."""
    answer: Any = client.get(PAGE, {"as_of": "2026-03-11", "from": "2026-03-01"} | query | {"format": "json"})
    return {row["day"]: row for row in json.loads(b"".join(answer.streaming_content))}


def text(client: Client, **query: str) -> str:
    answer = client.get(PAGE, {"as_of": "2026-03-11"} | query)
    return " ".join(answer.content.decode().split())


def forecast(owner: Account, now: datetime = NOW, query: str = "") -> Forecast:
    return forecast_of(Chosen(accounts=[owner], nameable=[owner], text=query, when=now), now)


def test_each_day_costs_its_hours_and_a_month_at_its_end(acme, operator):
    cast.instance(acme, valid_from=day(-18))
    cast.instance(acme, valid_from=day(3), valid_to=day(5))

    found = days(operator)

    assert (found["2026-03-02"]["usd"], found["2026-03-03"]["usd"]) == ("2.304", "4.608")
    assert (found["2026-03-04"]["monthly_usd"], found["2026-03-05"]["monthly_usd"]) == ("140.16", "70.08")


def test_what_came_or_went_between_two_looks_is_within_bounds(acme, operator):
    cast.instance(acme, valid_from=day(3), valid_to=day(5))

    found = days(operator)

    bounds = {one: (row["least_usd"], row["usd"], row["most_usd"]) for one, row in found.items()}
    assert bounds["2026-03-02"] == ("0", "0", "2.304")
    assert bounds["2026-03-03"] == ("2.304", "2.304", "2.304")
    assert bounds["2026-03-04"] == ("0", "2.304", "2.304")


def test_a_day_without_a_look_rests_on_earlier_ones(acme, operator):
    cast.instance(acme, valid_from=day(-18))
    Visit.objects.filter(taken_at__gt=day(4), taken_at__lt=day(8)).delete()

    found = days(operator)
    page = text(operator)

    assert (found["2026-03-06"]["rests_on"], found["2026-03-06"]["usd"]) == ("earlier looks", "2.304")
    assert found["2026-03-08"]["rests_on"] == "looks"
    assert "On 3 of these days nobody looked" in page
    assert 'class="gap"' in page


def test_before_anybody_looked_nothing_is_told(acme, operator):
    cast.instance(acme, valid_from=day(-18))

    found = days(operator, **{"from": "2026-02-08"})

    assert (found["2026-02-09"]["usd"], found["2026-02-09"]["rests_on"]) == (None, "nothing")
    assert found["2026-02-10"]["usd"] == "2.304"
    assert "On 2 of these days nobody had looked anywhere yet" in text(operator, **{"from": "2026-02-08"})


def test_a_place_first_looked_at_later_is_told(acme, operator):
    other = cast.account("beta")
    look(other, day(5))
    cast.instance(acme, valid_from=day(-18))
    cast.instance(other, valid_from=day(5))

    found = days(operator)

    assert (found["2026-03-04"]["places"], found["2026-03-04"]["not_yet_looked_at"]) == (1, 1)
    assert found["2026-03-05"]["not_yet_looked_at"] == 0


def test_what_has_no_price_is_counted_for_each_day(acme, operator):
    cast.instance(acme, valid_from=day(4), instance_type="m5.huge")

    found = days(operator)

    assert (found["2026-03-03"]["unpriced"], found["2026-03-04"]["unpriced"]) == (0, 1)
    assert "no loaded list has a price for m5.huge" in text(operator)


def test_a_query_follows_tags_as_they_were(acme, operator):
    first = cast.instance(acme, valid_from=day(-18), valid_to=day(4))
    model, resource = type(first), first.resource
    model.revisions.create(
        **{
            field.name: getattr(first, field.name)
            for field in model._meta.fields
            if field.name not in ("id", "valid_from", "valid_to")
        },
        valid_from=day(4),
    )
    ResourceTag.objects.create(account=acme, resource=resource, key="team", value="web", valid_from=day(4))

    tagged, untagged = days(operator, q="tag:team=web"), days(operator, q="-tag:team")

    assert (tagged["2026-03-03"]["usd"], tagged["2026-03-04"]["usd"]) == ("0", "2.304")
    assert (untagged["2026-03-03"]["usd"], untagged["2026-03-04"]["usd"]) == ("2.304", "0")


def test_a_price_cannot_be_asked_of_the_past(acme, operator):
    answer = operator.get(PAGE, {"q": "cost>5"})

    assert (answer.status_code, b"Prices at a past moment are" in answer.content) == (400, True)


def test_days_that_cannot_be_drawn_are_refused(operator):
    assert operator.get(PAGE, {"from": "2200-01-01"}).status_code == 400
    assert operator.get(PAGE, {"from": "2001-01-01"}).status_code == 400
    assert operator.get(PAGE, {"format": "pdf"}).status_code == 400


def test_a_reader_sees_the_own_accounts_alone(acme, client):
    look(other := cast.account("secret"), day(2))
    cast.instance(acme, valid_from=day(-18))
    cast.instance(other, valid_from=day(2))
    reader = User.objects.create(username="rita")
    AccountGrant.objects.create(account=acme, user=reader)
    client.force_login(reader)

    assert days(client)["2026-03-05"]["usd"] == "2.304"
    assert "secret" not in text(client)


def test_the_month_is_what_was_seen_and_what_was_last_seen_carried_on(acme):
    cast.instance(acme, valid_from=day(-18))

    found = forecast(acme)

    assert (found.spent_usd, found.spent_least_usd, found.spent_most_usd) == (Decimal("23.04"),) * 3
    assert (found.usd, found.least_usd, found.most_usd) == (Decimal("71.424"),) * 3
    assert found.unseen_percent == 0


def test_storage_costs_its_price_in_a_month_of_any_length(acme):
    cast.volume(acme, valid_from=day(-18))

    assert forecast(acme).usd == Decimal(10)


def test_the_bounds_take_the_lowest_and_the_highest_level_for_the_days_that_are_left(acme):
    cast.instance(acme, valid_from=day(-18))
    cast.instance(acme, valid_from=day(-10), valid_to=day(-8))
    found = forecast(acme)

    assert found.usd == found.least_usd == Decimal("71.424")
    assert found.most_usd == Decimal("71.424") + Decimal("0.096") * 24 * 21


def test_what_came_between_two_looks_widens_the_bounds_of_what_was_spent(acme):
    cast.instance(acme, valid_from=day(5))

    found = forecast(acme)

    assert (found.spent_least_usd, found.spent_usd, found.spent_most_usd) == (
        Decimal("13.824"),
        Decimal("13.824"),
        Decimal("16.128"),
    )
    assert found.least_usd == Decimal("13.824")


def test_without_two_known_days_nobody_can_tell_how_much_it_varies(tmp_path):
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    look(owner, day(10))
    cast.instance(owner, valid_from=day(10))

    found = forecast(owner)

    assert (found.least_usd, found.most_usd, found.known_days) == (None, None, 0)
    assert found.unseen_percent == Decimal(90)
    assert found.usd == Decimal("0.096") * 24 * 22


def test_the_page_tells_the_month_with_its_bounds_and_draws_it(acme, operator):
    cast.instance(acme, valid_from=day(-18))
    cast.instance(acme, valid_from=day(-10), valid_to=day(-8))

    page = text(operator)

    assert "March has cost <b>$23.04</b> in list prices until the last looks, and comes to <b>$71.42</b>" in page
    assert "between $71.42 and $119.81 as it has varied" in page
    assert 'class="band"' in page


def test_parts_of_accounts_add_up_to_the_forecast_of_all(acme):
    other = cast.account("beta")
    look(other, *(day(number) for number in range(-18, 12)))
    cast.instance(acme, valid_from=day(-18), valid_to=day(6))
    cast.instance(other, valid_from=day(6))
    cast.volume(other, valid_from=day(-3), valid_to=day(0))

    whole = forecast_of(Chosen(accounts=[acme, other], nameable=[acme, other], when=NOW), NOW)
    summed = together(forecast(one).part for one in (acme, other))

    assert summed is not None
    one = Forecast(part=summed)
    assert (one.usd, one.spent_usd, one.least_usd, one.most_usd) == (
        whole.usd,
        whole.spent_usd,
        whole.least_usd,
        whole.most_usd,
    )


AMOUNTS = st.fractions(min_value=0, max_value=10**6, max_denominator=10**6)
LEVELS = st.lists(
    st.builds(
        Level,
        by_hour=st.integers(0, 10**12),
        by_month=st.integers(0, 10**12),
        looked=st.booleans(),
        waiting=st.integers(0, 1),
    ),
    min_size=1,
    max_size=29,
)


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, LEVELS, st.integers(0, 31 * 24 - 1))
def test_bounds_agree_with_fractions_and_hold_the_forecast_between_them(spent, less, more, rest, levels, hours):
    found = Forecast(
        part=Part(
            month=MARCH.date(),
            until=MARCH + timedelta(hours=hours),
            spent=spent,
            less=less,
            more=more,
            rest=rest,
            levels=levels,
            places=1,
            waiting=0,
            unpriced=0,
            unseen=Fraction(0),
            seen_until=None,
        )
    )

    known = [*(one for one in levels[:-1] if one.is_known), levels[-1]]
    if len(known) < 3:
        assert found.least_usd is None is found.most_usd
        return
    left = 744 - hours
    costs = [Fraction(one.by_hour * left, 730 * 10**6) + Fraction(one.by_month * left, 744 * 10**6) for one in known]
    assert found.least_usd == near(spent - less + rest + min(costs) - costs[-1])
    assert found.most_usd == near(spent + more + rest + max(costs) - costs[-1])
    assert found.least_usd <= found.usd <= found.most_usd


def near(amount: Fraction) -> Decimal:
    return Decimal(amount.numerator) / Decimal(amount.denominator)


def test_fewer_than_two_known_days_are_not_drawn():
    def one(usd: Decimal | None) -> Day:
        return Day(
            day=date(2026, 3, 1),
            usd=usd,
            least_usd=Decimal(0),
            most_usd=Decimal(0),
            monthly_usd=usd,
            unpriced=0,
            looked=1,
            places=1,
            waiting=0,
        )

    assert days_chart([one(Decimal(1)), one(None)]) is None
    assert days_chart([one(Decimal(0)), one(Decimal(0))]) is not None


def test_a_month_without_any_cost_is_not_drawn(acme):
    cast.instance(acme, valid_from=day(-18), state="stopped")
    chosen = Chosen(accounts=[acme], nameable=[acme], when=NOW)

    assert month_chart(forecast(acme), past_of(chosen, MARCH, NOW).days(MARCH.date())) is None
