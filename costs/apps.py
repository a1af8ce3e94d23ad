"""The costs app: what it adds to the inventory, and what it listens to."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save, pre_delete


class CostsConfig(AppConfig):
    """The costs app."""

    name = "costs"

    def ready(self) -> None:
        """Register prices with the inventory's pages, and refresh quotes after each snapshot."""
        from costs import priceable
        from costs.pages.buckets import bucket_panel
        from costs.pages.budgets import view_notes
        from costs.pages.changes import revision_costs
        from costs.pages.columns import list_columns
        from costs.pages.cover import cover_panel
        from costs.pages.hourly import hourly_panels
        from costs.pages.instance import instance_panel
        from costs.pages.paid_pages import account_note
        from costs.pages.reference import region_price
        from costs.pages.region_fleet import region_fleet
        from costs.pages.sums import list_totals, region_figure
        from costs.pages.volume import volume_panel
        from costs.usage_counts import wrong_counts
        from inventory.models import SavedView
        from inventory.pages.extensions import MenuEntry, extensions
        from inventory.signals import snapshot_completed
        from inventory.snapshots.verify import further_checks

        priceable.discover()
        extensions.list_columns.extend(list_columns())
        extensions.list_totals.extend(list_totals())
        extensions.revision_costs.extend(revision_costs())
        extensions.panels.extend([instance_panel(), cover_panel(), volume_panel(), bucket_panel()])
        extensions.panels.extend(hourly_panels())
        extensions.region_figures.append(region_figure())
        extensions.region_prices.append(region_price())
        extensions.region_fleets.append(region_fleet())
        extensions.account_notes.append(account_note)
        extensions.menu.append(MenuEntry(label="Costs", url_name="costs", icon="coins", key="m"))
        extensions.view_notes.append(view_notes)
        further_checks.append(wrong_counts)
        snapshot_completed.connect(refresh_quotes, dispatch_uid="costs.quotes")
        post_save.connect(follow_view, sender=SavedView, dispatch_uid="costs.budgets")
        pre_delete.connect(leave_with_view, sender=SavedView, dispatch_uid="costs.budgets")


def refresh_quotes(*, account_id: int, **_: Any) -> None:
    """Bring an account's quotes and its part of every budget up to date after one of its snapshots."""
    from costs import budgets, quotes
    from inventory.models import Account

    accounts = Account.objects.filter(pk=account_id)
    quotes.refresh(accounts)
    budgets.refresh(accounts)


def follow_view(*, instance: Any, created: bool, **_: Any) -> None:
    """Work a budget out anew when its view asks something else."""
    from costs import budgets

    if not created:
        budgets.follow(instance)


def leave_with_view(*, instance: Any, origin: Any, **_: Any) -> None:
    """Note that the budget of a view goes with it."""
    from costs import budgets

    budgets.leave_with(instance, origin)
