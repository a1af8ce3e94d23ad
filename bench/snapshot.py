"""A snapshot by the product, stored, against plain boto3 that lists the same: `python -m bench.snapshot`.

Both sides ask the same endpoint for the same pages, one side after the other, alternating in one run. What counts is
the ratio: the machine is shared, and the same command takes twice as long at another hour.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from bench.fleet import REGIONS, Fleet
from bench.installation import CREDENTIALS, Installation, Taken, Template
from bench.measure import KIB_IN_A_MB, load_average
from bench.remote import Capacity, Remote, Served
from bench.table import spread, table
from config.processes import ended_by_signals
from tests.support.environment import ROOT, forget_variables


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One run of plain boto3: from the start of the process to its end."""

    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    rows: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What a snapshot added to the database: in bytes of its file, in revisions, and in bytes of their documents."""

    file_bytes: int
    rows: int
    document_bytes: int


@dataclass(kw_only=True)
class Cell:
    """Every run at one size and one latency."""

    instances: int
    latency: int
    capacity: Capacity
    listed: list[Listed] = field(default_factory=list)
    first: list[Taken] = field(default_factory=list)
    repeated: list[Taken] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    changed: Growth | None = None
    unchanged: Growth | None = None


@dataclass(frozen=True)
class Plan:
    """What to run: so many alternating pairs at one size and one latency, and whether to repeat the last snapshot."""

    instances: int
    latency: int
    pairs: int
    repeats: bool = True


FULL = (Plan(1_000, 0, 2), Plan(1_000, 60, 2, False), Plan(20_000, 0, 1, False), Plan(20_000, 60, 2))
QUICK = (Plan(1_000, 0, 1),)


def measure(plans: tuple[Plan, ...], say: Callable[[str], None], region_count: int = len(REGIONS)) -> list[Cell]:
    """Run every plan. Raises RuntimeError when the sides did not find the same."""
    cells = []
    with tempfile.TemporaryDirectory(prefix="skyledger-bench-") as folder:
        template = Template(Path(folder))
        for plan in plans:
            say(f"{plan.instances:,} instances, {plan.latency} ms (load average {load_average()})")
            with Remote(Fleet(plan.instances, region_count)) as remote:
                cells.append(_run(plan, remote, template, say))
    return cells


def _run(plan: Plan, remote: Remote, template: Template, say: Callable[[str], None]) -> Cell:
    cell = Cell(instances=plan.instances, latency=plan.latency, capacity=remote.capacity())
    remote.set_latency(plan.latency)
    for pair in range(plan.pairs):
        remote.counts()
        cell.listed.append(list_by_boto3(remote))
        cell.served.append(remote.counts())
        with template.installation(remote.address) as installation:
            remote.counts()
            cell.first.append(installation.take_snapshot())
            cell.served.append(remote.counts())
            _insist_on_everything(remote.fleet, cell)
            told: tuple[tuple[str, Listed | Taken], ...] = (("boto3", cell.listed[-1]), ("product", cell.first[-1]))
            for name, run in told:
                # A run that is cut short has then told what it measured.
                say(f"  {name}: {run.wall_seconds:.1f} s, {run.cpu_seconds:.1f} CPU s, {run.peak_mb:.0f} MB")
            if plan.repeats and pair == plan.pairs - 1:
                _repeat(cell, remote, installation)
    return cell


def list_by_boto3(remote: Remote) -> Listed:
    """List everything once, in a process of its own."""
    environment = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": remote.address}
    before, began = _children_cpu(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bench.sequential"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    found = json.loads(done.stdout)
    return Listed(
        wall_seconds=seconds,
        cpu_seconds=_children_cpu() - before,
        peak_mb=found["peak_kib"] / KIB_IN_A_MB,
        rows=found["rows"],
    )


def _repeat(cell: Cell, remote: Remote, installation: Installation) -> None:
    """Take another snapshot with 0.5 % changed, and one more with nothing changed."""
    remote.set_version(1)
    cell.changed = _growth(cell, installation)
    if cell.changed.rows != replace(remote.fleet, version=1).changed:
        raise RuntimeError(f"{cell.changed.rows} rows were opened, which is not what changed.")
    cell.unchanged = _growth(cell, installation)
    remote.set_version(0)


def _growth(cell: Cell, installation: Installation) -> Growth:
    before = installation.used_bytes()
    cell.repeated.append(installation.take_snapshot())
    rows, document_bytes = installation.opened_by_last_snapshot()
    return Growth(file_bytes=installation.used_bytes() - before, rows=rows, document_bytes=document_bytes)


def _insist_on_everything(fleet: Fleet, cell: Cell) -> None:
    for rows in (cell.listed[-1].rows, cell.first[-1].rows):
        if rows != fleet.counts:
            raise RuntimeError(f"Of {fleet.counts} only {rows} were found.")


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- the report -------------------------------------------------------------------------------------------------


def report(cells: list[Cell]) -> str:
    """Every table, in Markdown."""
    return "\n\n".join(("First snapshot", _firsts(cells), "Repeated snapshots", _repeats(cells), *_notes(cells)))


def _firsts(cells: list[Cell]) -> str:
    heads = ("instances", "latency", "pairs", "", "wall s", "CPU s", "peak MB", "requests", "wall x", "CPU x", "peak x")
    return table(heads, [row for cell in cells for row in _rows_of(cell)])


def _rows_of(cell: Cell) -> Iterator[tuple[str, ...]]:
    place = (f"{cell.instances:,}", f"{cell.latency} ms", str(len(cell.first)))
    sides: tuple[tuple[str, Sequence[Listed | Taken], int], ...] = (
        ("boto3", cell.listed, cell.served[0].requests),
        ("product", cell.first, cell.served[1].requests),
    )
    for name, runs, asked in sides:
        yield (
            *place,
            name,
            spread([run.wall_seconds for run in runs]),
            spread([run.cpu_seconds for run in runs]),
            f"{max(run.peak_mb for run in runs):.0f}",
            str(asked),
            *(("", "", "") if name == "boto3" else _ratios(cell)),
        )


def _ratios(cell: Cell) -> tuple[str, str, str]:
    """Wall, CPU seconds and peak memory of the product as multiples of boto3's, pair by pair."""
    pairs = list(zip(cell.first, cell.listed, strict=True))
    return (
        spread([taken.wall_seconds / listed.wall_seconds for taken, listed in pairs], 2),
        spread([taken.cpu_seconds / listed.cpu_seconds for taken, listed in pairs], 2),
        spread([taken.peak_mb / listed.peak_mb for taken, listed in pairs], 2),
    )


def _repeats(cells: list[Cell]) -> str:
    heads = (
        *("instances", "latency", "changed rows", "wall s", "CPU s", "wall x", "CPU x", "peak MB"),
        *("file grew by", "documents", "bytes x"),
    )
    rows = []
    for cell in cells:
        wall = median(run.wall_seconds for run in cell.listed)
        cpu = median(run.cpu_seconds for run in cell.listed)
        for taken, growth in zip(cell.repeated, (cell.changed, cell.unchanged), strict=False):
            if growth is not None:
                share = f"{growth.file_bytes / growth.document_bytes:.2f}" if growth.document_bytes else "-"
                rows.append(
                    (
                        f"{cell.instances:,}",
                        f"{cell.latency} ms",
                        f"{growth.rows:,}",
                        f"{taken.wall_seconds:.1f}",
                        f"{taken.cpu_seconds:.1f}",
                        f"{taken.wall_seconds / wall:.2f}",
                        f"{taken.cpu_seconds / cpu:.2f}",
                        f"{taken.peak_mb:.0f}",
                        f"{growth.file_bytes:,}",
                        f"{growth.document_bytes:,}",
                        share,
                    )
                )
    return table(heads, rows)


def _notes(cells: list[Cell]) -> Iterator[str]:
    for cell in cells:
        runs: list[Listed | Taken] = [*cell.listed, *cell.first]
        quickest = min(run.wall_seconds for run in runs)
        asked = sum(cell.first[0].rows.values()) / quickest
        busy = max(served.cpu_seconds for served in cell.served)
        followed = median(run.followed_seconds - run.wall_seconds for run in cell.first)
        yield (
            f"{cell.instances:,} at {cell.latency} ms: the endpoint alone serves {cell.capacity.items:,.0f} items/s, "
            f"{cell.capacity.items / asked:,.0f} times what the quickest run took; it used at most {busy:.2f} CPU s in "
            f"a run. Open ports and prices followed {followed:.1f} s after the last visit."
        )


def main() -> None:
    """Measure one size, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.snapshot", description=__doc__)
    parser.add_argument("--instances", type=int, help="one size only")
    parser.add_argument("--regions", type=int, default=len(REGIONS))
    parser.add_argument("--latency", type=int, default=0, help="ms before each answer")
    parser.add_argument("--pairs", type=int, default=1)
    options = parser.parse_args()
    forget_variables()
    plans = (Plan(options.instances, options.latency, options.pairs),) if options.instances else FULL
    with ended_by_signals():
        cells = measure(plans, lambda line: print(line, file=sys.stderr, flush=True), options.regions)
    print(report(cells))


if __name__ == "__main__":
    main()
