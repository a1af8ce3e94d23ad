from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.pages.ledgers import account, group, instance, look, operator, rule
from tests.support.browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]

HERE = "eu-central-1"
LONG_NAME = "x" * 255


@pytest.fixture
def address(live_server) -> str:
    """The page of an account with two open groups, one of them with a name that has no place to break."""
    look(
        account("acme"),
        timezone.now() - timedelta(minutes=4),
        {
            (HERE, "security-group"): [group(1, "bastion"), group(2, LONG_NAME)],
            (HERE, "security-group-rule"): [
                rule(1, 1, 22),
                rule(2, 1, 22, "10.0.0.0/8", FromPort=8000, ToPort=8100),
                rule(3, 2, 3389),
                rule(4, 2, 443, CidrIpv4=None, CidrIpv6="2600:1f00:1234:5678:9abc:def0:1234:5600/120"),
                rule(5, 2, 0, IsEgress=True, IpProtocol="-1"),
            ],
            (HERE, "ec2-instance"): [
                instance(number, name=LONG_NAME, SecurityGroups=[{"GroupId": f"sg-{2:017x}"}]) for number in range(5)
            ],
        },
    )
    return f"{live_server.url}/ports/"


def openings(page: Page):
    return page.locator("table.ports tbody tr:not(.grp)")


def test_a_cell_of_the_matrix_leads_to_its_openings_and_a_cross_back(page, address):
    sign_in(page, operator(), address)
    page.goto(address)
    expect(openings(page)).to_have_count(4)

    page.locator("table.mx tr", has_text="22 SSH").get_by_role("link", name="1 critical").click()

    expect(openings(page)).to_have_count(1)
    expect(openings(page)).to_contain_text("bastion")
    expect(page.get_by_role("heading", name="Openings")).to_be_in_viewport()
    page.get_by_role("link", name="Remove: the source").click()
    page.get_by_role("link", name="Remove: the ports").click()
    expect(openings(page)).to_have_count(4)


def test_the_form_narrows_down_by_keyboard(page, address):
    sign_in(page, operator(), address)
    page.goto(address)

    page.get_by_label("Port", exact=True).focus()
    page.keyboard.type("3389")
    page.keyboard.press("Enter")

    expect(openings(page)).to_have_count(1)
    expect(openings(page)).to_contain_text("3389 RDP")


def test_what_goes_out_is_one_click_away(page, address):
    sign_in(page, operator(), address)
    page.goto(address)

    page.get_by_role("link", name="Out", exact=True).click()

    expect(openings(page)).to_have_count(1)
    expect(openings(page)).to_contain_text("All protocols")


@pytest.mark.browser
@pytest.mark.parametrize("width", ["page", "phone_page"])
def test_the_page_never_scrolls_sideways(request, width, address):
    page = request.getfixturevalue(width)
    sign_in(page, operator(), address)

    page.goto(address)

    expect(openings(page)).to_have_count(4)
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
