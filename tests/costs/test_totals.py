"""What regions cost together."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from costs.priceable import priceable
from costs.totals import TOTAL
from costs.usage_counts import keep_counts, placed_counts
from inventory.models import Account, Freshness, Snapshot, Visit
from inventory.pages.extensions import extensions
from inventory.resource_types.ebs_volume import EbsVolume
from inventory.resource_types.ec2_instance import Ec2Instance
from inventory.snapshots.verify import verify_history
from tests.costs import cast

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 1, 1, 6, tzinfo=UTC)
AFTER = datetime(2026, 2, 1, 6, tzinfo=UTC)


@pytest.fixture
def acme(tmp_path) -> Account:
    """An account, and prices of m5.large and gp2."""
    cast.load_m5_large(tmp_path)
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, "us-east-1,x,gp2,storage_gb_mo,0.1,RATE"))
    return cast.account()


def figures(when=None):
    (figure,) = extensions.region_figures
    return figure.gather(Account.objects.all(), when)


def test_a_region_costs_what_runs_and_is_stored_in_it(acme):
    cast.instance(acme)
    cast.volume(acme)

    assert figures()[cast.REGION].value == Decimal("80.08")
    assert figures()[cast.REGION].note == "list of 2024-07 to 2025-04"


def test_a_stopped_instance_adds_nothing_and_is_not_unpriced(acme):
    cast.instance(acme)
    cast.instance(acme, state="stopped")

    assert figures()[cast.REGION].value == Decimal("70.08")
    assert figures()[cast.REGION].unknown_count == 0


def test_what_has_no_price_is_counted_beside_the_sum(acme):
    cast.instance(acme)
    cast.instance(acme, tenancy="host")
    cast.bucket(acme)

    assert figures()[cast.REGION].value == Decimal("70.08")
    assert figures()[cast.REGION].unknown_count == 2


def test_a_region_in_which_nothing_has_a_price_is_unknown_and_not_zero(acme):
    cast.instance(acme, region="sa-east-1")

    figure = figures()["sa-east-1"]

    assert figure.value is None
    assert (figure.unknown_count, bool(figure.reason)) == (1, True)


def test_the_total_holds_every_region(acme):
    cast.instance(acme)
    cast.instance(acme, region="sa-east-1")

    assert figures()[TOTAL].value == Decimal("70.08")
    assert figures()[TOTAL].unknown_count == 1


def test_a_past_moment_is_priced_as_it_was(acme):
    cast.instance(acme, valid_from=BEFORE, valid_to=AFTER)

    assert figures(BEFORE)[cast.REGION].value == Decimal("70.08")
    assert figures() == {}


def test_the_number_of_queries_does_not_grow_with_the_fleet(acme, django_assert_max_num_queries):
    for number in range(1, 30):
        cast.instance(acme, instance_type=f"m{number}.large")
        cast.volume(acme, size_gib=number)

    with django_assert_max_num_queries(18):
        figures()


def sum_of(revisions, slug="ec2-instance"):
    (total,) = extensions.totals_of(slug)
    return total.gather(revisions, None)


def test_a_list_adds_up_its_own_rows_and_says_how_many_have_no_price(acme):
    cast.instance(acme, name="a")
    cast.instance(acme, name="a", tenancy="host")
    cast.instance(acme, name="b")

    figure = sum_of(Ec2Instance.revisions.current().filter(name="a").order_by("name"))

    assert figure.value == Decimal("70.08")
    assert figure.unknown_count == 1


def test_a_list_of_stopped_instances_costs_nothing_which_is_known(acme):
    cast.instance(acme, state="stopped")

    assert sum_of(Ec2Instance.revisions.current()).value == 0


def test_a_list_of_volumes_adds_up_too(acme):
    cast.volume(acme)
    cast.volume(acme, size_gib=50)

    assert sum_of(EbsVolume.revisions.current(), "ebs-volume").value == 15


def look(account: Account) -> None:
    """A visit that read the instances of the region completely."""
    snapshot = Snapshot.objects.create(account=account, taken_at=AFTER)
    place: dict[str, Any] = {"account": account, "scope_region": cast.REGION, "type": "ec2-instance"}
    visit = Visit.objects.create(snapshot=snapshot, taken_at=AFTER, **place)
    Freshness.objects.update_or_create(**place, defaults={"last_complete_visit": visit})


def queries_about_instances() -> int:
    with CaptureQueriesContext(connection) as queries:
        figures()
    return sum("FROM " + connection.ops.quote_name(Ec2Instance._meta.db_table) in query["sql"] for query in queries)


def test_what_an_account_holds_is_not_counted_again_until_it_was_looked_at_again(acme):
    cast.instance(acme)
    cast.instance(acme, state="stopped")
    look(acme)
    counted = figures()

    keep_counts(Account.objects.all())

    assert queries_about_instances() == 0
    assert figures() == counted
    cast.instance(acme)
    look(acme)
    assert queries_about_instances() == 1
    assert figures()[cast.REGION].value == Decimal("140.16")
    keep_counts(Account.objects.all())
    assert queries_about_instances() == 0
    assert figures()[cast.REGION].value == Decimal("140.16")


def test_an_account_whose_figures_are_kept_is_added_to_one_that_is_counted(acme):
    cast.instance(acme)
    look(acme)
    keep_counts(Account.objects.all())
    cast.instance(cast.account("other"))

    assert figures()[cast.REGION].value == Decimal("140.16")


def test_what_is_kept_tells_the_zones_of_instances_for_the_hosts_that_they_would_fill(acme):
    for zone in ("us-east-1a", "us-east-1a", "us-east-1b", None):
        cast.instance(acme, availability_zone=zone)
    look(acme)
    counted = placed_counts(priceable("ec2-instance"), Account.objects.all(), None)

    keep_counts(Account.objects.all())

    assert sorted((zone or "", number) for (_, zone), number in counted.items()) == [
        ("", 1),
        ("us-east-1a", 2),
        ("us-east-1b", 1),
    ]
    assert placed_counts(priceable("ec2-instance"), Account.objects.all(), None) == counted


def test_verifying_the_ledger_finds_kept_figures_that_are_wrong(acme):
    rule = "what is kept of each usage is what counting finds"
    cast.instance(acme)
    look(acme)
    keep_counts(Account.objects.all())
    assert rule not in {breach.rule for breach in verify_history()}

    # As if one more had been written past the engine.
    cast.instance(acme)

    (where,) = (breach.where for breach in verify_history() if breach.rule == rule)
    assert where == f"ec2-instance of account {acme.pk}"
