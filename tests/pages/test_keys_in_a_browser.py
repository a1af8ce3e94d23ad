"""Single keys in Chromium: to pages, rows, filters and moments, never while somebody types, and only if wanted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import Preferences
from tests.pages.ledgers import account, instance, look, operator
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

INSTANCES = ("eu-central-1", "ec2-instance")


@pytest.fixture
def address(live_server):
    """Where the pages are served."""
    return str(live_server.url)


@pytest.fixture
def user():
    """Somebody who sees two instances, at two moments."""
    acme, now = account(), timezone.now()
    for age in (timedelta(days=2), timedelta(minutes=4)):
        look(acme, now - age, {INSTANCES: [instance(1, name="web-back"), instance(2, name="web-front")]})
    return operator()


def arrived(page, address):
    """Wait until the page of this address listens to keys."""
    expect(page).to_have_url(address)
    page.wait_for_load_state()


def test_keys_lead_to_pages_rows_and_moments(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    for key, path in (("c", "/changes/"), ("p", "/ports/"), ("m", "/costs/"), ("r", "/regions/"), ("h", "/")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        arrived(page, f"{address}{path}")

    page.goto(f"{address}/types/ec2-instance/?sort=name")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="web-back")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_role("checkbox", name="Select web-front")).to_be_checked()
    expect(page.get_by_role("link", name="web-front")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("web-back")
    detail = page.url
    page.goto(f"{detail}?account=acme")

    page.keyboard.press("[")
    arrived(page, re.compile("as_of="))
    earlier = page.url
    page.keyboard.press("]")
    expect(page).not_to_have_url(earlier)
    page.wait_for_load_state()
    page.keyboard.press("t")
    arrived(page, f"{detail}?account=acme")


def test_f_leads_to_the_filters_and_what_is_typed_there_is_text(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/types/ec2-instance/")

    page.keyboard.press("f")
    expect(page.locator("#facets :focus")).to_have_count(1)
    page.goto(f"{address}/query/")
    page.keyboard.press("f")
    page.keyboard.type("gh/j?")

    expect(page.locator("#query")).to_have_value("gh/j?")
    expect(page).to_have_url(f"{address}/query/")


def test_a_question_mark_lists_the_keys_over_the_page(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/coverage/?account=acme")
    keys = page.get_by_role("dialog", name="Keys")

    page.keyboard.press("?")
    expect(keys).to_contain_text("Previous snapshot")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.keyboard.press("?")
    keys.get_by_role("link", name="Open ports").click()

    expect(page).to_have_url(f"{address}/ports/?account=acme")


def test_keys_that_were_switched_off_do_nothing(page, address, user):
    Preferences.objects.create(user=user, has_single_keys=False)
    sign_in(page, user, address)
    page.goto(f"{address}/coverage/")

    page.keyboard.type("gh/?")

    expect(page).to_have_url(f"{address}/coverage/")
    expect(page.locator("body")).to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_zone_of_the_browser_is_offered_and_kept_when_it_is_chosen(open_page, address, user):
    page = open_page(timezone_id="Asia/Tokyo")
    sign_in(page, user, address)
    page.goto(f"{address}/settings/you/")

    expect(page.get_by_text("Times in UTC")).to_be_visible()
    expect(page.get_by_text("Your browser is set to Asia/Tokyo.")).to_be_visible()
    page.get_by_role("button", name="Choose it").click()
    page.get_by_role("button", name="Keep").click()

    expect(page.get_by_text("Times in Asia/Tokyo")).to_be_visible()
    expect(page.get_by_text(re.compile("Your browser is set to"))).to_be_hidden()
    expect(page.locator(".ruler")).to_contain_text("JST")
