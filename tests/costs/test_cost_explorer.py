"""Cost Explorer over HTTP: asked where it is switched on, page by page, within the cap, and never for what is final."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client
from django.utils import timezone

from costs import cost_explorer, tasks
from costs.cost_explorer import CapReached, PaidGate, paid
from costs.models import CostFeed, DailyCost, PaidPages
from demo.client import Emulator
from demo.emulator import running
from inventory.models import Account
from inventory.snapshots.access import clients_for
from tests.costs import cast

pytestmark = pytest.mark.django_db

ACTION = "ce:GetCostAndUsage"


@pytest.fixture(scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """An emulator of which no story was told: what is billed follows from account and day alone."""
    with running(tmp_path_factory.mktemp("emulator")) as emulator:
        yield emulator


@pytest.fixture
def emulator(_running: Emulator) -> Iterator[Emulator]:
    """The emulator; failures that a test orders end with it."""
    try:
        yield _running
    finally:
        _running.clear()


@pytest.fixture
def acme(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The production account of the sample organisation, whose operator lets Cost Explorer be asked."""
    for name, value in emulator.environment.items():
        monkeypatch.setenv(name, value)
    there = emulator.accounts[0]
    return Account.objects.create(
        name=there.name,
        account_id=there.account_id,
        role_arn=there.role_arn,
        external_id=there.external_id,
        asks_cost_explorer=True,
    )


def asked(emulator: Emulator) -> int:
    """How many requests the emulator's Cost Explorer had."""
    return sum(entry["service"] == "ce" for entry in emulator.log())


def ask(account: Account) -> Any:
    """What a worker does when the question by service is due."""
    cost_explorer.plan_feeds()
    feed = CostFeed.objects.get(account=account, tag="")
    tasks.ask_cost(feed.pk)
    feed.refresh_from_db()
    return feed


def again() -> None:
    """Let it be due now."""
    CostFeed.objects.update(next_due_at=None)


def pages_of(feed: Any) -> int:
    """How many pages the days take that were asked for, 31 on each."""
    days: int = (timezone.now().date() - feed.known_from).days
    return -(-days // 31)


def test_an_account_that_is_not_switched_on_is_never_asked(acme, emulator):
    Account.objects.update(asks_cost_explorer=False)
    before = asked(emulator)

    assert not cost_explorer.plan_feeds()
    feed = CostFeed.objects.create(account=acme)
    tasks.ask_cost(feed.pk)

    assert asked(emulator) == before
    assert not PaidPages.objects.exists()


def test_every_page_is_read_counted_and_added_up(acme, emulator):
    before = asked(emulator)

    feed = ask(acme)

    assert feed.problem == ""
    number = pages_of(feed)
    assert number > 1
    assert asked(emulator) - before == number == PaidPages.objects.get().pages
    assert paid([acme]) == (number, number * Decimal("0.01"))
    days = (timezone.now().date() - feed.known_from).days
    assert feed.costs.values("day").distinct().count() == days
    assert feed.costs.filter(name="Amazon Relational Database Service", kind="usage").count() == days
    assert set(feed.costs.values_list("kind", flat=True)) >= {"usage", "reserved", "savings-plan", "tax", "support"}


def test_what_plain_boto3_adds_up_is_what_is_kept(acme, emulator):
    feed = ask(acme)
    client: Any = emulator.client("ce", acme.name, "us-east-1")
    arguments = {
        "TimePeriod": {"Start": feed.known_from.isoformat(), "End": feed.known_before.isoformat()},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}, {"Type": "DIMENSION", "Key": "RECORD_TYPE"}],
    }
    total, token = Decimal(0), dict[str, str]()
    while True:
        answer = client.get_cost_and_usage(**arguments, **token)
        for result in answer["ResultsByTime"]:
            total += sum(Decimal(group["Metrics"]["UnblendedCost"]["Amount"]) for group in result["Groups"])
        if "NextPageToken" not in answer:
            break
        token = {"NextPageToken": answer["NextPageToken"]}

    assert sum(feed.costs.values_list("billed", flat=True)) == total


def test_a_day_that_is_final_is_not_asked_again_and_the_others_are_once_a_day(acme, emulator):
    feed = ask(acme)
    before, final = asked(emulator), feed.final_before
    kept = set(feed.costs.filter(day__lt=final).values_list("pk", flat=True))

    tasks.ask_cost(feed.pk)
    assert asked(emulator) == before

    again()
    tasks.ask_cost(feed.pk)
    feed.refresh_from_db()
    assert asked(emulator) - before == -(-(timezone.now().date() - final).days // 31)
    assert final.day == 1
    assert kept <= set(feed.costs.values_list("pk", flat=True))


def test_no_page_is_sent_beyond_the_cap_and_what_was_known_stays(acme, emulator, settings):
    feed = ask(acme)
    known = list(feed.costs.order_by("pk").values())
    settings.COST_EXPLORER_PAGES_A_DAY = PaidPages.objects.get().pages
    before = asked(emulator)

    again()
    tasks.ask_cost(feed.pk)

    feed.refresh_from_db()
    assert asked(emulator) == before
    assert "COST_EXPLORER_PAGES_A_DAY" in feed.problem
    assert feed.next_due_at.date() == timezone.now().date() + timedelta(days=1)
    assert list(feed.costs.order_by("pk").values()) == known


def test_a_cap_that_is_reached_in_the_middle_keeps_nothing_of_the_half(acme, settings):
    settings.COST_EXPLORER_PAGES_A_DAY = 1

    feed = ask(acme)

    assert PaidPages.objects.get().pages == 1
    assert not DailyCost.objects.exists()
    assert (feed.final_before, feed.asked_at) == (None, None)


@pytest.mark.parametrize(("how", "pages"), [("deny", 1), ("truncate", 1)])
def test_a_look_that_fails_leaves_what_was_known_and_says_why(acme, emulator, how, pages):
    feed = ask(acme)
    known = list(feed.costs.order_by("pk").values())
    before = PaidPages.objects.get().pages
    getattr(emulator, how)("us-east-1", ACTION)

    again()
    tasks.ask_cost(feed.pk)

    feed.refresh_from_db()
    assert ACTION in feed.problem
    assert list(feed.costs.order_by("pk").values()) == known
    # Whatever becomes of a page, it was counted before it was sent.
    assert PaidPages.objects.get().pages >= before + pages

    emulator.clear()
    again()
    tasks.ask_cost(feed.pk)
    feed.refresh_from_db()
    assert feed.problem == ""


def test_credentials_of_another_account_are_not_asked(acme, emulator):
    Account.objects.update(account_id="000000000001")
    before = asked(emulator)

    feed = ask(Account.objects.get())

    assert asked(emulator) == before
    assert "lead to account" in feed.problem


def test_a_tag_is_one_more_question(acme, settings):
    settings.COST_EXPLORER_TAG = "Team"
    cost_explorer.plan_feeds()
    feed = CostFeed.objects.get(account=acme, tag="Team")

    tasks.ask_cost(feed.pk)

    feed.refresh_from_db()
    assert feed.problem == ""
    assert set(feed.costs.values_list("name", flat=True)) == {"web", "data", ""}


@pytest.mark.django_db(transaction=True)
def test_workers_that_want_the_last_pages_at_once_get_no_more_than_there_are(settings):
    settings.COST_EXPLORER_PAGES_A_DAY = 5
    owner = cast.account()

    def take(_: int) -> bool:
        try:
            PaidGate(owner).take("ce", "us-east-1")
        except CapReached:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as workers:
        taken = list(workers.map(take, range(12)))

    assert sum(taken) == 5 == PaidPages.objects.get().pages


def test_the_bill_page_shows_it_with_what_asking_cost(acme, client: Client):
    feed = ask(acme)
    client.force_login(User.objects.create_superuser("operator"))

    page = " ".join(client.get("/costs/bill/?source=cost-explorer").content.decode().split())

    assert "Amazon Relational Database Service" in page
    assert f"USD {PaidPages.objects.get().pages * Decimal('0.01'):.2f}" in page
    month = feed.known_before - timedelta(days=1)
    total = sum(feed.costs.filter(day__gte=month.replace(day=1)).values_list("billed", flat=True))
    assert f"<b>${total:,.2f}</b> was billed" in page


def test_the_account_says_how_many_pages_were_paid_for(acme, client: Client):
    PaidPages.objects.create(account=acme, day=date(2026, 10, 1), pages=7)
    client.force_login(User.objects.create_superuser("operator"))

    page = " ".join(client.get(f"/settings/accounts/{acme.pk}/").content.decode().split())

    assert "7 pages were paid for so far: USD 0.07" in page


def test_the_ordinary_clients_of_an_account_have_nothing_to_do_with_it(acme):
    clients_for(acme).identity()

    assert not PaidPages.objects.exists()
