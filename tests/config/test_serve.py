"""The whole product in one terminal, started and ended as an operator does."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from config import broker
from tests.support.environment import ROOT
from tests.support.product import Product, free_port, status

WAIT_SECONDS = 90

pytestmark = pytest.mark.any_database


@dataclass
class Serving:
    """A running `python -m config.serve`, and what it printed so far."""

    process: subprocess.Popen[str]
    output: Path
    port: int

    @property
    def printed(self) -> str:
        """Both its streams."""
        return self.output.read_text()

    def child(self, word: str) -> psutil.Process | None:
        """The process directly below it whose command line has this word."""
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):  # it may end while we look
                if word in child.cmdline():
                    return child
        return None

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait until the condition holds; fail with what was printed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, self.printed
            assert self.process.poll() is None, self.printed
            time.sleep(0.05)


@pytest.fixture
def product(make_product: Callable[..., Product]) -> Product:
    """An installation on a free port."""
    return make_product(PORT=str(free_port()))


@pytest.fixture
def serving(product: Product) -> Iterator[Serving]:
    """The installation, up and with its sign-in link printed."""
    with serving_of(product) as started:
        yield started


@contextmanager
def serving_of(product: Product) -> Iterator[Serving]:
    """Serve an installation until the link is printed, and end it afterwards."""
    output = product.state / "printed"
    with output.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"],
            cwd=ROOT,
            env=product.variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
        )
    started = Serving(process, output, int(product.variables["PORT"]))
    try:
        started.wait_for(lambda: "Ctrl-C" in started.printed)
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_SECONDS)


def test_it_prints_an_address_that_answers_and_a_link_that_signs_in(serving: Serving) -> None:
    link = re.search(r"http://127\.0\.0\.1:\d+/sign-in/\S+", serving.printed)

    assert link
    assert status(f"http://127.0.0.1:{serving.port}/readyz") == 200
    assert status(link[0]) == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_that_it_started(serving: Serving, product: Product, number: int) -> None:
    family = psutil.Process(serving.process.pid).children(recursive=True)
    assert {"worker", "beat", "granian"} <= {word for process in family for word in process.cmdline()}

    serving.process.send_signal(number)
    exit_code = serving.process.wait(WAIT_SECONDS)

    assert exit_code == 0, serving.printed
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert not broker.answers(product.state)
    assert status(f"http://127.0.0.1:{serving.port}/healthz") == 0


def test_a_killed_worker_comes_back_and_takes_its_pool_along(serving: Serving) -> None:
    worker = serving.child("worker")
    assert worker
    serving.wait_for(worker.children)
    pool = worker.children()

    worker.kill()
    serving.wait_for(lambda: (found := serving.child("worker")) and found.pid != worker.pid)

    assert psutil.wait_procs(pool, timeout=10)[1] == []
    assert "worker ended (signal 9" in serving.printed


def test_a_broker_that_is_named_is_used_and_left_running(make_product: Callable[..., Product], tmp_path: Path) -> None:
    with broker.running(tmp_path):
        named = f"unix://{broker.socket_path(tmp_path)}"
        product = make_product(PORT=str(free_port()), REDIS_URL=named, TICK="1")

        with serving_of(product) as serving:
            worker_log = product.state / "logs" / "worker.log"
            serving.wait_for(lambda: "inventory.tasks.tick" in worker_log.read_text().partition("ready.")[2])
            assert not broker.answers(product.state)

        assert broker.answers(tmp_path)


def serve(product: Product, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env={**product.variables, **variables},
        capture_output=True,
        text=True,
        timeout=WAIT_SECONDS,
        check=False,
    )


def test_it_refuses_the_state_folder_of_the_demo(product: Product) -> None:
    (product.state / "demo.json").write_text("{}")

    done = serve(product)

    assert done.returncode == 1
    assert "make clean-demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_when_its_port_is_taken(product: Product) -> None:
    with socket.create_server(("127.0.0.1", int(product.variables["PORT"]))):
        done = serve(product)

    assert done.returncode == 1
    assert "PORT=8001" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "address", "told"),
    [
        ("REDIS_URL", "redis://127.0.0.1:1/0", "REDIS_URL"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/ledger", "DATABASE_URL"),
        ("PORT", "high", "a whole number"),
    ],
)
def test_it_says_which_setting_names_a_server_that_does_not_answer(product, setting, address, told) -> None:
    done = serve(product, **{setting: address})

    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr
