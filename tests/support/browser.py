"""Chromium for tests: pages at desk and phone width that fail the test when the browser complains.

The browser is the system's own. A page that breaks the content security policy, throws, logs an error or asks another
host for anything fails the test that opened it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.support.chromium import DESK, OPTIONS, PHONE, chromium

MISSING = (
    "Browser tests need Chromium, and there is none. Debian: apt-get install chromium (make test does this as root); "
    "macOS: brew install --cask chromium; or set CHROMIUM to the program. To leave these tests out: "
    "pytest -m 'not browser'."
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run."""
    program = chromium()
    if program is None:
        pytest.fail(MISSING, pytrace=False)
    # playwright keeps an event loop running in this thread, and Django would refuse the database for that reason alone.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    # Beside a loop Django keeps connections of their own. Those of before could not be reached until the loop ends, and
    # those of the loop not after: PostgreSQL would keep their locks, and never drop the database that they lead to.
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
            connections.close_all()


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained of in this test; a test that provokes a complaint takes it out of the list."""
    found: list[str] = []
    yield found
    assert not found, "\n".join(["the browser complained:", *found])


@pytest.fixture
def open_page(browser: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """A factory of pages, each in a browser profile of its own; takes playwright's context options."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        _listen(page, complaints)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page at desk width."""
    return open_page()


@pytest.fixture
def phone_page(open_page: Callable[..., Page]) -> Page:
    """A page at phone width."""
    return open_page(viewport=PHONE, is_mobile=True, has_touch=True)


def sign_in(page: Page, user: User, address: str) -> None:
    """Give the page's browser a session of this user on the live server, as signing in does."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])


def _listen(page: Page, complaints: list[str]) -> None:
    """Note each error in the console (breaches of the policy are among them), exception, and foreign request."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "http://localhost:", "data:", "blob:")):
            complaints.append(f"request elsewhere: {request.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
    page.on("request", on_request)
