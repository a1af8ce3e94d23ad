"""Which price answers which question."""

from __future__ import annotations

from decimal import Decimal

import pytest

from costs.operations import WINDOWS
from costs.price_book import Price, PriceBook, PricePerUnit, Sku, Unit, Unpriced
from costs.pricing_models import ON_DEMAND, SPOT, OfferingClass, Payment, Reserved
from costs.sources.document import Kind
from tests.costs import cast
from tests.costs.cast import M5_LARGE, REGION, price

STANDARD_3Y = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.NO_UPFRONT)
STANDARD_3Y_ALL = Reserved(offering_class=OfferingClass.STANDARD, term_years=3, payment=Payment.ALL_UPFRONT)
STANDARD_1Y = Reserved(offering_class=OfferingClass.STANDARD, term_years=1, payment=Payment.NO_UPFRONT)
METAL = Sku(REGION, "m6g.metal", "RunInstances", "default")


def test_the_newest_price_is_the_headline_whatever_the_order_of_loading():
    old, new = price(ON_DEMAND, "0.100", "2023-02"), price(ON_DEMAND, "0.096", "2025-04")

    assert cast.book(old, new).price(M5_LARGE, ON_DEMAND) == new
    assert cast.book(new, old).price(M5_LARGE, ON_DEMAND) == new


def test_of_two_documents_of_one_month_the_later_loaded_wins():
    first, second = (price(ON_DEMAND, hourly, "2025-04", document=pk) for pk, hourly in ((1, "0.1"), (2, "0.2")))

    assert cast.book(second, first).price(M5_LARGE, ON_DEMAND) == second


def test_a_commitment_is_compared_with_the_on_demand_price_of_its_own_document():
    reserved = price(STANDARD_3Y, "0.041", "2025-04", document=1)
    own = price(ON_DEMAND, "0.100", "2025-04", document=1)
    other = price(ON_DEMAND, "0.090", "2025-04", document=2)

    assert cast.book(reserved, own, other).compared_with(M5_LARGE, reserved) == own


def test_without_one_in_its_document_the_nearest_in_time_is_compared():
    reserved = price(STANDARD_3Y_ALL, "0", "2021-09", upfront="949")
    near, far = price(ON_DEMAND, "0.096", "2023-02"), price(ON_DEMAND, "0.09", "2018-08")

    assert cast.book(reserved, far, near).compared_with(M5_LARGE, reserved) == near


def test_of_two_equally_near_the_newer_is_compared():
    spot = price(SPOT, "0.03", "2024-04")
    before, after = price(ON_DEMAND, "0.1", "2024-02"), price(ON_DEMAND, "0.2", "2024-06")

    assert cast.book(spot, before, after).compared_with(M5_LARGE, spot) == after


def test_without_any_on_demand_price_nothing_is_compared():
    reserved = price(STANDARD_3Y, "0.041", "2025-04")

    assert cast.book(reserved).compared_with(M5_LARGE, reserved) is None


def test_the_best_reserved_price_is_the_cheapest_of_the_newest_document_that_reserves():
    older_and_cheaper = price(STANDARD_3Y_ALL, "0", "2021-09", upfront="949")
    best, dearer = price(STANDARD_3Y, "0.041", "2025-04"), price(STANDARD_1Y, "0.06", "2025-04")
    newest_without_reserved = price(ON_DEMAND, "0.096", "2026-07")

    book = cast.book(older_and_cheaper, dearer, best, newest_without_reserved)

    assert book.best_reserved(M5_LARGE) == best


def test_an_upfront_payment_counts_when_the_best_reserved_price_is_sought():
    all_upfront = price(STANDARD_3Y_ALL, "0", "2025-04", upfront="2000")
    no_upfront = price(STANDARD_3Y, "0.041", "2025-04")

    assert cast.book(all_upfront, no_upfront).best_reserved(M5_LARGE) == no_upfront


def test_for_bare_metal_any_document_is_preferred_to_a_plain_on_demand_table():
    listed = price(ON_DEMAND, "2.464", "2025-04")
    doubtful = price(ON_DEMAND, "2.6112", "2026-07", kind=Kind.ON_DEMAND)
    book = cast.book(doubtful, listed, sku=METAL)

    assert book.price(METAL, ON_DEMAND) == listed
    assert book.compared_with(METAL, price(STANDARD_3Y, "1", "2026-06")) == listed


def test_for_bare_metal_a_plain_on_demand_table_serves_where_there_is_nothing_better():
    only = price(ON_DEMAND, "2.6112", "2026-07", kind=Kind.ON_DEMAND)

    assert cast.book(only, sku=METAL).price(METAL, ON_DEMAND) == only


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (M5_LARGE._replace(region="sa-east-1"), "instance prices for sa-east-1"),
        (M5_LARGE._replace(instance_type="m9.large"), "m9.large with Linux in us-east-1"),
        (M5_LARGE._replace(usage_operation=WINDOWS), "m5.large with Windows in us-east-1"),
        (M5_LARGE._replace(tenancy="dedicated"), "dedicated m5.large with Linux"),
        (M5_LARGE._replace(tenancy="host"), "paid through its host"),
    ],
)
def test_nothing_similar_stands_in_for_a_missing_price(asked, reason):
    answer = cast.book(price(ON_DEMAND, "0.096", "2025-04")).price(asked, ON_DEMAND)

    assert isinstance(answer, Unpriced)
    assert reason in answer.reason


def test_a_way_of_paying_that_no_list_has_is_named():
    answer = cast.book(price(ON_DEMAND, "0.096", "2025-04")).price(M5_LARGE, STANDARD_3Y)

    assert answer == Unpriced(
        "no loaded list has this m5.large as reserved, standard, 3 years, no upfront in us-east-1"
    )


def test_an_empty_book_says_that_nothing_is_loaded():
    book = PriceBook({}, is_empty=True)

    assert book.price(M5_LARGE, ON_DEMAND) == Unpriced("no price list is loaded")
    assert book.per_unit(Unit("ebs", REGION, "gp3", "iops_mo")) == Unpriced("no price list is loaded")


@pytest.mark.django_db
def test_a_book_is_loaded_with_the_same_few_queries_for_one_sku_and_for_many(tmp_path, django_assert_num_queries):
    regions = ("us-east-1", "eu-west-1")
    lines = [f"{region},m{n}.large,0.{n}" for n in range(1, 8) for region in regions]
    cast.load(cast.table(tmp_path, "prices_2025-04.csv", cast.ON_DEMAND, *lines))
    skus = [
        Sku(region, f"m{n}.large", "RunInstances", "default") for n in range(9) for region in ("us-east-1", "eu-west-1")
    ]

    with django_assert_num_queries(3):
        book = PriceBook.load(skus=skus)

    with django_assert_num_queries(0):
        listed = [book.price(sku, ON_DEMAND) for sku in skus]
    assert sum(not isinstance(one, Unpriced) for one in listed) == 14


@pytest.mark.django_db
def test_amounts_come_back_from_the_database_to_the_last_digit(tmp_path):
    cast.load(
        cast.table(tmp_path, "prices_2025-04.csv", cast.ON_DEMAND, "us-east-1,m5.large,99999.0123456789"),
        cast.table(tmp_path, "ebs_2025-04.csv", cast.EBS, "us-east-1,x,standard,io_requests,0.0000000501,RATE"),
    )
    unit = Unit("ebs", REGION, "standard", "io_requests")

    book = PriceBook.load(skus=[M5_LARGE], units=[unit])

    listed, per_unit = book.price(M5_LARGE, ON_DEMAND), book.per_unit(unit)
    assert isinstance(listed, Price)
    assert listed.charge.hourly_usd == Decimal("99999.0123456789")
    assert isinstance(per_unit, PricePerUnit)
    assert per_unit.usd == Decimal("0.0000000501")


@pytest.mark.django_db
def test_the_newest_unit_price_wins(tmp_path):
    line = "us-east-1,x,gp2,storage_gb_mo,{},RATE"
    cast.load(cast.table(tmp_path, "ebs_2025-04.csv", cast.EBS, line.format("0.1")))
    cast.load(cast.table(tmp_path, "ebs_2019-04.csv", cast.EBS, line.format("0.2")))
    unit = Unit("ebs", REGION, "gp2", "storage_gb_mo")

    newest = PriceBook.load(units=[unit]).per_unit(unit)
    assert isinstance(newest, PricePerUnit)
    assert newest.usd == Decimal("0.1")
