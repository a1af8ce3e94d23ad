"""What buckets cost as they are, and in each other storage class of S3."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from costs.bucket_classes import RATES, RULES, Held, Target, WhatIf, cost_of, units_of, what_if
from costs.price_book import PriceBook, PricePerUnit, Provenance, Unit, Unpriced
from costs.sources.sheets import read_manifest, read_sheet
from tests.costs.cast import REGION

KIB, GIB, TIB = 1024, 1024**3, 1024**4
SHEET = next(entry for entry in read_manifest() if entry.kind == "s3")
LISTED = Provenance(date(2025, 7, 1), 1)
FACTS = {Unit(fact.service, fact.region, fact.item, fact.dimension): fact.usd for fact in read_sheet(SHEET).unit_facts}


def s3_book(*, without: tuple[str, str] | None = None) -> PriceBook:
    """S3 in us-east-1 as the bundled list of 2025-07 has it."""
    return PriceBook(
        {},
        {unit: [PricePerUnit(usd, LISTED)] for unit, usd in FACTS.items() if (unit.item, unit.dimension) != without},
    )


BOOK = s3_book()


def standard(size: int, objects: int | None = 1) -> Held:
    return Held(region=REGION, sizes={"StandardStorage": size}, objects=objects)


def monthly(held: Held) -> Decimal:
    cost = cost_of(held, BOOK)
    assert not isinstance(cost, Unpriced)
    return cost.monthly_usd


def option(held: Held, target: Target) -> WhatIf:
    found = what_if(held, target, BOOK)
    assert isinstance(found, WhatIf)
    return found


def cents(usd: Decimal, places: str = "0.0001") -> Decimal:
    return usd.quantize(Decimal(places))


def test_sixty_terabytes_of_standard_are_billed_in_two_tiers():
    assert monthly(standard(60 * TIB)) == Decimal("1402.88")


def test_a_million_small_objects_cost_more_in_standard_ia_because_each_is_billed_as_128_kb():
    held = standard(1_000_000 * 20 * KIB, 1_000_000)
    moved = option(held, Target.STANDARD_IA)

    assert cents(monthly(held)) == Decimal("0.4387")
    assert cents(moved.storage_usd) == Decimal("1.5259")
    assert moved.transition_usd == Decimal("10.00")
    assert moved.saving_usd < 0
    assert (moved.break_even_gb, moved.payback_months) == (None, None)
    assert moved.first_year_usd < -10


def test_ten_terabytes_of_large_objects_are_cheaper_in_standard_ia_up_to_the_break_even_reads():
    held = standard(10 * TIB, 10_240)
    moved = option(held, Target.STANDARD_IA)

    assert (moved.now_usd, moved.monthly_usd, moved.saving_usd) == tuple(map(Decimal, ("235.52", "128", "107.52")))
    assert cents(moved.transition_usd, "0.01") == Decimal("0.10")
    assert moved.retrieval_usd == Decimal("0.01")
    assert moved.break_even_gb == Decimal(10_752)


@pytest.mark.parametrize(
    ("target", "storage", "transition", "retrieval"),
    [
        (Target.ONE_ZONE_IA, "10.24", "10.24", "0.01"),
        (Target.GLACIER_INSTANT, "4.096", "20.48", "0.03"),
        # 1 TiB, 1,024,000 objects: 32 KB each at the archive's rate, 8 KB each at that of S3 Standard.
        (Target.GLACIER_FLEXIBLE, "3.9785875", "30.72", "0.01"),
        (Target.DEEP_ARCHIVE, "1.224385", "51.2", "0.02"),
    ],
)
def test_each_class_has_its_overheads_its_transition_and_its_retrieval(target, storage, transition, retrieval):
    moved = option(standard(TIB, 1_024_000), target)

    assert (moved.transition_usd, moved.retrieval_usd) == (Decimal(transition), Decimal(retrieval))
    assert moved.storage_usd == Decimal(storage)


def test_intelligent_tiering_pays_for_watching_objects_of_128_kb_and_more():
    large = standard(TIB, 1_024_000)

    read, idle = option(large, Target.INTELLIGENT_READ), option(large, Target.INTELLIGENT_IDLE)

    assert (read.storage_usd, read.monitoring_usd, read.retrieval_usd) == (Decimal("23.552"), Decimal("2.56"), None)
    assert (idle.storage_usd, idle.monitoring_usd) == (Decimal("4.096"), Decimal("2.56"))
    assert read.saving_usd == Decimal("-2.56")


def test_intelligent_tiering_neither_watches_nor_moves_small_objects():
    small = option(standard(1_000_000 * 20 * KIB, 1_000_000), Target.INTELLIGENT_IDLE)

    assert small.monitoring_usd == 0
    assert small.storage_usd == small.now_usd


@pytest.mark.parametrize(
    ("target", "days"),
    [
        (Target.INTELLIGENT_IDLE, 0),
        (Target.STANDARD_IA, 30),
        (Target.ONE_ZONE_IA, 30),
        (Target.GLACIER_INSTANT, 90),
        (Target.GLACIER_FLEXIBLE, 90),
        (Target.DEEP_ARCHIVE, 180),
    ],
)
def test_each_class_has_its_minimum_days(target, days):
    assert RULES[target].minimum_days == days


def test_what_cloudwatch_tells_besides_the_objects_is_billed_where_it_belongs():
    held = Held(
        region=REGION,
        sizes={
            "GlacierStorage": 400 * GIB,
            "GlacierObjectOverhead": 32 * GIB,
            "GlacierS3ObjectOverhead": 8 * GIB,
            "StandardStorage": 2 * GIB,
        },
    )

    assert monthly(held) == 432 * Decimal("0.0036") + 10 * Decimal("0.023")


def test_the_tiers_of_standard_are_counted_over_all_that_is_billed_as_standard():
    held = Held(region=REGION, sizes={"StandardStorage": 51_200 * GIB, "GlacierS3ObjectOverhead": GIB})

    assert monthly(held) == 51_200 * Decimal("0.023") + Decimal("0.022")


def test_sums_are_exact_or_right_to_27_digits():
    for size in (1, 12_345_678_901, 51_200 * GIB + 1, 600_000 * GIB + 7, 700 * TIB):
        gib = Fraction(size, GIB)
        first, second, none = Fraction(51_200), Fraction(512_000), Fraction(0)
        exact = (
            min(gib, first) * Fraction("0.023")
            + max(min(gib, second) - first, none) * Fraction("0.022")
            + max(gib - second, none) * Fraction("0.021")
        )
        assert abs(Fraction(monthly(standard(size))) - exact) <= exact / 10**26


def test_a_bucket_without_metrics_has_no_data_and_no_price_of_zero():
    cost = cost_of(Held(region=REGION, sizes={}), BOOK)

    assert isinstance(cost, Unpriced)
    assert "no data" in cost.reason


def test_a_storage_type_that_no_price_is_known_for_makes_the_whole_unpriced():
    held = Held(region=REGION, sizes={"StandardStorage": GIB, "ReducedRedundancyStorage": GIB})

    assert isinstance(cost_of(held, BOOK), Unpriced)


def test_a_price_that_is_in_no_list_makes_what_rests_on_it_unpriced_and_nothing_else():
    book = s3_book(without=("Standard - infrequent access", "Retrievals"))
    held = standard(TIB, 1000)

    assert not isinstance(cost_of(held, book), Unpriced)
    assert isinstance(what_if(held, Target.STANDARD_IA, book), Unpriced)
    assert isinstance(what_if(held, Target.GLACIER_INSTANT, book), WhatIf)
    assert isinstance(cost_of(Held(region="eu-west-1", sizes={"StandardStorage": 1}), book), Unpriced)


@pytest.mark.parametrize(
    "held",
    [
        standard(TIB, None),
        standard(TIB, 0),
        Held(region=REGION, sizes={"StandardStorage": GIB, "StandardIAStorage": GIB}, objects=5),
    ],
)
def test_without_the_number_of_objects_of_the_class_nobody_knows_what_another_would_cost(held):
    assert isinstance(what_if(held, Target.STANDARD_IA, BOOK), Unpriced)


def test_above_50_tb_intelligent_tiering_is_unpriced_because_the_list_lacks_its_tiers():
    assert isinstance(what_if(standard(60 * TIB, 100), Target.INTELLIGENT_READ, BOOK), Unpriced)
    assert isinstance(what_if(standard(60 * TIB, 100), Target.INTELLIGENT_IDLE, BOOK), WhatIf)


def test_every_rate_that_a_storage_type_is_billed_at_is_in_the_bundled_list():
    held = Held(region=REGION, sizes=dict.fromkeys(RATES, GIB), objects=1)

    assert set(units_of(held)) - {Unit("s3", REGION, *rate) for rate in RATES.values()} <= FACTS.keys()
    assert not isinstance(cost_of(held, BOOK), Unpriced)
