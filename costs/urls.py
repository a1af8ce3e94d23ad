"""The addresses of the cost pages, below /costs/."""

from __future__ import annotations

from django.urls import path

from costs.pages.bill import bill
from costs.pages.buckets import bucket_costs
from costs.pages.budget_actions import remove_budget, set_budget
from costs.pages.budgets import budgets
from costs.pages.buying import buying
from costs.pages.by import costs_by
from costs.pages.commitments import commitments
from costs.pages.fleet import costs
from costs.pages.instance import instance_costs
from costs.pages.one_type import instance_types, one_type
from costs.pages.over_time import over_time
from costs.pages.prices import prices
from costs.pages.storage import storage
from costs.pages.waste import waste

urlpatterns = [
    path("", costs, name="costs"),
    path("by/", costs_by, name="costs-by"),
    path("over-time/", over_time, name="costs-over-time"),
    path("budgets/", budgets, name="budgets"),
    path("budgets/set/", set_budget, name="set-budget"),
    path("budgets/<int:pk>/remove/", remove_budget, name="remove-budget"),
    path("types/", instance_types, name="costs-types"),
    path("types/<str:instance_type>/", one_type, name="costs-type"),
    path("buy/", buying, name="costs-buying"),
    path("storage/", storage, name="storage-costs"),
    path("storage/buckets/", bucket_costs, name="bucket-costs"),
    path("waste/", waste, name="waste"),
    path("commitments/", commitments, name="commitments"),
    path("bill/", bill, name="bill"),
    path("prices/", prices, name="prices"),
    path("<int:pk>/", instance_costs, name="instance-costs"),
]
