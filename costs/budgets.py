"""Budgets: what saved views may cost in a calendar month, and whether they stay within.

The month of each budget is worked out for one account at a time, when a snapshot of the account completes, when prices
change, and when the budget or its view does; pages add up the accounts that their reader may see. Nothing is worked out
while a page of now is made, so that each figure has a date: that of the oldest part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.models import Kind, record
from costs.accrual import month_of
from costs.chosen import Chosen
from costs.forecast import Forecast, Level, Part, forecast_of, together
from costs.models import Budget, BudgetPart
from inventory.models import Account, SavedView
from inventory.pages.query.language import QueryError

FRACTIONS = ("spent", "less", "more", "rest", "unseen")
LARGEST = Decimal("9999999999.99")
OWNER_REMOVED = "removal of an owner"
"""Who decided, where a view went because its owner did."""


class Verdict(StrEnum):
    """Whether a month stays within its budget, as far as is known."""

    OVER = "over"
    WILL_BE_OVER = "will-be-over"
    MAY_BE_OVER = "may-be-over"
    WITHIN = "within"
    UNKNOWN = "unknown"


WORDS = {
    Verdict.OVER: "over budget",
    Verdict.WILL_BE_OVER: "comes to more",
    Verdict.MAY_BE_OVER: "may come to more",
    Verdict.WITHIN: "within budget",
    Verdict.UNKNOWN: "not known",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One budget for one reader. `forecast` None: nothing was worked out for any account; `problem` may say why."""

    budget: Budget
    forecast: Forecast | None
    missing: int
    """Accounts for which nothing was worked out this month."""
    problem: str = ""

    @property
    def view(self) -> SavedView:
        """The view that it is for."""
        return self.budget.view

    @property
    def verdict(self) -> Verdict:
        """Whether it stays within: what is known to be over is over, whatever else is not known."""
        one, most_allowed = self.forecast, self.budget.monthly_usd
        if one is None:
            return Verdict.UNKNOWN
        if one.spent_least_usd > most_allowed:
            return Verdict.OVER
        if one.usd > most_allowed:
            return Verdict.WILL_BE_OVER
        if one.most_usd is not None and one.most_usd > most_allowed:
            return Verdict.MAY_BE_OVER
        return Verdict.UNKNOWN if self.missing else Verdict.WITHIN

    @property
    def words(self) -> str:
        """The verdict for a reader."""
        return WORDS[self.verdict]

    @property
    def left_usd(self) -> Decimal | None:
        """What the month leaves of the budget if everything stays as it was last seen; negative: what is too much."""
        return None if self.forecast is None else self.budget.monthly_usd - self.forecast.usd

    @property
    def has_unknown(self) -> bool:
        """Whether the month has cost more than is told."""
        one = self.forecast
        return bool(self.missing or (one and (one.part.unpriced or one.unseen_percent)))


def set_budget(view: SavedView, monthly_usd: Decimal, by: str) -> Budget:
    """Give a view a budget, or another one; QueryError for a view that cannot be asked of the past."""
    _chosen(view, (), timezone.now()).conditions  # noqa: B018 - a query that cannot be followed is refused here
    with transaction.atomic():
        values = {"monthly_usd": monthly_usd, "set_by": by, "set_at": timezone.now()}
        budget, _ = Budget.objects.update_or_create(view=view, defaults=values)
        record(by, Kind.BUDGET_SET, f"set a budget of ${monthly_usd:,.2f} a month for the view {view.name}")
    work_out([budget], Account.objects.all())
    return budget


def remove_budget(budget: Budget, by: str) -> None:
    """Take a view's budget away; the view stays."""
    with transaction.atomic():
        record(by, Kind.BUDGET_REMOVED, f"removed the budget of the view {budget.view.name}")
        budget.delete()


def leave_with(view: SavedView, origin: Any) -> None:
    """Note that a view takes its budget with it; `origin` is what is deleted: the view, or whoever owned it."""
    budget = Budget.objects.filter(view=view).first()
    if budget is not None:
        by = view.owner.get_username() if origin == view else OWNER_REMOVED
        record(by, Kind.BUDGET_REMOVED, f"removed the budget of the view {view.name}, and the view with it")


def follow(view: SavedView) -> None:
    """Work out the budget of a view anew, if it has one that was worked out for another query."""
    budget = Budget.objects.filter(view=view).select_related("view").first()
    if budget is not None and budget.parts.exclude(query=view.query).exists():
        work_out([budget], Account.objects.all())


def refresh(accounts: Iterable[Account]) -> None:
    """Work out the month of every budget anew for these accounts."""
    budgets = list(Budget.objects.select_related("view"))
    if budgets:
        work_out(budgets, accounts)


def work_out(budgets: Collection[Budget], accounts: Iterable[Account]) -> None:
    """The month of these budgets in each of these accounts, as it stands now; twice changes nothing."""
    for account in accounts:
        now = timezone.now()
        for budget in budgets:
            figures, problem = _worked_out(budget.view, account, now)
            BudgetPart.objects.update_or_create(
                budget=budget,
                account=account,
                defaults={
                    "query": budget.view.query,
                    "month": month_of(now).date(),
                    "until": now,
                    "figures": figures,
                    "problem": problem,
                },
            )


def standings(budgets: Sequence[Budget], accounts: Sequence[Account]) -> list[Standing]:
    """How these budgets stand in some accounts together; one query."""
    month = month_of(timezone.now()).date()
    pks = [account.pk for account in accounts]
    found: dict[int, list[BudgetPart]] = {budget.pk: [] for budget in budgets}
    for part in BudgetPart.objects.filter(budget__in=list(found), account__in=pks, month=month):
        found[part.budget_id].append(part)
    return [_standing(budget, found[budget.pk], len(pks)) for budget in budgets]


def _standing(budget: Budget, parts: Sequence[BudgetPart], accounts: int) -> Standing:
    current = [part for part in parts if part.query == budget.view.query]
    whole = together(read_part(part) for part in current if part.figures is not None)
    return Standing(
        budget=budget,
        forecast=None if whole is None else Forecast(part=whole),
        missing=accounts - sum(part.figures is not None for part in current),
        problem=next((part.problem for part in current if part.problem), ""),
    )


def _worked_out(view: SavedView, account: Account, now: datetime) -> tuple[dict[str, Any] | None, str]:
    try:
        return written_part(forecast_of(_chosen(view, [account], now), now).part), ""
    except QueryError as error:
        return None, error.message


def _chosen(view: SavedView, accounts: Sequence[Account], now: datetime) -> Chosen:
    """What a view finds, whoever looks: those who may not see an account that it names cannot open it."""
    return Chosen(accounts=accounts, nameable=list(Account.objects.all()), text=view.query, when=now)


def written_part(part: Part) -> dict[str, Any]:
    """A part as JSON; sums as fractions, so that nothing is lost."""
    return {
        **{name: str(getattr(part, name)) for name in FRACTIONS},
        "levels": [[one.by_hour, one.by_month, one.looked, one.waiting] for one in part.levels],
        "places": part.places,
        "waiting": part.waiting,
        "unpriced": part.unpriced,
        "seen_until": part.seen_until.astimezone(UTC).isoformat() if part.seen_until else None,
    }


def read_part(stored: BudgetPart) -> Part:
    """What `written_part` wrote."""
    figures: Mapping[str, Any] = stored.figures or {}
    month: date = stored.month
    seen_until = figures["seen_until"]
    return Part(
        month=month,
        until=stored.until,
        **{name: Fraction(figures[name]) for name in FRACTIONS},
        levels=[
            Level(by_hour=by_hour, by_month=by_month, looked=looked, waiting=waiting)
            for by_hour, by_month, looked, waiting in figures["levels"]
        ],
        places=figures["places"],
        waiting=figures["waiting"],
        unpriced=figures["unpriced"],
        seen_until=datetime.fromisoformat(seen_until) if seen_until else None,
    )
