"""The supervisor keeps processes up, and ends every one of them."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config import processes
from config.processes import Command, Supervisor
from tests.support.environment import ROOT

# Starts a child that ignores the polite signal, writes both process ids, and waits.
FAMILY = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    with open(sys.argv[1] + ".new", "w") as file:
        file.write(f"{os.getpid()} {child}")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""
TIDY = """
import sys, time
from config.processes import ended_by_signals
try:
    with ended_by_signals():
        try:
            print("up", flush=True)
            time.sleep(600)
        finally:
            print("tidying", flush=True)
            time.sleep(0.5)
            print("tidied", flush=True)
except KeyboardInterrupt:
    sys.exit(7)
"""


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ignores the polite signal is ended by force soon."""
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.3)


@pytest.fixture
def told() -> list[str]:
    """What the supervisor reported."""
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Iterator[Supervisor]:
    """A supervisor whose logs are in the test's folder."""
    with Supervisor(tmp_path / "logs", told.append) as supervisor:
        yield supervisor


def family(tmp_path: Path) -> Command:
    """A process with a child."""
    return Command(name="family", arguments=(sys.executable, "-c", FAMILY, str(tmp_path / "ids")))


def members(tmp_path: Path) -> list[int]:
    """The ids of the family that started last; waits until it has."""
    wait_for((tmp_path / "ids").exists)
    return [int(word) for word in (tmp_path / "ids").read_text().split()]


def wait_for(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_process_and_its_children_end_with_the_supervisor(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "logs", lambda line: None) as supervisor:
        supervisor.start(family(tmp_path))
        ids = members(tmp_path)
        assert all(map(lives, ids))

    wait_for(lambda: not any(map(lives, ids)))


def test_a_killed_process_starts_again_without_the_children_of_the_first(supervisor, tmp_path, told) -> None:
    supervisor.start(family(tmp_path))
    first = members(tmp_path)

    (tmp_path / "ids").unlink()
    os.kill(first[0], signal.SIGKILL)
    second = members(tmp_path)

    assert supervisor.pid("family") == second[0]
    wait_for(lambda: not any(map(lives, first)))
    assert "family ended (signal 9" in told[0]


def test_a_process_that_fails_is_reported_with_its_last_lines(supervisor, told) -> None:
    supervisor.start(Command(name="broken", arguments=(sys.executable, "-c", "raise SystemExit('no such database')")))

    wait_for(lambda: told)

    assert "broken ended (exit code 1)" in told[0]
    assert "no such database" in told[0]
    assert "no such database" in supervisor.log("broken").read_text()


def test_a_process_that_keeps_failing_is_started_less_and_less_often(supervisor, told) -> None:
    supervisor.start(Command(name="broken", arguments=("false",)))

    wait_for(lambda: len(told) == 3)

    pauses = [line.splitlines()[0].partition(" starts again in ")[2].split()[0] for line in told]
    assert pauses == ["1", "2", "4"]


def test_a_stopped_process_is_not_started_again_and_frees_its_name(supervisor, tmp_path, told) -> None:
    supervisor.start(family(tmp_path))
    ids = members(tmp_path)

    supervisor.stop("family")
    supervisor.start(Command(name="family", arguments=("sleep", "600")))

    wait_for(lambda: not any(map(lives, ids)))
    assert told == []


def test_a_name_is_used_once(supervisor) -> None:
    supervisor.start(Command(name="sleeper", arguments=("sleep", "600")))

    with pytest.raises(ValueError, match="sleeper"):
        supervisor.start(Command(name="sleeper", arguments=("sleep", "600")))


def test_a_long_log_is_moved_aside_while_its_process_writes_on(supervisor, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(processes, "LARGEST_LOG_BYTES", 1000)
    chatter = "import itertools, time\nfor n in itertools.count(): print('line', n, flush=True); time.sleep(0.001)"
    supervisor.start(Command(name="chatter", arguments=(sys.executable, "-c", chatter)))

    wait_for((tmp_path / "logs" / "chatter.log.1").exists)
    size = supervisor.log("chatter").stat().st_size

    wait_for(lambda: supervisor.log("chatter").stat().st_size != size)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_lets_a_program_tidy_up_and_a_second_one_does_not_disturb_it(number: signal.Signals) -> None:
    program = subprocess.Popen([sys.executable, "-c", TIDY], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "up\n"

    program.send_signal(number)
    assert program.stdout.readline() == "tidying\n"
    program.send_signal(number)

    assert program.communicate()[0] == "tidied\n"
    assert program.returncode == 7


def test_the_procfile_runs_the_same_processes_as_the_supervisor() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

    ours = {command.name: command for command in (processes.worker_command(2), processes.beat_command())}
    web = processes.web_command("0.0.0.0", 8000, 1)

    assert {"release", "web", *ours} == set(lines)
    for name, command in ours.items():
        assert sorted(shlex.split(lines[name])[1:]) == sorted(command.arguments[1:])
    assert sorted(shlex.split(lines["web"].replace("$PORT", "8000"))[1:]) == sorted(web.arguments[1:])
