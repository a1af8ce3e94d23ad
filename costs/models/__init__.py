"""The tables of prices and of what they mean for the things in the ledger."""

from __future__ import annotations

from costs.models.bill import Bill, BillLine, BillSource
from costs.models.budget import Budget, BudgetPart
from costs.models.cost_explorer import CostFeed, DailyCost, PaidPages
from costs.models.feed import PriceFeed
from costs.models.price import InstancePrice, PriceDocument, UnitPrice
from costs.models.quote import Quote
from costs.models.spot import SpotAdvice, SpotPrice
from costs.models.usage_tally import UsageTally

__all__ = [
    "Bill",
    "BillLine",
    "BillSource",
    "Budget",
    "BudgetPart",
    "CostFeed",
    "DailyCost",
    "InstancePrice",
    "PaidPages",
    "PriceDocument",
    "PriceFeed",
    "Quote",
    "SpotAdvice",
    "SpotPrice",
    "UnitPrice",
    "UsageTally",
]
