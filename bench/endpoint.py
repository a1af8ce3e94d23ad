"""An endpoint that answers as AWS does, fast enough not to be measured: `python -m bench.endpoint --instances N`.

One process and one thread write bytes that were rendered beforehand. A latency is waited for without holding up other
connections. What it served, and the CPU seconds that this took, can be asked for, so that every run can show how far
the endpoint was from being its bottleneck.

It prints its address as its only line, and ends when its standard input does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from bench.answers import SIGNED_FOR, Answer, Answers, Request
from bench.fleet import REGIONS, Fleet

HOST = "127.0.0.1"
CONTROL = "/-/"


class Endpoint:
    """The answers, how long each is held back, and what was served since the counts were last asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self.answers = Answers(fleet)
        self.latency_seconds = 0.0
        self.requests = 0
        self.body_bytes = 0
        self._cpu_before = time.process_time()

    def answer(self, request: Request) -> tuple[Answer, float]:
        """The answer to a request, and the seconds after which it leaves."""
        if request.target.startswith(CONTROL):
            return self._obey(request.target.removeprefix(CONTROL)), 0.0
        found = self.answers.to(request)
        self.requests += 1
        self.body_bytes += len(found.body)
        return found, self.latency_seconds

    def _obey(self, command: str) -> Answer:
        """`latency/60` (ms), `version/1` or `counts`, which answers and begins to count anew."""
        name, _, value = command.partition("/")
        match name:
            case "latency":
                self.latency_seconds = int(value) / 1000
            case "version":
                self.answers = Answers(replace(self.answers.fleet, version=int(value)))
            case "counts":
                return self._counts()
            case _:
                return Answer(body=b"unknown", status=404)
        return Answer(body=b"{}")

    def _counts(self) -> Answer:
        cpu = time.process_time()
        counts = {"requests": self.requests, "bytes": self.body_bytes, "cpu_seconds": cpu - self._cpu_before}
        self.requests = self.body_bytes = 0
        self._cpu_before = cpu
        return Answer(body=json.dumps(counts).encode())


class Connection(asyncio.Protocol):
    """One connection of a client, kept open over its requests, which come one after the other."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def connection_lost(self, exception: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next_request()) is not None:
            answer, seconds = self._endpoint.answer(request)
            if seconds:
                asyncio.get_running_loop().call_later(seconds, self._send, answer)
            else:
                self._send(answer)

    def _next_request(self) -> Request | None:
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return None
        lines = head.split(b"\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])
        }
        length = int(headers.get(b"content-length", b"0"))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        signed = SIGNED_FOR.search(headers.get(b"authorization", b""))
        region, service = (part.decode() for part in signed.groups()) if signed else ("", "")
        target = lines[0].split(b" ")[1].decode()
        return Request(target=target, service=service, region=region, body=rest[:length])

    def _send(self, answer: Answer) -> None:
        if self._transport is None:
            return  # the client has gone
        status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        head = f"{status}Content-Type: text/xml\r\nContent-Length: {len(answer.body)}\r\n\r\n"
        self._transport.write(head.encode())
        self._transport.write(answer.body)


async def serve(endpoint: Endpoint, announce: Callable[[str], None]) -> None:
    """Serve on a free port of the loopback interface until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(endpoint), HOST, 0)
    announce(f"http://{HOST}:{server.sockets[0].getsockname()[1]}")
    async with server:
        # The pipe closes however the benchmark ends, so that no endpoint is left behind.
        await loop.run_in_executor(None, os.read, sys.stdin.fileno(), 1)


def main() -> None:
    """Render the answers, print the address and serve."""
    parser = argparse.ArgumentParser(prog="python -m bench.endpoint", description=__doc__)
    parser.add_argument("--instances", type=int, required=True)
    parser.add_argument("--regions", type=int, default=len(REGIONS), help="over how many regions they are spread")
    options = parser.parse_args()
    endpoint = Endpoint(Fleet(options.instances, options.regions))
    asyncio.run(serve(endpoint, lambda address: print(address, flush=True)))


if __name__ == "__main__":
    main()
