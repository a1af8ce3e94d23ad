from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from sign_in.links import new_link
from tests.sign_in.cast import PASSWORD
from tests.support.browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server, settings) -> str:
    """Where the pages are served, which links then name too."""
    settings.PUBLIC_URL = live_server.url
    return str(live_server.url)


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_a_link_leads_to_the_first_page_and_on_to_a_password(page, address):
    page.goto(new_link())
    page.get_by_role("button").click()
    expect(page).to_have_url(f"{address}/")

    page.get_by_role("status").get_by_role("link", name="Set a password").click()
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()

    expect(page).to_have_url(f"{address}/")
    assert User.objects.get().check_password(PASSWORD)


def test_signing_in_by_the_keyboard_leads_to_the_page_that_was_asked_for(page, address, superuser):
    page.goto(f"{address}/accounts/password/change/")
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{address}/accounts/password/change/")


def test_a_link_that_was_used_says_so(page, address, complaints):
    link = new_link()
    page.goto(link)
    page.get_by_role("button").click()

    page.goto(link)

    expect(page.get_by_role("heading", level=1)).to_contain_text("used already")
    complaints[:] = [complaint for complaint in complaints if "410" not in complaint]


def test_the_pages_before_the_product_fit_a_phone(phone_page, address):
    sizes = {}
    for path in ("/accounts/login/", new_link().removeprefix(address)):
        phone_page.goto(address + path)
        sizes[path] = (scrolls_sideways(phone_page), phone_page.get_by_role("button").bounding_box()["height"])

    assert all(not sideways and height >= 44 for sideways, height in sizes.values()), sizes


def test_the_admin_site_works_under_the_policy(page, address, superuser):
    sign_in(page, superuser, address)

    page.goto(f"{address}/admin/auth/user/add/")
    page.get_by_label("Username").fill("rita")
    page.locator("[name=password1]").fill(PASSWORD)
    page.locator("[name=password2]").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("was added successfully")).to_be_visible()
    assert User.objects.filter(username="rita").exists()
