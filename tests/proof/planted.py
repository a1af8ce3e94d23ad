"""The twelve mistakes that other inventories were caught at, each to be planted into the product for a while.

Where they happened stands in the issue trackers of Cartography, CloudQuery, Komiser, Prowler, Infracost, NetBox and
Celery. Each is planted where somebody would make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import PropertyMock, patch

from costs.compare import Charge
from costs.price_book import Price, PriceBook, Provenance, Sku, Unpriced
from costs.pricing_models import WayOfPaying
from costs.totals import Total
from inventory.aws import AwsFailure
from inventory.models import Account, Freshness, Resource, Visit
from inventory.models.snapshot import VisitQuerySet
from inventory.snapshots import carry_out, plan, reconcile
from inventory.snapshots.collect import Collector
from inventory.snapshots.record import Missing, Recorder


@contextmanager
def empty_list_on_timeout() -> Iterator[None]:
    """A listing that failed counts as one that found nothing more."""
    batches = Collector.batches

    def lenient(self: Collector) -> Iterator[Any]:
        try:
            yield from batches(self)
        except AwsFailure:
            return

    with patch.object(Collector, "batches", lenient):
        yield


@contextmanager
def account_wide_cleanup() -> Iterator[None]:
    """What a region's listing lacks is looked for in the whole account."""

    def missing(self: Recorder) -> Missing:
        mine = self.model.revisions.current().filter(account=self.visit.account)
        pairs = [(pk, one) for pk, one in mine.values_list("pk", "resource_id") if one not in self._listed]
        return Missing(pairs=pairs, known=mine.count())

    with patch.object(Recorder, "_missing", missing):
        yield


@contextmanager
def late_scan_without_fence() -> Iterator[None]:
    """Whoever ends last has the last word."""

    def lock(self: Recorder) -> Freshness:
        found: Freshness = Freshness.objects.select_for_update().get(pk=self.freshness.pk)
        return found

    with (
        patch.object(Recorder, "_lock", lock),
        patch.object(Recorder, "is_too_late", PropertyMock(return_value=False)),
    ):
        yield


@contextmanager
def key_is_the_id_alone() -> Iterator[None]:
    """A resource is known by AWS's id, whosesoever it is."""
    resources = Recorder._resources

    def by_id(self: Recorder, items: Any) -> dict[str, Resource]:
        known = Resource.objects.filter(type=self.visit.type, native_id__in=[*items.readable]).order_by("-pk")
        return resources(self, items) | {one.native_id: one for one in known}

    with patch.object(Recorder, "_resources", by_id):
        yield


@contextmanager
def float_money() -> Iterator[None]:
    """Sums are added up in binary floating point."""

    def add(self: Total, price: Any, number: int) -> None:
        if isinstance(price, Unpriced):
            self.unpriced += number
            return
        self.monthly_usd = Decimal(float(self.monthly_usd) + float(price.usd) * number)
        self.priced += number

    with patch.object(Total, "add", add):
        yield


@contextmanager
def price_of_zero_for_a_missing_one() -> Iterator[None]:
    """What is on no price list costs nothing."""
    price = PriceBook.price

    def generous(self: PriceBook, sku: Sku, way: WayOfPaying) -> Price | Unpriced:
        found = price(self, sku, way)
        if isinstance(found, Unpriced):
            return Price(way, Charge(hourly_usd=Decimal(0)), Provenance(date(2026, 1, 1), 0))
        return found

    with patch.object(PriceBook, "price", generous):
        yield


@contextmanager
def token_without_a_loop() -> Iterator[None]:
    """An operation without a paginator is asked once, whatever its answer says of further pages."""
    with (
        patch("inventory.aws.clients.paging_of", lambda service, operation: None),
        patch("inventory.aws.clients.is_part", lambda operation, answer: False),
    ):
        yield


@contextmanager
def acknowledged_early() -> Iterator[None]:
    """Work that was begun counts as done: nobody takes over what a dead worker had."""
    claim = VisitQuerySet.claim

    def for_good(self: VisitQuerySet, pk: int) -> Visit | None:
        claimed = claim(self, pk)
        Visit.objects.filter(pk=pk).update(lease_until=None)
        return claimed

    with patch.object(VisitQuerySet, "claim", for_good):
        yield


@contextmanager
def every_beat_begins() -> Iterator[None]:
    """Each scheduler that finds an account due begins its snapshot."""
    with patch.object(reconcile, "take_due", lambda account: True):
        yield


@contextmanager
def globals_for_each_region() -> Iterator[None]:
    """Buckets are listed once in every region."""
    scopes = plan._scopes

    def everywhere(account: Account, taken_at: Any) -> list[tuple[str, str]]:
        return [*scopes(account, taken_at), *((region, "s3-bucket") for region in account.regions)]

    with patch.object(plan, "_scopes", everywhere):
        yield


@contextmanager
def text_marked_safe() -> Iterator[None]:
    """Text is put into pages as it is."""
    with patch("django.template.base.conditional_escape", str):
        yield


@contextmanager
def fresh_by_failing() -> Iterator[None]:
    """A scope that was tried counts as read."""
    finish = carry_out.finish_unread

    def finish_as_read(visit: Visit, *arguments: Any, **columns: Any) -> bool:
        ended = finish(visit, *arguments, **columns)
        scope = Freshness.objects.filter(account=visit.account, scope_region=visit.scope_region, type=visit.type)
        scope.update(last_complete_at=visit.taken_at)
        return ended

    with patch.object(carry_out, "finish_unread", finish_as_read):
        yield


Plant = Callable[[], AbstractContextManager[None]]

IN_THE_ENGINE: dict[str, Plant] = {
    "empty list on timeout": empty_list_on_timeout,
    "account-wide cleanup": account_wide_cleanup,
    "non-fenced late scan": late_scan_without_fence,
    "id-only key": key_is_the_id_alone,
    "acknowledged early": acknowledged_early,
    "double beat": every_beat_begins,
    "per-region globals": globals_for_each_region,
    "freshness on failure": fresh_by_failing,
}
"""Mistakes that a course of events brings to light."""
