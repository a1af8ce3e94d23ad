"""Failures of the connection itself, which no answer of AWS's describes."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from typing import NoReturn

from werkzeug import Request, Response

AT_ONCE = struct.pack("ii", 1, 0)


def reset(request: Request) -> NoReturn:
    """Drop the connection of a request without an answer: the client's next read finds it reset."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    os.close(connection.detach())
    raise ConnectionResetError


def trickle(response: Response, seconds: float) -> None:
    """Let an answer come byte by byte, with so many seconds before each."""
    body = response.get_data()
    response.response = _drops(body, seconds)
    response.headers["Content-Length"] = str(len(body))


def _drops(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        time.sleep(seconds)
        yield bytes([byte])
