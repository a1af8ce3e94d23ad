"""The frame, home and a region in Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.exposure.stored import refresh
from tests.pages.ledgers import Refused, account, group, instance, look, operator, rule
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

HERE, THERE = "eu-central-1", "us-east-1"
NAME = '<script>alert("x")</script>'


@pytest.fixture
def address(live_server):
    """Where the pages are served."""
    return str(live_server.url)


@pytest.fixture
def user():
    """Somebody who sees two accounts: one in order, and one of which a part is denied."""
    now = timezone.now()
    acme, zephyr = account("acme"), account("zephyr", "444455556666")
    listings = {
        (HERE, "ec2-instance"): [instance(1, name="api"), instance(2)],
        (HERE, "security-group"): [group(1)],
        (HERE, "security-group-rule"): [rule(1, 1, 22)],
        (THERE, "ec2-instance"): [instance(3)],
    }
    look(acme, now - timedelta(days=20), listings, (HERE, THERE))
    look(acme, now - timedelta(minutes=4), listings | {(HERE, "ec2-instance"): [instance(1, name=NAME)]}, (HERE, THERE))
    look(zephyr, now - timedelta(minutes=4), {(THERE, "ec2-instance"): Refused()}, (THERE,))
    refresh(account_id=acme.pk)
    return operator()


def test_home_leads_to_a_region_and_back(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    expect(page.get_by_role("heading", level=1)).to_contain_text("1 port is open to the world, 1 of them critical")
    page.get_by_role("table", name="Regions").get_by_role("link", name="Frankfurt").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Frankfurt")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    expect(page.get_by_role("table", name="Regions")).to_be_visible()


def test_a_hostile_name_is_text(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    expect(page.get_by_role("table", name="changes")).to_contain_text(NAME)


def test_an_account_is_chosen_and_stays_chosen(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.locator("summary", has_text="All accounts").click()
    page.get_by_role("list", name="Accounts").get_by_role("link", name="zephyr").click()
    expect(page.get_by_text("N. Virginia, zephyr")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Coverage").click()
    expect(page.locator("summary", has_text="zephyr")).to_be_visible()
    expect(page.get_by_role("table", name="Outcome")).not_to_contain_text("acme")


def test_a_menu_closes_by_escape_and_gives_the_focus_back(page, address, user):
    sign_in(page, user, address)
    page.goto(address)
    menu = page.locator("summary", has_text="All accounts")

    menu.click()
    page.keyboard.press("Escape")

    expect(page.get_by_role("list", name="Accounts")).to_be_hidden()
    expect(menu).to_be_focused()


def test_another_moment_is_plum_and_leads_back_to_now(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("button", name="As of…").click()
    page.get_by_role("region", name="Another moment").get_by_role("link", name="complete").last.click()
    expect(page.get_by_text("You are reading")).to_be_visible()
    expect(page.get_by_role("table", name="Regions").get_by_role("row", name="Frankfurt")).to_contain_text("2")
    page.get_by_role("link", name="Back to now").click()
    expect(page.get_by_text("You are reading")).to_have_count(0)


def test_the_keyboard_reaches_the_content_first(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("path", ["/", f"/regions/{HERE}/", "/coverage/"])
def test_on_a_phone_nothing_scrolls_sideways_and_links_are_large_enough(phone_page, address, user, path):
    sign_in(phone_page, user, address)
    phone_page.goto(address + path)

    assert not phone_page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    phone_page.get_by_label("Menu").click()
    link = phone_page.get_by_role("navigation", name="Main").get_by_role("link", name="Coverage")
    expect(link).to_be_visible()
    assert link.bounding_box()["height"] >= 44


def test_signing_out_is_in_the_menu(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.locator("summary", has_text="operator").click()
    page.get_by_role("button", name="Sign out").first.click()

    page.goto(address)
    expect(page).to_have_url(f"{address}/accounts/login/?next=/")
