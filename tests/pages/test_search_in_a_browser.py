"""Search and changes in Chromium: by keyboard, while typing, without script and on a phone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import Resource
from tests.pages.ledgers import account, instance, look, operator, volume
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

INSTANCES, VOLUMES = ("eu-central-1", "ec2-instance"), ("eu-central-1", "ebs-volume")
ID = f"i-{1:017x}"
NAME = '<script>alert("x")</script>'


@pytest.fixture
def address(live_server):
    """Where the pages are served."""
    return str(live_server.url)


@pytest.fixture
def user():
    """Somebody who sees a few instances, one of a hostile name, and a volume that changed."""
    acme, now = account(), timezone.now()
    instances = [instance(1, name="web-front"), instance(2, name="web-back"), instance(3, name=NAME)]
    look(acme, now - timedelta(days=2), {INSTANCES: instances, VOLUMES: [volume(1)]})
    look(acme, now - timedelta(minutes=4), {INSTANCES: instances, VOLUMES: [volume(1, Size=200)]})
    return operator()


@pytest.mark.journey
def test_a_slash_leads_to_the_field_and_arrows_to_a_hit(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/coverage/")
    field = page.get_by_role("searchbox")

    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("web-")
    expect(page.locator("#found").get_by_role("link", name="web-back")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#found a").first).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("web-back")


def test_a_slash_that_is_written_somewhere_is_a_slash(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/changes/")
    field = page.get_by_role("textbox", name="Tag")

    field.focus()
    page.keyboard.type("a/b")

    expect(field).to_have_value("a/b")


def test_enter_on_an_id_leads_straight_to_its_resource(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.keyboard.press("/")
    page.keyboard.type(ID)
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{address}/types/ec2-instance/{Resource.objects.get(native_id=ID).pk}/")


def test_escape_takes_the_hits_away_and_then_leaves_the_field(page, address, user):
    sign_in(page, user, address)
    page.goto(address)
    hits = page.locator("#found")

    page.keyboard.press("/")
    page.keyboard.type("web")
    expect(hits.get_by_role("link").first).to_be_visible()
    page.keyboard.press("Escape")

    expect(hits).to_be_hidden()
    expect(page.get_by_role("searchbox")).not_to_be_focused()


def test_a_hostile_name_is_text_among_the_hits(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.keyboard.press("/")
    page.keyboard.type("<scr")

    expect(page.locator("#found")).to_contain_text(NAME)


def test_without_script_the_field_is_a_form(open_page, address, user):
    page = open_page(java_script_enabled=False)
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("searchbox").fill("web")
    page.get_by_role("searchbox").press("Enter")

    expect(page).to_have_url(re.compile(r"/search/\?.*q=web"))
    expect(page.get_by_role("table", name="EC2 instances")).to_contain_text("web-front")


@pytest.mark.journey
def test_on_a_phone_search_is_a_page_and_nothing_scrolls_sideways(phone_page, address, user):
    sign_in(phone_page, user, address)
    phone_page.goto(address)

    phone_page.get_by_role("link", name="Search").tap()
    phone_page.locator("main").get_by_role("searchbox").fill("web")
    phone_page.locator("main").get_by_role("button", name="Search").tap()
    expect(phone_page.get_by_role("table", name="EC2 instances")).to_be_visible()

    for path in ("/search/?q=web", "/changes/", "/changes/?kind=gone&tag:team=red"):
        phone_page.goto(f"{address}{path}")
        assert phone_page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_changes_are_narrowed_down_by_the_form_and_a_condition_is_taken_back(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Changes").click()
    expect(page.get_by_role("table")).to_contain_text("100 GiB")
    page.locator("select[name=kind]").select_option(label="gone, 0")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No change that meets these conditions")).to_be_visible()
    page.get_by_role("link", name="Remove: that took something away").click()

    expect(page.get_by_role("table")).to_contain_text("200 GiB")
