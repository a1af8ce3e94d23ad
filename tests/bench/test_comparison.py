"""The comparison of a fleet against a plain loop, as it is printed."""

from __future__ import annotations

from bench.comparison import ANEW, LOOP, Measured, report
from bench.pages import TRIVIAL


def test_each_way_stands_in_parts_of_the_loop_and_each_page_in_parts_of_the_trivial_one() -> None:
    measured = Measured(
        instances=100_000,
        ways=34,
        seconds={LOOP: [2.0, 2.0, 2.2], ANEW: [0.5, 0.4, 0.6]},
        pages={TRIVIAL: [5.0] * 20, "/costs/": [50.0] * 20},
    )

    lines = report(measured).splitlines()

    assert lines[0] == "100,000 instances under 34 ways of paying"
    assert [cell.strip() for cell in lines[4].split("|")[1:-1]] == [LOOP, "2000.0 (2000.0 to 2200.0)", "1.000"]
    assert [cell.strip() for cell in lines[5].split("|")[1:-1]] == [ANEW, "500.0 (400.0 to 600.0)", "0.250"]
    assert [cell.strip() for cell in lines[-1].split("|")[1:-1]] == ["/costs/", "50.0", "50.0", "10.0"]
