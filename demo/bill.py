"""The bills of the sample organisation: the last two months, and this month so far, as AWS exports them in CUR 2.0.

They are worked out from what the story did, as AWS would have metered it: an instance from its launch on and not from
the look that saw it first, spot at its price, Reserved Instances and Savings Plans with what they cover and with their
fees, and beside that what no ledger of machines can know: traffic, snapshots, other services, credits, support and tax.
Where the price book has no price for a region, that of another region stands in: a bill always has an amount.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management import call_command
from django.db.models import Q

from costs import cost_explorer
from costs.bills.estimate import Stretch, read_types
from costs.commitments.owned import exact
from costs.compare import MONTH_HOURS
from costs.models import Bill
from costs.paid_by import Covers, Payer, covers_of
from costs.price_book import PriceBook, Unpriced
from costs.priceable import Priceable, priceable
from costs.running import hours_of
from inventory.models import Account, ResourceTag
from inventory.resource_types.reserved_instance import ReservedInstance
from inventory.resource_types.savings_plan import SavingsPlan

from .accounts import ACCOUNTS, MANAGEMENT, PRODUCTION, RESEARCH

TAG = "team"
STANDS_IN = ("eu-west-1", "us-east-1")
DAY = timedelta(days=1)
ZERO, ONE = Decimal(0), Fraction(1)
TEN_DECIMALS = Decimal("0.0000000001")
SPOT_SHARE = Decimal("0.31")
"""Of the on-demand price, where no list has a price of spot."""
COLUMNS = (
    *("bill_payer_account_id", "bill_billing_period_start_date", "line_item_usage_account_id"),
    *("line_item_line_item_type", "line_item_usage_start_date", "line_item_usage_end_date"),
    *("line_item_product_code", "line_item_currency_code", "line_item_unblended_cost", "line_item_usage_type"),
    *("product_region_code", "resource_tags", "pricing_public_on_demand_cost"),
)
EVERY_DAY = (
    (PRODUCTION, "us-east-1", "AmazonEC2", "EBS:SnapshotUsage", "2.1466"),
    (PRODUCTION, "us-east-1", "AmazonEC2", "DataTransfer-Out-Bytes", "9.7312"),
    (PRODUCTION, "eu-west-1", "AmazonEC2", "EU-DataTransfer-Out-Bytes", "3.9044"),
    (PRODUCTION, "us-east-1", "AmazonEC2", "NatGateway-Bytes", "3.1187"),
    (PRODUCTION, "us-east-1", "AWSELB", "LCUUsage", "1.8820"),
    (PRODUCTION, "us-east-1", "AmazonS3", "TimedStorage-ByteHrs", "4.0273"),
    (PRODUCTION, "us-east-1", "AmazonRDS", "InstanceUsage:db.m6g.large", "3.8160"),
    (RESEARCH, "us-east-1", "AmazonS3", "TimedStorage-ByteHrs", "2.3019"),
    (RESEARCH, "us-east-1", "AmazonSageMaker", "USE1-Notebk:ml.t3.medium", "1.2000"),
    (MANAGEMENT, "us-east-1", "AWSCloudTrail", "USE1-PaidEventsRecorded", "0.4109"),
)
"""Use that no list price is worked out for: account, region, service, usage type, US dollars a day."""
EVERY_MONTH = (
    (MANAGEMENT, "AWSSupportBusiness", "Dollar", "Fee", "412.80"),
    (PRODUCTION, "AmazonEC2", "Credit", "Credit", "-150.00"),
    (MANAGEMENT, "AmazonEC2", "", "Tax", "338.15"),
)
"""Account, service, usage type, kind of line, US dollars on the first of the month."""


class Metered(NamedTuple):
    """What lines have in common; `day` is a midnight."""

    account: str
    region: str
    team: str
    service: str
    usage_type: str
    kind: str
    day: datetime


Amounts = dict[Metered, list[Decimal]]
"""What is billed, and its list price."""


def present(folder: Path, zero: datetime) -> list[str]:
    """Write and load the bills that are not loaded yet; their months in words."""
    known = set(Bill.objects.values_list("month", flat=True))
    stretches = [one for one in _months(zero) if one.begins.date() not in known]
    if not stretches:
        return []
    folder.mkdir(exist_ok=True)
    accounts = list(Account.objects.filter(account_id__in=[one.account_id for one in ACCOUNTS]))
    covers = covers_of(accounts, None)
    files = [_write(folder, stretch, accounts, covers) for stretch in stretches]
    call_command("load_bill", *map(str, files), tag=[TAG], stderr=io.StringIO())
    return [f"{one.begins:%B %Y}" for one in stretches]


def ask_cost_explorer() -> tuple[int, Decimal]:
    """Let one account be asked by Cost Explorer too, within the cap of a day; the pages that were paid for."""
    accounts = Account.objects.filter(account_id=PRODUCTION.account_id)
    if accounts.filter(asks_cost_explorer=False).update(asks_cost_explorer=True):
        for feed in cost_explorer.plan_feeds():
            if cost_explorer.take_due(feed):
                cost_explorer.read_feed(feed)
    return cost_explorer.paid(accounts)


def _months(zero: datetime) -> Iterator[Stretch]:
    """All of the last two months, and this month until the last midnight."""
    midnight = zero.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    month = midnight.replace(day=1)
    last = (month - DAY).replace(day=1)
    yield Stretch((last - DAY).replace(day=1), last)
    yield Stretch(last, month)
    if month < midnight:
        yield Stretch(month, midnight)


def _write(folder: Path, stretch: Stretch, accounts: list[Account], covers: Covers) -> Path:
    amounts: Amounts = defaultdict(lambda: [ZERO, ZERO])
    for slug in read_types():
        _meter(amounts, priceable(slug), accounts, stretch, covers)
    _meter_fees(amounts, accounts, stretch)
    _meter_the_rest(amounts, stretch)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows(_row(metered, billed, listed, stretch) for metered, (billed, listed) in sorted(amounts.items()))
    path = folder / f"cur-{stretch.begins:%Y-%m}.csv.gz"
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    return path


def _row(metered: Metered, billed: Decimal, listed: Decimal, stretch: Stretch) -> tuple[str, ...]:
    return (
        MANAGEMENT.account_id,
        _moment(stretch.begins),
        metered.account,
        metered.kind,
        _moment(metered.day),
        _moment(min(metered.day + DAY, stretch.ends)),
        metered.service,
        "USD",
        f"{billed.quantize(TEN_DECIMALS):f}",
        metered.usage_type,
        metered.region,
        json.dumps({f"user_{TAG}": metered.team}) if metered.team else "{}",
        f"{listed.quantize(TEN_DECIMALS):f}",
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


# --- what was used ----------------------------------------------------------------------------------------------------


def _meter(amounts: Amounts, kind: Priceable, accounts: list[Account], stretch: Stretch, covers: Covers) -> None:
    """Everything of one type that was there in the stretch, day by day."""
    beside = ("availability_zone", "lifecycle", "launch_time") if kind.slug == "ec2-instance" else ()
    found = kind.revisions.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=stretch.begins),
        account__in=accounts,
        valid_from__lt=stretch.ends + DAY,
    )
    rows = list(
        found.values_list("resource_id", "account__account_id", "valid_from", "valid_to", *kind.fields, *beside)
    )
    teams = dict(
        ResourceTag.objects.filter(key=TAG, resource__type=kind.slug, account__in=accounts)
        .order_by("valid_from")
        .values_list("resource_id", "value")
    )
    size = 4 + len(kind.fields)
    usages = {kind.usage(*row[4:size]) for row in rows}
    book = kind.book([one._replace(region=region) for one in usages for region in (one.region, *STANDS_IN)])
    for resource, account, valid_from, valid_to, *values in rows:
        usage = kind.usage(*values[: len(kind.fields)])
        hourly = _hourly(kind, usage, book, stretch)
        if not kind.is_charged(usage) or hourly is None:
            continue
        zone, lifecycle, launched = values[len(kind.fields) :] if beside else (None, None, None)
        # AWS meters from the launch on, and a look sees it some days later.
        since = max(min(valid_from, launched or valid_from), stretch.begins)
        until = min(valid_to or stretch.ends, stretch.ends)
        shares = covers.payers(usage, zone, lifecycle, account) if beside else {Payer.ON_DEMAND: ONE}
        of = (account, usage.region or "", teams.get(resource, ""))
        parts = [(payer, _named(kind, usage, payer), hourly * exact(share)) for payer, share in shares.items()]
        for day, hours in _days(since, until):
            for payer, named, usd in parts:
                _add(amounts, Metered(*of, *named, "Usage", day), payer, hours * usd)


def _hourly(kind: Priceable, usage: Any, book: PriceBook, stretch: Stretch) -> Decimal | None:
    """The list price of an hour, of the region or of one that stands in; None where neither is known."""
    for region in (usage.region, *STANDS_IN):
        price = kind.quote(usage._replace(region=region), book).on_demand
        if not isinstance(price, Unpriced):
            return price.usd / (stretch.month_hours if kind.is_by_month else MONTH_HOURS)
    return None


def _days(since: datetime, until: datetime) -> Iterator[tuple[datetime, Decimal]]:
    """Each day between two moments, with the hours of it."""
    begin = since
    while begin < until:
        day = begin.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        end = min(day + DAY, until)
        yield day, hours_of(end - begin)
        begin = end


def _add(amounts: Amounts, metered: Metered, payer: Payer, usd: Decimal) -> None:
    """What one thing adds to a day, by who pays for it."""
    match payer:
        case Payer.SPOT:
            lines = [("Usage", usd * SPOT_SHARE, usd)]
        case Payer.RESERVED:
            lines = [("DiscountedUsage", ZERO, usd)]
        case Payer.EC2_PLAN | Payer.COMPUTE_PLAN:
            lines = [("SavingsPlanCoveredUsage", usd, usd), ("SavingsPlanNegation", -usd, ZERO)]
        case _:
            lines = [("Usage", usd, usd)]
    for line, billed, listed in lines:
        sums = amounts[metered._replace(kind=line)]
        sums[0] += billed
        sums[1] += listed


def _named(kind: Priceable, usage: Any, payer: Payer) -> tuple[str, str]:
    """The service and the usage type under which AWS bills it."""
    match kind.slug:
        case "ec2-instance":
            word = "SpotUsage" if payer is Payer.SPOT else "BoxUsage"
            return "AmazonEC2", f"{word}:{usage.instance_type}"
        case "ebs-volume":
            return "AmazonEC2", f"EBS:VolumeUsage.{usage.volume_type}"
        case "nat-gateway":
            return "AmazonEC2", "NatGateway-Hours"
        case "load-balancer" | "classic-load-balancer":
            return "AWSELB", "LoadBalancerUsage"
        case _:
            is_idle = getattr(usage, "is_associated", True) is False
            return "AmazonVPC", f"PublicIPv4:{'Idle' if is_idle else 'InUse'}Address"


# --- what is paid beside it -------------------------------------------------------------------------------------------


def _meter_fees(amounts: Amounts, accounts: list[Account], stretch: Stretch) -> None:
    """The fees of what was bought, for the hours of the stretch in which it was in force."""
    bought = [
        (ReservedInstance, "RIFee", "AmazonEC2", "HeavyUsage", "recurring_hourly", "instance_count"),
        (SavingsPlan, "SavingsPlanRecurringFee", "ComputeSavingsPlans", "ComputeSP", "recurring_payment", None),
    ]
    for model, line, service, usage_type, hourly, count in bought:
        for one in model.revisions.current().filter(account__in=accounts).select_related("account"):
            paid = getattr(one, hourly)
            if not paid or one.start is None or one.end is None:
                continue
            usd = paid * (getattr(one, count) or 0 if count else 1)
            for day, hours in _days(max(one.start, stretch.begins), min(one.end, stretch.ends)):
                of = Metered(one.account.account_id or "", one.region or "", "", service, usage_type, line, day)
                amounts[of][0] += hours * usd


def _meter_the_rest(amounts: Amounts, stretch: Stretch) -> None:
    """Traffic, other services, credits, support and tax."""
    for day, _ in _days(stretch.begins, stretch.ends):
        for account, region, service, usage_type, usd in EVERY_DAY:
            sums = amounts[Metered(account.account_id, region, "", service, usage_type, "Usage", day)]
            sums[0] += Decimal(usd)
            sums[1] += Decimal(usd)
    for account, service, usage_type, line, usd in EVERY_MONTH:
        amounts[Metered(account.account_id, "", "", service, usage_type, line, stretch.begins)][0] += Decimal(usd)
