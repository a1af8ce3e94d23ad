"""Coverage in Chromium: beginning a snapshot, and watching it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inventory.models import Outcome, Snapshot, Visit, VisitState
from inventory.registry import resource_types
from inventory.signals import visits_planned
from tests.pages.ledgers import Refused, account, look, operator
from tests.support.browser import sign_in
from tests.support.rows import enabled

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "eu-central-1"


@pytest.fixture
def address(live_server):
    """Where the pages are served."""
    return str(live_server.url)


@pytest.fixture(autouse=True)
def _no_workers(monkeypatch):
    """Nobody hears of planned visits."""
    monkeypatch.setattr(visits_planned, "receivers", [])
    monkeypatch.setattr(visits_planned, "sender_receivers_cache", {})


@pytest.fixture
def user():
    """Somebody who sees one account, of which one type is denied."""
    acme = account(region_states=enabled(HERE))
    look(acme, timezone.now() - timedelta(minutes=4), {(HERE, "ec2-instance"): Refused()})
    return operator()


def test_a_cell_leads_to_its_reason(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/coverage/")

    page.get_by_role("link", name=f"EC2 instances, acme, {HERE}: denied").click()

    expect(page.locator("li:target")).to_contain_text("ec2:DescribeInstances")


def test_a_snapshot_is_begun_and_its_progress_shown_without_reloading(page, address, user):
    sign_in(page, user, address)
    page.goto(f"{address}/coverage/")

    page.get_by_role("button", name="Take a snapshot").click()
    expect(page.get_by_text("A snapshot of acme is planned")).to_be_visible()
    planned = sum(one.interval is None for one in resource_types())
    expect(page.get_by_text(f"0 of {planned} visits")).to_be_visible()

    page.mouse.click(5, 5)
    Visit.objects.filter(state=VisitState.WAITING, type="s3-bucket").update(
        state=VisitState.FINISHED, attempts=1, outcome=Outcome.COMPLETE
    )
    expect(page.get_by_text(f"1 of {planned} visits")).to_be_visible()

    Visit.objects.filter(state=VisitState.WAITING).update(state=VisitState.FINISHED, outcome=Outcome.COMPLETE)
    Snapshot.objects.update(finished_at=timezone.now())
    expect(page.get_by_text("Running now")).to_have_count(0)
