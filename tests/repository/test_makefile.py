"""`make help` explains every target."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.environment import ROOT


def test_help_explains_every_target_that_can_be_asked_for() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony

    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    explained = {line.split()[1] for line in shown.splitlines() if len(line.split()) > 3}
    assert explained == set(phony[1].split())


@pytest.mark.parametrize(("mark", "remains"), [("demo.json", False), ("ledger.sqlite3", True)])
def test_only_a_state_folder_of_the_demo_is_removed(tmp_path: Path, mark: str, remains: bool) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / mark).touch()

    variables = {**os.environ, "SKYLEDGER_STATE": str(state)}
    done = subprocess.run(["make", "clean-demo"], cwd=ROOT, env=variables, capture_output=True, check=False)

    assert state.exists() is remains
    assert (done.returncode != 0) is remains
