"""Cost Explorer: what the accounts of the sample organisation are billed, day by day, the same at every asking.

It answers GetCostAndUsage by the day, grouped by service or by a tag and by kind of charge, a month of days on each
page: from the bills of the demo where there are any, else by figures of its own. A month is final some days after its
end, as at AWS; until then its days are estimated.
"""

from __future__ import annotations

import base64
import hashlib
import json
from binascii import Error as NotBase64
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from werkzeug import Response

from .billed import Billed
from .calls import Call
from .errors import error

JSON = "application/x-amz-json-1.1"
DAYS_ON_A_PAGE = 31
FINAL_AFTER = timedelta(days=5)
EVERY_DAY = (
    ("Amazon Elastic Compute Cloud - Compute", "Usage", "41.20"),
    ("Amazon Elastic Compute Cloud - Compute", "DiscountedUsage", "0"),
    ("Amazon Elastic Compute Cloud - Compute", "SavingsPlanCoveredUsage", "12.48"),
    ("Amazon Elastic Compute Cloud - Compute", "SavingsPlanNegation", "-12.48"),
    ("EC2 - Other", "Usage", "9.75"),
    ("Amazon Simple Storage Service", "Usage", "3.10"),
    ("Amazon Relational Database Service", "Usage", "15.36"),
    ("Savings Plans for AWS Compute usage", "SavingsPlanRecurringFee", "9.60"),
)
"""Service, kind of charge, and about how many dollars a day."""
ONCE_A_MONTH = (
    ("AWS Support (Business)", "Usage", "100"),
    ("Amazon Elastic Compute Cloud - Compute", "RIFee", "131.40"),
    ("Amazon Elastic Compute Cloud - Compute", "Credit", "-25"),
    ("Tax", "Tax", "57.31"),
)
VALUES = (("web", 5), ("data", 3), ("", 2))
"""The values of any tag, and how many tenths of each charge stand under them; some stand under none."""


def respond(call: Call, now: datetime, billed: Billed) -> Response:
    """The answer to GetCostAndUsage, a page at a time."""
    if call.operation != "GetCostAndUsage":
        return error(call, 400, "UnknownOperationException", f"The emulator does not know ce:{call.operation}.")
    asked = json.loads(call.request.get_data())
    groups = [(one["Type"], one["Key"]) for one in asked.get("GroupBy", ())]
    if asked.get("Granularity") != "DAILY" or len(groups) != 2 or groups[1] != ("DIMENSION", "RECORD_TYPE"):
        return error(call, 400, "ValidationException", "The emulator knows days, by service or tag and kind of charge.")
    start, end = (date.fromisoformat(asked["TimePeriod"][name]) for name in ("Start", "End"))
    if start >= end:
        return error(call, 400, "ValidationException", "Start date (and hour) should be before end date (and hour)")
    try:
        begin = _begin(asked.get("NextPageToken"), start)
    except ValueError:
        return error(call, 400, "InvalidNextTokenException", "The token is not valid.")
    until = min(begin + timedelta(days=DAYS_ON_A_PAGE), end)
    document: dict[str, Any] = {
        "GroupDefinitions": asked["GroupBy"],
        "ResultsByTime": [_day(call.account, day, groups[0], now, billed) for day in _days(begin, until)],
        "DimensionValueAttributes": [],
    }
    if until < end:
        document["NextPageToken"] = base64.b64encode(until.isoformat().encode()).decode()
    return Response(json.dumps(document), content_type=JSON)


def _day(account: str, day: date, group: tuple[str, str], now: datetime, billed: Billed) -> dict[str, Any]:
    month_ends = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return {
        "TimePeriod": {"Start": day.isoformat(), "End": (day + timedelta(days=1)).isoformat()},
        "Total": {},
        "Groups": [
            {"Keys": keys, "Metrics": {"UnblendedCost": {"Amount": str(amount), "Unit": "USD"}}}
            for keys, amount in _groups(account, day, group, billed)
        ],
        "Estimated": month_ends + FINAL_AFTER > now.date(),
    }


def _groups(account: str, day: date, group: tuple[str, str], billed: Billed) -> Iterator[tuple[list[str], Decimal]]:
    kind, key = group
    told = billed.of(account, day, key if kind == "TAG" else "")
    if told is not None:
        for (first, record_type), amount in told.items():
            yield [f"{key}${first}" if kind == "TAG" else first, record_type], amount
        return
    by_value: dict[tuple[str, str], Decimal] = {}
    for service, record_type, about in (*EVERY_DAY, *(ONCE_A_MONTH if day.day == 1 else ())):
        amount = (Decimal(about) * _swing(account, day, service)).quantize(Decimal("0.0000000001"))
        if kind != "TAG":
            yield [service, record_type], amount
            continue
        for value, tenths in VALUES:
            name = (f"{key}${value}", record_type)
            by_value[name] = by_value.get(name, Decimal(0)) + amount * tenths / 10
    for (name_of_value, record_type), amount in by_value.items():
        yield [name_of_value, record_type], amount


def _swing(account: str, day: date, service: str) -> Decimal:
    """Between 0.9 and 1.1, the same for one service of one account on one day."""
    digest = hashlib.sha256(f"{account}/{day.isoformat()}/{service}".encode()).digest()
    return Decimal(900 + int.from_bytes(digest[:2]) % 201) / 1000


def _days(begin: date, end: date) -> Iterator[date]:
    return (begin + timedelta(days=number) for number in range((end - begin).days))


def _begin(token: str | None, start: date) -> date:
    try:
        return date.fromisoformat(base64.b64decode(token, validate=True).decode()) if token else start
    except NotBase64 as mistake:
        raise ValueError(token) from mistake
