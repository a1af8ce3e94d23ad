"""A long export in Chromium: the list says how far it is, while the browser writes the file."""

from __future__ import annotations

import threading

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.pages import export_progress, listing
from inventory.pages.formats import BROKEN_OFF
from tests.pages.ledgers import account, look, operator, volume
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def goes_on(monkeypatch):
    """Every export counts as long, and waits after its second row until this is set."""
    event, every_row = threading.Event(), listing.every_row

    def slowly(query):
        for number, row in enumerate(every_row(query)):
            if number == 2:
                event.wait(60)
            yield row

    monkeypatch.setattr(listing, "every_row", slowly)
    monkeypatch.setattr(export_progress, "EVERY_SECONDS", 0.05)
    yield event
    event.set()


@pytest.fixture
def list_page(page, live_server):
    """The list of three volumes."""
    look(account(), timezone.now(), {("eu-central-1", "ebs-volume"): [volume(number) for number in (1, 2, 3)]})
    sign_in(page, operator(), live_server.url)
    page.goto(f"{live_server.url}/types/ebs-volume/")
    return page


def test_the_list_says_how_far_an_export_is_and_that_it_is_done(list_page, goes_on):
    with list_page.expect_download() as download:
        list_page.get_by_role("link", name="CSV").click()

        expect(list_page.get_by_text("2 rows of 3")).to_be_visible()
        expect(list_page.locator("progress")).to_have_attribute("value", "2")
        goes_on.set()

    assert len(download.value.path().read_text().splitlines()) == 4
    expect(list_page.locator(".exports li")).to_contain_text("done 3 rows")
    expect(list_page.get_by_role("status").filter(has_text="done")).to_have_count(1)


def test_a_cancelled_export_is_told_as_such_and_says_so_in_the_file(list_page, goes_on, live_server):
    with list_page.expect_download() as download:
        list_page.get_by_role("link", name="CSV").click()
        expect(list_page.get_by_text("2 rows of 3")).to_be_visible()

        list_page.get_by_role("button", name="Cancel").click()
        expect(list_page.get_by_role("heading", name="Exports")).to_be_visible()
        expect(list_page.locator(".exports li")).to_contain_text("cancelled")
        goes_on.set()
    assert BROKEN_OFF in download.value.path().read_text()
