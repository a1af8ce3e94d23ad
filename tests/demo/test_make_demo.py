"""`make demo`, started, interrupted and started again as a visitor does."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from demo.mark import NAME, Mark
from inventory.registry import Reach, resource_type
from tests.support import left_out
from tests.support.environment import ROOT
from tests.support.product import Product, free_port, status

WAIT_SECONDS = 240
BILLED = """
from costs.budgets import standings
from costs.models import Bill, BillLine, Budget, DailyCost
from inventory.models import Account
print(Bill.objects.count() >= 2, BillLine.objects.filter(estimated_as="instances", billed__gt=0).exists(), end=" ")
print(DailyCost.objects.filter(name="Amazon Elastic Compute Cloud - Compute", kind="usage").exists(), end=" ")
budgets = standings(list(Budget.objects.select_related("view")), list(Account.objects.all()))
print(len(budgets) == 3 and all(one.forecast for one in budgets))
"""

pytestmark = pytest.mark.any_database


class Demo:
    """A running `python -m demo`, and what it printed so far."""

    def __init__(self, process: subprocess.Popen[str], output: Path) -> None:
        self.process = process
        self.output = output

    @property
    def printed(self) -> str:
        """Both its streams."""
        return self.output.read_text()

    def wait_for(self, words: str) -> None:
        """Wait until these words were printed."""
        deadline = time.monotonic() + WAIT_SECONDS
        while words not in self.printed:
            assert time.monotonic() < deadline, self.printed
            assert self.process.poll() is None, self.printed
            time.sleep(0.1)

    def interrupt(self) -> None:
        """Press Ctrl-C, and insist that every process has ended."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.printed
        assert psutil.wait_procs(family, timeout=10)[1] == []


@contextmanager
def demo(product: Product) -> Iterator[Demo]:
    """Start the demo in an installation; it ends with the block at the latest."""
    descriptor, name = tempfile.mkstemp(dir=product.state, prefix="printed-")
    with os.fdopen(descriptor, "w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo"],
            cwd=ROOT,
            env={**product.variables, "AWS_PROFILE": "real", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield Demo(process, Path(name))
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def exports(product: Product) -> dict[str, Any]:
    """Everything in the ledger, as an operator exports it."""
    return {slug: product.rows("export", slug) for slug in left_out.FEW}


def test_the_story_is_told_once_whatever_interrupts_it(make_product: Callable[..., Product]) -> None:
    product = make_product(**left_out.VARIABLES, PORT=str(free_port()))
    with demo(product) as first:
        first.wait_for("\n2/10 ")
        first.interrupt()
    with demo(product) as second:
        second.wait_for("Cost Explorer was asked for 3 pages")
        page = status(f"http://127.0.0.1:{product.variables['PORT']}/accounts/login/")
        before = exports(product)
        billed = product.manage("shell", "-c", BILLED).stdout
        second.interrupt()
    with demo(product) as third:
        third.wait_for("Sign in:")
        after = exports(product)
        third.interrupt()

    assert re.findall(r"^(\d+)/10", second.printed, re.MULTILINE) == ["3", "4", "5", "6", "7", "8", "9", "10"]
    denied = sum(resource_type(slug).reach is Reach.REGIONAL for slug in left_out.FEW)
    assert f"{denied} denied" in second.printed
    assert second.printed.count("1 unconfirmed") == 1
    assert not re.findall(r"^\d+/10", third.printed, re.MULTILINE)
    assert page == 200
    assert billed.split()[-4:] == ["True", "True", "True", "True"]
    assert after == before
    assert len(before["ec2-instance"]) > 90
    assert re.search(r"Sign in: +http://127\.0\.0\.1:\d+/sign-in/\S+", third.printed)


def test_other_terminals_speak_to_the_running_demo_and_a_second_one_is_refused(
    make_product: Callable[..., Product],
) -> None:
    product = make_product(PORT=str(free_port()))

    with demo(product) as running:
        running.wait_for("AWS is emulated")
        address = json.loads((product.state / "emulator.json").read_text())["endpoint_url"]
        with demo(product) as second:
            exit_code = second.process.wait(WAIT_SECONDS)
        lines = (product.state / "environment").read_text().splitlines()
        running.interrupt()

    assert exit_code == 1
    assert "already runs" in second.printed
    assert f"AWS_ENDPOINT_URL={address}" in lines
    assert {line.partition("=")[0] for line in lines} >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert not (product.state / "emulator.json").exists()


def test_it_refuses_a_ledger_of_real_accounts(make_product: Callable[..., Product]) -> None:
    product = make_product(PORT=str(free_port()))
    made = "from inventory.models import Account; Account.objects.create(name='real', account_id='111122223333')"
    product.manage("shell", "-c", made)

    with demo(product) as refused:
        exit_code = refused.process.wait(WAIT_SECONDS)

    assert exit_code == 1
    assert "SKYLEDGER_STATE" in refused.printed
    assert "Traceback" not in refused.printed
    assert not (product.state / NAME).exists()


def test_the_product_knows_a_demos_state_folder_by_its_mark(make_product: Callable[..., Product]) -> None:
    product = make_product(PORT=str(free_port()))
    Mark.new().leave(product.state)

    served = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=product.variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert served.returncode == 1
    assert "sample organisation" in served.stderr
