"""The cost pages in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from inventory.models import SavedView
from tests.costs import cast
from tests.support.browser import sign_in
from tests.support.rows import read_everything

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server) -> str:
    """Where the pages are served."""
    return str(live_server.url)


@pytest.fixture
def fleet(tmp_path) -> list[Any]:
    """Three instances, one of them without a price and one stopped, and prices of m5.large."""
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    read_everything(owner, region=cast.REGION)
    return [
        cast.instance(owner, name="web"),
        cast.instance(owner, name="far", region="sa-east-1"),
        cast.instance(owner, name="rest", state="stopped"),
    ]


@pytest.fixture
def operator() -> User:
    """The user who sees every account."""
    return User.objects.create_superuser("operator")


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row", name=name)


def test_the_fleet_is_compared_and_can_be_narrowed(page, address, fleet, operator):
    sign_in(page, operator, address)
    page.goto(f"{address}/costs/")

    expect(row(page, "On-demand baseline")).to_contain_text("70.08")
    expect(row(page, "Spot 0.03840")).to_contain_text("28.03")
    expect(page.get_by_text("1 unpriced").first).to_be_visible()

    page.get_by_role("link", name="Stopped", exact=True).click()
    expect(page.locator(".say")).to_contain_text("If they ran")

    page.get_by_text("all regions", exact=True).first.click()
    page.get_by_role("list", name="Regions").get_by_role("link", name="N. Virginia").click()
    expect(page.locator(".say")).to_contain_text("N. Virginia")


def test_one_instance_shows_every_way_with_the_list_that_it_comes_from(page, address, fleet, operator):
    sign_in(page, operator, address)
    page.goto(f"{address}/costs/{fleet[0].resource_id}/")

    expect(page.get_by_role("heading", level=1)).to_have_text("web")
    expect(row(page, "3 years, no upfront").first).to_contain_text("29.93")
    expect(row(page, "Spot 0.03840")).to_contain_text("2024-04")
    expect(page.get_by_role("region", name="Price lists")).to_contain_text("spot_2024-04.csv")


@pytest.mark.parametrize("path", ["/costs/", "/costs/{}/"])
def test_on_a_phone_the_figures_stand_in_two_lines_and_nothing_scrolls_sideways(
    phone_page, address, fleet, operator, path
):
    sign_in(phone_page, operator, address)
    phone_page.goto(address + path.format(fleet[0].resource_id))

    expect(row(phone_page, "On-demand baseline")).to_contain_text("70.08")
    assert not phone_page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_what_the_money_goes_to_is_followed_from_page_to_page_down_to_a_budget(
    request, address, fleet, operator, width
):
    page: Page = request.getfixturevalue(width)
    view = SavedView.objects.create(owner=operator, name="everything that runs", query="state:running")
    sign_in(page, operator, address)
    page.goto(f"{address}/costs/by/")
    expect(row(page, "acme")).to_contain_text("70.08")
    is_never_wider(page)

    page.get_by_text("by a tag").click()
    page.get_by_label("Key of the tag").fill("team")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".say")).to_contain_text("100.0 % of it carries no tag team.")
    page.get_by_role("link", name="Way of paying").click()
    row(page, "On-demand").get_by_role("link").first.click()
    expect(page.get_by_role("link", name="web", exact=True)).to_be_visible()

    page.goto(f"{address}/costs/by/")
    page.get_by_role("navigation", name="Costs").get_by_role("link", name="Over time").click()
    expect(page.locator(".say")).to_contain_text("if everything stays as it was last seen")
    is_never_wider(page)
    page.get_by_role("navigation", name="Costs").get_by_role("link", name="Budgets").click()
    expect(page.locator(".say")).to_contain_text("has a budget")
    page.get_by_label("US dollars a month").fill("1200")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_text("everything that runs may cost $1,200.00 a month.")).to_be_visible()
    expect(row(page, view.name)).to_contain_text("1,200.00")
    is_never_wider(page)
    row(page, view.name).get_by_role("link").first.click()
    expect(page.get_by_role("row", name="Budget of everything that runs")).to_be_visible()


def is_never_wider(page: Page) -> None:
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
