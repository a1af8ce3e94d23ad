"""Every benchmark, one after the other, as Markdown on standard output: `python -m bench [--quick]`."""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import UTC, datetime

from bench import comparison, pages, snapshot
from bench.measure import load_average
from config.processes import ended_by_signals
from tests.support.environment import forget_variables

QUICK_PAGE_ROUNDS = 10


def main() -> None:
    """Measure and print; what is under way is told on standard error."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, in about a minute: to see that it works")
    options = parser.parse_args()
    forget_variables()
    with ended_by_signals():
        _measure(quick=options.quick)


def _measure(*, quick: bool) -> None:
    began = time.monotonic()
    when, python = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", platform.python_version()
    print(f"{when}, Python {python}, load average {load_average()}\n")
    print(snapshot.report(snapshot.measure(snapshot.QUICK if quick else snapshot.FULL, _say)), end="\n\n", flush=True)
    revisions = pages.QUICK_REVISIONS if quick else pages.REVISIONS
    rounds = QUICK_PAGE_ROUNDS if quick else pages.ROUNDS
    print(pages.report(revisions, pages.measure(revisions, _say, rounds)), end="\n\n")
    instances = comparison.QUICK_INSTANCES if quick else comparison.INSTANCES
    print(comparison.report(comparison.measure(instances, _say, rounds)), end="\n\n")
    print(f"Load average {load_average()} at the end, after {(time.monotonic() - began) / 60:.1f} minutes.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
