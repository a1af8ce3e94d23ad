"""The comparison of a fleet under every way of paying, against a plain loop: `python -m bench.comparison`.

The loop takes every instance as the database gives it, looks its prices up in a dictionary and adds them up way by way.
The dictionary is filled beforehand and not timed. The product counts the instances by what their price depends on,
reads the prices from the book, and prices each kind once. Both are asked in turns in one process, and must agree to the
last digit. Then the pages of the costs are asked over HTTP, in turns with a page that asks the ledger nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import django

from bench.measure import load_average
from bench.pages import ROUNDS, Visitor, serve, signed_in, table_of_pages
from bench.table import spread, table
from config.processes import ended_by_signals
from tests.support.environment import ROOT, forget_variables
from tests.support.product import Product

INSTANCES = 100_000
QUICK_INSTANCES = 9_000
TURNS = 5
PAGES = (
    *("/costs/", "/costs/?region=eu-west-1", "/costs/types/m5.large/", "/costs/commitments/", "/costs/buy/"),
    *("/costs/storage/", "/costs/waste/", "/costs/bill/", "/costs/prices/"),
)
OPERATIONS = {"linux": "RunInstances", "windows": "RunInstances:0002", "rhel": "RunInstances:0010"}
LOOP, ANEW, KEPT = "plain loop", "comparison, counted anew", "comparison, from kept counts"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one run measured: CPU seconds of each way of comparing, and milliseconds of each page."""

    instances: int
    ways: int
    seconds: Mapping[str, Sequence[float]]
    pages: Mapping[str, Sequence[float]]


def measure(instances: int, say: Callable[[str], None], rounds: int = ROUNDS) -> Measured:
    """Fill a ledger with instances that have prices, compare them, and time the pages of the costs."""
    with tempfile.TemporaryDirectory(prefix="skyledger-bench-") as folder, Product(Path(folder) / "s", {}) as product:
        product.manage("migrate", "--verbosity", "0")
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "bench.comparison", "--inside", str(instances)],
            cwd=ROOT,
            env=product.variables,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        took = time.perf_counter() - began
        say(f"{found['instances']:,} instances compared in {took:.0f} s with filling (load average {load_average()})")
        link = urlsplit(product.manage("sign_in_link").stdout.strip())
        server = serve(product, "capped", "config.wsgi:application")
        pages = Visitor({"capped": server}, signed_in(server, link.path)).time_pages(rounds, PAGES)
        return Measured(**found, pages=pages)


def report(measured: Measured) -> str:
    """The tables, in Markdown."""
    loop = median(measured.seconds[LOOP])
    rows = [
        (name, spread([1000 * one for one in seconds]), f"{median(seconds) / loop:.3f}")
        for name, seconds in measured.seconds.items()
    ]
    return "\n\n".join(
        (
            f"{measured.instances:,} instances under {measured.ways} ways of paying",
            table(("how", "CPU ms", "x of the loop"), rows),
            f"Pages of costs at {measured.instances:,} instances, in parts of a page that asks the ledger nothing",
            table_of_pages(measured.pages),
        )
    )


def _inside(instances: int) -> None:
    """Fill the ledger of this environment and compare; prints what was measured as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from bench.compared import compare, fill  # noqa: PLC0415 - models can be imported only now

    fill(instances, OPERATIONS)
    json.dump(compare(TURNS, loop=LOOP, anew=ANEW, kept=KEPT), sys.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.comparison", description=__doc__)
    parser.add_argument("--instances", type=int, default=INSTANCES)
    parser.add_argument("--inside", type=int, help="only fill and compare, in the ledger of this environment")
    options = parser.parse_args()
    if options.inside:
        _inside(options.inside)
        return
    forget_variables()
    with ended_by_signals():
        measured = measure(options.instances, lambda line: print(line, file=sys.stderr, flush=True))
    print(report(measured))


if __name__ == "__main__":
    main()
