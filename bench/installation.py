"""An installation of the product to be measured: real processes, the embedded broker, and SQLite.

Its database is a copy of one that was migrated and filled with the bundled prices once. Workers and broker stand ready
before anything is measured, as they do in production; the clients of AWS are not made yet.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Watch, own_children
from config.processes import Command
from tests.support.product import Product

WORKERS = 2
LEDGER = "ledger.sqlite3"
POLL_SECONDS = 0.05
POLLS_BETWEEN_LOOKS = 10
MOST_SECONDS = 900
ACCOUNT = "bench"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "of-no-use",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One snapshot as the product took it.

    `wall_seconds` run from the start of the command to the moment when every visit is published; CPU seconds are those
    of command, workers and broker until then. `followed_seconds` end when open ports and prices have followed, too.
    """

    wall_seconds: float
    cpu_seconds: float
    followed_seconds: float
    followed_cpu_seconds: float
    peak_mb: float
    rows: dict[str, int]
    changed: int


class Installation:
    """A product that is up, and whose snapshots can be taken and measured one after the other."""

    def __init__(self, product: Product, workers: int) -> None:
        self._product = product
        others = own_children()  # the endpoint is one of them, and holds every answer in its memory
        product.start_broker()
        product.manage("add_account", ACCOUNT)
        brokers = [pid for pid in own_children() if pid not in others]
        self._standing = [*brokers, product.start_worker(workers)]

    def take_snapshot(self) -> Taken:
        """Take a snapshot by the real command and the real workers. Raises RuntimeError if it is not complete."""
        watch = Watch(self._standing)
        watch.begin()
        began = time.perf_counter()
        process = self._product.start(
            Command(name="take_snapshot", arguments=(sys.executable, "manage.py", "take_snapshot", ACCOUNT))
        )
        watch.add(process.pid)
        stored = self._wait(watch, process, began, until_stored=True)
        cpu = watch.cpu_seconds
        self._wait(watch, process, began, until_stored=False)
        followed = time.perf_counter() - began
        if process.wait() != 0:
            raise RuntimeError(f"The snapshot is not complete:\n{self._product.log('take_snapshot')}")
        rows, changed = self._found()
        return Taken(
            wall_seconds=stored,
            cpu_seconds=cpu,
            followed_seconds=followed,
            followed_cpu_seconds=watch.cpu_seconds,
            peak_mb=watch.peak_mb,
            rows=rows,
            changed=changed,
        )

    def _wait(self, watch: Watch, process: subprocess.Popen[bytes], began: float, *, until_stored: bool) -> float:
        """Wait, and look at the processes now and then; the seconds since the beginning."""
        snapshots = self.count("inventory_snapshot") if until_stored else 0
        polls = 0
        while process.poll() is None:
            if until_stored and self._finished_snapshots() > snapshots:
                break
            if time.perf_counter() - began > MOST_SECONDS:
                raise RuntimeError(f"The snapshot takes more than {MOST_SECONDS} s.")
            if polls % POLLS_BETWEEN_LOOKS == 0:
                watch.look()
            polls += 1
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - began
        watch.look()
        return seconds

    # --- what the database holds ------------------------------------------------------------------------------

    def used_bytes(self) -> int:
        """The size of the database without its free pages, everything written into the file."""
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages, free, size = (
                int(connection.execute(f"PRAGMA {name}").fetchone()[0])
                for name in ("page_count", "freelist_count", "page_size")
            )
        return (pages - free) * size

    def opened_by_last_snapshot(self) -> tuple[int, int]:
        """The revisions that the last snapshot opened: how many, and the bytes of their documents, not deflated."""
        rows = size = 0
        with closing(self._connect()) as connection:
            for table in _revision_tables(connection):
                opened = connection.execute(
                    f"SELECT raw FROM {table} WHERE valid_from = "  # noqa: S608 - a name from the schema
                    "(SELECT taken_at FROM inventory_snapshot ORDER BY id DESC LIMIT 1)"
                )
                for (raw,) in opened:
                    rows += 1
                    size += len(zlib.decompress(raw))
        return rows, size

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with closing(self._connect()) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608

    def _finished_snapshots(self) -> int:
        with closing(self._connect()) as connection:
            query = "SELECT count(*) FROM inventory_snapshot WHERE finished_at IS NOT NULL"
            return int(connection.execute(query).fetchone()[0])

    def _found(self) -> tuple[dict[str, int], int]:
        with closing(self._connect()) as connection:
            found = connection.execute(
                "SELECT type, sum(resources), sum(changed) FROM inventory_visit WHERE snapshot_id = "
                "(SELECT max(id) FROM inventory_snapshot) GROUP BY type"
            ).fetchall()
        return {slug: resources for slug, resources, _ in found}, sum(changed for *_, changed in found)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._product.state / LEDGER, timeout=20)


class Template:
    """A migrated database with the bundled prices, which every installation begins with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with Product(folder / "template", {}) as product:
            product.manage("migrate", "--verbosity", "0")
            product.manage("load_prices")

    @contextmanager
    def installation(self, endpoint: str, workers: int = WORKERS, **variables: str) -> Iterator[Installation]:
        """A fresh installation beside an endpoint, gone at the end of the with-block."""
        state = Path(tempfile.mkdtemp(dir=self._folder))
        for file in (self._folder / "template").glob(f"{LEDGER}*"):
            shutil.copy(file, state)
        environment: dict[str, Any] = {"AWS_ENDPOINT_URL": endpoint, **CREDENTIALS, **variables}
        try:
            with Product(state, environment) as product:
                yield Installation(product, workers)
        finally:
            shutil.rmtree(state)


def _revision_tables(connection: sqlite3.Connection) -> list[str]:
    tables = connection.execute(
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c "
        "WHERE m.type = 'table' AND c.name = 'reading_version'"
    )
    return [name for (name,) in tables]
