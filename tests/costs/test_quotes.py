"""The quotes beside the ledger, and the columns that show them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from costs import quotes
from costs.models import Quote
from inventory.models import Account, Snapshot
from inventory.pages.extensions import extensions
from inventory.signals import snapshot_completed
from tests.costs import cast

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 1, 1, 6, tzinfo=UTC)
AFTER = datetime(2026, 2, 1, 6, tzinfo=UTC)


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account, and prices of m5.large."""
    cast.load_m5_large(tmp_path)
    return cast.account()


def complete_snapshot(account: Account) -> None:
    snapshot_completed.send(sender=Snapshot, snapshot_id=1, account_id=account.pk)


def everything() -> list[tuple[Any, ...]]:
    return sorted(Quote.objects.values_list("pk", "resource", "is_open", *quotes.FIGURES), key=str)


def test_a_completed_snapshot_quotes_what_the_account_holds(acme):
    instance = cast.instance(acme)

    complete_snapshot(acme)

    quote = Quote.objects.get()
    assert (quote.resource, quote.account, quote.type) == (instance.resource, acme, "ec2-instance")
    assert (quote.on_demand_monthly_usd, quote.reserved_monthly_usd, quote.spot_monthly_usd) == (
        Decimal("70.08"),
        Decimal("29.93"),
        Decimal("28.032"),
    )
    assert quote.reserved_way == "reserved-standard-3y-no-upfront"


def test_the_news_may_come_twice(acme):
    cast.instance(acme)
    complete_snapshot(acme)
    before = everything()

    complete_snapshot(acme)

    assert everything() == before


def test_nothing_is_written_where_nothing_differs(acme):
    cast.instance(acme)
    accounts = Account.objects.all()

    assert quotes.refresh(accounts) == 1
    assert quotes.refresh(accounts) == 0


def test_an_instance_that_changed_its_type_gets_another_quote(acme):
    instance = cast.instance(acme)
    complete_snapshot(acme)
    type(instance).revisions.filter(pk=instance.pk).update(instance_type="m9.large")

    complete_snapshot(acme)

    quote = Quote.objects.get()
    assert quote.on_demand_monthly_usd is None
    assert "m9.large" in quote.on_demand_reason


def test_a_quote_stays_closed_when_its_resource_is_gone(acme):
    instance = cast.instance(acme)
    complete_snapshot(acme)
    type(instance).revisions.filter(pk=instance.pk).update(valid_to=AFTER)

    complete_snapshot(acme)

    quote = Quote.objects.get()
    assert not quote.is_open
    assert quote.on_demand_monthly_usd == Decimal("70.08")


def test_a_quote_opens_again_when_its_resource_is_back(acme):
    instance = cast.instance(acme)
    complete_snapshot(acme)
    Quote.objects.update(is_open=False)

    complete_snapshot(acme)

    assert Quote.objects.get(resource=instance.resource).is_open


def test_another_account_is_left_alone(acme):
    cast.instance(cast.account("other"))

    complete_snapshot(acme)

    assert not Quote.objects.exists()


def test_a_fleet_larger_than_a_page_is_quoted_whole(acme, monkeypatch):
    monkeypatch.setattr(quotes, "PAGE", 2)
    for _ in range(5):
        cast.instance(acme)

    assert quotes.refresh(Account.objects.all()) == 5


def test_volumes_and_buckets_are_quoted_or_say_why_not(acme, tmp_path):
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,x,gp2,storage_gb_mo,0.1,RATE"))
    cast.volume(acme)
    cast.bucket(acme)

    complete_snapshot(acme)

    assert Quote.objects.get(type="ebs-volume").on_demand_monthly_usd == 10
    assert "no data" in Quote.objects.get(type="s3-bucket").on_demand_reason


def column(key: str, slug: str = "ec2-instance"):
    return next(one for one in extensions.columns_of(slug) if one.key == key)


def test_a_column_shows_the_quote_with_way_and_date(acme):
    instance = cast.instance(acme)
    complete_snapshot(acme)

    figure = column("reserved_monthly_usd").values([instance], None)[instance.resource_id]

    assert figure.value == Decimal("29.93")
    assert figure.note == "Reserved, standard, 3 years, no upfront, list of 2025-04"
    assert figure.url == reverse("instance-costs", args=[instance.resource_id])


def test_a_column_says_why_there_is_no_price(acme):
    instance = cast.instance(acme, region="sa-east-1")
    complete_snapshot(acme)

    figure = column("on_demand_monthly_usd").values([instance], None)[instance.resource_id]

    assert figure.value is None
    assert "sa-east-1" in figure.reason


def test_a_price_that_rests_on_a_derived_system_says_so(acme):
    instance = cast.instance(acme, usage_operation=None, operating_system_source="Platform")
    complete_snapshot(acme)

    figure = column("on_demand_monthly_usd").values([instance], None)[instance.resource_id]

    assert "derived from Platform" in figure.note


def test_before_the_first_refresh_a_column_is_unknown_and_not_zero(acme):
    instance = cast.instance(acme)

    figure = column("on_demand_monthly_usd").values([instance], None)[instance.resource_id]

    assert figure.value is None
    assert figure.reason


def test_at_a_past_moment_a_column_prices_the_thing_as_it_was(acme):
    then = cast.instance(acme, instance_type="m5.large", valid_from=BEFORE, valid_to=AFTER)

    figure = column("on_demand_monthly_usd").values([then], BEFORE)[then.resource_id]

    assert figure.value == Decimal("70.08")


def test_a_column_of_volumes_has_no_page_of_its_own(acme):
    volume = cast.volume(acme)

    figure = column("on_demand_monthly_usd", "ebs-volume").values([volume], None)[volume.resource_id]

    assert figure.url == ""


def test_every_column_sorts_by_a_field_of_its_table():
    for one in extensions.list_columns:
        names = {field.name for field in one.table._meta.get_fields()}
        assert {"account", "type", "resource", "is_open", one.sort_field} <= names


def test_users_see_quotes_of_their_accounts_only(acme):
    cast.instance(acme)
    complete_snapshot(acme)

    assert not Quote.objects.visible_to(User.objects.create_user("stranger")).exists()
