"""From an image to what uses it, its disks and back, in Chromium."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from inventory.models import Resource
from tests.pages.ledgers import account, instance, look, operator, volume
from tests.pages.test_images_and_disks import BASE, HERE, IMAGES, attached, group, image, snapshot, template
from tests.support.browser import sign_in

pytestmark = [pytest.mark.django_db(transaction=True)]

ROOT, SPARE = f"snap-{1:017x}", f"snap-{2:017x}"


@pytest.fixture
def web(live_server) -> str:
    """The address of an image that an instance, a template and a group use, beside one that nothing uses any more."""
    disk = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": ROOT, "VolumeSize": 8}}
    base = image(BASE, [{"UserId": "444455556666"}], Name="web-base", BlockDeviceMappings=[disk])
    spare = image("ami-0c", [{"Group": "all"}], Name="spare", Public=True, DeprecationTime="2026-01-01T00:00:00.000Z")
    started = {"LaunchTemplate": {"LaunchTemplateId": f"lt-{1:017x}", "Version": "$Default"}}
    listed = {
        IMAGES: [base, spare],
        (HERE, "ec2-instance"): [instance(1, ImageId=BASE, name="web-1")],
        (HERE, "launch-template"): [template(1, "ami-0c", BASE, default=2)],
        (HERE, "auto-scaling-group"): [group("fleet", **started)],
        (HERE, "ebs-volume"): [attached(1, 1, DeleteOnTermination=True), volume(2)],
        (HERE, "ebs-snapshot"): [
            snapshot(1, VolumeId=f"vol-{1:017x}", Description=f"Created by CreateImage(i-0a) for {BASE}"),
            snapshot(2, [{"Group": "all"}], VolumeId="vol-0f", Encrypted=False),
        ],
    }
    look(account(), timezone.now() - timedelta(hours=1), listed)
    return f"{live_server.url}/types/image/{Resource.objects.get(native_id=BASE).pk}/"


@pytest.fixture
def user() -> User:
    """The user who sees every account."""
    return operator()


def answer(page: Page, question: str) -> str:
    """What the panel of a page answers."""
    term = page.locator("dt", has_text=question)
    return " ".join(term.locator("xpath=following-sibling::dd[1]").first.inner_text().split())


def test_an_image_leads_to_what_uses_it_and_a_volume_to_its_snapshot_and_back(open_page, web, live_server, user):
    page = open_page()
    sign_in(page, user, live_server.url)
    page.goto(web)

    assert answer(page, "Safe to deregister?").startswith("No: used by Instances, Launch templates and Auto Scaling")
    panel = page.locator("section", has=page.get_by_role("heading", name="Use and sharing"))
    expect(panel.get_by_role("link", name="template-1")).to_be_visible()
    expect(panel.get_by_role("link", name="fleet")).to_be_visible()
    panel.get_by_role("link", name="web-1").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("web-1")
    page.get_by_role("link", name=f"vol-{1:017x}").first.click()
    assert answer(page, "When it ends").startswith("Deleted with its instance")
    panel = page.locator("section", has=page.get_by_role("heading", name="Attachment and life"))
    panel.get_by_role("link", name=ROOT).click()
    panel = page.locator("section", has=page.get_by_role("heading", name="Origin, use and sharing"))
    panel.get_by_role("link", name="web-base").click()

    expect(page).to_have_url(web)
