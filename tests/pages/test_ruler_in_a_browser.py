"""The ruler in Chromium: by pointer, by keys, without script, on a phone and on paper."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.pages.ledgers import account, instance, look, operator
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "eu-central-1"
PATH = "/types/ec2-instance/?sort=-name"


@pytest.fixture
def open_list(live_server):
    """A function that opens the list of an account that was read ten days ago, five days ago and just now."""
    acme, now, user = account(), timezone.now(), operator()
    for days_ago, number in ((10, 1), (5, 2), (0, 3)):
        listing = [instance(one) for one in range(number)]
        look(acme, now - timedelta(days=days_ago, minutes=4), {(HERE, "ec2-instance"): listing})

    def open_list(page):
        sign_in(page, user, str(live_server.url))
        page.goto(f"{live_server.url}{PATH}")
        return page.get_by_role("slider", name="Moment to read")

    return open_list


def expect_two_instances_of_the_past(page):
    expect(page.get_by_text("You are reading")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(3)
    assert re.search(r"\?sort=-name&as_of=[^&]+Z$", page.url)


def test_keys_move_the_handle_and_enter_leads_there(page, open_list):
    slider = open_list(page)
    expect(slider).to_have_attribute("aria-valuetext", "Now")

    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("1 snapshot, 1 change$"))
    expect(page.get_by_text("1 snapshot, 1 change")).to_be_visible()
    assert "as_of" not in page.url
    page.keyboard.press("Enter")

    expect_two_instances_of_the_past(page)


def test_escape_takes_the_handle_back(page, open_list):
    slider = open_list(page)
    slider.focus()
    page.keyboard.press("ArrowLeft")

    page.keyboard.press("Escape")

    expect(slider).to_have_attribute("aria-valuetext", "Now")
    assert slider.input_value() == slider.get_attribute("max")


def test_the_pointer_is_told_what_is_below_it_and_leads_there_when_the_handle_is_let_go(page, open_list):
    slider = open_list(page)
    box = slider.bounding_box()
    steps = slider.evaluate("(one) => (one.max - one.min) / one.step")
    there = box["x"] + 5.5 + (box["width"] - 11) * (1 - 6 / steps), box["y"] + 20

    page.mouse.move(*there)
    expect(page.get_by_text("1 snapshot, 1 change")).to_be_visible()
    page.mouse.down()
    page.mouse.up()

    expect_two_instances_of_the_past(page)


def test_back_in_the_browser_the_handle_stands_where_the_page_is(page, open_list):
    slider = open_list(page)
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_text("before the first snapshot")).to_be_visible()

    page.go_back()

    expect(page.get_by_text("You are reading")).to_have_count(0)
    assert slider.input_value() == slider.get_attribute("max")


def test_without_script_a_button_leads_there(open_page, open_list):
    page = open_page(java_script_enabled=False)
    slider = open_list(page)
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")

    page.get_by_role("button", name="Read").click()

    expect_two_instances_of_the_past(page)


def test_a_finger_finds_everything(phone_page, open_list):
    slider = open_list(phone_page)
    ruler = phone_page.get_by_role("region", name="The moment this page shows")

    assert slider.bounding_box()["height"] >= 44
    for control in (*ruler.get_by_role("link").all(), *ruler.get_by_role("button", name="As of…").all()):
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24
    ruler.get_by_role("button", name="As of…").click()
    expect(phone_page.get_by_role("region", name="Another moment").get_by_role("link").last).to_be_in_viewport()
    assert not phone_page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_paper_says_the_moment(page, open_list):
    open_list(page)

    page.emulate_media(media="print")

    expect(page.get_by_text(re.compile(r"as of \d+ \w+ \d{4}, \d\d:\d\d UTC"))).to_be_visible()
    expect(page.get_by_role("slider")).to_be_hidden()
