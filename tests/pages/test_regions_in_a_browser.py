"""Choosing a region in Chromium: by what it must have, then two of them side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.pages.ledgers import operator
from tests.pages.region_tables import acme_with_offers
from tests.support.browser import sign_in

# What a browser does with a page is the same on either database.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_database]


def test_a_region_is_chosen_by_what_it_must_have_and_laid_beside_another(open_page, live_server):
    acme_with_offers()
    page = open_page()
    sign_in(page, operator(), live_server.url)
    page.goto(f"{live_server.url}/regions/")

    page.get_by_role("link", name="choose one").click()
    form = page.get_by_role("form", name="What the regions are chosen by")
    expect(form.get_by_label("Instance types that it must have")).to_have_value("m5.large")
    form.get_by_text("Services that it must have: ec2").click()
    form.get_by_label("bedrock").check()
    form.get_by_label("Near a region, or latitude, longitude").fill("eu-central-2")
    form.get_by_role("button", name="Show").click()

    table = page.get_by_role("table", name="Regions of AWS to choose from")
    zurich, frankfurt = (table.get_by_role("row", name=code) for code in ("eu-central-2", "eu-central-1"))
    expect(table.get_by_role("row").nth(1)).to_contain_text("Zurich")
    expect(zurich).to_contain_text("without bedrock")
    expect(frankfurt).to_contain_text("all 2")
    zurich.get_by_role("checkbox").check()
    frankfurt.get_by_role("checkbox").check()
    page.get_by_role("button", name="Side by side").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Zurich and Frankfurt")
    wanted = page.get_by_role("row", name="Services that are wanted")
    expect(wanted.get_by_role("cell")).to_have_text(["1 of 2without bedrock", "all 2"])
    page.get_by_role("link", name="Choose others").click()
    expect(page.get_by_text("Services that it must have: bedrock, ec2")).to_be_visible()
