"""A page that the browser complains of does not pass unnoticed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

TROUBLES = {
    "an error in the console": "console.error('broken')",
    "an exception": "setTimeout(() => { throw new Error('broken') })",
    "a request elsewhere": "fetch('http://elsewhere.invalid/').catch(() => 0)",
    "a breach of the policy": "document.body.insertAdjacentHTML('beforeend', '<b style=\"color: red\">broken</b>')",
}


@pytest.mark.parametrize("script", TROUBLES.values(), ids=TROUBLES)
def test_a_complaint_of_the_browser_is_noted(live_server, page: Page, complaints: list[str], script: str) -> None:
    page.goto(f"{live_server.url}/accounts/login/")
    assert complaints == []

    page.evaluate(script)
    for _ in range(100):
        if not complaints:
            page.wait_for_timeout(50)

    assert complaints
    complaints.clear()
