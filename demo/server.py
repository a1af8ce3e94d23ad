"""The emulator's process: `python -m demo.server`. It listens on 127.0.0.1 only, and says where in its state folder.

Started again for the same folder, it first plays the moments that were already played there.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from .client import address_file
from .clock import Clock
from .control import Control
from .layer.application import Layer
from .mark import BILLS, Mark, write
from .story import Story

HOST = "127.0.0.1"
PARENT_SECONDS = 1


def main() -> None:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="python -m demo.server", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="the folder that knows how far the story is")
    parser.add_argument("--zero", type=datetime.fromisoformat, help="the end of a new story; now, if not given")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    mark = Mark.of(options.state) or Mark.new(options.zero)
    clock = Clock()
    layer = Layer(clock, options.state / BILLS)
    story = Story(layer, clock, mark.zero)
    for _ in range(mark.played):
        story.play_next()
    with _listen(mark.port, Control(layer, story, lambda: _remember(options.state, story))) as server:
        replace(mark, port=server.server_port).leave(options.state)
        address = address_file(options.state)
        write(address, {"endpoint_url": f"http://{HOST}:{server.server_port}", "pid": os.getpid()})
        try:
            server.serve_forever()
        finally:
            address.unlink(missing_ok=True)


class _Handler(MotoRequestHandler):
    """moto's reading of requests, without a line for each: the layer's log tells more."""

    def log_request(self, *details: Any) -> None:
        """Say nothing."""


def _listen(port: int, application: Control) -> BaseWSGIServer:
    """Listen on this port, or on any when it is taken."""
    try:
        return make_server(HOST, port, application, threaded=True, request_handler=_Handler)
    except (OSError, SystemExit):
        return make_server(HOST, 0, application, threaded=True, request_handler=_Handler)


def _remember(state: Path, story: Story) -> None:
    """Keep in the state folder how far the story is."""
    if mark := Mark.of(state):
        replace(mark, played=len(story.played)).leave(state)


def _end_with(parent: int) -> None:
    """End as soon as whoever started this process has gone, however suddenly: nobody else knows that it is there."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
