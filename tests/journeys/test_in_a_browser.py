"""What people come for, from the first page to the answer, at the width of a desk and of a phone.

Finding a resource is proved in tests/pages/test_search_in_a_browser.py.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Account, LastVisit, Snapshot
from inventory.signals import check_wanted, snapshot_completed
from tests.costs.cast import load_m5_large
from tests.pages.ledgers import Refused, account, group, instance, look, operator, reader, rule, volume
from tests.support.browser import sign_in
from tests.support.chromium import DESK, PHONE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

HERE, THERE = "us-east-1", "eu-central-1"
INSTANCES, VOLUMES = (HERE, "ec2-instance"), (HERE, "ebs-volume")
RULES, GROUPS = (HERE, "security-group-rule"), (HERE, "security-group")
SIZES = {"desk": {"viewport": DESK}, "phone": {"viewport": PHONE, "is_mobile": True, "has_touch": True}}
ROLE = "arn:aws:iam::444455556666:role/SkyledgerReadOnly"


class Visitor:
    """Somebody at a window of one width, into which every page must fit."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address

    def open(self, path: str = "/") -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path)
        self.fits()

    def go_to(self, entry: str) -> None:
        """Choose an entry of the navigation, which a phone has behind its menu."""
        menu = self.page.get_by_label("Menu")
        if menu.is_visible():
            menu.click()
        entries = self.page.get_by_role("navigation", name="Main")
        entries.get_by_role("link", name=re.compile(f"^{re.escape(entry)}")).click()
        self.fits()

    def fits(self) -> None:
        """Make sure that nothing scrolls sideways."""
        self.page.wait_for_load_state()
        assert not self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), self.page.url

    def is_told(self, words: str | re.Pattern[str]) -> None:
        """Make sure that the page's sentence has these words."""
        expect(self.page.locator(".say").first).to_contain_text(words)
        self.fits()

    def takes_away(self, name: str) -> bytes:
        """The list in this format; JSON stands in the window, the others are files."""
        link = self.page.get_by_role("group", name="Every row of this list").get_by_role("link", name=name)
        if name == "JSON":
            return self.page.request.get(f"{self.address}{link.get_attribute('href')}").body()
        with self.page.expect_download() as download:
            link.click()
        return download.value.path().read_bytes()


@pytest.fixture
def estate(tmp_path):
    """An account last week and now: one instance is new, one grew, a volume is gone, a port opened, a region denies."""
    load_m5_large(tmp_path)
    now, places = timezone.now(), (HERE, THERE)
    acme = account("production")
    before = [instance(1, name="web-front", zone=f"{HERE}a"), instance(2, name="web-back", zone=f"{HERE}b")]
    after = [
        instance(1, name="web-front", zone=f"{HERE}a", InstanceType="m5.xlarge"),
        before[1],
        instance(3, name="batch", zone=f"{HERE}a", State={"Name": "stopped"}),
    ]
    look(acme, now - timedelta(days=8), {INSTANCES: before, VOLUMES: [volume(1)], GROUPS: [group(1)]}, places)
    listings = {INSTANCES: after, GROUPS: [group(1)], RULES: [rule(1, 1, 22)]}
    newest = look(acme, now - timedelta(minutes=4), {**listings, (THERE, "ec2-instance"): Refused()}, places)
    snapshot_completed.send(sender=Snapshot, snapshot_id=newest.pk, account_id=acme.pk)
    return acme


@pytest.fixture
def user(estate):
    """An operator who was here two days ago."""
    ada = operator()
    LastVisit.objects.create(user=ada, seen_at=timezone.now() - timedelta(days=2))
    return ada


@pytest.fixture(params=SIZES)
def visitor(request, open_page, live_server, user):
    """The operator at either width."""
    page = open_page(**SIZES[request.param])
    sign_in(page, user, live_server.url)
    return Visitor(page, live_server.url)


def test_a_morning_glance_leads_to_what_is_new_what_is_open_and_what_is_unknown(visitor):
    page = visitor.page

    visitor.open()
    visitor.is_told("2 new, 1 changed, 1 gone")
    visitor.is_told("1 port opened to the world")
    visitor.is_told("$70.08 a month, without 1 unpriced")
    page.get_by_role("heading", level=1).get_by_role("link", name="2 new").click()
    visitor.is_told(re.compile("4 changes were seen"))
    expect(page.get_by_role("row", name="web-front")).to_contain_text("m5.xlarge")

    visitor.go_to("Home")
    page.locator("#news").get_by_role("link", name="SSH").click()
    expect(page.locator("main")).to_contain_text("web")
    visitor.fits()

    visitor.go_to("Home")
    page.locator("#unread").get_by_role("link", name="Frankfurt").click()
    expect(page.locator("main")).to_contain_text("ec2:DescribeInstances")
    visitor.fits()


def test_a_filter_is_saved_and_whoever_it_is_shared_with_sees_the_own_part_of_it(
    visitor, open_page, live_server, estate
):
    hidden = account("research", "444455556666")
    look(hidden, timezone.now() - timedelta(minutes=4), {INSTANCES: [instance(9, name="secret")]}, (HERE,))
    page = visitor.page

    visitor.open("/query/")
    page.get_by_label("What to show").fill("type:ec2-instance state:running")
    page.get_by_role("button", name="Show", exact=True).click()
    visitor.is_told("3 things meet this")
    page.get_by_text("Save this query").click()
    page.get_by_label("Name", exact=True).fill("Running machines")
    page.get_by_label("Share with others").check()
    page.get_by_role("button", name="Save", exact=True).click()
    visitor.go_to("Home")
    visitor.go_to("Running machines")
    visitor.is_told("3 things meet this")

    theirs = Visitor(open_page(viewport=page.viewport_size), live_server.url)
    sign_in(theirs.page, reader(estate), live_server.url)
    theirs.open()
    theirs.go_to("Running machines")
    theirs.is_told("2 things meet this")
    expect(theirs.page.get_by_role("link", name="secret")).to_have_count(0)


def test_two_moments_are_compared_for_all_and_for_one_resource(visitor):
    page = visitor.page

    visitor.open()
    visitor.go_to("Changes")
    page.get_by_role("link", name="30 days").click()
    visitor.is_told(re.compile("1 altered"))
    page.get_by_role("row", name="web-front").get_by_role("link", name="web-front").click()
    expect(page.locator("#changes")).to_contain_text("m5.xlarge")
    visitor.fits()
    page.locator("#changes").get_by_role("link", name="compare with now").first.click()

    visitor.is_told("between 2 moments of web-front")
    row = page.get_by_role("table", name="Side by side").get_by_role("row", name=re.compile("^Type"))
    expect(row).to_contain_text("m5.large")
    expect(row).to_contain_text("m5.xlarge")


def test_a_list_is_taken_away_as_it_is_shown(visitor):
    page = visitor.page

    visitor.open()
    visitor.go_to("EC2 instances")
    if page.get_by_role("button", name="Filter").is_visible():
        page.get_by_role("button", name="Filter").click()
    page.locator("#facets").get_by_role("group", name="State").get_by_label("running").check()
    if page.locator("#facets").get_by_role("button", name="Show").is_visible():
        page.locator("#facets").get_by_role("button", name="Show").click()
    expect(page.locator(".sentence")).to_contain_text("where state is running")
    visitor.fits()
    shown = page.locator("tbody th a").all_inner_texts()
    written = {name: visitor.takes_away(name) for name in ("CSV", "JSON", "XLSX")}

    sheet = openpyxl.load_workbook(io.BytesIO(written["XLSX"])).worksheets[0]
    cells = list(sheet.iter_rows(values_only=True))
    assert sorted(shown) == ["web-back", "web-front"]
    assert [row["name"] for row in csv.DictReader(io.StringIO(written["CSV"].decode("utf-8-sig")))] == shown
    assert [row["name"] for row in json.loads(written["JSON"])] == shown
    assert {value for row in cells for value in row} >= set(shown)


def test_an_account_is_added_and_its_page_says_what_its_role_must_trust(visitor, monkeypatch):
    monkeypatch.setattr(check_wanted, "receivers", [])
    page = visitor.page

    visitor.open()
    visitor.go_to("Accounts")
    page.get_by_role("link", name="Add an account").click()
    visitor.fits()
    page.get_by_label("What to call it").fill("research")
    page.get_by_label("Its role's ARN").fill(ROLE)
    page.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("research")
    page.get_by_text("Trust policy", exact=True).click()
    expect(page.locator("#trust")).to_contain_text(Account.objects.get(name="research").external_id)
    visitor.fits()
    visitor.go_to("Accounts")
    expect(page.get_by_role("row", name="research")).to_contain_text("pending")
