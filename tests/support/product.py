"""An installation of the product for one test: a state folder and a database of its own, and real processes.

Tests drive it from outside, as an operator does: by `manage.py`, by signals to processes, and over HTTP.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from config import broker
from config.processes import Command, beat_command, web_command, worker_command
from tests.support.environment import ROOT

COMMAND_SECONDS = 240
WAIT_SECONDS = 90
POLL_SECONDS = 0.1


class Product:
    """One installation. Everything it started ends with its with-block."""

    def __init__(self, state: Path, variables: Mapping[str, str]) -> None:
        self.state = state
        self.variables = {**os.environ, **variables, "SKYLEDGER_STATE": str(state), "PYTHONUNBUFFERED": "1"}
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Product:
        self.state.mkdir(parents=True, exist_ok=True)
        self._stack.callback(self.end_all)
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def manage(self, *arguments: str, exit_code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `manage.py` to its end, and insist on its exit code."""
        command = f"manage.py {' '.join(arguments)}"
        try:
            done = subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env={**self.variables, **variables},
                capture_output=True,
                text=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{command} goes on for more than {COMMAND_SECONDS} s\n{self._logs()}") from error
        assert done.returncode == exit_code, f"{command}: {done.returncode}\n{done.stderr}\n{self._logs()}"
        return done

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """What a data command prints as JSON."""
        found: list[dict[str, Any]] = json.loads(self.manage(*arguments, "--format", "json").stdout)
        return found

    def start_broker(self) -> None:
        """Start the broker of this installation; it ends last."""
        self._stack.enter_context(broker.running(self.state))
        self._stack.callback(self.end_all)

    def start_worker(self, concurrency: int = 2, **variables: str) -> int:
        """Start a worker, wait until it takes tasks, and give its process id."""
        process = self.start(worker_command(concurrency, variables))
        self.wait_for(lambda: "ready." in self.log("worker"), "a worker that is ready")
        return process.pid

    def start_beat(self, **variables: str) -> int:
        """Start the scheduler, and give its process id."""
        return self.start(beat_command(variables)).pid

    def start_web(self, **variables: str) -> str:
        """Start the web server on a free port, wait until it is ready, and give its address."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        self.start(web_command("127.0.0.1", port, 1, {"PORT": str(port), "PUBLIC_URL": address, **variables}))
        self.wait_for(lambda: status(f"{address}/readyz") == 200, "a web server that is ready")
        return address

    def start(self, command: Command) -> subprocess.Popen[bytes]:
        """Start any process of this installation."""
        with (self.state / f"{command.name}.log").open("wb") as log:
            process = subprocess.Popen(
                list(command.arguments),
                cwd=ROOT,
                env={**self.variables, **command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running[command.name] = process
        return process

    def kill(self, name: str) -> None:
        """End a process as the system does when memory runs out: at once, and only the process itself."""
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def end(self, name: str, number: signal.Signals) -> int:
        """Ask a process to end, wait until it has, and give its exit code."""
        process = self._running.pop(name)
        process.send_signal(number)
        return process.wait(WAIT_SECONDS)

    def pid(self, name: str) -> int:
        """The id of a process that was started."""
        return self._running[name].pid

    def log(self, name: str) -> str:
        """What a process printed since it was last started."""
        file = self.state / f"{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def wait_for(self, condition: Callable[[], bool], meant: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until the condition holds; fail with what the processes printed when it does not in time."""
        deadline = time.monotonic() + seconds
        while not condition():
            ended = [name for name, process in self._running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"waited in vain for {meant}; ended: {ended or 'none'}\n{self._logs()}")
            time.sleep(POLL_SECONDS)

    def _logs(self) -> str:
        """The last lines of every process that should be running."""
        return "\n".join(f"--- {name}\n{self.log(name)[-4000:]}" for name in self._running)

    def end_all(self) -> None:
        """End every process by force."""
        for process in self._running.values():
            if process.returncode is None:  # else another process may bear its number by now
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self._running.clear()


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def status(address: str) -> int:
    """The HTTP status of an address; 0 while nobody answers there."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            found: int = answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
    return found
