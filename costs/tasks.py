"""Doorways for the workers: price lists and bills kept up to date; running a task twice changes nothing more."""

from __future__ import annotations

import logging

from celery import shared_task
from django.conf import settings

from costs import cost_explorer, feeds
from costs.models import CostFeed, PriceFeed
from costs.price_host import PriceHost
from inventory.tasks import hint

logger = logging.getLogger(__name__)


@shared_task
def refresh_prices() -> None:
    """Have the lists read that are due; nothing where no host of price lists is set."""
    if settings.PRICE_LIST_URL:
        hint(refresh_feed, feeds.plan_feeds().values_list("pk", flat=True))


@shared_task
def refresh_feed(feed_id: int) -> None:
    """Read one list anew, if it is due and has changed."""
    feed = PriceFeed.objects.filter(pk=feed_id).first()
    if not settings.PRICE_LIST_URL or feed is None or not feeds.take_due(feed):
        return
    feeds.read_feed(feed, PriceHost(settings.PRICE_LIST_URL))
    if feed.problem:
        logger.warning("The price list %s was not brought up to date: %s", feed.series, feed.problem)


@shared_task
def ask_costs() -> None:
    """Have Cost Explorer asked what is due, for the accounts whose operators switched that on."""
    hint(ask_cost, cost_explorer.plan_feeds().values_list("pk", flat=True))


@shared_task
def ask_cost(feed_id: int) -> None:
    """Ask one question of Cost Explorer, if it is due."""
    feed = CostFeed.objects.filter(pk=feed_id).select_related("account").first()
    if feed is None or not cost_explorer.take_due(feed):
        return
    cost_explorer.read_feed(feed)
    if feed.problem:
        logger.warning("Cost Explorer was not read for %s: %s", feed.account, feed.problem)
