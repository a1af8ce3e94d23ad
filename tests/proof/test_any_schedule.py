"""Whatever happens at AWS, to the workers, to the queue and to the clock, the ledger never lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.proof import machine

pytestmark = [pytest.mark.django_db, pytest.mark.long]

# A schedule takes PostgreSQL twice as long; in all there are 104.
SCHEDULES = 17 if connection.vendor == "sqlite" else 9
SEEDS = Path(__file__).parent / "regressions" / "seeds.txt"


@pytest.mark.parametrize("number", range(4))
def test_the_ledger_never_lies_whatever_happens(number: int) -> None:
    """Fault matrix rows 2, 3, 9, 12, 17, 19, 20, 22, 28, 29, 30, 32, 34, 43 and 44.

    Invariants 1 to 6 and 8 to 14 after every step. The same schedules at every run; `make soak` makes up new ones.
    """
    tally = machine.run(number, SCHEDULES)

    assert tally["schedules"] >= SCHEDULES
    assert tally["steps"] >= SCHEDULES * 30


def test_schedules_that_once_went_wrong_go_right() -> None:
    kept = [line.split() for line in SEEDS.read_text().splitlines() if not line.startswith("#")]

    for seed, schedules in kept:
        assert machine.run(int(seed), int(schedules))["schedules"] >= int(schedules)
