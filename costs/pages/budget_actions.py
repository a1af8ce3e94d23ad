"""Giving a view a budget, and taking it away. Each is a form that works without script."""

from __future__ import annotations

import re
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from costs import budgets
from costs.models import Budget
from inventory.models import SavedView
from inventory.pages.frame import address
from inventory.pages.query.language import QueryError
from inventory.pages.scope import PageScope

AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
WRONG_AMOUNT = "A budget is an amount of US dollars above zero, like 1200 or 1200.50, and at most 9,999,999,999.99."


@require_POST
def set_budget(request: HttpRequest) -> HttpResponse:
    """Give one of the own views a budget, or another one."""
    scope = PageScope.from_request(request)
    chosen, amount = request.POST.get("view", ""), _amount(request.POST.get("usd", ""))
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 19
    view = SavedView.objects.filter(pk=int(chosen), owner=request.user.pk).first() if is_number else None
    if view is None:
        messages.error(request, "A budget belongs to one of your own saved views. Save a query first.")
    elif amount is None:
        messages.error(request, WRONG_AMOUNT)
    else:
        try:
            budgets.set_budget(view, amount, request.user.get_username())
            messages.success(request, f"{view.name} may cost ${amount:,.2f} a month.")
        except QueryError as error:
            messages.error(request, f"{view.name} can have no budget: {error.message}")
    return redirect(address(scope, "budgets"))


@require_POST
def remove_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the budget of an own view away."""
    scope = PageScope.from_request(request)
    budget = get_object_or_404(Budget.objects.select_related("view"), pk=pk, view__owner=request.user.pk)
    budgets.remove_budget(budget, request.user.get_username())
    messages.success(request, f"{budget.view.name} has no budget any more.")
    return redirect(address(scope, "budgets"))


def _amount(text: str) -> Decimal | None:
    """The amount that was typed, with or without a dollar and commas; None for what is none."""
    plain = text.strip().removeprefix("$").replace(",", "").strip()
    amount = Decimal(plain) if AMOUNT.fullmatch(plain) else Decimal(0)
    return amount or None
