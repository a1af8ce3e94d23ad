"""The bill page: what AWS billed beside our estimate in list prices for the same stretch, by service or by tag."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from costs.bills.charge import ChargeKind, Estimated
from costs.bills.estimate import Estimate, Stretch, estimates, read_types, seen_since
from costs.bills.reconcile import DOLLAR, USUAL_SERVICES, Row, Sums, reconcile, together
from costs.cost_explorer import paid
from costs.models import Bill, BillLine, CostFeed
from costs.pages.bill_query import BillQuery
from costs.pages.bill_sources import FileSource, Source, sources
from costs.pages.narrowing import Unseen, unseen
from inventory.models import Account
from inventory.pages.files import file_of
from inventory.pages.formats import FORMATS
from inventory.pages.provenance import Provenance, behind_types
from inventory.pages.scope import PageScope

KEYS = (
    *("month", "source", "by", "name", "currency", "estimate", "priced", "unpriced", "unpriced_reasons", "price_dates"),
    *("saved_by_commitments_and_spot", "not_estimated", *(kind.value.replace("-", "_") for kind in ChargeKind)),
    *("billed", "difference", "rest", "rest_unknown_because", "charged_from", "charged_until"),
)


def bill(request: HttpRequest) -> HttpResponseBase:
    """The bill page, or its rows as CSV, JSON or XLSX."""
    page = BillPage(BillQuery.from_request(request))
    found = file_of(request, page.records, keys=KEYS, name="bill", what="The bill")
    return found or render(request, "costs/bill.html", {"page": page})


@dataclass(frozen=True)
class BillPage:
    """What the address asks for, and the answer."""

    asked: BillQuery

    @property
    def scope(self) -> PageScope:
        """Whose accounts."""
        return self.asked.scope

    @cached_property
    def sources(self) -> list[Source]:
        """The sources, files first."""
        return sources(self.scope)

    @cached_property
    def source(self) -> Source:
        """Where the figures come from: the one that is asked for, else the first that knows something."""
        asked = [one for one in self.sources if one.name == self.asked.source]
        month = self.asked.month
        known = [one for one in self.sources if (month in one.months if month else one.months)]
        return (asked or known or self.sources)[0]

    @cached_property
    def month(self) -> date | None:
        """The month that is shown; None where there is no bill."""
        return self.asked.month or (self.source.months[0] if self.source.months else None)

    @cached_property
    def stretch(self) -> Stretch | None:
        """The time that the bill of the month covers; None where there is none."""
        return self.source.stretch(self.month) if self.month else None

    @property
    def has_bill(self) -> bool:
        """Whether there is anything to show."""
        return self.stretch is not None

    @property
    def bills(self) -> list[Bill]:
        """The files of the month."""
        return self.source.bills(self.month) if isinstance(self.source, FileSource) and self.month else []

    @cached_property
    def feeds(self) -> list[CostFeed]:
        """The questions that Cost Explorer was asked, whether answered or not."""
        return list(CostFeed.objects.filter(account__in=self.scope.accounts).select_related("account"))

    @property
    def failed_feeds(self) -> list[CostFeed]:
        """The questions whose last look brought nothing."""
        return [feed for feed in self.feeds if feed.problem]

    @property
    def paid(self) -> tuple[int, Decimal]:
        """How many pages of Cost Explorer were paid for, and what they cost."""
        return paid(self.scope.chosen)

    @property
    def visible_digits(self) -> set[str | None]:
        """The accounts that whoever asks may know of; who pays for them may be another one."""
        return {account.account_id for account in self.scope.visible}

    @cached_property
    def tags(self) -> list[str]:
        """The tags that the bill can be taken apart by."""
        return self.source.tags(self.month) if self.month else []

    @property
    def lacks_tag(self) -> bool:
        """Whether a tag is asked for that the bill does not keep, or not all of it."""
        if self.bills:
            return bool(self.asked.tag) and any(self.asked.tag not in one.tags for one in self.bills)
        return bool(self.asked.tag) and self.asked.tag not in self.tags

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts that the bill charges for."""
        return self.source.accounts(self.month) if self.month else []

    @property
    def without_bill(self) -> list[Account]:
        """Accounts of the page that no bill of the month charges for."""
        return [account for account in self.scope.chosen if account not in self.accounts]

    @cached_property
    def doubts(self) -> list[str]:
        """Why the estimate is not of all of the stretch."""
        if self.stretch is None:
            return []
        seen = seen_since(self.accounts)
        late = [one for one in self.accounts if one.pk not in seen or seen[one.pk] > self.stretch.begins]
        names = ", ".join(one.name for one in late[:3]) + (f" and {len(late) - 3} more" if len(late) > 3 else "")
        return [f"the ledger of {names} begins later than this bill"] if late else []

    @cached_property
    def rows(self) -> list[Row]:
        """The services, or the values of the tag, the dearest first."""
        sums, found = list(self._sums()), self._estimates()
        if self.asked.tag:
            # Of any value the ledger knows what bears it: nothing is an estimate, too.
            found = {one.name: Estimate() for one in sums if one.currency == DOLLAR} | found
        is_mixed = bool(self.source.doubts)
        return reconcile(sums, found, [*self.source.doubts, *self.doubts], is_mixed=is_mixed)

    @cached_property
    def totals(self) -> list[Row]:
        """All of it, by currency."""
        return together(self.rows)

    @property
    def uncollected(self) -> list[tuple[str, Decimal, int]]:
        """What is billed for accounts that are not in the ledger: currency, money, accounts. For operators alone."""
        if self.scope.account is not None or not self.asked.is_operator or not self.bills:
            return []
        known = Account.objects.exclude(account_id=None).values("account_id")
        rows = BillLine.objects.filter(bill__in=self.bills).exclude(usage_account__in=known)
        found = []
        for currency in rows.values_list("currency", flat=True).distinct().order_by("currency"):
            of_currency = rows.filter(currency=currency)
            total = of_currency.aggregate(total=Sum("billed"))["total"]
            found.append((currency, total, of_currency.values("usage_account").distinct().count()))
        return found

    @property
    def unpriced_reasons(self) -> list[tuple[str, int]]:
        """Why things have no price, and how many."""
        found = Estimate()
        for row in self.totals:
            found.add(row.estimate or Estimate())
        return found.unpriced.most_common()

    @property
    def unseen(self) -> list[Unseen]:
        """What was not read lately: the estimate rests on what was known before."""
        return unseen(self.scope, tuple(read_types()))

    @property
    def behind(self) -> Provenance:
        """The looks behind the estimate."""
        return behind_types(self.scope, tuple(read_types()), [])

    @property
    def month_choices(self) -> list[tuple[str, str, bool]]:
        """Each month with its address, and whether it is shown."""
        months = [(one, f"{one:%Y-%m}") for one in self.source.months]
        return [(words, self.asked.address(month=words), one == self.month) for one, words in months]

    @property
    def source_choices(self) -> list[tuple[str, str, bool]]:
        """Each source with its address; none where there is one alone."""
        known = [one for one in self.sources if one.months]
        if len(known) < 2:
            return []
        return [(one.label, self.asked.address(source=one.name, tag=""), one.name == self.source.name) for one in known]

    @property
    def cuts(self) -> list[tuple[str, str, bool]]:
        """By service, and by each tag, with the address of each."""
        cuts = [("By service", "")] + [(f"By {tag}", tag) for tag in self.tags]
        return [(label, self.asked.address(tag=tag), tag == self.asked.tag) for label, tag in cuts]

    @property
    def exports(self) -> list[tuple[str, str]]:
        """This page as data."""
        return [(name.upper(), self.asked.address(format=name)) for name in FORMATS]

    def records(self) -> Iterator[dict[str, Any]]:
        """Every row, with each kind of charge for itself; null where something is not known or not estimated."""
        for row in self.rows:
            estimate = row.estimate
            yield {
                "month": f"{self.month:%Y-%m}",
                "source": self.source.name,
                "by": self.asked.tag or "service",
                "name": row.name,
                "currency": row.currency,
                "estimate": estimate.usd if estimate else None,
                "priced": estimate.priced if estimate else None,
                "unpriced": estimate.left_out if estimate else None,
                "unpriced_reasons": dict(estimate.unpriced) if estimate else {},
                "price_dates": sorted(estimate.months) if estimate else [],
                "saved_by_commitments_and_spot": row.saved_known,
                "not_estimated": row.not_estimated_known,
                **{kind.value.replace("-", "_"): row.kinds.get(kind, Decimal(0)) for kind in ChargeKind},
                "billed": row.billed,
                "difference": row.difference,
                "rest": row.rest,
                "rest_unknown_because": row.why or None,
                "charged_from": self.stretch.begins if self.stretch else None,
                "charged_until": self.stretch.ends if self.stretch else None,
            }

    # --- gathering ------------------------------------------------------------------------------------------------

    def _sums(self) -> Iterator[Sums]:
        read = set(read_types().values())
        for one in self.source.sums(self.month, self.asked.tag) if self.month and self.stretch else ():
            yield one if one.estimated_as in read else one._replace(estimated_as=Estimated.NOT)

    def _estimates(self) -> dict[str, Estimate]:
        """Our estimates by the names of the rows."""
        if self.stretch is None or self.month is None:
            return {}
        found = estimates(self.accounts, self.stretch, self.asked.tag)
        by_name: dict[str, Estimate] = {}
        names = {} if self.asked.tag else self.source.services(self.month)
        read = set(read_types().values())
        by_name.update({name: Estimate() for what, name in names.items() if what in read})
        for (what, value), estimate in found.items():
            name = (value or "") if self.asked.tag else names.get(what, USUAL_SERVICES[what])
            by_name.setdefault(name, Estimate()).add(estimate)
        return by_name
