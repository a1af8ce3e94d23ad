"""What volumes cost, taken apart, and what cheaper types they could become."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from costs.price_book import PriceBook, PricePerUnit, Provenance, Unit, Unpriced
from costs.storage import Kept, storage_of
from costs.usage.ebs_volume import VolumeUsage
from costs.volume_moves import Move, VolumeCost, best_move, candidates, cost_of, performance_of
from tests.costs.cast import REGION

# EBS in us-east-1, AWS list of 2024-07-18.
USD = {
    ("gp2", "storage_gb_mo"): "0.1",
    ("gp3", "storage_gb_mo"): "0.08",
    ("gp3", "iops_mo"): "0.005",
    ("gp3", "throughput_gibps_mo"): "40.96",
    ("io1", "storage_gb_mo"): "0.125",
    ("io1", "iops_mo"): "0.065",
    ("io2", "storage_gb_mo"): "0.125",
    ("io2", "iops_mo_tier1"): "0.065",
    ("io2", "iops_mo_tier2"): "0.0455",
    ("io2", "iops_mo_tier3"): "0.03185",
}
LISTED = Provenance(date(2024, 7, 1), 1)


def ebs_book(*, without: tuple[str, ...] = (), months: dict[str, date] | None = None) -> PriceBook:
    months = months or {}
    return PriceBook(
        {},
        {
            Unit("ebs", REGION, volume_type, dimension): [
                PricePerUnit(Decimal(usd), Provenance(months.get(volume_type, LISTED.month), 1))
            ]
            for (volume_type, dimension), usd in USD.items()
            if volume_type not in without
        },
    )


BOOK = ebs_book()


def volume(volume_type: str, size_gib: int, *, iops: int | None = None, mibps: int | None = None) -> VolumeUsage:
    return VolumeUsage(REGION, volume_type, size_gib, iops, mibps, "in-use")


def priced(usage: VolumeUsage) -> VolumeCost:
    found = cost_of(usage, BOOK)
    assert isinstance(found, VolumeCost)
    return found


def move(usage: VolumeUsage, *, multi_attach: bool | None = False, book: PriceBook = BOOK) -> Move:
    found = best_move(usage, book, multi_attach=multi_attach)
    assert isinstance(found, Move)
    return found


@pytest.mark.parametrize(
    ("usage", "storage", "iops", "throughput", "together"),
    [
        (volume("gp3", 500, iops=6000, mibps=250), "40.00", "15.000", "5.00", "60.00"),
        (volume("gp2", 500, iops=1500), "50.0", "0", "0", "50.00"),
        (volume("io2", 1000, iops=40_000), "125", "2444", "0", "2569.00"),
        (volume("io2", 1000, iops=100_000), "125", "4682.6", "0", "4807.60"),
    ],
)
def test_what_a_volume_costs_taken_apart_is_exact(usage, storage, iops, throughput, together):
    cost = priced(usage)

    assert (cost.storage_usd, cost.iops_usd, cost.throughput_usd) == tuple(map(Decimal, (storage, iops, throughput)))
    assert cost.monthly_usd == Decimal(together)


@pytest.mark.parametrize(
    ("size_gib", "iops", "mibps"),
    [
        (1, 100, 128),
        (33, 100, 128),
        (34, 102, 128),
        (170, 510, 128),
        (171, 513, 250),
        (5333, 15_999, 250),
        (5334, 16_000, 250),
        (16_384, 16_000, 250),
    ],
)
def test_gp2_delivers_what_its_size_gives(size_gib, iops, mibps):
    assert performance_of(volume("gp2", size_gib)) == (iops, mibps)


@pytest.mark.parametrize(
    ("iops", "mibps"), [(100, 25), (101, 26), (2000, 500), (32_000, 500), (32_001, 1000), (64_000, 1000)]
)
def test_io1_delivers_its_iops_of_256_kib_up_to_its_limits(iops, mibps):
    assert performance_of(volume("io1", 1000, iops=iops)) == (iops, mibps)


@pytest.mark.parametrize(
    ("size_gib", "now", "then", "iops", "mibps"),
    [
        (100, "10", "8.12", 3000, 128),
        (500, "50", "45", 3000, 250),
        (2000, "200", "180", 6000, 250),
        (6000, "600", "550", 16_000, 250),
    ],
)
def test_gp2_becomes_a_gp3_that_is_as_fast_and_cheaper(size_gib, now, then, iops, mibps):
    found = move(volume("gp2", size_gib))

    assert (found.target.volume_type, found.target.iops, found.target.throughput_mibps) == ("gp3", iops, mibps)
    assert (found.now.monthly_usd, found.then.monthly_usd) == (Decimal(now), Decimal(then))
    assert found.saving_usd == Decimal(now) - Decimal(then)


def test_a_gp2_for_which_its_throughput_as_gp3_costs_more_than_it_saves_stays():
    assert best_move(volume("gp2", 5), BOOK, multi_attach=False) is None


def test_io1_of_many_iops_becomes_io2_whose_higher_iops_are_cheaper():
    found = move(volume("io1", 1000, iops=40_000))

    assert (found.target.volume_type, found.target.iops) == ("io2", 40_000)
    assert (found.now.monthly_usd, found.then.monthly_usd) == (Decimal(2725), Decimal(2569))


def test_io1_of_few_iops_becomes_gp3_with_its_iops_and_throughput():
    found = move(volume("io1", 400, iops=3000))

    assert (found.target.volume_type, found.target.iops, found.target.throughput_mibps) == ("gp3", 3000, 500)
    assert (found.now.monthly_usd, found.then.monthly_usd) == (Decimal(245), Decimal(47))


@pytest.mark.parametrize("multi_attach", [True, None])
def test_a_volume_that_several_instances_may_share_does_not_become_gp3(multi_attach):
    assert best_move(volume("io1", 400, iops=3000), BOOK, multi_attach=multi_attach) is None


def test_io1_that_costs_the_same_as_io2_and_is_too_fast_for_gp3_stays():
    assert best_move(volume("io1", 1000, iops=32_000), BOOK, multi_attach=False) is None


@pytest.mark.parametrize("volume_type", ["gp3", "io2", "st1", "sc1", "standard"])
def test_other_types_are_not_compared(volume_type):
    assert best_move(volume(volume_type, 500, iops=3000, mibps=125), BOOK, multi_attach=False) is None


def test_no_move_ever_lowers_iops_or_throughput_and_each_saving_is_exact():
    for size_gib in range(1, 16_385, 7):
        usage = volume("gp2", size_gib)
        (other,) = candidates(usage, multi_attach=False)
        performance = performance_of(usage)
        assert performance is not None
        assert other.size_gib == size_gib
        iops, mibps = other.iops or 0, other.throughput_mibps or 0
        assert iops >= performance.iops
        assert mibps >= performance.mibps
        gp3 = Fraction("0.08") * size_gib + Fraction("0.005") * (iops - 3000) + Fraction("40.96") / 1024 * (mibps - 125)
        assert Fraction(priced(other).monthly_usd) == gp3


def test_a_price_that_is_in_no_list_makes_the_comparison_unknown_and_not_nothing():
    found = best_move(volume("gp2", 500), ebs_book(without=("gp3",)), multi_attach=False)

    assert isinstance(found, Unpriced)
    assert "gp3" in found.reason


def test_an_unpriced_volume_is_in_no_sum_and_is_counted_by_its_reason():
    counts = {
        Kept(volume("gp2", 500), multi_attach=False): 2,
        Kept(volume("gp2", 500)._replace(region="sa-east-1"), multi_attach=False): 3,
        Kept(volume("gp3", 500), multi_attach=False): 1,
    }

    storage = storage_of(counts, BOOK)

    assert (storage.volumes, storage.priced, storage.unpriced.total()) == (6, 2, 4)
    assert storage.monthly_usd == Decimal(100)
    assert (storage.moved, storage.saving_usd) == (2, Decimal(10))
    assert any("sa-east-1" in reason for reason in storage.unpriced)
    assert "its IOPS were not read" in storage.unpriced


def test_a_saving_between_lists_of_two_months_says_so():
    book = ebs_book(months={"gp3": date(2025, 7, 1)})

    assert move(volume("gp2", 500), book=book).is_compared_across_dates
    assert not move(volume("gp2", 500)).is_compared_across_dates
