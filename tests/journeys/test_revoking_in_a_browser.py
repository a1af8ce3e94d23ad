"""Whoever manages people revokes a grant, and the account is gone from the other person's pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import AccountGrant
from tests.pages.ledgers import account, instance, look, operator, reader
from tests.support.browser import sign_in
from tests.support.chromium import DESK, PHONE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

HERE = "us-east-1"
SIZES = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True}}


def fits(page: Page) -> bool:
    """Whether nothing scrolls sideways."""
    return not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_a_revoked_grant_takes_the_account_from_every_page_of_the_person(open_page, live_server, size):
    production, research = account("production"), account("research", "444455556666")
    for one, name in ((production, "web-front"), (research, "gpu-box")):
        look(one, timezone.now() - timedelta(minutes=4), {(HERE, "ec2-instance"): [instance(1, name=name)]}, (HERE,))
    ada, rita = operator(), reader(production, research)
    page, hers = open_page(**SIZES[size]), open_page(**SIZES[size])
    sign_in(page, ada, live_server.url)
    sign_in(hers, rita, live_server.url)
    hers.goto(f"{live_server.url}/types/ec2-instance/")
    expect(hers.get_by_role("link", name="gpu-box")).to_be_visible()

    page.goto(f"{live_server.url}/")
    if page.get_by_label("Menu").is_visible():
        page.get_by_label("Menu").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    page.wait_for_url("**/settings/users/")
    people_fit = fits(page)
    page.get_by_role("row", name=re.compile("^reader")).get_by_role("link", name="reader").click()
    page.get_by_role("button", name="Revoke research").click()

    expect(page.get_by_role("status")).to_contain_text("reader sees research no more.")
    expect(page.get_by_role("table", name="Accounts granted").get_by_role("row")).to_have_count(2)
    assert people_fit
    assert fits(page)
    hers.reload()
    expect(hers.get_by_role("link", name="web-front")).to_be_visible()
    expect(hers.get_by_role("link", name="gpu-box")).to_have_count(0)
    assert hers.request.get(f"{live_server.url}/types/ec2-instance/?account=research").status == 404
    assert [grant.account for grant in AccountGrant.objects.filter(user=rita)] == [production]
