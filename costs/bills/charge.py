"""A charge: one line of a bill of AWS's, said in the same words whatever format it came in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple

from costs.sources.document import UnreadableDocument


class ChargeKind(StrEnum):
    """What a charge is for; in the order in which pages show them."""

    USAGE = "usage"
    SPOT = "spot"
    RESERVED = "reserved"
    PLAN = "savings-plan"
    COMMITMENT = "commitment"
    DISCOUNT = "discount"
    CREDIT = "credit"
    REFUND = "refund"
    TAX = "tax"
    SUPPORT = "support"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    OTHER = "other"

    @property
    def words(self) -> str:
        """For a reader."""
        return KIND_WORDS[self]


KIND_WORDS = {
    ChargeKind.USAGE: "use, on-demand",
    ChargeKind.SPOT: "use, spot",
    ChargeKind.RESERVED: "use that Reserved Instances cover",
    ChargeKind.PLAN: "use that Savings Plans cover",
    ChargeKind.COMMITMENT: "fees of Reserved Instances and Savings Plans",
    ChargeKind.DISCOUNT: "private and volume discounts",
    ChargeKind.CREDIT: "credits",
    ChargeKind.REFUND: "refunds",
    ChargeKind.TAX: "tax",
    ChargeKind.SUPPORT: "support",
    ChargeKind.FEE: "other fees and purchases",
    ChargeKind.ADJUSTMENT: "adjustments",
    ChargeKind.OTHER: "charges of kinds that are not known here",
}
USE = frozenset({ChargeKind.USAGE, ChargeKind.SPOT, ChargeKind.RESERVED, ChargeKind.PLAN})
"""Something was used: the rest is paid beside it."""


class Estimated(StrEnum):
    """What the list-price estimate knows of the use in a bill."""

    INSTANCES = "instances"
    VOLUMES = "volumes"
    GATEWAYS = "gateways"
    BALANCERS = "balancers"
    ADDRESSES = "addresses"
    NOT = ""


class Charge(NamedTuple):
    """One line. `listed` is AWS's own list price of it; None where it is use and its list price is not told."""

    billing_account: str
    month: str
    usage_account: str
    day: str
    service: str
    region: str
    resource_id: str
    tags: str
    kind: ChargeKind
    estimated_as: Estimated
    currency: str
    billed: Decimal
    listed: Decimal | None
    begins: str
    ends: str


INSTANCE_USE = re.compile(r"(?:^|-)(?:BoxUsage|SpotUsage|DedicatedUsage)(?::|$)")
VOLUME_USE = re.compile(r"(?:^|-)EBS:Volume(?:Usage|P-IOPS|P-Throughput)")
GATEWAY_USE = re.compile(r"(?:^|-)NatGateway-Hours$")
BALANCER_USE = re.compile(r"(?:^|-)LoadBalancerUsage$")
ADDRESS_USE = re.compile(r"(?:^|-)PublicIPv4:(?:InUse|Idle)Address$")
ESTIMATED_USE = {
    Estimated.INSTANCES: INSTANCE_USE,
    Estimated.VOLUMES: VOLUME_USE,
    Estimated.GATEWAYS: GATEWAY_USE,
    Estimated.BALANCERS: BALANCER_USE,
    Estimated.ADDRESSES: ADDRESS_USE,
}
DIGITS = re.compile(r"\d{12}", re.ASCII)
MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00| UTC)?", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
LARGEST = Decimal(10) ** 15
ZERO = Decimal(0)


def estimated_as(usage_type: str) -> Estimated:
    """What a usage type is estimated as: `EUC1-BoxUsage:m5.large` is the running of an instance."""
    return next((what for what, use in ESTIMATED_USE.items() if use.search(usage_type)), Estimated.NOT)


def is_support(service: str) -> bool:
    """Whether a service is one of AWS's support plans, by its code or its name."""
    return service.startswith(("AWSSupport", "AWSDeveloperSupport", "AWSPremiumSupport")) or "AWS Support" in service


def amount(word: str, line: int, column: str) -> Decimal:
    """The money in a cell; UnreadableDocument where there is none, or what no bill of AWS's could hold."""
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise UnreadableDocument(line, f"{column} is no amount: {word[:40]!r}") from None
    if not value.is_finite() or abs(value) >= LARGEST:
        raise UnreadableDocument(line, f"{column} is no amount: {word[:40]!r}")
    return value


def moment(word: str, line: int, column: str) -> str:
    """A moment as `2026-10-31T23:00:00`, in UTC like every moment of a bill."""
    found = MOMENT.fullmatch(word)
    try:
        if found is not None:
            return datetime.fromisoformat(f"{found[1]}T{found[2]}").isoformat()
    except ValueError:
        pass
    raise UnreadableDocument(line, f"{column} is no moment in UTC: {word[:40]!r}")


def account_id(word: str, line: int, column: str) -> str:
    """An account's twelve digits. Spreadsheets cut leading zeros, and only AWS's own file is believed."""
    if not DIGITS.fullmatch(word):
        raise UnreadableDocument(line, f"{column} is no account of 12 digits: {word[:40]!r}")
    return word


def currency(word: str, line: int, column: str) -> str:
    """The code of a currency."""
    if not CURRENCY.fullmatch(word):
        raise UnreadableDocument(line, f"{column} is no currency: {word[:40]!r}")
    return word


def plain_key(key: str) -> str:
    """A tag's key as bills may spell it: in small letters, everything else as underscores."""
    return re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")


def chosen_tags(word: str, wanted: Mapping[str, str], line: int, column: str) -> str:
    """The wanted tags of a cell as JSON, `{"Team": "web"}`; `wanted` gives the key as chosen by its plain spelling.

    AWS puts `user_` or `user:` before the keys of tags that people gave.
    """
    if not wanted or not word or word == "{}":
        return ""
    try:
        pairs = json.loads(word)
    except ValueError:
        raise UnreadableDocument(line, f"{column} is no JSON: {word[:40]!r}") from None
    if not isinstance(pairs, dict):
        raise UnreadableDocument(line, f"{column} is no object of keys and values: {word[:40]!r}")
    found = {}
    for key, value in pairs.items():
        chosen = wanted.get(plain_key(key.removeprefix("user:").removeprefix("user_")))
        if chosen is not None and value not in (None, ""):
            found[chosen] = str(value)[:256]
    return json.dumps(found, sort_keys=True, ensure_ascii=False) if found else ""
