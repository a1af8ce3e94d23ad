"""Asking Cost Explorer what was billed: rarely, within a cap, and never twice for a day that is final.

AWS bills USD 0.01 for each page of an answer. So it is asked only for accounts whose operator switched that on, once a
day; each page is counted in the database before it is sent, retries among them, and no page is sent beyond the cap of
the day, whichever worker wants it. An answer is stored whole, in one transaction: a look that fails leaves what was
known, and says why.

AWS, "AWS Cost Explorer pricing", read 2026-11-28: https://aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing/
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from costs.bills.charge import ChargeKind, is_support
from costs.bills.cur import KINDS as CUR_KINDS
from costs.models import CostFeed, DailyCost, PaidPages
from inventory.aws import AwsFailure, Clients, FailureKind
from inventory.models import Account
from inventory.snapshots.access import check_identity, clients_behind
from inventory.snapshots.gates import gates_of

ACTION = "ce:GetCostAndUsage"
PAGE_USD = Decimal("0.01")
EVERY = timedelta(hours=24)
AGAIN_AFTER_FAILURE = timedelta(hours=6)
MONTHS_BACK = 2
"""Before the month of the first question: as far back as that."""
BATCH = 5_000
SMALLEST = Decimal("0.0000000001")
# Cost Explorer names the fees of reservations otherwise than the report does.
KINDS = CUR_KINDS | {
    "Recurring": ChargeKind.COMMITMENT,
    "Recurring reservation fee": ChargeKind.COMMITMENT,
    "Upfront": ChargeKind.COMMITMENT,
    "Upfront reservation fee": ChargeKind.COMMITMENT,
    "Support fee": ChargeKind.SUPPORT,
    "Enterprise Discount Program Discount": ChargeKind.DISCOUNT,
    "Solution Provider Program Discount": ChargeKind.DISCOUNT,
}

Sums = dict[tuple[date, str, ChargeKind, str], Decimal]


class CapReached(AwsFailure):
    """No more pages may be paid for today."""


@dataclass(frozen=True)
class PaidGate:
    """Counts every page in the database before it is sent, and lets none pass beyond the cap of the day."""

    account: Account

    def take(self, service: str, region: str) -> None:
        """Wait for the request budget, then pay for one page. Raises CapReached and other AwsFailures."""
        gates_of(self.account.pk).take(service, region)
        today, cap = timezone.now().date(), settings.COST_EXPLORER_PAGES_A_DAY
        PaidPages.objects.bulk_create([PaidPages(account=self.account, day=today)], ignore_conflicts=True)
        # One statement: of two workers at the last page of a day, one gets no row.
        if not PaidPages.objects.filter(account=self.account, day=today, pages__lt=cap).update(pages=F("pages") + 1):
            raise CapReached(
                FailureKind.FAILED,
                f"The pages of Cost Explorer that may be paid for today ({cap}) are used up. It is asked again"
                " tomorrow; COST_EXPLORER_PAGES_A_DAY allows more.",
                action=ACTION,
            )

    def throttled(self, service: str, region: str) -> None:
        """Slow down everybody who asks for this account."""
        gates_of(self.account.pk).throttled(service, region)


@dataclass
class Answer:
    """What Cost Explorer said of some days: sums, and the days that it calls final."""

    sums: Sums = field(default_factory=lambda: defaultdict(Decimal))
    estimated: set[date] = field(default_factory=set)


def plan_feeds() -> QuerySet[CostFeed]:
    """Make a feed for each question about each account that is switched on; gives those that are due."""
    accounts = Account.objects.filter(
        asks_cost_explorer=True, account_id__isnull=False, archived_at__isnull=True, paused_at__isnull=True
    )
    tags = ["", *filter(None, [settings.COST_EXPLORER_TAG])]
    wanted = [CostFeed(account=account, tag=tag) for account in accounts for tag in tags]
    CostFeed.objects.bulk_create(wanted, ignore_conflicts=True)
    return CostFeed.objects.filter(_DUE, account__in=accounts, tag__in=tags)


def take_due(feed: CostFeed) -> bool:
    """Whether this caller is the one to ask now; a doubled task gets false."""
    switched_on = Account.objects.filter(asks_cost_explorer=True)
    due = CostFeed.objects.filter(_DUE, pk=feed.pk, account__in=switched_on)
    return bool(due.update(next_due_at=Now() + AGAIN_AFTER_FAILURE))


def read_feed(feed: CostFeed) -> None:
    """Ask, and keep the answer. What fails is noted on the feed, and loses nothing."""
    now = timezone.now()
    begin, end = _window(feed, now)
    if begin >= end:
        feed.next_due_at = now + EVERY
        feed.save(update_fields=["next_due_at"])
        return
    try:
        clients = clients_behind(feed.account, PaidGate(feed.account))
        check_identity(feed.account, clients)
        answer = _ask(feed, clients, begin, end)
    except AwsFailure as failure:
        feed.problem = failure.reason[:1024]
        feed.next_due_at = _tomorrow(now) if isinstance(failure, CapReached) else now + AGAIN_AFTER_FAILURE
        feed.save(update_fields=["problem", "next_due_at"])
        return
    _keep(feed, answer, begin, end, now)


def paid(accounts: Any, since: date | None = None) -> tuple[int, Decimal]:
    """How many pages were paid for, and what they cost in US dollars."""
    rows = PaidPages.objects.filter(account__in=accounts)
    if since is not None:
        rows = rows.filter(day__gte=since)
    pages = rows.aggregate(pages=Sum("pages"))["pages"] or 0
    return pages, pages * PAGE_USD


_DUE = Q(next_due_at__isnull=True) | Q(next_due_at__lte=Now())


def _window(feed: CostFeed, now: datetime) -> tuple[date, date]:
    """The days to ask for: those that are not final, up to today, which has hardly begun."""
    today = now.date()
    first = today.replace(day=1)
    for _ in range(MONTHS_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    return feed.final_before or first, today


def _ask(feed: CostFeed, clients: Clients, begin: date, end: date) -> Answer:
    """Every page. Raises AwsFailure."""
    groups = [
        {"Type": "TAG", "Key": feed.tag} if feed.tag else {"Type": "DIMENSION", "Key": "SERVICE"},
        {"Type": "DIMENSION", "Key": "RECORD_TYPE"},
    ]
    pages = clients.pages(
        "ce",
        "GetCostAndUsage",
        clients.home_region,
        ACTION,
        "ResultsByTime",
        TimePeriod={"Start": begin.isoformat(), "End": end.isoformat()},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
        GroupBy=groups,
        Filter={"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [feed.account.account_id]}},
    )
    answer = Answer()
    try:
        for page in pages:
            for result in page:
                _take(answer, result, is_tag=bool(feed.tag))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise AwsFailure(
            FailureKind.FAILED, f"{ACTION} answered something else than it is described to ({error}).", action=ACTION
        ) from error
    return answer


def _take(answer: Answer, result: dict[str, Any], *, is_tag: bool) -> None:
    """Add one day, or the part of it that stands on this page."""
    day = date.fromisoformat(result["TimePeriod"]["Start"])
    if result.get("Estimated", True):
        answer.estimated.add(day)
    for group in result["Groups"]:
        first, record_type = group["Keys"]
        # A tag's value comes as `Team$web`, and as `Team$` where there is none.
        name = first.partition("$")[2] if is_tag else first
        kind = KINDS.get(record_type, ChargeKind.OTHER)
        if kind in (ChargeKind.USAGE, ChargeKind.FEE) and not is_tag and is_support(first):
            kind = ChargeKind.SUPPORT
        money = group["Metrics"]["UnblendedCost"]
        answer.sums[day, name[:256], kind, str(money["Unit"])[:3]] += Decimal(money["Amount"])


def _keep(feed: CostFeed, answer: Answer, begin: date, end: date, now: datetime) -> None:
    """Put the answer in the place of what was known of these days."""
    with transaction.atomic():
        feed.costs.filter(day__gte=begin, day__lt=end).delete()
        DailyCost.objects.bulk_create(_rows(feed, answer), batch_size=BATCH)
        feed.known_from = min(feed.known_from or begin, begin)
        feed.known_before = end
        feed.final_before = min(answer.estimated, default=end)
        feed.asked_at, feed.problem, feed.next_due_at = now, "", now + EVERY
        feed.save()


def _rows(feed: CostFeed, answer: Answer) -> Iterator[DailyCost]:
    for (day, name, kind, currency), billed in answer.sums.items():
        yield DailyCost(
            account=feed.account,
            feed=feed,
            day=day,
            name=name,
            kind=kind,
            currency=currency,
            billed=billed.quantize(SMALLEST),
        )


def _tomorrow(now: datetime) -> datetime:
    return now.replace(hour=0, minute=5, second=0, microsecond=0) + timedelta(days=1)
