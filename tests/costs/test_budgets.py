"""Budgets of saved views: set, worked out after snapshots, and told to whoever may see them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from audit.models import Decision
from costs.accrual import month_of
from costs.budgets import Verdict, set_budget, standings
from costs.models import Budget, BudgetPart
from inventory.models import Account, AccountGrant, SavedView, Snapshot
from inventory.signals import snapshot_completed
from tests.costs import cast
from tests.costs.test_over_time import look

pytestmark = pytest.mark.django_db

PAGE = "/costs/budgets/"


@pytest.fixture
def now(monkeypatch) -> datetime:
    """The 11th of March, at midnight."""
    moment = datetime(2026, 3, 11, tzinfo=UTC)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    return moment


@pytest.fixture
def acme(tmp_path, now) -> Account:
    """An account with one m5.large that runs all the time, looked at every midnight of a month."""
    cast.load_m5_large(tmp_path)
    owner = cast.account()
    look(owner, *(now - timedelta(days=days) for days in range(29, -1, -1)))
    cast.instance(owner, valid_from=now - timedelta(days=29))
    return owner


@pytest.fixture
def view(acme) -> SavedView:
    """A view of rita, who may see the account, on everything that runs."""
    rita = User.objects.create(username="rita")
    AccountGrant.objects.create(account=acme, user=rita)
    return SavedView.objects.create(owner=rita, name="running", query="state:running")


@pytest.fixture
def rita(client: Client, view) -> Client:
    """Her browser."""
    client.force_login(view.owner)
    return client


def standing(view: SavedView) -> Any:
    return standings(list(Budget.objects.filter(view=view)), list(Account.objects.all()))[0]


def rows(client: Client) -> list[dict[str, Any]]:
    answer: Any = client.get(PAGE, {"format": "json"})
    found: list[dict[str, Any]] = json.loads(b"".join(answer.streaming_content))
    return found


def text(client: Client, path: str = PAGE) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_a_budget_tells_what_was_spent_and_what_the_month_comes_to(rita, view):
    answer = rita.post(f"{PAGE}set/", {"view": view.pk, "usd": "$1,000"}, follow=True)

    assert "running may cost $1,000.00 a month." in answer.content.decode()
    [row] = rows(rita)
    assert (row["budget_usd"], row["spent_usd"], row["forecast_usd"], row["left_usd"]) == (
        "1000",
        "23.04",
        "71.424",
        "928.576",
    )
    assert (row["verdict"], row["accounts_not_worked_out"], row["worked_out_at"]) == (
        "within",
        0,
        "2026-03-11T00:00:00Z",
    )
    assert "The budget is kept, as far as is known." in text(rita)


@pytest.mark.parametrize(
    ("usd", "verdict"),
    [("23", Verdict.OVER), ("71", Verdict.WILL_BE_OVER), ("71.43", Verdict.MAY_BE_OVER), ("200", Verdict.WITHIN)],
)
def test_the_verdict_follows_what_is_known(view, acme, now, usd, verdict):
    cast.instance(acme, valid_from=now - timedelta(days=20), valid_to=now - timedelta(days=18))

    set_budget(view, Decimal(usd), "rita")

    assert standing(view).verdict is verdict


def test_a_completed_snapshot_works_the_budget_out_anew(view, acme, now):
    set_budget(view, Decimal(100), "rita")
    cast.instance(acme, valid_from=now)

    before = standing(view).forecast.usd
    snapshot_completed.send(sender=Snapshot, snapshot_id=Snapshot.objects.latest().pk, account_id=acme.pk)

    assert (before, standing(view).forecast.usd) == (Decimal("71.424"), Decimal("71.424") + Decimal("0.096") * 24 * 21)


def test_an_account_that_holds_nothing_of_the_view_leaves_its_bounds_alone(view, acme, now):
    beta = cast.account("beta")
    look(beta, now - timedelta(days=1))

    set_budget(view, Decimal(100), "rita")

    assert (standing(view).missing, standing(view).forecast.most_usd) == (0, Decimal("71.424"))


def test_working_it_out_twice_changes_nothing(view, acme):
    budget = set_budget(view, Decimal(100), "rita")
    first = list(BudgetPart.objects.values())

    set_budget(view, Decimal(100), "rita")

    assert list(BudgetPart.objects.values()) == first
    assert Budget.objects.get() == budget


def test_a_view_that_asks_something_else_is_worked_out_anew(view, acme):
    set_budget(view, Decimal(100), "rita")

    view.query = "state:stopped"
    view.save()

    assert standing(view).forecast.usd == 0
    assert BudgetPart.objects.get().query == "state:stopped"


def test_last_months_figures_are_not_told_as_this_months(view, acme):
    set_budget(view, Decimal(100), "rita")
    BudgetPart.objects.update(month=month_of(timezone.now() - timedelta(days=20)).date())

    one = standing(view)

    assert (one.forecast, one.missing, one.verdict) == (None, 1, Verdict.UNKNOWN)


def test_an_account_that_was_not_worked_out_leaves_a_kept_budget_unknown(view, acme):
    set_budget(view, Decimal(100), "rita")
    cast.account("beta")

    one = standing(view)

    assert (one.missing, one.verdict) == (1, Verdict.UNKNOWN)


def test_what_has_no_price_is_told_beside_the_budget(view, acme, rita, now):
    cast.instance(acme, instance_type="m5.huge", valid_from=now)
    set_budget(view, Decimal(100), "rita")

    assert rows(rita)[0]["unpriced"] == 1
    assert "1 unpriced" in text(rita)


def test_who_sees_fewer_accounts_adds_up_fewer(view, acme, now, client):
    beta = cast.account("beta")
    look(beta, now - timedelta(days=1), now)
    cast.instance(beta, valid_from=now - timedelta(days=1))
    view.is_shared = True
    view.save()
    set_budget(view, Decimal(100), "rita")
    client.force_login(User.objects.create_superuser("operator"))
    everything = rows(client)[0]["spent_usd"]
    client.force_login(view.owner)

    assert (everything, rows(client)[0]["spent_usd"]) == ("25.344", "23.04")


def test_a_view_that_names_an_account_is_told_to_those_who_may_see_it(acme, client, now):
    keeper = User.objects.create(username="keeper")
    view = SavedView.objects.create(owner=keeper, name="secret plan", query="account:acme", is_shared=True)
    set_budget(view, Decimal(100), "keeper")
    nadia = User.objects.create(username="nadia")
    client.force_login(nadia)

    assert rows(client) == []
    assert "secret plan" not in text(client)


@pytest.mark.parametrize("usd", ["", "0", "-5", "ten", "1e3", "12.345", "99999999999", "\u0661"])
def test_what_is_no_amount_is_refused_and_changes_nothing(rita, view, usd):
    answer = rita.post(f"{PAGE}set/", {"view": view.pk, "usd": usd}, follow=True)

    assert "A budget is an amount of US dollars above zero" in answer.content.decode()
    assert not Budget.objects.exists()


def test_a_view_of_somebody_else_takes_no_budget(rita):
    other = SavedView.objects.create(owner=User.objects.create(username="ada"), name="x", query="m5", is_shared=True)

    for chosen in (str(other.pk), "", "nonsense", "9" * 30):
        answer = rita.post(f"{PAGE}set/", {"view": chosen, "usd": "5"}, follow=True)
        assert "A budget belongs to one of your own saved views" in answer.content.decode()
    assert not Budget.objects.exists()


def test_a_view_that_cannot_be_followed_over_time_takes_no_budget(rita, view):
    view.query = "cost>5"
    view.save()

    answer = rita.post(f"{PAGE}set/", {"view": view.pk, "usd": "5"}, follow=True)

    assert "running can have no budget: Prices at a past moment are" in answer.content.decode()
    assert not Budget.objects.exists()


def test_a_view_that_has_a_budget_and_cannot_be_followed_any_more_says_why(rita, view):
    set_budget(view, Decimal(100), "rita")

    view.query = "cost>5"
    view.save()

    [row] = rows(rita)
    assert (row["forecast_usd"], row["verdict"]) == (None, "unknown")
    assert row["problem"].startswith("Prices at a past moment are")


def test_setting_and_removing_are_decisions(rita, view):
    rita.post(f"{PAGE}set/", {"view": view.pk, "usd": "1200.5"})
    rita.post(f"{PAGE}{Budget.objects.get().pk}/remove/")

    assert [(one.by, one.kind, one.words) for one in Decision.objects.order_by("pk")] == [
        ("rita", "budget-set", "set a budget of $1,200.50 a month for the view running"),
        ("rita", "budget-removed", "removed the budget of the view running"),
    ]
    assert not Budget.objects.exists()
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_a_view_takes_its_budget_with_it_and_that_is_a_decision_too(rita, view):
    other = SavedView.objects.create(owner=view.owner, name="stopped", query="state:stopped")
    for one in (view, other):
        set_budget(one, Decimal(100), "rita")

    rita.post(f"/query/views/{view.pk}/delete/")
    view.owner.delete()

    assert [(one.by, one.words) for one in Decision.objects.filter(kind="budget-removed").order_by("pk")] == [
        ("rita", "removed the budget of the view running, and the view with it"),
        ("removal of an owner", "removed the budget of the view stopped, and the view with it"),
    ]
    assert not Budget.objects.exists()


def test_nobody_removes_the_budget_of_somebody_else(view, client):
    set_budget(view, Decimal(100), "rita")
    client.force_login(User.objects.create_superuser("operator"))

    assert client.post(f"{PAGE}{Budget.objects.get().pk}/remove/").status_code == 404
    assert Budget.objects.exists()


def test_home_the_query_and_the_month_tell_of_the_budget(rita, view):
    set_budget(view, Decimal(50), "rita")

    told = "$23.04 spent, comes to $71.42 of $50.00 a month: comes to more"
    assert told in text(rita, "/")
    assert told in text(rita, "/query/")
    assert told in text(rita, "/query/?q=state:running")
    month = text(rita, "/costs/over-time/?q=state:running")
    assert 'class="limit"' in month
    assert "Budget of <bdi>running</bdi>" in month


def test_at_a_past_moment_budgets_are_not_told(rita, view):
    set_budget(view, Decimal(50), "rita")

    assert "Budgets are told for now." in text(rita, f"{PAGE}?as_of=2026-03-05")
    assert "comes to more" not in text(rita, "/?as_of=2026-03-05")


def test_the_command_writes_what_the_page_exports(rita, view):
    set_budget(view, Decimal(50), "rita")
    out = StringIO()

    call_command("budgets", "--refresh", stdout=out)

    assert json.loads(out.getvalue()) == rows(rita)
    csv = StringIO()
    call_command("budgets", "--format=csv", stdout=csv)
    assert csv.getvalue().startswith("view,owner,query,budget_usd,month,spent_usd")
