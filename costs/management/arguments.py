"""Arguments that the commands of prices share."""

from __future__ import annotations

import argparse
import re
from datetime import date
from pathlib import Path

MONTH = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])", re.ASCII)
MONTH_IN_NAME = re.compile(rf"_{MONTH.pattern}(?!\d)", re.ASCII)
REGION_IN_NAME = re.compile(
    r"(?<![a-z0-9])([a-z]{2}(?:-gov)?-(?:north|south|east|west|central)+(?:east|west)?-\d)(?![a-z0-9])", re.ASCII
)


def existing_file(text: str) -> Path:
    """A file that is there."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def existing_path(text: str) -> Path:
    """A file or a directory that is there."""
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"there is no file and no directory {text}")
    return path


def month(text: str) -> date:
    """The first day of a month written as YYYY-MM."""
    found = MONTH.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no month; write it like 2025-04")
    return date(int(found[1]), int(found[2]), 1)


def month_in(name: str) -> date | None:
    """The month that a file name carries as `_YYYY-MM`; None if it carries none."""
    found = MONTH_IN_NAME.search(name)
    return date(int(found[1]), int(found[2]), 1) if found else None


def region_in(name: str) -> str:
    """The region whose code a file name carries; empty if it carries none."""
    found = REGION_IN_NAME.search(name)
    return found[1] if found else ""
