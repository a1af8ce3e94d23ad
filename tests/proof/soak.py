"""Random schedules for as long as there is time, and a hundred killed workers: `make soak MINUTES=40`.

Every chunk of schedules follows from one seed. A seed that goes wrong is added to `regressions/seeds.txt`, where
`make test` finds it, and hypothesis prints the shortest course that goes wrong with it.
"""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError

from tests.proof import machine, planted
from tests.proof.test_any_schedule import SEEDS

MINUTES = float(os.environ.get("PROOF_MINUTES", "1"))
REPORT = Path(os.environ.get("PROOF_REPORT", os.devnull))
LANES = os.cpu_count() or 1
CHUNK = 25
STEPS = 50
MOST_CHUNKS = 40
"""In which every planted mistake is found: the rarest needs a worker that dies right after it claimed a visit."""


@pytest.mark.long  # so that every lane has a process of its own
@pytest.mark.django_db
@pytest.mark.parametrize("lane", range(LANES))
def test_random_schedules_for_as_long_as_there_is_time(lane: int) -> None:
    """Fault matrix row 43."""
    until = time.monotonic() + 60 * MINUTES
    tally: Counter[str] = Counter()
    seeds = []

    while time.monotonic() < until:
        seeds.append(random.SystemRandom().randrange(2**32))
        try:
            tally += machine.run(seeds[-1], CHUNK, STEPS)
        except BaseException:
            with SEEDS.open("a") as kept:
                kept.write(f"{seeds[-1]} {CHUNK}\n")
            raise

    engine = settings.DATABASES["default"]["ENGINE"].rpartition(".")[2]
    with REPORT.open("a") as report:
        counts = f"{tally['schedules']} schedules, {tally['steps']} steps, 0 failures"
        report.write(f"{engine}, lane {lane}: {counts}; seeds {' '.join(map(str, seeds))}\n")


@pytest.mark.django_db
@pytest.mark.parametrize("mistake", planted.IN_THE_ENGINE)
def test_random_schedules_find_every_mistake_that_is_planted(mistake: str) -> None:
    with planted.IN_THE_ENGINE[mistake](), pytest.raises((AssertionError, DatabaseError)):
        run_many_schedules()


def run_many_schedules() -> None:
    """The same ones each time."""
    for number in range(MOST_CHUNKS):
        machine.run(number, CHUNK, shrink=False)
