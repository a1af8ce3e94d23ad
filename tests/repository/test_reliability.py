"""The page on reliability names tests that exist, for every row of the fault matrix."""

from __future__ import annotations

import re

from tests.support.environment import ROOT

PAGE = ROOT / "docs" / "reliability.md"
ROW = re.compile(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|$", re.MULTILINE)
WITHOUT_A_TEST = {21, 24, 40}


def test_every_row_of_the_fault_matrix_has_a_test_or_a_reason() -> None:
    rows = {int(number): shown for number, _, _, shown in ROW.findall(PAGE.read_text())}

    assert sorted(rows) == list(range(1, 46))
    assert {number for number, shown in rows.items() if "`test_" not in shown} == WITHOUT_A_TEST
    assert all("not yet: " in rows[number] for number in WITHOUT_A_TEST)


def test_every_test_that_the_page_names_exists() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    written = {name for file in files for name in re.findall(r"def (test_\w+)\(", file.read_text())}

    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))

    assert len(named) > 50
    assert named <= written
