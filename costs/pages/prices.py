"""The page of price lists: what the book holds, how old each list is, and what it is used for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.models import PriceDocument, PriceFeed
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.frame import address
from inventory.pages.scope import PageScope

KEYS = ("kind", "contents", "date", "currency", "regions", "facts", "purpose", "source", "licence", "loaded_at")


def prices(request: HttpRequest) -> HttpResponseBase:
    """The page, or its rows as CSV, JSON or XLSX."""
    page = PricesPage(PageScope.from_request(request), is_operator=request.user.is_superuser)
    found = file_of(request, page.records, keys=KEYS, name="prices", what="Price lists")
    return found or render(request, "costs/prices.html", {"page": page})


@dataclass(frozen=True)
class PricesPage:
    """Every loaded list; to operators also those that are kept up to date, because their regions are inventory."""

    scope: PageScope
    is_operator: bool

    @cached_property
    def documents(self) -> list[PriceDocument]:
        """Every loaded list, newest first."""
        return sorted(PriceDocument.objects.all(), key=lambda one: (one.stood_on, one.pk), reverse=True)

    @property
    def facts(self) -> int:
        """How many prices there are in all."""
        return sum(document.facts for document in self.documents)

    @cached_property
    def feeds(self) -> list[PriceFeed]:
        """The lists that are kept up to date."""
        return list(PriceFeed.objects.all()) if self.is_operator else []

    @property
    def failing(self) -> int:
        """How many of them could not be brought up to date."""
        return sum(bool(feed.problem) for feed in self.feeds)

    @property
    def is_kept_up_to_date(self) -> bool:
        """Whether anything is asked of AWS's host of price lists."""
        return bool(settings.PRICE_LIST_URL)

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page in other formats, by their names."""
        return [(name.upper(), address(self.scope, "prices", format=name)) for name in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """The lists as data."""
        for document in self.documents:
            yield {
                "kind": document.kind,
                "contents": document.contents,
                "date": str(document.published_on or f"{document.month:%Y-%m}"),
                "currency": document.currency,
                "regions": document.regions,
                "facts": document.facts,
                "purpose": document.purpose,
                "source": document.source,
                "licence": document.licence,
                "loaded_at": document.loaded_at,
            }
