"""A list in Chromium: filtered by a facet, by a new condition, on a phone and without script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.pages.ledgers import account, look, operator, volume
from tests.support.browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)

VOLUMES = ("eu-central-1", "ebs-volume")
NAME = '<script>alert("x")</script>'


@pytest.fixture
def address(live_server):
    """The list of volumes."""
    return f"{live_server.url}/types/ebs-volume/"


@pytest.fixture
def user():
    """Somebody who sees forty volumes: every fourth is of another type, and one has a hostile name."""
    names = [NAME, *(f"data-{number:02}" for number in range(2, 41))]
    volumes = [
        volume(
            number,
            Tags=[{"Key": "Name", "Value": name}],
            VolumeType="gp3" if number % 4 == 0 else "gp2",
            Size=number,
        )
        for number, name in enumerate(names, start=1)
    ]
    look(account(), timezone.now() - timedelta(minutes=4), {VOLUMES: volumes})
    return operator()


def names(page: Page) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def test_a_facet_filters_at_once_and_its_condition_can_be_taken_back(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("group", name="Type").get_by_label("gp3").check()
    expect(page).to_have_url(re.compile(r"volume_type=gp3"))
    expect(page.locator(".sentence")).to_contain_text("EBS volumes where type is gp3")
    expect(page.get_by_text("Rows 1\N{EN DASH}10 of 10")).to_be_visible()
    page.get_by_role("link", name="Remove: where type is gp3").click()
    expect(page.get_by_text("Rows 1\N{EN DASH}30 of 40")).to_be_visible()


def test_a_condition_is_added_by_its_form(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_text("Add a condition").click()
    page.locator("select[name=add]").select_option("Size")
    page.locator("select[name=how]").select_option("is at least")
    page.locator("input[name=what]").fill("39")
    page.get_by_role("button", name="Add").click()

    expect(page).to_have_url(f"{address}?size_gib__gte=39")
    assert names(page) == ["data-39", "data-40"]


def test_the_head_of_a_column_sorts_and_pages_follow_in_that_order(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("columnheader", name="Size").get_by_role("link").click()
    expect(page.get_by_role("columnheader", name="Size")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name="Next", exact=True).click()

    expect(page.get_by_text("Rows 31\N{EN DASH}40 of 40")).to_be_visible()
    assert names(page)[-1] == NAME


def test_columns_are_chosen(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.locator("summary", has_text="Columns").click()
    for label in ("State", "Type", "Encrypted", "Attached to"):
        page.locator("form.columns").get_by_label(label, exact=True).uncheck()
    page.get_by_role("button", name="Show these").click()

    expect(page.get_by_role("columnheader", name="Type")).to_have_count(0)
    expect(page.get_by_role("columnheader", name="Size")).to_be_visible()


def test_a_column_is_moved_and_the_form_stays_open(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}?columns=state,size_gib")

    page.locator("summary", has_text="Columns").click()
    page.get_by_role("button", name="Size earlier").click()

    expect(page).to_have_url(f"{address}?columns=size_gib,state#columns")
    expect(page.get_by_role("button", name="Size later")).to_be_visible()
    expect(page.locator("thead th").nth(2)).to_contain_text("Size")


def test_selected_rows_become_a_list_and_a_file_of_their_own(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}?sort=-size_gib")
    actions = page.get_by_role("group", name="With the selected rows")

    expect(actions).to_be_hidden()
    page.get_by_label("Select data-40").check()
    page.get_by_label("Select data-38").check()
    with page.expect_download() as download:
        actions.get_by_role("button", name="CSV").click()
    actions.get_by_role("button", name="Show only these").click()

    expect(page.get_by_text("Rows 1\N{EN DASH}2 of 2")).to_be_visible()
    expect(page.locator(".sumbar")).to_contain_text("78 GiB")
    assert names(page) == ["data-40", "data-38"]
    assert len(download.value.path().read_text().splitlines()) == 3


def test_one_box_ticks_every_row_that_is_shown(page, address, user):
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_label("Select all rows shown").check()
    page.get_by_label("Select data-10").uncheck()

    expect(page.locator("tbody input[name=of]:checked")).to_have_count(29)
    expect(page.get_by_label("Select all rows shown")).to_have_js_property("indeterminate", True)


def test_without_script_the_facets_have_a_button(open_page, address, user):
    page = open_page(java_script_enabled=False)
    sign_in(page, user, address)
    page.goto(address)

    page.get_by_role("group", name="Type").get_by_label("gp3").check()
    page.locator("#facets").get_by_role("button", name="Show").click()

    expect(page.locator(".sentence")).to_contain_text("where type is gp3")


def test_on_a_phone_the_facets_are_a_sheet_and_nothing_scrolls_sideways(phone_page, address, user):
    sign_in(phone_page, user, address)
    phone_page.goto(address)
    facets = phone_page.locator("#facets")

    expect(facets).to_be_hidden()
    phone_page.get_by_role("button", name="Filter").tap()
    facets.get_by_role("group", name="Type").get_by_label("gp2").check()
    facets.get_by_role("group", name="Type").get_by_label("gp3").check()
    facets.get_by_role("button", name="Show").tap()

    expect(phone_page.locator(".sentence")).to_contain_text("where type is gp2 or gp3")
    assert not phone_page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
