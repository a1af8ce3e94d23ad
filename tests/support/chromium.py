"""Where Chromium is, how it is started, and the two sizes of a page."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
OPTIONS = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
DESK: Any = {"width": 1440, "height": 900}
PHONE: Any = {"width": 390, "height": 844}


def chromium() -> str | None:
    """The browser's program: CHROMIUM, else one on PATH, else where macOS has it."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (str(MACOS) if MACOS.exists() else None)
