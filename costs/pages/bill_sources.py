"""Where the figures of the page of bills come from: files that were loaded, or the answers of Cost Explorer."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import ClassVar

from django.db.models import QuerySet, Sum
from django.utils import timezone

from costs.bills.charge import USE, ChargeKind, Estimated
from costs.bills.estimate import Stretch
from costs.bills.reconcile import ESTIMATED_SERVICES, Sums
from costs.models import Bill, BillLine, CostFeed, DailyCost
from inventory.models import Account
from inventory.pages.scope import PageScope

FILES, COST_EXPLORER = "files", "cost-explorer"


class Source(ABC):
    """The bills of the accounts of a page, month by month."""

    name: ClassVar[str]
    label: ClassVar[str]

    def __init__(self, scope: PageScope) -> None:
        self.scope = scope

    @property
    @abstractmethod
    def months(self) -> list[date]:
        """The months of which something is known, the newest first."""

    @abstractmethod
    def stretch(self, month: date) -> Stretch | None:
        """From the first charge of use to the last, and no later than now; None where nothing is known."""

    @abstractmethod
    def accounts(self, month: date) -> list[Account]:
        """The accounts of the page that something was charged for."""

    @abstractmethod
    def tags(self, month: date) -> list[str]:
        """The tags that the month can be taken apart by."""

    @abstractmethod
    def sums(self, month: date, tag: str) -> Iterator[Sums]:
        """The charges of the month, by service or by the values of a tag."""

    @abstractmethod
    def services(self, month: date) -> dict[Estimated, str]:
        """Under which of the services each estimate stands."""

    @property
    def doubts(self) -> Sequence[str]:
        """Why the rest is never known; with one, what stands between estimate and bill is not known either."""
        return ()


class FileSource(Source):
    """Bills of files."""

    name, label = FILES, "Files"

    def __init__(self, scope: PageScope) -> None:
        super().__init__(scope)
        self._bills: dict[date, list[Bill]] = {}
        # A bill may charge for accounts alone that are not in the ledger: operators learn that it is there.
        self._sees_all = scope.account is None and getattr(scope.user, "is_superuser", False)

    @cached_property
    def lines(self) -> QuerySet[BillLine]:
        """The lines of the accounts of the page."""
        digits = [account.account_id for account in self.scope.chosen if account.account_id]
        return BillLine.objects.filter(bill__in=self._loaded, usage_account__in=digits)

    @cached_property
    def months(self) -> list[date]:
        """The months of the bills."""
        if self._sees_all:
            return list(self._loaded.order_by("-month").values_list("month", flat=True).distinct())
        return list(self.lines.order_by("-bill__month").values_list("bill__month", flat=True).distinct())

    def bills(self, month: date) -> list[Bill]:
        """The bills of a month that hold something of these accounts."""
        if month not in self._bills:
            found = self._loaded.filter(month=month)
            if not self._sees_all:
                found = found.filter(pk__in=self.lines.filter(bill__month=month).values("bill"))
            self._bills[month] = list(found)
        return self._bills[month]

    def stretch(self, month: date) -> Stretch | None:
        """As far as the files go."""
        bills = self.bills(month)
        if not bills:
            return None
        ends = min(max(one.charged_until for one in bills), timezone.now())
        return Stretch(min(one.charged_from for one in bills), ends)

    def accounts(self, month: date) -> list[Account]:
        """Those with a line."""
        charged = set(self._of(month).values_list("usage_account", flat=True).distinct())
        return [account for account in self.scope.chosen if account.account_id in charged]

    def tags(self, month: date) -> list[str]:
        """Those that were chosen when the files were loaded."""
        return sorted({tag for one in self.bills(month) for tag in one.tags})

    def sums(self, month: date, tag: str) -> Iterator[Sums]:
        """Added up by the database."""
        rows = self._of(month).order_by().values_list("tags" if tag else "service", "kind", "estimated_as", "currency")
        for found, kind, part, currency, billed, listed, unlisted in rows.annotate(
            total=Sum("billed"), at_list=Sum("listed"), without=Sum("unlisted")
        ):
            name = _value(found, tag) if tag else found
            yield Sums(name, ChargeKind(kind), Estimated(part), currency, billed, listed, unlisted)

    def services(self, month: date) -> dict[Estimated, str]:
        """By AWS's codes."""
        there = self._of(month).filter(service__in=ESTIMATED_SERVICES).values_list("service", flat=True).distinct()
        return _estimated(there)

    @property
    def _loaded(self) -> QuerySet[Bill]:
        """The bills that were loaded by the moment of the page."""
        until = self.scope.as_of
        return Bill.objects.all() if until is None else Bill.objects.filter(loaded_at__lte=until)

    def _of(self, month: date) -> QuerySet[BillLine]:
        return self.lines.filter(bill__in=self.bills(month))


class ExplorerSource(Source):
    """What Cost Explorer answered, account by account."""

    name, label = COST_EXPLORER, "Cost Explorer"

    @cached_property
    def feeds(self) -> list[CostFeed]:
        """The questions that were answered, of the accounts of the page."""
        answered = CostFeed.objects.filter(account__in=self.scope.accounts, known_before__isnull=False)
        return list(answered.select_related("account").order_by("account__name", "tag"))

    @cached_property
    def months(self) -> list[date]:
        """The months of which a day is known."""
        feeds = [feed for feed in self.feeds if not feed.tag]
        if not feeds:
            return []
        month = (max(feed.known_before for feed in feeds if feed.known_before) - timedelta(days=1)).replace(day=1)
        first = min(feed.known_from for feed in feeds if feed.known_from)
        found = []
        while month >= first.replace(day=1):
            found.append(month)
            month = (month - timedelta(days=1)).replace(day=1)
        return found

    def stretch(self, month: date) -> Stretch | None:
        """The days of the month that are known."""
        if month not in self.months:
            return None
        feeds = [feed for feed in self.feeds if not feed.tag]
        first = max(month, min(feed.known_from for feed in feeds if feed.known_from))
        last = min(_next(month), max(feed.known_before for feed in feeds if feed.known_before))
        return Stretch(_midnight(first), _midnight(last))

    def accounts(self, month: date) -> list[Account]:
        """Those that were answered."""
        return [feed.account for feed in self.feeds if not feed.tag] if month in self.months else []

    def tags(self, month: date) -> list[str]:
        """Those that it was asked by."""
        return sorted({feed.tag for feed in self.feeds if feed.tag}) if month in self.months else []

    def sums(self, month: date, tag: str) -> Iterator[Sums]:
        """Added up by the database; what of it is estimated, its service tells, and of a tag's value nothing does."""
        rows = self._of(month, tag).order_by().values_list("name", "kind", "currency").annotate(total=Sum("billed"))
        for name, kind, currency, billed in rows:
            parts = ESTIMATED_SERVICES.get(name, ()) if ChargeKind(kind) in USE and not tag else ()
            part = parts[0] if parts else Estimated.NOT
            yield Sums(name, ChargeKind(kind), part, currency, billed, billed, 0)

    def services(self, month: date) -> dict[Estimated, str]:
        """By the names that Cost Explorer gives."""
        there = self._of(month, "").filter(name__in=ESTIMATED_SERVICES).values_list("name", flat=True).distinct()
        return _estimated(there)

    @property
    def doubts(self) -> Sequence[str]:
        """It tells no list prices."""
        return ("Cost Explorer tells neither list prices nor what is spot, nor what is estimated from other use",)

    def _of(self, month: date, tag: str) -> QuerySet[DailyCost]:
        feeds = [feed.pk for feed in self.feeds if feed.tag == tag]
        return DailyCost.objects.filter(feed__in=feeds, day__gte=month, day__lt=_next(month))


def sources(scope: PageScope) -> list[Source]:
    """Every source, in the order in which a page prefers them."""
    return [FileSource(scope), ExplorerSource(scope)]


def _estimated(there: QuerySet[BillLine, str] | QuerySet[DailyCost, str]) -> dict[Estimated, str]:
    return {what: service for service in sorted(there) for what in ESTIMATED_SERVICES[service]}


def _value(tags: str, key: str) -> str:
    """The value of a tag; empty where there is none."""
    return str(json.loads(tags).get(key, "")) if tags else ""


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)
