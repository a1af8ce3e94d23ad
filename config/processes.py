"""The product's processes, and the supervisor that keeps them up and ends every one of them.

Each process leads a process group of its own. The terminal's Ctrl-C therefore reaches the supervisor alone, which ends
the groups in the reverse order of their start; and when one leader dies, what is left of its group (the pool children
of a killed worker) is ended before it is started again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
WEB_THREADS = 4
WATCH_SECONDS = 0.2
GRACE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 30
STEADY_SECONDS = 60
LARGEST_LOG_BYTES = 10_000_000
TOLD_LOG_LINES = 5


@dataclass(frozen=True, kw_only=True)
class Command:
    """One process to run: its short name, its command line, and what it adds to our environment."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


def worker_command(concurrency: int, environment: Mapping[str, str] | None = None) -> Command:
    """A Celery worker with this many pool processes."""
    arguments = (*_celery("worker"), "--concurrency", str(concurrency), "--without-gossip", "--without-mingle")
    return Command(name="worker", arguments=arguments, environment=environment or {})


def beat_command(environment: Mapping[str, str] | None = None) -> Command:
    """The one process that ticks; it enqueues the tick and does nothing itself."""
    return Command(name="beat", arguments=_celery("beat"), environment=environment or {})


def web_command(host: str, port: int, workers: int, environment: Mapping[str, str] | None = None) -> Command:
    """The web server, on this address with this many processes for pages."""
    arguments = (
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(workers), "--blocking-threads", str(WEB_THREADS)),
    )
    return Command(name="web", arguments=arguments, environment=environment or {})


def _celery(subcommand: str) -> tuple[str, ...]:
    # Django's checks would load every page, which a worker never shows.
    return (sys.executable, "-m", "celery", "-A", "config", "--skip-checks", subcommand, "--loglevel", "INFO")


class Supervisor:
    """Starts processes, starts those again that end by themselves, and ends all of them when its with-block ends."""

    def __init__(self, logs: Path, report: Callable[[str], None]) -> None:
        """`logs` is the folder for one log file per process; `report` is told each thing an operator should know."""
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._report = report
        self._children: dict[str, _Child] = {}
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Supervisor:
        self._watcher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ending.set()
        self._watcher.join()
        for name in reversed(list(self._children)):
            self.stop(name)

    def start(self, command: Command) -> None:
        """Start a process and keep it up. The name must not be in use."""
        with self._lock:
            if command.name in self._children:
                raise ValueError(f"a process named {command.name} is already kept up")
            self._children[command.name] = _Child(command, self._logs / f"{command.name}.log")

    def stop(self, name: str) -> None:
        """End a process and no longer keep it up."""
        with self._lock:
            child = self._children.pop(name)
        child.end()

    def pid(self, name: str) -> int:
        """The id of the process that now runs under this name."""
        with self._lock:
            return self._children[name].process.pid

    def log(self, name: str) -> Path:
        """The file that holds what the process of this name printed."""
        return self._logs / f"{name}.log"

    def _watch(self) -> None:
        while not self._ending.wait(WATCH_SECONDS):
            with self._lock:
                for child in self._children.values():
                    if told := child.look_after():
                        self._report(told)


class _Child:
    """One process that is kept up, with the pause before its next start."""

    def __init__(self, command: Command, log: Path) -> None:
        self._command = command
        self._log = log
        self._failures = 0
        self._start_at: float | None = None
        self._start()

    def look_after(self) -> str:
        """Start the process again if it ended and its pause is over; say what happened, if anything did."""
        if self._start_at is not None:
            if time.monotonic() >= self._start_at:
                self._start()
            return ""
        if self.process.poll() is None:
            _keep_short(self._log)
            return ""
        _signal_group(self.process, signal.SIGKILL)
        steady = time.monotonic() - self._started_at > STEADY_SECONDS
        self._failures = 1 if steady else self._failures + 1
        pause = min(2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
        self._start_at = time.monotonic() + pause
        ended = f"{self._command.name} ended ({_how(self.process.returncode)}) and starts again in {pause} s."
        return "\n".join([f"{ended} Its last lines, from {self._log}:", *_last_lines(self._log)])

    def end(self) -> None:
        """Ask the process to end, and end its whole group by force when it does not."""
        if self.process.returncode is not None:
            return  # Its group went with it, and another process may bear its number by now.
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_SECONDS)
        _signal_group(self.process, signal.SIGKILL)
        self.process.wait()

    def _start(self) -> None:
        self._start_at = None
        self._started_at = time.monotonic()
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self._command.arguments),
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._command.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end a with-block as Ctrl-C does: by KeyboardInterrupt, so that everything is tidied up.

    While the tidying goes on, further signals are ignored: it ends by itself.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        for name in caught:
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    caught = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {name: signal.signal(name, interrupt) for name in caught}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _how(returncode: int) -> str:
    return f"signal {-returncode}: {signal.strsignal(-returncode)}" if returncode < 0 else f"exit code {returncode}"


def _last_lines(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines()
    return [f"  {line}" for line in lines[-TOLD_LOG_LINES:]]


def _keep_short(log: Path) -> None:
    """Move a long log aside by copying, because the process keeps its file open."""
    if log.stat().st_size > LARGEST_LOG_BYTES:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
