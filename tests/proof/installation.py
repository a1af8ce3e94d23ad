"""A whole installation against our endpoint: real workers, a real broker, its own database, looked at from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import psycopg

from inventory.registry import GLOBAL, Reach, resource_type
from tests.proof.endpoint import HOME, Endpoint, examples, listing_of
from tests.support import left_out
from tests.support.product import Product

REGIONS = ("eu-west-1", "eu-west-2", "us-east-1", "us-east-2", "us-west-2")
QUICK = {"VISIT_LEASE": "2", "TICK": "2", "LOG_LEVEL": "INFO"}
DUE = "UPDATE inventory_account SET next_due_at = NULL"
UNFINISHED = "SELECT COUNT(*) FROM inventory_snapshot WHERE finished_at IS NULL"
RUNNING = "SELECT COUNT(*) FROM inventory_visit WHERE state = 'running'"
TWO_OPEN = """
    SELECT COUNT(*) FROM inventory_ebsvolume a
    JOIN inventory_ebsvolume b ON a.resource_id = b.resource_id AND a.id < b.id
    WHERE a.valid_from IS NOT NULL AND b.valid_from IS NOT NULL
    AND (a.valid_to IS NULL OR a.valid_to > b.valid_from) AND (b.valid_to IS NULL OR b.valid_to > a.valid_from)
"""
SIZES = """
    SELECT resource.scope_region, revision.size_gib, COUNT(*) FROM inventory_ebsvolume revision
    JOIN inventory_resource resource ON resource.id = revision.resource_id
    WHERE revision.valid_to IS NULL AND revision.valid_from IS NOT NULL GROUP BY 1, 2
"""
VOLUMES = 6
FILLED = [resource_type(slug) for slug in left_out.FEW]


class Installation:
    """A product with one account, and what is really in that account."""

    def __init__(self, product: Product, endpoint: Endpoint) -> None:
        self.product = product
        self.endpoint = endpoint

    def fill(self, size: int) -> None:
        """Let there be a few things of every type that is read everywhere, and volumes of this size."""
        for kind in FILLED:
            for region in [HOME] if kind.reach is Reach.GLOBAL else REGIONS:
                items = examples(kind, VOLUMES)
                if kind.slug == "ebs-volume":
                    items = [{**item, "Size": size} for item in items]
                self.endpoint.things[region, listing_of(kind.call)] = items

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the installation's database."""
        with self._database() as execute:
            return execute(sql)

    def count(self, sql: str) -> int:
        """The one number that a query gives."""
        found: int = self.ask(sql)[0][0]
        return found

    def be_due(self) -> None:
        """Let the account be due now."""
        with self._database() as execute:
            execute(DUE)

    def sizes(self) -> dict[str, list[int]]:
        """The sizes of the open volumes in each region, in one look; a size for each volume."""
        found: dict[str, list[int]] = {}
        for region, size, number in self.ask(SIZES):
            found.setdefault(region, []).extend([size] * number)
        return found

    def has_recorded(self, size: int) -> bool:
        """Whether every region was recorded with its volumes of this size, and no snapshot is under way."""
        meant = {region: [size] * VOLUMES for region in REGIONS}
        return self.sizes() == meant and self.count(UNFINISHED) == 0

    def pool(self) -> list[psutil.Process]:
        """The processes of the worker that do the work."""
        return list(psutil.Process(self.product.pid("worker")).children(recursive=True))

    def assert_that_every_region_is_whole(self) -> None:
        """Each region was recorded, with volumes of one size: nobody sees a part of a recording."""
        seen = self.sizes()
        assert sorted(seen) == sorted(REGIONS)
        assert all(len(sizes) == VOLUMES and len(set(sizes)) == 1 for sizes in seen.values()), seen

    def assert_that_nothing_is_torn_lost_or_doubled(self) -> None:
        """No overlap, no row that waits hidden, and one identity for each thing."""
        assert self.count(TWO_OPEN) == 0
        assert self.count("SELECT COUNT(*) FROM inventory_ebsvolume WHERE staged_by IS NOT NULL") == 0
        rows = self.ask("SELECT type, scope_region, COUNT(*) FROM inventory_resource GROUP BY 1, 2")
        identities = {(slug, region): number for slug, region, number in rows}
        meant = {
            (kind.slug, region): VOLUMES
            for kind in FILLED
            for region in ([GLOBAL] if kind.reach is Reach.GLOBAL else REGIONS)
        }
        assert {place: identities.get(place) for place in meant} == meant

    @contextmanager
    def _database(self) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
        if address := self.product.variables.get("DATABASE_URL"):
            with psycopg.connect(address, autocommit=True) as server:
                yield lambda sql: _rows(server.execute(sql))
            return
        file = sqlite3.connect(self.product.state / "ledger.sqlite3", timeout=30)
        try:
            with file:
                yield lambda sql: _rows(file.execute(sql))
        finally:
            file.close()


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return [] if cursor.description is None else list(cursor.fetchall())


@contextmanager
def installed(make_product: Callable[..., Product], **variables: str) -> Iterator[Installation]:
    """An installation with one account whose first snapshot is due; nothing runs yet."""
    with Endpoint(regions=REGIONS, latency=0.02).listening() as endpoint:
        product = make_product(**{**endpoint.environment, **left_out.VARIABLES, **QUICK, **variables})
        there = Installation(product, endpoint)
        there.fill(8)
        product.manage("add_account", "acme")
        yield there
