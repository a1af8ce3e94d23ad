"""The tables that the benchmarks print."""

from __future__ import annotations

from bench.table import spread, table


def test_figures_stand_to_the_right_and_words_to_the_left() -> None:
    printed = table(("what", "s"), [("boto3", "10.5"), ("product", "9.25")])

    assert printed.splitlines() == [
        "| what    |    s |",
        "| ------- | ---: |",
        "| boto3   | 10.5 |",
        "| product | 9.25 |",
    ]


def test_a_spread_is_the_median_and_its_range() -> None:
    assert spread([3.0, 1.0, 2.04]) == "2.0 (1.0 to 3.0)"
    assert spread([0.5], 2) == "0.50"
