"""A fleet with prices, and the two ways of comparing it: the product's own, and a plain loop over every instance."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.management import call_command
from django.db.models import Case, Value, When

from bench.ledger import BLOCK, RESOURCES
from bench.ledger import fill as fill_ledger
from costs.comparison import Option, compare_ways
from costs.fleet import Fleet, fleet_of
from costs.models import UsageTally
from costs.priceable import priceable
from costs.pricing_models import DEDICATED_INSTANCE, HOST_WAYS, WAYS_OF_PAYING
from costs.usage.ec2_instance import InstanceUsage, comparison_book, sku_of
from costs.usage_counts import count_usages, keep_counts, usage_counts
from inventory.models import Account
from inventory.resource_types.ec2_instance import Ec2Instance

Sums = dict[str, tuple[int, Decimal, Decimal]]
"""By way of paying: how many instances fit, and what they cost by the hour and upfront."""

EACH = tuple(way for way in WAYS_OF_PAYING if way not in HOST_WAYS and way != DEDICATED_INSTANCE)
"""The ways that are bought for each instance; hosts are packed, and a fee is taken once for a region."""


def fill(instances: int, operations: Mapping[str, str]) -> None:
    """At least so many instances, each with the software that its operating system is billed as, and every price."""
    fill_ledger(-(-instances * BLOCK // RESOURCES))
    billed = [When(operating_system=system, then=Value(operation)) for system, operation in operations.items()]
    Ec2Instance.revisions.update(usage_operation=Case(*billed), operating_system_source="UsageOperation")
    # What filling kept was counted without the software.
    UsageTally.objects.all().delete()
    keep_counts(Account.objects.all())
    with contextlib.redirect_stderr(io.StringIO()):
        call_command("load_prices")


def compare(turns: int, *, loop: str, anew: str, kept: str) -> dict[str, Any]:
    """The CPU seconds of each way, asked in turns. RuntimeError where they do not agree."""
    kind, accounts = priceable("ec2-instance"), Account.objects.all()
    running = Ec2Instance.revisions.current().filter(account__in=accounts)
    prices = _prices(list(count_usages(kind, running)))
    seconds: dict[str, list[float]] = {loop: [], anew: [], kept: []}
    instances = 0
    for _ in range(turns):
        began = time.process_time()
        instances, plain = _loop(running, prices)
        seconds[loop].append(time.process_time() - began)
        for name in (anew, kept):
            began = time.process_time()
            counts = count_usages(kind, running) if name == anew else usage_counts(kind, accounts, None)
            fleet = fleet_of(counts, comparison_book(counts))
            seconds[name].append(time.process_time() - began)
            if _sums(fleet) != plain:
                raise RuntimeError(f"The {name} and the {loop} do not agree.")
    return {"instances": instances, "ways": len(WAYS_OF_PAYING), "seconds": seconds}


def _prices(usages: list[InstanceUsage]) -> dict[InstanceUsage, tuple[Option, ...]]:
    book = comparison_book(usages)
    return {usage: compare_ways(sku_of(usage), book) for usage in usages}


def _loop(running: Any, prices: Mapping[InstanceUsage, tuple[Option, ...]]) -> tuple[int, Sums]:
    """Instance by instance, way by way."""
    zero = Decimal(0)
    sums: dict[str, list[Any]] = {way.slug: [0, zero, zero] for way in EACH}
    instances = 0
    for values in running.values_list(*InstanceUsage._fields).iterator():
        options = prices[InstanceUsage(*values)]
        instances += 1
        if options[0].listed is None:
            continue
        for option in options:
            total, listed = sums.get(option.way.slug), option.listed
            if total is not None and listed is not None and (option.compared or option.way == WAYS_OF_PAYING[0]):
                total[0] += 1
                total[1] += listed.charge.hourly_usd
                total[2] += listed.charge.upfront_usd
    return instances, {slug: (fits, hourly, upfront) for slug, (fits, hourly, upfront) in sums.items()}


def _sums(fleet: Fleet) -> Sums:
    return {way.way.slug: (way.fits, way.hourly_usd, way.upfront_usd) for way in fleet.ways if way.way in EACH}
