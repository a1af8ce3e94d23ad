"""Running a management command in this process, as the command line runs it: exit code, output and messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command

Run = Callable[..., "Ran"]


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What was printed, as JSON."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found


def runner(name: str, capture: pytest.CaptureFixture[str]) -> Run:
    """Run one command; what it prints does not reach the test's own output."""

    def run(*arguments: str) -> Ran:
        capture.readouterr()
        code, message = 0, ""
        try:
            call_command(name, *arguments)
        except CommandError as error:
            code, message = error.returncode, str(error)
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capture.readouterr()
        return Ran(code=code, out=printed.out, err=printed.err + message)

    return run
