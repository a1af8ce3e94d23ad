"""The endpoint as a process of its own: started, told what to do, and measured by itself."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from bench.answers import LISTINGS, PAGE_SIZES, pages_of
from bench.fleet import Fleet
from tests.support.environment import ROOT

BUSY_SECONDS = 1.0
MANY_ROUNDS = 1000


@dataclass(frozen=True, kw_only=True)
class Served:
    """What the endpoint served since it was last asked."""

    requests: int
    bytes: int
    cpu_seconds: float


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """What the endpoint serves in a second when it is asked for nothing but EC2 pages, by a client that drops them."""

    items: float
    megabytes: float
    requests: float


class Remote:
    """A running endpoint for one fleet; it ends with its with-block."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.address = ""

    def __enter__(self) -> Remote:
        place = ("--instances", str(self.fleet.instances), "--regions", str(self.fleet.region_count))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.endpoint", *place],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._process.stdout is not None:
            self.address = self._process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError("The endpoint did not start; it says why above.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.communicate()

    def set_latency(self, milliseconds: int) -> None:
        """Hold every answer back for so long."""
        self._tell(f"latency/{milliseconds}")

    def set_version(self, version: int) -> None:
        """Let 0.5 % of the items look different, as `Fleet.version` says."""
        self._tell(f"version/{version}")

    def counts(self) -> Served:
        """What was served since the last call; counting begins anew."""
        return Served(**self._tell("counts"))

    def capacity(self) -> Capacity:
        """How much it serves when nothing holds it up, measured for about a second over one connection."""
        self.set_latency(0)
        requests = [
            (region, f"Action={operation}&MaxResults={size}&NextToken={page}")
            for region in self.fleet.regions
            for operation, size in PAGE_SIZES.items()
            for page in range(pages_of(self.fleet.count_in(LISTINGS[operation][0], region), size))
        ]
        items = sum(self.fleet.counts[slug] for slug, _ in LISTINGS.values())
        self.counts()
        began, rounds = time.perf_counter(), 0
        while time.perf_counter() - began < BUSY_SECONDS and rounds < MANY_ROUNDS:
            self._fetch(requests)
            rounds += 1
        seconds = time.perf_counter() - began
        served = self.counts()
        return Capacity(
            items=rounds * items / seconds, megabytes=served.bytes / 1e6 / seconds, requests=served.requests / seconds
        )

    def _fetch(self, requests: list[tuple[str, str]]) -> None:
        connection = self._connect()
        for region, body in requests:
            signed = f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/{region}/ec2/aws4_request"
            connection.request("POST", "/", body=body, headers={"Authorization": signed})
            answer = connection.getresponse()
            answer.read()
            if answer.status != http.HTTPStatus.OK:
                raise RuntimeError(f"The endpoint answered {answer.status} to {body} in {region}.")
        connection.close()

    def _tell(self, command: str) -> dict[str, Any]:
        connection = self._connect()
        connection.request("GET", f"/-/{command}")
        found: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return found

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
