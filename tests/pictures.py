"""The pictures of the README, taken of the sample organisation's own pages: `make screenshots`."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Browser, sync_playwright

from tests.support.chromium import DESK, OPTIONS, PHONE, chromium
from tests.support.environment import ROOT
from tests.support.product import free_port

FOLDER = ROOT / "docs" / "images"
LINK = re.compile(r"Sign in: +(?P<address>http://[^/]+)(?P<path>/\S+)")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture: its file, and the page at a width and in a colour scheme."""

    name: str
    path: str
    width: str = "desk"
    scheme: Literal["light", "dark"] = "light"


PICTURES = (
    Picture(name="home", path="/"),
    Picture(name="home-phone", path="/", width="phone", scheme="dark"),
    Picture(name="instances", path="/types/ec2-instance/?sort=-on_demand_monthly_usd"),
    Picture(name="ports", path="/ports/", scheme="dark"),
    Picture(name="costs", path="/costs/"),
)
SIZES = {"desk": DESK, "phone": PHONE}


def main() -> None:
    """Start the demo, take every picture, end the demo."""
    program = chromium()
    if program is None:
        sys.exit("Pictures need Chromium: `make test` installs it on Debian.")
    FOLDER.mkdir(exist_ok=True)
    with _demo() as link, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        cookies = _sign_in(browser, link[0] + link[1])
        for picture in PICTURES:
            _take(browser, cookies, link[0], picture)
        browser.close()


@contextmanager
def _demo() -> Iterator[tuple[str, str]]:
    """A running demo: its address, and the path of a link that signs in once."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port())},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = next(filter(None, map(LINK.search, process.stdout)), None)
        if found is None:
            raise SystemExit("The demo did not start; it says above why.")
        yield found["address"], found["path"]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _sign_in(browser: Browser, link: str) -> list[Any]:
    page = browser.new_page()
    page.goto(link)
    page.locator("main button").click()
    page.wait_for_load_state()
    return list(page.context.cookies())


def _take(browser: Browser, cookies: list[Any], address: str, picture: Picture) -> None:
    context = browser.new_context(viewport=SIZES[picture.width], color_scheme=picture.scheme, reduced_motion="reduce")
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{address}{picture.path}")
    page.screenshot(path=FOLDER / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()
