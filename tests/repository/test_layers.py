"""Imports run one way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.environment import ROOT


def test_every_import_keeps_to_the_layers() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
