"""Keeping the quotes beside the ledger: one for each resource whose type can have a price.

A quote says what the price book says today; it exists so that a list can be sorted by price. Refreshing compares what
is stored with what should be and writes only the difference, so it may run at any time, twice, or again after a crash.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from costs.models import Quote
from costs.price_book import Unpriced
from costs.priceable import Monthly, Priceable, Quoted, priceables
from costs.pricing_models import SPOT
from costs.usage_counts import keep_counts
from inventory.history import RevisionQuerySet
from inventory.models import Account

PAGE = 2_000

FIGURES = (
    "on_demand_monthly_usd",
    "on_demand_month",
    "on_demand_reason",
    "reserved_monthly_usd",
    "reserved_month",
    "reserved_way",
    "reserved_reason",
    "spot_monthly_usd",
    "spot_month",
    "spot_reason",
)


def refresh(accounts: QuerySet[Account]) -> int:
    """Bring the quotes of these accounts up to date; answers how many were written or closed."""
    # Of a type that is billed in part only, lists show no price.
    listed = [priceable for priceable in priceables() if priceable.part is None]
    written = sum(_write(priceable, accounts) + _close(priceable, accounts) for priceable in listed)
    keep_counts(accounts)
    return written


def quoted_from(quote: Quote) -> Quoted:
    """What a stored quote says."""
    return Quoted(
        on_demand=_monthly(quote.on_demand_monthly_usd, quote.on_demand_month, "", quote.on_demand_reason),
        reserved=_monthly(quote.reserved_monthly_usd, quote.reserved_month, quote.reserved_way, quote.reserved_reason),
        spot=_monthly(quote.spot_monthly_usd, quote.spot_month, SPOT.slug, quote.spot_reason),
    )


def _write(priceable: Priceable, accounts: QuerySet[Account]) -> int:
    current = priceable.revisions.current().filter(account__in=accounts)
    measured = priceable.usages(list(accounts.values_list("pk", flat=True)), None)
    usages = {priceable.usage(*values) for values in current.values_list(*priceable.fields).distinct()}
    usages |= set(measured.values())
    book = priceable.book(usages)
    figures = {usage: _figures(priceable.quote(usage, book)) for usage in usages}
    written = 0
    for page in _pages(current, priceable.fields):
        quotes = []
        stored = _stored([resource_id for resource_id, *_ in page])
        for resource_id, account_id, *values in page:
            wanted = figures.get(measured.get(resource_id) or priceable.usage(*values))
            # A usage that was recorded since the first query belongs to a snapshot that will call this again.
            if wanted is not None and stored.get(resource_id) != (True, *wanted):
                quotes.append(_quote(priceable.slug, resource_id, account_id, wanted))
        Quote.objects.bulk_create(
            quotes, update_conflicts=True, unique_fields=["resource"], update_fields=["is_open", *FIGURES]
        )
        written += len(quotes)
    return written


def _close(priceable: Priceable, accounts: QuerySet[Account]) -> int:
    """Mark the quotes of resources that are gone."""
    still_there = priceable.revisions.current().filter(resource=OuterRef("resource"))
    is_gone = ~Exists(still_there)
    return Quote.objects.filter(is_gone, type=priceable.slug, account__in=accounts, is_open=True).update(is_open=False)


def _pages(current: RevisionQuerySet, fields: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Resource, account and fields of every revision, a page at a time along the index of open revisions."""
    rows = current.order_by("resource_id").values_list("resource_id", "account_id", *fields)
    page = list(rows[:PAGE])
    while page:
        yield page
        page = list(rows.filter(resource_id__gt=page[-1][0])[:PAGE])


def _stored(resource_ids: list[int]) -> dict[int, tuple[Any, ...]]:
    rows = Quote.objects.filter(resource__in=resource_ids).values_list("resource_id", "is_open", *FIGURES)
    return {resource_id: tuple(values) for resource_id, *values in rows}


def _quote(slug: str, resource_id: int, account_id: int, figures: tuple[Any, ...]) -> Quote:
    return Quote(type=slug, resource_id=resource_id, account_id=account_id, **dict(zip(FIGURES, figures, strict=True)))


def _figures(quoted: Quoted) -> tuple[Any, ...]:
    """The values of `FIGURES`."""
    usd, month, _, reason = _parts(quoted.on_demand)
    spot_usd, spot_month, _, spot_reason = _parts(quoted.spot)
    return (usd, month, reason, *_parts(quoted.reserved), spot_usd, spot_month, spot_reason)


def _parts(price: Monthly | Unpriced | None) -> tuple[Decimal | None, date | None, str, str]:
    """Amount, month, way and the reason why there is none."""
    match price:
        case Monthly(usd=usd, month=month, way=way):
            return usd, month, way, ""
        case Unpriced(reason=reason):
            return None, None, "", reason
        case None:
            return None, None, "", ""


def _monthly(usd: Decimal | None, month: date | None, way: str, reason: str) -> Monthly | Unpriced:
    return Unpriced(reason) if usd is None or month is None else Monthly(usd, month, way)
