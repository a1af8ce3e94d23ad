"""The page of a resource, and resources side by side, in Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import Resource
from tests.pages.ledgers import account, group, instance, look, operator
from tests.support.browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]

HERE = "eu-central-1"


@pytest.fixture
def web(live_server) -> str:
    """The address of an instance with a group, that became larger an hour ago."""
    groups = [{"GroupId": f"sg-{3:017x}"}]
    acme, now = account(), timezone.now()
    for hours, size in ((2, "m5.large"), (1, "m5.xlarge")):
        listed = {
            (HERE, "ec2-instance"): [instance(1, InstanceType=size, SecurityGroups=groups), instance(2)],
            (HERE, "security-group"): [group(3)],
        }
        look(acme, now - timedelta(hours=hours), listed)
    return f"{live_server.url}/types/ec2-instance/{Resource.objects.get(current_name='web-1').pk}/"


@pytest.fixture
def user() -> User:
    """The user who sees every account."""
    return operator()


def test_the_id_and_the_arn_are_copied(open_page, web, live_server, user):
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, user, live_server.url)
    page.goto(web)

    page.get_by_role("button", name="Copy ARN").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    arn = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy id").click()
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.startsWith('i-'))")

    assert arn == f"arn:aws:ec2:{HERE}:111122223333:instance/i-{1:017x}"


def test_without_script_there_are_no_buttons_that_do_nothing(open_page, web, live_server, user):
    page = open_page(java_script_enabled=False)
    sign_in(page, user, live_server.url)
    page.goto(web)

    expect(page.get_by_text(f"i-{1:017x}", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Copy id")).to_have_count(0)


def test_a_neighbour_and_a_moment_beside_now_are_a_press_away_on_a_phone(phone_page, web, live_server, user):
    page = phone_page
    sign_in(page, user, live_server.url)
    page.goto(web)

    page.get_by_role("group", name="Security groups").get_by_role("link", name="web").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web")
    page.go_back()
    page.get_by_role("link", name="compare with now").click()
    expect(page.get_by_role("row", name="Type differs m5.large m5.xlarge")).to_be_visible()
    expect(page.get_by_role("row", name="State same running running")).to_have_css("display", "table-row")

    page.get_by_role("link", name="Only differences").click()
    expect(page.get_by_role("row", name="State")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
