"""The pages of costs from each to the next, in Chromium at the width of a desk and of a phone.

One way leads through all of them: the fleet, one of its instances, its type across regions, what is owned, what to buy,
storage and waste. Each drawing on the way carries its figures as a table.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from tests.costs import cast
from tests.support.browser import sign_in
from tests.support.chromium import DESK, PHONE
from tests.support.rows import read_everything

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

SIZES = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True}}
IRELAND = cast.M5_LARGE._replace(region="eu-west-1")
VOLUME_PRICES = (
    "us-east-1,N. Virginia,gp2,storage_gb_mo,0.1,R1",
    "us-east-1,N. Virginia,gp3,storage_gb_mo,0.08,R2",
    "us-east-1,N. Virginia,gp3,iops_mo,0.005,R3",
    "us-east-1,N. Virginia,gp3,throughput_gibps_mo,40.96,R4",
)


@pytest.fixture
def estate(tmp_path):
    """Two instances that ran for four days, one of them reserved; one stopped, and a volume attached to nothing."""
    cast.store_facts(*cast.M5_LARGE_2020, cast.fact("on-demand", "0.107", sku=IRELAND))
    cast.load(cast.table(tmp_path, "ebs_2024-07.csv", cast.EBS, *VOLUME_PRICES))
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    acme = cast.account()
    for hours in (100, 50, 0):
        read_everything(acme, now - timedelta(hours=hours), cast.REGION)
    since = {"valid_from": now - timedelta(hours=100)}
    cast.instance(acme, name="web-1", **since)
    cast.instance(acme, name="web-2", **since)
    cast.instance(acme, name="rest", state="stopped", **since)
    cast.volume(acme, name="left", state="available", size_gib=800, **since)
    cast.reserved(acme, now, count=1)


@pytest.fixture(params=SIZES)
def page(request, open_page, live_server, estate) -> Page:
    """The fleet's costs, in front of an operator."""
    page: Page = open_page(**SIZES[request.param])
    sign_in(page, User.objects.create_superuser("operator"), live_server.url)
    page.goto(f"{live_server.url}/costs/")
    return page


def table(page: Page, name: str) -> Locator:
    return page.get_by_role("table", name=name, exact=True)


def go_to(page: Page, section: str) -> None:
    """Choose another page of the costs, and make sure that nothing on it scrolls sideways."""
    page.get_by_role("navigation", name="Costs").get_by_role("link", name=section, exact=True).click()
    fits(page)


def fits(page: Page) -> None:
    page.wait_for_load_state()
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), page.url


def open_figures(page: Page, of: str) -> None:
    """Unfold the table below a drawing, which says what the drawing shows."""
    drawing = page.get_by_role("img", name=of)
    expect(drawing).to_have_count(1)
    section = page.locator("section.sec").filter(has=drawing)
    section.get_by_text("Figures of this").first.click()
    figures = section.get_by_role("table")
    expect(figures).to_be_visible()
    assert figures.get_by_role("row").count() > 1
    fits(page)


def test_one_way_leads_through_every_page_of_the_costs(page):
    expect(page.locator(".say")).to_contain_text("$140.16")
    open_figures(page, "What each way of paying has cost")

    page.goto(page.url.replace("/costs/", "/types/ec2-instance/"))
    page.get_by_role("link", name="web-1").first.click()
    page.get_by_role("link", name="every way of paying", exact=True).click()
    fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("web-1")
    open_figures(page, "What each way of paying has cost")

    page.locator("main").get_by_role("link", name="Costs", exact=True).click()
    go_to(page, "Types")
    page.get_by_role("link", name="m5.large", exact=True).click()
    fits(page)
    expect(table(page, "What it costs by region")).to_contain_text("0.1070")

    go_to(page, "Commitments")
    expect(page.locator(".say")).to_contain_text("$43.80")
    open_figures(page, "How long each commitment still runs")

    go_to(page, "What to buy")
    expect(table(page, "What to buy")).to_contain_text("m5.large")
    open_figures(page, "What everything costs a month")

    go_to(page, "Volumes")
    expect(page.locator(".say")).to_contain_text("$80.00")
    expect(page.get_by_role("table").first).to_contain_text("gp2")

    go_to(page, "Waste")
    expect(page.locator(".say")).to_contain_text("$80.00")
    expect(page.get_by_role("row", name="left")).to_contain_text("80.00")
